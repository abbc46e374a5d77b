"""Mirrors that follow the changes while everything changes, each equal to the list in the end.

The mirror is the program of the README.
"""

import http.client
import random
import re
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Cluster
from tests.support.server import Server

pytestmark = pytest.mark.faults

MENTORS, RECORDS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/changes"
README = (Path(__file__).parent.parent.parent / "README.md").read_text()
(PROGRAM,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
WRITERS, SECONDS = 4, 5
LIMITS = (7, 100, 1000)
LONGEST_AHEAD = 5  # seconds that a pause may end after it is written, and one for the cut second


class Mirror:
    """The README's program in a thread of its own, with a limit."""

    def __init__(self, url, limit):
        self.limit, self.longest, self.error = limit, 0, None
        self.last_change, self.rounds_since = float("inf"), 0  # in monotonic seconds
        program = PROGRAM.replace("http://127.0.0.1:8000", url).replace(", 1000", f", {limit}")
        program = program.replace("while True:", "while going_on():").replace("time.sleep(1)", "pause(page)")
        # Of two rounds that end after the last change, the second one began after it.
        self.names = {"going_on": lambda: self.rounds_since < 2, "pause": self.pause}
        self.code = compile(program, "README.md", "exec")
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            exec(self.code, self.names)
        except BaseException as error:
            self.error = error

    def pause(self, page):
        """Wait a little between two rounds, as the program does."""
        self.longest = max(self.longest, len(page["data"]))
        self.rounds_since += time.monotonic() > self.last_change
        time.sleep(0.05)

    def mentors_after(self, last_change):
        """Return the mentors that it has after one whole round since the last change, and end it."""
        self.last_change = last_change
        self.thread.join(60)
        assert self.error is None and not self.thread.is_alive(), self.error
        assert self.longest <= self.limit
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


@contextmanager
def held_back(url, stopping):
    """Write past the service as an old worker does, and hold each commit back for a while; on Postgres alone."""
    if not url.startswith("postgresql:"):
        yield
        return

    def write(number):
        some = random.Random(number)
        with psycopg.connect(url) as connection:
            while not stopping.is_set():
                name = f"mentor-{some.randrange(WRITERS)}-{some.randrange(15)}"
                connection.execute("SET LOCAL lock_timeout = '100ms'")
                try:
                    # The second write within a second did not touch the mentor's row.
                    connection.execute("UPDATE pause_record SET end_date = NULL WHERE mentor_id = %s", (name,))
                    connection.execute("SELECT pg_current_xact_id()")
                except psycopg.errors.LockNotAvailable:
                    connection.rollback()
                    continue
                stopping.wait(some.uniform(0, 1.5))
                connection.commit()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    with psycopg.connect(url) as forgotten:
        forgotten.execute("SELECT pg_current_xact_id()")
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join()


def walked(server):
    """Return the mentors as the list shows them, by their ids."""
    mentors, after = {}, ""
    while after is not None:
        _response, page = server.request("GET", f"{MENTORS}?limit=1000&after={after}")
        mentors |= {each["mentor_id"]: each for each in page["data"]}
        after = page["pagination"]["next"]
    return mentors


def test_each_mirror_equals_the_list_in_the_end_whatever_is_written_meanwhile(empty_database):
    stopping = threading.Event()
    with ExitStack() as stack:
        server = stack.enter_context(Server(empty_database))
        mirrors = [Mirror(server.base_url, limit) for limit in LIMITS]
        writers = [Writer(server, number, stopping) for number in range(WRITERS)]
        with held_back(empty_database, stopping):
            for writer in writers:
                writer.start()
            stopping.wait(SECONDS)
            stopping.set()
            for writer in writers:
                writer.join()
        last_change = time.monotonic() + LONGEST_AHEAD
        found = [mirror.mentors_after(last_change) for mirror in mirrors]
        expected = walked(server)
    assert sum(writer.written for writer in writers) > 50
    assert not {status for writer in writers for status in writer.statuses if status >= 500}
    assert len(expected) > 5
    for mentors in found:
        assert mentors == expected


def test_after_a_failover_and_in_a_standby_a_cursor_of_before_is_gone():
    with Cluster() as primary, Cluster(primary=primary) as standby:
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in (primary, standby))
        with Server(f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write") as server:
            cursor = server.request("GET", CHANGES)[1]["pagination"]["next"]
            assert server.request("GET", f"{CHANGES}?since={cursor}")[0].status == 200
            primary.kill9()
            assert standby.says("pg_promote()")
            standby.wait_until(lambda: server.request("GET", f"{CHANGES}?since={cursor}")[0].status != 503)
            response, problem = server.request("GET", f"{CHANGES}?since={cursor}")
            assert (response.status, problem["code"]) == (410, "cursor_gone")
            anew = server.request("GET", CHANGES)[1]["pagination"]["next"]
            assert server.request("GET", f"{CHANGES}?since={anew}")[0].status == 200


def test_after_a_crash_of_postgres_a_cursor_of_before_is_still_good():
    with Cluster() as postgres, Server(postgres.url) as server:
        server.request("POST", MENTORS, {"mentor_id": "ada"})
        cursor = server.request("GET", CHANGES)[1]["pagination"]["next"]
        with postgres.connect() as connection:  # numbers that leave nothing on the disk, and are given again
            for _ in range(5):
                connection.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")
        postgres.kill9()
        postgres.start()
        postgres.wait_until(
            lambda: server.request("PUT", f"{MENTORS}/ada", {"status": "paused"})[0].status in (200, 201)
        )
        response, answer = server.request("GET", f"{CHANGES}?since={cursor}")
        assert response.status == 200
        assert [(item["mentor_id"], item["is_paused"]) for item in answer["data"]] == [("ada", True)]
