"""A headless Chromium, driven through chromedriver by the WebDriver protocol (W3C), which is JSON over HTTP."""

import json
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from urllib.request import Request, urlopen

from tests.support.server import free_port

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,2000",
)
WAIT_SECONDS = 30


class Browser:
    def __init__(self, driver_url):
        self.url = f"{driver_url}/session"

    def send(self, path, **body):
        """Send a command to the driver and return its value; without a body it is a DELETE of the session."""
        data = json.dumps(body).encode() if path is not None else None
        request = Request(self.url + (path or ""), data, method="POST" if data else "DELETE")
        with urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def begin(self, profile):
        options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.url += "/" + self.send("", capabilities={"alwaysMatch": wanted})["sessionId"]

    def open(self, url):
        self.send("/url", url=url)

    def run(self, script, *args):
        """Run JavaScript in the page and return what it returns."""
        return self.send("/execute/sync", script=script, args=args)

    def run_async(self, script, *args):
        """Run JavaScript whose last argument is a function to call with the result; return that."""
        return self.send("/execute/async", script=script, args=args)

    def wait_for(self, script, *args):
        """Return what the script returns as soon as that is true; fail the test when time is up."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := self.run(script, *args)):
            assert time.monotonic() < deadline, f"not in {WAIT_SECONDS} s: {script} {args}"
            time.sleep(0.2)
        return found

    def console(self):
        """Return what the browser's console says since it was asked last."""
        return self.send("/se/log", type="browser")


@contextmanager
def chromium():
    """Start the driver and a browser with a new empty profile; end both."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = subprocess.Popen([CHROMEDRIVER, f"--port={port}"], stdout=subprocess.PIPE, text=True)
        try:
            line = next((line for line in driver.stdout if "started successfully" in line), None)
            assert line, "chromedriver did not start"
            browser = Browser(f"http://127.0.0.1:{port}")
            browser.begin(profile)
            try:
                yield browser
            finally:
                browser.send(None)
        finally:
            driver.terminate()
            driver.communicate(timeout=WAIT_SECONDS)
