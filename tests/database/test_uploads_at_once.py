"""Uploads and other writes at once: no deadlock, no 5xx, and the result is that of one after the other."""

from contextlib import contextmanager

import psycopg
import pytest

from db import db, pool
from tests.support.tables import MENTORS, RECORDS, outcomes, table_of, upload

NAMES = [f"mentor-{number}" for number in range(6)]


@pytest.fixture
def hold_a_lock(app, monkeypatch):
    """Return a context manager in which somebody else has a mentor locked; on SQLite, the whole database."""
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.1)

    @contextmanager
    def hold(mentor_id):
        if db.dialect.name == "sqlite":
            assert db.write_turns.acquire(0)
            yield
            db.write_turns.release()
        else:
            with psycopg.connect(app.config["SETTINGS"].database_url) as connection:
                connection.execute("SELECT FROM mentor_status WHERE mentor_id = %s FOR UPDATE", [mentor_id])
                yield

    return hold


def test_two_tables_of_the_same_1000_new_mentors_in_opposite_orders_create_each_once(at_once, rows):
    lines = [{"mentor_id": f"new-{number}"} for number in range(1000)]
    responses = at_once([("POST", f"{MENTORS}.csv", table_of(each)) for each in (lines, lines[::-1])])
    assert sorted((each.json["created"], each.json["unchanged"]) for each in responses) == [(0, 1000), (1000, 0)]
    assert len(rows("mentor_status")) == len(rows("history_entry")) == 1000


def test_tables_of_records_in_opposite_orders_and_one_of_their_mentors_are_written_one_after_the_other(
    client, at_once, rows
):
    upload(client, MENTORS, [{"mentor_id": name, "status": "paused"} for name in NAMES])
    ids = [record["pause_record_id"] for record in client.get(f"{RECORDS}?limit=100").json["data"]]
    back = table_of([{"mentor_id": name, "expected_return_date": "2026-12-24"} for name in reversed(NAMES)])
    for number in range(10):
        reasons = f"first {number}", f"second {number}"
        lines = [[{"pause_record_id": each, "reason": reason} for each in ids] for reason in reasons]
        lines[1].reverse()
        tables = [("POST", f"{RECORDS}.csv", table) for table in map(table_of, lines)]
        responses = at_once([*tables, ("POST", f"{MENTORS}.csv", back)])
        assert [response.status_code for response in responses] == [200, 200, 200]
        kept = {(row["reason"], row["expected_return_date"]) for row in rows("pause_record")}
        assert len(kept) == 1
        assert kept < {(reason, "2026-12-24T00:00:00Z") for reason in reasons}


def test_a_table_that_waits_too_long_for_a_lock_is_a_503_and_writes_nothing_and_a_dry_run_waits_for_none(
    client, state, hold_a_lock
):
    lines = [{"mentor_id": name} for name in NAMES]
    assert outcomes(upload(client, MENTORS, lines)) == ["created"] * len(NAMES)
    before = state()
    with hold_a_lock(NAMES[-1]):
        assert outcomes(upload(client, MENTORS, lines, "?dry_run=true")) == ["unchanged"] * len(NAMES)
        response = upload(client, MENTORS, [line | {"status": "paused"} for line in lines])
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert state() == before
    assert outcomes(upload(client, MENTORS, lines)) == ["unchanged"] * len(NAMES)
