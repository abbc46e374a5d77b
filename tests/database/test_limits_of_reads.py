"""What one client may ask for takes neither the connections nor the memory from the others."""

import itertools
import threading

import orjson
import psutil
import pytest

from db import db, pool
from db.statements import VARIANTS_KEPT
from features.calendar import icalendar_file
from features.tables import download
from models import HistoryEntry
from reads import pause_records
from tests.support.connections import free_connections
from tests.support.databases import ON_SQLITE
from tests.support.waiting import PATIENCE, wait_until

MENTORS, RECORDS, HISTORY = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history"
CALENDAR = f"{RECORDS}.ics"
SLOW = [
    f"{MENTORS}?mentor_id_contains=a&status=active&sort=-last_updated",
    f"{MENTORS}?status=paused&after=",
    f"{MENTORS}?page=2000",
    f"{MENTORS}?mentor_id_contains=a",
    f"{RECORDS}?mentor_id_contains=a&after=",
    f"{RECORDS}?phase=current",
    f"{RECORDS}?is_active=true&after=",
    "/api/v1/statistics?from=2026-01-01&to=2027-01-01",
    f"{HISTORY}?mentor_id=ada",
    f"{HISTORY}?event=created",
    f"{HISTORY}?changed_by=",
    f"{HISTORY}?since=2026-03-01",
    f"{HISTORY}?until=2026-04-01",
    "/api/v1/digest",
]
QUICK = [
    MENTORS,
    f"{MENTORS}?after=",
    f"{MENTORS}/ada",
    f"{MENTORS}?mentor_id=ada,bob&status=active",
    f"{RECORDS}?mentor_id=ada,bob",
    f"{RECORDS}?mentor_id=ada,bob&mentor_id_contains=a",
    f"{MENTORS}/ada/history",
    HISTORY,
    RECORDS,
    f"{RECORDS}/pause-rec-0001",
]


# --- connections


