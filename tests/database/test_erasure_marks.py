"""The mark of an erasure holds an id, so it goes after 30 days: the first request of each hour removes old marks."""

import shutil
from contextlib import closing

import psycopg
import pytest
from werkzeug.test import create_environ

import migrations
from db import db
from models import HistoryEntry, MentorChange
from tests.database.test_changes_of_records import migrated

MENTORS = "/api/v1/mentor-statuses"
HOUR_BEFORE, NOW = "2026-03-26T07:59:59Z", "2026-03-26T08:30:00Z"
LATER_THIS_HOUR, NEXT_HOUR, HOUR_AFTER = "2026-03-26T08:59:59Z", "2026-03-26T09:00:00Z", "2026-03-26T10:00:00Z"
MONTH_BEFORE, OVER_A_MONTH_BEFORE = "2026-02-24T08:30:00Z", "2026-02-24T08:29:59Z"
LEAVE = {"mentor_id": "grace", "start_date": "2026-03-20", "reason": "leave"}
REFUSE = {
    "sqlite": ["CREATE TRIGGER refused BEFORE DELETE ON mentor_change BEGIN SELECT RAISE(ABORT, 'secret'); END"],
    "postgres": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'secret'; END $$",
        "CREATE TRIGGER refused BEFORE DELETE ON mentor_change FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}
ALLOW = {
    "sqlite": ["DROP TRIGGER refused"],
    "postgres": ["DROP TRIGGER refused ON mentor_change", "DROP FUNCTION refuse"],
}


@pytest.fixture
def marks(client, rows, clock):
    """Return a function that returns the ids with a mark. At first there are `old` and `young`, a second apart.

    The next request is the first of its hour.
    """
    clock.at = HOUR_BEFORE
    client.get("/livez")
    for name, instant in (("old", OVER_A_MONTH_BEFORE), ("young", MONTH_BEFORE)):
        client.post(MENTORS, json={"mentor_id": name})
        client.delete(f"{MENTORS}/{name}?erase=true")
        with db.connection_context():
            MentorChange.update(erased_at=instant).where(MentorChange.mentor_id == name).execute()
    clock.at = NOW
    return lambda: [row["mentor_id"] for row in rows("mentor_change") if row["erased_at"]]


def run(statements):
    with db.connection_context():
        for statement in statements[db.dialect.name]:
            db.execute_sql(statement)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", MENTORS, None),
        ("GET", f"{MENTORS}/nobody", None),
        ("HEAD", f"{MENTORS}.csv", None),
        ("POST", MENTORS, {"mentor_id": "grace"}),
        ("GET", "/livez", None),
    ],
)
def test_the_first_request_of_an_hour_removes_the_marks_over_30_days_old(client, marks, method, path, body):
    client.open(path, method=method, json=body)
    assert marks() == ["young"]


def test_the_other_requests_of_the_hour_remove_none(client, marks, clock):
    client.get("/livez")
    assert marks() == ["young"]
    clock.at = LATER_THIS_HOUR
    client.get("/livez")
    assert marks() == ["young"]
    clock.at = NEXT_HOUR
    client.get("/livez")
    assert marks() == []


def test_a_mentor_who_exists_or_was_only_deleted_keeps_their_row(client, marks, rows):
    for name in ("there", "deleted"):
        client.post(MENTORS, json={"mentor_id": name})
    client.delete(f"{MENTORS}/deleted")
    assert [row["mentor_id"] for row in rows("mentor_change")] == ["deleted", "there", "young"]


@pytest.mark.parametrize("path", ["/board", "/docs/docs.js"])
def test_if_the_first_request_of_an_hour_is_for_a_file_the_second_removes_the_marks(client, marks, path):
    client.get(path).close()
    client.get("/livez")
    assert marks() == ["young"]


def test_an_erasure_removes_no_marks_of_others(client, marks, clock):
    clock.at = HOUR_BEFORE  # in which there was a request
    client.post(MENTORS, json={"mentor_id": "grace"})
    client.delete(f"{MENTORS}/grace?erase=true")
    assert marks() == ["grace", "old", "young"]


