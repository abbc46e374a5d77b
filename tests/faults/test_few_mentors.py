"""Many clients write to few mentors at once: each write is done once or refused, and the history says what is there."""

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from mentors.pauses import DATES_AND_REASON
from tests.conftest import new_database
from tests.support.commands import execute
from tests.support.load import MENTORS
from tests.support.pgbouncer import PgBouncer
from tests.support.server import Server
from tests.support.tables import table_of

RECORDS, UNDO = "/api/v1/pause-records", "/api/v1/history/undo"
AT_ONCE = 256
IDS, MANY, SECONDS = ("ben", "cleo", "dora", "eve"), 34, 2
REASONS = ("leave", "illness", "training")
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module", params=["sqlite", "postgres", "postgres through PgBouncer"])
def two_workers(request, tmp_path_factory):
    """Start a server of two workers for the tests of this file."""
    kind, _, through = request.param.partition(" ")
    with ExitStack() as stack:
        url = stack.enter_context(new_database(kind, request, tmp_path_factory.mktemp("few")))
        reached = stack.enter_context(PgBouncer(url)).url if through else url
        server = stack.enter_context(Server(reached, WEB_CONCURRENCY=2))
        server.database_url = url
        yield server


def history_of(server, mentor_id):
    """Return all history entries of a mentor, the oldest first."""
    return server.read_all(f"/api/v1/history?mentor_id={mentor_id}&limit=100")[::-1]


def test_of_256_writes_to_one_mentor_at_once_each_is_done_once_or_refused_within_10_seconds(two_workers):
    mentor_id, barrier = uuid.uuid4().hex, threading.Barrier(AT_ONCE)
    assert two_workers.request("POST", MENTORS, {"mentor_id": mentor_id})[0].status == 201

    def write(number):
        start = f"{1990 + number // 28 // 12}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        sent = {"status": "paused", "pause_start_date": start, "metadata": {"initiated_by": str(number)}}
        barrier.wait(30)
        return number, two_workers.request("PUT", f"{MENTORS}/{mentor_id}", sent, timeout=10)[0].status

    with ThreadPoolExecutor(AT_ONCE) as threads:
        statuses = dict(threads.map(write, range(AT_ONCE)))
    assert set(statuses.values()) <= {200, 503}
    written = Counter(entry["changed_by"] for entry in history_of(two_workers, mentor_id)[1:])
    assert {str(number) for number, status in statuses.items() if status == 200} <= written.keys()
    assert set(written.values()) == {1}


def random_write(some, first):
    """Return a random request that writes to one or all of the mentors; their records have numbers from `first` on."""
    mentor_id, reason = some.choice(IDS), some.choice(REASONS)
    start = f"2026-0{some.randint(1, 9)}-01"
    mentor, record = f"{MENTORS}/{mentor_id}", f"{RECORDS}/pause-rec-{first + some.randint(1, 400):04}"
    pause = {"mentor_id": mentor_id, "start_date": start, "reason": reason}
    return some.choice(
        [
            ("POST", MENTORS, {"mentor_id": mentor_id}),
            ("POST", MENTORS, {"mentor_id": mentor_id, "status": "paused", "pause_reason": reason}),
            ("PUT", mentor, {"status": "paused", "pause_start_date": start, "pause_reason": reason}),
            ("PUT", mentor, {"status": "active"}),
            ("DELETE", mentor, None),
            ("DELETE", f"{mentor}?erase=true", None),
            ("POST", RECORDS, pause),
            ("PUT", record, {"is_active": False}),
            ("PUT", record, {"reason": reason}),
            ("DELETE", record, None),
            ("POST", f"{MENTORS}.csv", table_of([{"mentor_id": each, "status": "paused"} for each in IDS])),
            ("POST", f"{RECORDS}.csv", table_of([pause | {"mentor_id": each} for each in IDS[::-1]])),
            ("POST", UNDO, {"history_entry_ids": [str(each) for each in some.sample(range(first, first + 900), 20)]}),
        ]
    )


def replayed(entries):
    """Return the records that the mentor has after these entries, by id; None if the mentor is not there."""
    records = None
    for entry in entries:
        assert (records is None) == (entry["event"] == "created"), entries
        records = records or {}
        for touched in entry["pause_records"]:
            record_id, event, before = (touched.pop(name) for name in ("pause_record_id", "event", "before"))
            assert records.get(record_id) == before
            if event == "pause_deleted":
                del records[record_id]
            else:
                records[record_id] = touched
        if entry["event"] == "deleted":
            records = None
    return records


def test_whatever_34_clients_do_to_four_mentors_the_history_says_what_is_there(two_workers):
    two_workers.request("POST", MENTORS, {"mentor_id": "ada", "status": "paused"})
    (record,) = two_workers.request("GET", f"{RECORDS}?mentor_id=ada")[1]["data"]
    first = int(record["pause_record_id"].rpartition("-")[2])
    deadline = time.monotonic() + SECONDS

    def write(seed):
        some, statuses = random.Random(seed), Counter()
        while time.monotonic() < deadline:
            statuses[two_workers.request(*random_write(some, first))[0].status] += 1
        return statuses

    with ThreadPoolExecutor(MANY) as threads:
        statuses = sum(threads.map(write, range(MANY)), Counter())
    # A write that waits too long, as on a busy machine, is a 503; that is no deadlock, as is seen below.
    assert set(statuses) <= {200, 201, 404, 409, 422, 503}, statuses
    for mentor_id in IDS:
        records = two_workers.read_all(f"{RECORDS}?mentor_id={mentor_id}&limit=1000")
        there = {each["pause_record_id"]: {name: each[name] for name in DATES_AND_REASON} for each in records}
        response, _mentor = two_workers.request("GET", f"{MENTORS}/{mentor_id}")
        expected = replayed(history_of(two_workers, mentor_id))
        assert (expected is not None) == (response.status == 200)
        assert there == (expected or {})
    if two_workers.database_url.startswith("postgres"):
        assert execute(two_workers.database_url, DEADLOCKS) == [(0,)]
