"""What a write does to the rows of pause records: when one last changed, and what stays of it."""

import pytest

from db import db, on_connection

pytestmark = [pytest.mark.rule2, pytest.mark.rule4]
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
RECORD = f"{RECORDS}/pause-rec-0001"
NOW, LATER = "2026-03-26T08:30:00Z", "2026-03-26T09:00:00Z"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-01T00:00:00Z", "reason": "leave"}


@pytest.fixture
def half_an_hour_later(paused_ada, clock):
    """Return a client; the pause of mentor ada was recorded half an hour ago."""
    clock.at = LATER
    return paused_ada


@pytest.fixture
def unknown_column(app):
    """Give pause records a column that this version does not know; return a function that reads it."""
    run = on_connection(db.execute_sql)
    run("ALTER TABLE pause_record ADD COLUMN of_a_newer_version TEXT")
    run("UPDATE pause_record SET of_a_newer_version = 'kept'")
    select = "SELECT of_a_newer_version FROM pause_record ORDER BY id"
    yield on_connection(lambda: [row[0] for row in db.execute_sql(select)])
    run("ALTER TABLE pause_record DROP COLUMN of_a_newer_version")


@pytest.mark.parametrize(
    ("method", "path", "body", "last_changed"),
    [
        ("PUT", RECORD, {"is_active": False}, LATER),
        ("PUT", RECORD, {"reason": "another", "expected_return_date": "2026-05-01"}, LATER),
        ("PUT", f"{MENTORS}/ada", {"status": "active"}, LATER),
        ("PUT", f"{MENTORS}/ada", {"pause_start_date": "2026-12-01", "status": "active"}, LATER),
        ("PUT", RECORD, {"reason": "leave", "is_active": True}, NOW),
        ("PUT", RECORD, {"metadata": {"notes": "nothing of the record"}}, NOW),
        ("POST", RECORDS, PAUSE, NOW),
    ],
)
def test_a_write_says_of_a_record_that_it_changes_when_and_keeps_a_column_that_a_newer_version_has_added(
    half_an_hour_later, rows, unknown_column, method, path, body, last_changed
):
    assert half_an_hour_later.open(path, method=method, json=body).status_code in (200, 201)
    assert rows("pause_record")[0]["last_changed"] == last_changed
    assert unknown_column()[0] == "kept"
