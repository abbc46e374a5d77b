"""An upload while another has the lock of a mentor; database/test_locks.py has in which order it locks them."""

from contextlib import contextmanager

import psycopg

from db import db, pool
from tests.support.tables import MENTORS, outcomes, upload

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
