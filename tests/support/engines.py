"""Firefox and WebKitGTK (the engine of Safari) without a screen, driven by selenium as Chromium is."""

import json
import os
import socket
import subprocess
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.support.programs import installed, missing
from tests.support.waiting import wait_until

NEEDED = {"firefox": missing("firefox-esr"), "webkit": missing("WebKitWebDriver", "Xvfb")}  # by engine
PREFERENCES = {
    "marionette.port": 0,  # any that is free: it is then in the profile
    "browser.download.folderList": 2,
    "browser.helperApps.neverAsk.saveToDisk": "text/csv",
    "intl.accept_languages": "en-US",
}
MARIONETTE = {  # by selenium's name: what Firefox calls it, where that is another one
    "get": "Navigate",
    "clickElement": "ElementClick",
    "sendKeysToElement": "ElementSendKeys",
    "actions": "PerformActions",
    "w3cExecuteScript": "ExecuteScript",
    "w3cExecuteScriptAsync": "ExecuteAsyncScript",
    "findChildElement": "FindElement",
    "findChildElements": "FindElements",
    "clearElement": "ElementClear",
    "getCurrentUrl": "GetCurrentURL",
    "screenshot": "TakeScreenshot",
    "quit": "DeleteSession",
}


class Marionette(RemoteConnection):
    """Sends selenium's commands to Firefox itself: what it speaks is WebDriver, as JSON by a socket."""

    def __init__(self, port):
        super().__init__(client_config=ClientConfig("http://127.0.0.1"))  # which is not used
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        self.receive()  # it greets first

    def execute(self, command, params):
        """Carry out a command of selenium and return the answer as selenium's own connection does."""
        name = MARIONETTE.get(command, command[0].upper() + command[1:])
        values = {key: value for key, value in params.items() if key != "sessionId"}
        if command.startswith("findChild"):
            values["element"] = values.pop("id")
        message = json.dumps([0, 0, f"WebDriver:{name}", values]).encode()
        self.socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            return {"status": 500, "value": json.dumps({"value": error})}
        return {"value": result["value"] if isinstance(result, dict) and "value" in result else result}

    def receive(self):
        """Return the next message: its length, a colon, and JSON."""
        length = b"".join(iter(lambda: self.file.read(1), b":"))
        return json.loads(self.file.read(int(length)))

    def close(self):
        self.file.close()
        self.socket.close()


@contextmanager
def firefox(folder):
    """Start a Firefox whose profile and downloads are in a folder, and yield its driver; end both."""
    preferences = PREFERENCES | {"browser.download.dir": str(folder)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (folder / "user.js").write_text("\n".join(lines))
    words = [installed("firefox-esr"), "--headless", "--marionette", "--no-remote", "--profile", folder]
    with running(words):
        port = folder / "MarionetteActivePort"
        wait_until(lambda: port.exists() and port.read_text())
        with session(Marionette(int(port.read_text())), webdriver.FirefoxOptions()) as driver:
            yield driver


@contextmanager
def webkit(folder):
    """Start a browser of WebKitGTK on a screen of its own, at home in a folder, and yield its driver; end all."""
    reading, writing = os.pipe()
    words = [installed("Xvfb"), "-displayfd", str(writing), "-screen", "0", "1400x1200x24", "-nolisten", "tcp"]
    with running(words, pass_fds=[writing]), open(reading) as display:
        os.close(writing)
        screen = {"DISPLAY": f":{display.readline().strip()}"}
        env = os.environ | screen | {"LC_ALL": "en_US.UTF-8", "HOME": str(folder), "NO_AT_BRIDGE": "1"}
        service = Service(installed("WebKitWebDriver"), env=env)
        service.start()
        try:
            connection = RemoteConnection(client_config=ClientConfig(service.service_url))
            with session(connection, Options()) as driver:
                yield driver
        finally:
            service.stop()


@contextmanager
def running(words, **options):
    """Run a program until the block ends."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, **quiet, **options) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def session(connection, options):
    """Yield selenium's driver of a connection, which sends no files: they are on this machine."""
    driver = webdriver.Remote(connection, options=options, file_detector=UselessFileDetector())
    try:
        yield driver
    finally:
        driver.quit()
