"""Mirrors that follow the changes, and those who write meanwhile."""

import http.client
import random
import threading
import time
from datetime import UTC, datetime, timedelta

from tests.support.server import REPOSITORY

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
PROGRAM = (REPOSITORY / "docs/mirror.py").read_text()
LONGEST_AHEAD = 5  # seconds that a pause of Writer may end after it is written, and one for the cut second


class Mirror:
    """The guide's program in a thread of its own, with a limit."""

    def __init__(self, url, limit):
        self.limit, self.error = limit, None
        self.last_change, self.rounds_since = float("inf"), 0  # in monotonic seconds
        program = PROGRAM
        for of_guide, here in (
            ('sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/api/v1"', repr(f"{url}/api/v1")),
            ("LIMIT = 1000", f"LIMIT = {limit}"),
            ("while True:\n    try:\n        page", "while going_on():\n    try:\n        page"),
            ('in page["data"]:\n        mentor =', 'in within_limit(page["data"]):\n        mentor ='),
            ("time.sleep(1)", "pause()"),
            ("time.sleep(5)", "time.sleep(0.05)"),
        ):
            assert program.count(of_guide) == 1, of_guide
            program = program.replace(of_guide, here)
        # Of two rounds that end after the last change, the second one began after it.
        given = {"going_on": lambda: self.rounds_since < 2, "pause": self.pause, "within_limit": self.within_limit}
        self.names, self.code = given, compile(program, "docs/mirror.py", "exec")
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            exec(self.code, self.names)
        except BaseException as error:
            self.error = error

    def within_limit(self, items):
        """Return the items of an answer, which are no more than it was asked for."""
        assert len(items) <= self.limit
        return items

    def pause(self):
        """Wait a little between two rounds, as the program does."""
        self.rounds_since += time.monotonic() > self.last_change
        time.sleep(0.05)

    def mentors_after(self, last_change):
        """Return the mentors that it has after one whole round since the last change, and end it."""
        self.last_change = last_change
        self.thread.join(60)
        assert self.error is None and not self.thread.is_alive(), self.error
        return self.names["mentors"]


class Writer(threading.Thread):
    """Writes at random until it is told to stop: creates, pauses that begin and end by the clock, deletes, erases."""

    def __init__(self, server, number, stopping):
        super().__init__()
        self.server, self.stopping, self.random = server, stopping, random.Random(number)
        self.names = [f"mentor-{number}-{each}" for each in range(15)] + ["shared-1", "shared-2"]
        self.written, self.statuses = 0, set()

    def run(self):
        while not self.stopping.is_set():
            self.write(self.random.choice(self.names))

    def write(self, name):
        soon = self.random.choice((-60, 1, 2))
        start, end = (moment(seconds) for seconds in (soon, soon + self.random.choice((1, 2))))
        pause = {"mentor_id": name, "start_date": start, "end_date": end, "reason": f"reason {self.written}"}
        method, path, body = self.random.choice(
            [
                ("POST", MENTORS, {"mentor_id": name}),
                ("POST", MENTORS, {"mentor_id": name, "status": "paused"}),
                ("PUT", f"{MENTORS}/{name}", {"status": "paused"}),
                ("PUT", f"{MENTORS}/{name}", {"status": "active"}),
                ("PUT", f"{MENTORS}/{name}", {"pause_start_date": moment(2), "status": "active"}),
                ("PUT", f"{MENTORS}/{name}", {"metadata": {"number": self.written}}),
                ("POST", RECORDS, pause),
                ("POST", RECORDS, pause),
                ("DELETE", f"{MENTORS}/{name}", None),
                ("DELETE", f"{MENTORS}/{name}?erase=true", None),
            ]
        )
        try:
            response, answer = self.server.request(method, path, body)
        except http.client.HTTPException:
            return
        self.statuses.add(response.status)
        self.written += response.status in (200, 201)
        if method == "POST" and path == RECORDS and response.status == 201 and self.random.random() < 0.5:
            record = f"{RECORDS}/{answer['pause_record_id']}"
            self.server.request("PUT", record, {"end_date": None, "expected_return_date": None})


def moment(seconds):
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def walked(server):
    """Return the mentors as the list shows them, by their ids."""
    mentors, after = {}, ""
    while after is not None:
        _response, page = server.request("GET", f"{MENTORS}?limit=1000&after={after}")
        mentors |= {each["mentor_id"]: each for each in page["data"]}
        after = page["pagination"]["next"]
    return mentors