@pytest.fixture
def slow_reads_at_work(app, paused_ada, monkeypatch):
    """Have more slow reads begin than may be at work, and hold each of those that are, until the test ends."""
    run, may_end, at_work = db.obj.execute_sql, threading.Event(), []

    def execute_sql(*args, **kwargs):
        if threading.current_thread().name == "slow":
            at_work.append(threading.get_ident())
            assert may_end.wait(PATIENCE)
        return run(*args, **kwargs)

    monkeypatch.setattr(db.obj, "execute_sql", execute_sql)
    answers = []

    def read():
        answers.append(app.test_client().get(SLOW[0]))

    threads = [threading.Thread(target=read, name="slow") for _ in range(db.size)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(at_work) == db.size // 2)  # the others wait, or come to it
    yield at_work
    may_end.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert {answer.status_code for answer in answers} <= {200, 503}


def test_slow_reads_hold_at_most_half_of_the_connections_and_one_that_waits_too_long_is_a_503(
    paused_ada, slow_reads_at_work, monkeypatch
):
    assert len(slow_reads_at_work) == db.size // 2
    assert free_connections() == db.size - db.size // 2
    assert {path: paused_ada.get(path).status_code for path in QUICK} == dict.fromkeys(QUICK, 200)
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
    for path in SLOW:
        response = paused_ada.get(path)
        refusal = response.status_code, response.json["code"], response.headers["Retry-After"]
        assert refusal == (503, "unavailable", "1"), path


@pytest.mark.parametrize(
    ("path", "module", "name"),
    [(CALENDAR, icalendar_file, "render"), (f"{MENTORS}.csv", download.MENTOR_STATUSES, "cells")],
)
def test_calendars_and_pages_of_tables_are_made_one_at_a_time_and_others_are_answered_meanwhile(
    app, paused_ada, monkeypatch, path, module, name
):
    may_end, at_work = threading.Event(), []
    make = getattr(module, name)

    def wait_and_make(*args):
        at_work.append(threading.get_ident())
        assert may_end.wait(PATIENCE)
        return make(*args)

    monkeypatch.setattr(module, name, wait_and_make)
    first = threading.Thread(target=lambda: app.test_client().get(path))
    first.start()
    wait_until(lambda: at_work)
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
    second = paused_ada.get(path)
    assert (second.status_code, second.json["code"], second.headers["Retry-After"]) == (503, "unavailable", "1")
    assert {paused_ada.get(other).status_code for other in (*SLOW, *QUICK)} == {200}
    may_end.set()
    first.join(PATIENCE)
    assert len(at_work) == 1
    assert paused_ada.get(path).status_code == 200


def test_a_calendar_of_more_than_20_000_events_is_a_413_that_names_the_table(paused_ada, monkeypatch):
    monkeypatch.setattr(icalendar_file, "render", lambda calendar: b"%d events" % len(calendar.rows))
    columns = ("mentor_id", "reason", "start_date", "created_at", "last_changed")
    pauses = [("ada", f"{number}", *["2026-03-01T00:00:00Z"] * 3) for number in range(20_000)]
    with db.connection_context(), db.atomic():
        db.dialect.insert_rows("pause_record", columns, pauses)
    refused = paused_ada.get(CALENDAR)
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    assert "/api/v1/pause-records.csv" in refused.json["detail"]
    assert paused_ada.delete(f"{RECORDS}/pause-rec-0001").status_code == 200
    assert paused_ada.get(CALENDAR).data == b"20000 events"


# --- memory


@ON_SQLITE
def test_asking_for_every_combination_of_filters_keeps_no_more_than_the_last_statements(paused_ada):
    filters = {"mentor_id": "ada", "is_active": "true", "reason": "x", "phase": "current", "due_within_days": "7"}
    filters |= {"from": "2026-03-01", "to": "2026-04-01"}
    before = psutil.Process().memory_info().rss
    for chosen in itertools.product([True, False], repeat=len(filters)):
        query = dict(itertools.compress(filters.items(), chosen))
        assert paused_ada.get(RECORDS, query_string=query).status_code == 200
    kept = pause_records.counted_page_statement.cache_info()
    assert kept.currsize == kept.maxsize == VARIANTS_KEPT < 2 ** len(filters)
    assert (psutil.Process().memory_info().rss - before) / 2**20 < 40


@pytest.fixture
def large_entries(client):
    """Give ada entries of about 1.1, 3.9, 5, 1.1, 1.1, 1.1, 1.1 and 1.1 MiB, the newest first; return the client."""
    sizes = (1.1, 1.1, 1.1, 1.1, 1.1, 5, 3.9, 1.1)
    pause = dict.fromkeys(("start_date", "expected_return_date", "end_date"), "2026-03-01T00:00:00Z")
    pause |= {"pause_record_id": 12345, "event": "pause_deleted", "reason": "leave"}
    rows = []
    for size in sizes:
        records = orjson.dumps([pause] * int(size * 2**20 / len(orjson.dumps(pause) + b","))).decode()
        rows.append({"mentor_id": "ada", "changed_at": "2026-03-26T08:30:00Z", "event": "deleted"})
        rows[-1] |= {"pause_records": records, "metadata": '{"notes":"x"}'}
    with db.connection_context():
        for row in rows:
            HistoryEntry.insert(row).execute()
    return client


@pytest.mark.parametrize(
    ("path", "query"), [(HISTORY, {}), (HISTORY, {"event": "deleted"}), (f"{MENTORS}/ada/history", {})]
)
def test_a_page_by_key_of_a_history_ends_before_its_entries_take_more_than_4_mebibytes(large_entries, path, query):
    pages, after = [], ""
    while after is not None:
        page = large_entries.get(path, query_string=query | {"limit": 100, "after": after}).json
        pages.append([int(entry["history_entry_id"]) for entry in page["data"]])
        after = page["pagination"]["next"]
    newest = pages[0][0]
    assert [[newest - number for number in page] for page in pages] == [[0], [1], [2], [3, 4, 5], [6, 7]]


def test_a_counted_page_of_more_than_4_mebibytes_is_a_413_that_says_how_to_read_the_history(large_entries):
    path = f"{MENTORS}/ada/history"
    refused = large_entries.get(path)
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    assert "after" in refused.json["detail"]
    assert [large_entries.get(f"{path}?limit=1&page={page}").status_code for page in range(1, 10)] == [200] * 9
    assert large_entries.get(f"{path}?limit=2").status_code == 413
    fourth_page = large_entries.get(f"{path}?limit=2&page=4").json
    assert (len(fourth_page["data"]), fourth_page["pagination"]["total"]) == (2, 8)


@ON_SQLITE
@pytest.mark.parametrize(
    ("path", "name", "lowest", "highest"),
    [
        *((path, "page", 1, 999_999_999) for path in (MENTORS, RECORDS, f"{MENTORS}/ada/history")),
        *((path, "limit", 1, 1000) for path in (MENTORS, RECORDS)),
        (f"{MENTORS}/ada/history", "limit", 1, 100),
        (HISTORY, "limit", 1, 100),
        ("/api/v1/digest", "days", 1, 366),
        (RECORDS, "due_within_days", 0, 3650),
    ],
)
def test_a_number_in_a_query_is_good_up_to_its_bounds_and_a_limit_is_20_if_it_is_not_sent(
    paused_ada, path, name, lowest, highest
):
    values = lowest - 1, lowest, highest, highest + 1
    answers = [paused_ada.get(path, query_string={name: value}).status_code for value in values]
    assert answers == [422, 200, 200, 422]
    if name == "limit":
        assert paused_ada.get(path, query_string={"after": ""}).json["pagination"]["limit"] == 20
