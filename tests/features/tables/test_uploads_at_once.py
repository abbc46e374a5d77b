"""Uploads and other writes at once: no deadlock, no 5xx, and the result is that of one after the other."""

from contextlib import contextmanager

import psycopg

from db import db, pool
from tests.support.tables import MENTORS, outcomes, table_of, upload

NAMES = [f"mentor-{number}" for number in range(6)]


@contextmanager
def locked_by_another(app, mentor_id):
    """Have somebody else lock a mentor; on SQLite, the whole database."""
    if db.dialect.name == "sqlite":
        with db.write_turns:
            yield
    else:
        with psycopg.connect(app.config["SETTINGS"].database_url) as connection:
            connection.execute("SELECT FROM mentor_status WHERE mentor_id = %s FOR UPDATE", [mentor_id])
            yield


def test_two_tables_of_the_same_1000_new_mentors_in_opposite_orders_create_each_once(at_once, rows):
    lines = [{"mentor_id": f"new-{number}"} for number in range(1000)]
    responses = at_once([("POST", f"{MENTORS}.csv", table_of(each)) for each in (lines, lines[::-1])])
    assert sorted((each.json["created"], each.json["unchanged"]) for each in responses) == [(0, 1000), (1000, 0)]
    assert len(rows("mentor_status")) == len(rows("history_entry")) == 1000


def test_a_table_that_waits_too_long_for_a_lock_is_a_503_and_writes_nothing_and_a_dry_run_waits_for_none(
    app, client, state, monkeypatch
):
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.1)
    lines = [{"mentor_id": name} for name in NAMES]
    assert outcomes(upload(client, MENTORS, lines)) == ["created"] * len(NAMES)
    before = state()
    with locked_by_another(app, NAMES[-1]):
        assert outcomes(upload(client, MENTORS, lines, "?dry_run=true")) == ["unchanged"] * len(NAMES)
        response = upload(client, MENTORS, [line | {"status": "paused"} for line in lines])
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert state() == before
    assert outcomes(upload(client, MENTORS, lines)) == ["unchanged"] * len(NAMES)
