"""A load for the tests of faults, whose acknowledged writes are remembered."""

import http.client
import itertools
import json
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.support.server import ROUTER_SECONDS
from tests.support.waiting import PATIENCE

MENTORS = "/api/v1/mentor-statuses"
PAUSE = 0.2  # seconds after a refusal
BROKEN = "broken connection"


class Load:
    """Clients that write and read, without a pause but that after a refusal, or after each answer if one is given.

    Each writer has mentors of its own.

    `acknowledged` are the ids of the mentors whose POST was answered with 201; `outcomes` counts the statuses that were
    answered, and the connections that broke, since the load began or `forget()` was called.
    """

    def __init__(self, server, writers=4, readers=2, pause=0):
        self.server, self.writers, self.readers, self.pause = server, writers, readers, pause
        self.acknowledged, self.outcomes = [], Counter()
        self.slowest = 0.0  # seconds, since the load began or `forget()` was called
        self.answers = Counter()  # of each client, by its thread
        self.changed, self.ended = threading.Condition(), threading.Event()
        self.pool = ThreadPoolExecutor(writers + readers)
        self.clients = []

    def __enter__(self):
        self.clients += [self.pool.submit(self.write) for _ in range(self.writers)]
        self.clients += [self.pool.submit(self.read) for _ in range(self.readers)]
        return self

    def __exit__(self, *_error):
        self.ended.set()
        self.pool.shutdown()
        for client in self.clients:
            client.result()

    def write(self):
        """Create mentors, each with a pause, one after the other."""
        name = uuid.uuid4().hex
        for number in itertools.count():
            if self.ended.is_set():
                return
            mentor_id = f"{name}-{number}"
            sent = {"mentor_id": mentor_id, "status": "paused", "pause_reason": "workload"}
            self.send("POST", MENTORS, sent, mentor_id)

    def read(self):
        """Read the list of the paused, again and again."""
        while not self.ended.is_set():
            self.send("GET", f"{MENTORS}?status=paused")

    def send(self, method, path, body=None, mentor_id=None):
        begun = time.monotonic()
        try:
            status = self.server.request(method, path, body)[0].status
        except (OSError, http.client.HTTPException):
            status = BROKEN
        with self.changed:
            self.answers[threading.get_ident()] += 1
            self.outcomes[method, status] += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if mentor_id and status in (200, 201):
                self.acknowledged.append(mentor_id)
            self.changed.notify_all()
        self.ended.wait(self.pause if status in (200, 201) else PAUSE)

    def wait_for(self, count):
        """Wait until so many writes more are acknowledged."""
        with self.changed:
            enough = len(self.acknowledged) + count
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= enough, PATIENCE), self.outcomes

    def wait_for_answers(self):
        """Wait until every client has got an answer more: what it was waiting for, or to a new request."""

        def all_answered():
            new = self.answers - before
            return len(new) == self.writers + self.readers

        with self.changed:
            before = self.answers.copy()
            assert self.changed.wait_for(all_answered, PATIENCE), self.outcomes

    def forget(self):
        """Count the outcomes anew."""
        with self.changed:
            self.outcomes.clear()
            self.slowest = 0.0

    def statuses(self, method=None):
        """Return the outcomes since the load began or `forget()` was called, of one method or of all."""
        with self.changed:
            return {status for asked, status in self.outcomes if method in (None, asked)}


class KeepAlive:
    """Clients of a server that keep their connections, one for each thread; as a context manager it closes them."""

    def __init__(self, server):
        self.server, self.own, self.connections = server, threading.local(), ExitStack()
        self.reused = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.connections.close()

    def request(self, method, path, body=None):
        """Send one request on the connection of this thread, which is opened again if an answer has closed it."""
        if not hasattr(self.own, "connection"):
            self.own.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ROUTER_SECONDS)
            self.connections.callback(self.own.connection.close)
        self.reused += self.own.connection.sock is not None
        self.own.connection.request(method, path, json.dumps(body) if body else None)
        response = self.own.connection.getresponse()
        return response, json.loads(response.read())


def lost(server, acknowledged):
    """Return which of the acknowledged mentors the service does not know as paused, walking its whole list."""
    paused = server.read_all(f"{MENTORS}?limit=1000&status=paused")
    return set(acknowledged) - {mentor["mentor_id"] for mentor in paused}
