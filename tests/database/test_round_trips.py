"""How often a request speaks to Postgres again after an answer, COMMIT included: what counts over a real network."""

import tempfile
from contextlib import ExitStack

import pytest

from db import db
from tests.support.commands import app_on, migrated
from tests.support.databases import EMPTY_POSTGRES
from tests.support.pgbouncer import PgBouncer
from tests.support.tables import upload

pytestmark = EMPTY_POSTGRES

MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
LEAVE = {"start_date": "2026-03-20", "reason": "personal_leave"}
# Each is sent for several mentors, who have two pause records each, and counted the last time: it takes more trips to
# connect, and to prepare a statement when it is sent the fifth time. `{0}` is the mentor, `{1}` and `{2}` the records.
NAMES = [f"mentor-{number}" for number in range(12)]
WRITES = {
    "POST mentor": ("POST", MENTORS, {"mentor_id": "new-{0}"}),
    "POST mentor, paused": ("POST", MENTORS, {"mentor_id": "paused-{0}", "status": "paused"}),
    "PUT mentor to paused": ("PUT", f"{MENTORS}/{{0}}", {"status": "paused", "pause_reason": "workload"}),
    "PUT mentor to active, who has three pauses": ("PUT", f"{MENTORS}/{{0}}", {"status": "active"}),
    "the same PUT again": ("PUT", f"{MENTORS}/{{0}}", {"status": "active"}),
    "PUT mentor, metadata alone": ("PUT", f"{MENTORS}/{{0}}", {"metadata": {"notes": "x"}}),
    "POST record": ("POST", RECORDS, {"mentor_id": "{0}", "start_date": "2026-04-20", "reason": "leave"}),
    "the same POST again": ("POST", RECORDS, {"mentor_id": "{0}", "start_date": "2026-04-20", "reason": "leave"}),
    "PUT record": ("PUT", f"{RECORDS}/{{1}}", {"reason": "sabbatical", "metadata": {"notes": "x"}}),
    "DELETE record": ("DELETE", f"{RECORDS}/{{1}}", None),
    "DELETE mentor": ("DELETE", f"{MENTORS}/{{0}}", None),
    "DELETE mentor with erase": ("DELETE", f"{MENTORS}/new-{{0}}?erase=true", None),
}
READS = {
    "GET mentor": ("GET", f"{MENTORS}/{{0}}", None),
    "GET record": ("GET", f"{RECORDS}/{{2}}", None),
    "list of mentors": ("GET", MENTORS, None),
    "list of the active": ("GET", f"{MENTORS}?status=active", None),
}
READS_BY_DAYS = {  # they ask the clock first
    "list of the overdue": ("GET", f"{RECORDS}?phase=overdue", None),
    "digest": ("GET", "/api/v1/digest", None),
}


def filled(request, names):
    """Return a request with the names in their places."""
    method, path, body = request
    body = body and {key: value.format(*names) if isinstance(value, str) else value for key, value in body.items()}
    return method, path.format(*names), body


def round_trips(act):
    """Return how many round trips `act()` takes on the one connection that there is, by what libpq traces."""
    with db.connection_context():
        connection = db.connection().pgconn
    with tempfile.TemporaryFile("r+") as trace:
        connection.trace(trace.fileno())
        act()
        connection.untrace()
        trace.seek(0)
        return trace.read().count("ReadyForQuery")


@pytest.mark.parametrize("way", ["direct", "through PgBouncer"])
def test_a_read_takes_one_round_trip_or_by_days_two_and_a_write_at_most_eight(empty_database, way):
    with ExitStack() as stack:
        target = empty_database
        if way == "through PgBouncer":
            target = stack.enter_context(PgBouncer(empty_database, max_prepared_statements=0)).url
        client = stack.enter_context(app_on(migrated(target))).test_client()
        names = []
        for mentor_id in NAMES:
            client.post(MENTORS, json={"mentor_id": mentor_id})
            created = [
                client.post(RECORDS, json={"mentor_id": mentor_id, **LEAVE, "reason": reason}).json
                for reason in ("medical", "family")
            ]
            names.append((mentor_id, *(record["pause_record_id"] for record in created)))

        def send(request, each):
            method, path, body = filled(request, each)
            response = client.open(path, method=method, json=body)
            assert response.status_code < 300, response.text

        def trips_of(request):
            *_first, last = [round_trips(lambda each=each: send(request, each)) for each in names]
            return last

        reads = {name: trips_of(request) for name, request in (READS | READS_BY_DAYS).items()}
        writes = {name: trips_of(request) for name, request in WRITES.items()}
    assert reads == dict.fromkeys(READS, 1) | dict.fromkeys(READS_BY_DAYS, 2)
    assert {name: trips for name, trips in writes.items() if not 0 < trips <= 8} == {}
    assert writes["the same PUT again"] == writes["the same POST again"] == 4  # BEGIN, the lock, the read, COMMIT


def test_a_table_of_1000_lines_takes_at_most_twelve_round_trips(empty_database):
    with app_on(migrated(empty_database)) as app:
        client = app.test_client()

        def send(path, lines):
            response = upload(client, path, lines)
            assert (response.status_code, response.json["unchanged"]) == (200, 0), response.text

        def trips_of(path, lines):
            return round_trips(lambda: send(path, lines))

        def trips_of_tables(name, count):
            ids = [f"{name}-{number}" for number in range(count)]
            records = [{"mentor_id": each, "start_date": "2026-03-20", "reason": "leave"} for each in ids]
            return {
                "creates mentors": trips_of(MENTORS, [{"mentor_id": each} for each in ids]),
                "pauses mentors": trips_of(MENTORS, [{"mentor_id": each, "status": "paused"} for each in ids]),
                "records pauses": trips_of(RECORDS, records),
            }

        for number in range(12):  # to connect, and to prepare a statement, takes more
            trips_of_tables(f"first-{number}", 2)
        trips = trips_of_tables("many", 1000)
    assert {name: count for name, count in trips.items() if not 0 < count <= 12} == {}


def test_an_undo_of_1000_entries_takes_at_most_twelve_round_trips(empty_database):
    with app_on(migrated(empty_database)) as app:
        client = app.test_client()

        def trips_of(name, count):
            lines = [{"mentor_id": f"{name}-{number}", "status": "paused"} for number in range(count)]
            created = upload(client, MENTORS, lines).json["data"]
            reasons = [line | {"pause_reason": "leave"} for line in lines[: count // 2]]
            changed = upload(client, MENTORS, reasons).json["data"]
            ids = [line["history_entry_id"] for line in [*changed[::2], *created][:1000]]
            return round_trips(lambda: undo(ids))

        def undo(ids):
            response = client.post(UNDO, json={"history_entry_ids": ids})
            # Of each second pair of mentors one is changed back and deleted, and the other one is refused.
            assert {"undone", "refused"} == {each["outcome"] for each in response.json["data"]}

        for number in range(12):
            trips_of(f"first-{number}", 8)
        assert 0 < trips_of("many", 800) <= 12