def test_a_mentor_who_is_erased_with_their_pauses_leaves_a_mark(client, rows):
    client.post(MENTORS, json={"mentor_id": "grace"})
    for reason in ("medical", "family"):
        client.post("/api/v1/pause-records", json={**LEAVE, "reason": reason})
    assert client.delete(f"{MENTORS}/grace?erase=true").status_code == 200
    assert [(row["mentor_id"], row["erased_at"] is not None) for row in rows("mentor_change")] == [("grace", True)]


@pytest.fixture
def without_history(client):
    """Add grace, whose whole history has been purged."""
    client.post(MENTORS, json={"mentor_id": "grace"})
    client.post("/api/v1/pause-records", json=LEAVE)
    with db.connection_context():
        HistoryEntry.delete().execute()


def test_a_mentor_who_is_erased_without_a_history_leaves_a_mark(client, rows, without_history):
    assert client.delete(f"{MENTORS}/grace?erase=true").status_code == 200
    assert [(row["mentor_id"], row["erased_at"] is not None) for row in rows("mentor_change")] == [("grace", True)]


def test_a_mentor_without_a_history_who_is_only_deleted_leaves_none(client, rows, without_history):
    assert client.delete(f"{MENTORS}/grace").status_code == 200
    assert [(row["mentor_id"], row["erased_at"]) for row in rows("mentor_change")] == [("grace", None)]
    assert client.delete(f"{MENTORS}/grace?erase=true").status_code == 200
    assert [row["erased_at"] is not None for row in rows("mentor_change")] == [True]


def test_the_migration_marks_who_was_erased_without_a_history(empty_database, tmp_path):
    for file in migrations.FOLDER.glob("0*.py"):
        if file.name < "0017":
            shutil.copy(file, tmp_path)
    create = "INSERT INTO mentor_status (mentor_id, last_updated) VALUES"
    erased = [f"{create} ('{name}', '{NOW}')" for name in ("ada", "eve")] + ["DELETE FROM mentor_status"]
    entry = f"INSERT INTO history_entry (mentor_id, changed_at, event) VALUES ('eve', '{NOW}', 'deleted')"
    migrated(empty_database, *erased, entry, f"{create} ('joe', '{NOW}')", folder=tmp_path)
    marks = "SELECT mentor_id, erased_at IS NOT NULL FROM mentor_change ORDER BY 1"
    assert [tuple(row) for row in migrated(empty_database, marks)] == [("ada", True), ("eve", False), ("joe", False)]


def test_if_the_marks_cannot_be_removed_the_request_succeeds_and_the_log_says_why(client, marks, capfd, clock):
    run(REFUSE)
    try:
        assert client.get(MENTORS).status_code == 200
    finally:
        run(ALLOW)
    assert marks() == ["old", "young"]
    logged = capfd.readouterr().out
    assert 'ERROR message="the erasure marks over 30 days old were not deleted"' in logged
    assert "secret" not in logged
    clock.at = NEXT_HOUR
    client.get(MENTORS)
    assert marks() == []


@pytest.mark.parametrize("app", ["postgres"], indirect=True)
def test_a_mark_that_a_write_has_locked_is_left_for_the_next_hour(client, marks, clock, direct_url):
    with closing(psycopg.connect(direct_url)) as other:
        other.execute("SELECT 1 FROM mentor_change WHERE mentor_id = 'old' FOR UPDATE")
        clock.at = NEXT_HOUR
        client.get(MENTORS)
        assert marks() == ["old"]
        other.rollback()  # the server lets the lock go before it answers; it does not if the connection is closed
    clock.at = HOUR_AFTER
    client.get(MENTORS)
    assert marks() == []


def test_nobody_waits_for_the_removal_since_the_answer_is_sent_before_it(app, marks):
    answer = app(create_environ(MENTORS), lambda *_start: None)
    assert b'"data":[]' in b"".join(answer)
    assert marks() == ["old", "young"]
    answer.close()
    assert marks() == ["young"]
