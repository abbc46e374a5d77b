"""SQLite takes one write at a time: those of a process wait for each other, and for other processes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import apsw
import pytest
from peewee import OperationalError

from db import db, sqlite, transactional
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS
from tests.support.waiting import PATIENCE

pytestmark = ON_SQLITE  # on Postgres writes do not wait for each other


@pytest.fixture
def create_at_once(app, client):
    """Return a function that creates mentors at once, and returns the statuses of the answers by their ids."""

    def create(mentor_id):
        return app.test_client().post(MENTORS, json={"mentor_id": mentor_id}).status_code

    def create_all(*mentor_ids):
        with ThreadPoolExecutor(len(mentor_ids)) as threads:
            return dict(zip(mentor_ids, threads.map(create, mentor_ids, timeout=PATIENCE), strict=True))

    return create_all


@pytest.fixture
def connection(client):
    """Give the connection that the next write will take."""
    with db.connection_context():
        return db.connection()


def test_a_commit_that_fails_is_a_503_and_the_next_write_goes_on(client, connection, rows):
    connection.set_commit_hook(lambda: True)  # SQLite then undoes the transaction
    assert client.post(MENTORS, json={"mentor_id": "a"}).json["code"] == "unavailable"
    connection.set_commit_hook(None)
    assert rows("mentor_status") == rows("history_entry") == []
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201


def test_after_a_write_whose_transaction_sqlite_undoes_the_others_go_on(
    app, create_at_once, connection, rows, monkeypatch
):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    connection.execute(
        "CREATE TEMP TRIGGER undo BEFORE INSERT ON main.mentor_status WHEN new.mentor_id = 'b'"
        " BEGIN SELECT RAISE(ROLLBACK, 'undone'); END"
    )
    assert create_at_once("a", "b", "c") == {"a": 201, "b": 500, "c": 201}
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["a", "c"]
    for each in db.idle:
        each.execute("DROP TRIGGER IF EXISTS temp.undo")


@pytest.fixture
def other_process(app):
    """Return a connection that the service knows nothing of, as another process has it."""
    with closing(apsw.Connection(app.config["SETTINGS"].sqlite_path)) as connection:
        yield connection


def test_writes_that_wait_too_long_for_another_process_are_each_a_503_and_the_next_one_is_done(
    create_at_once, client, other_process, rows, monkeypatch
):
    other_process.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "POLLS", 3)
        assert create_at_once("a", "b") == {"a": 503, "b": 503}
    other_process.execute("ROLLBACK")
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["a"]


def test_a_write_waits_for_another_process_and_is_then_done_to_what_that_has_left(
    ada_paused, other_process, rows, monkeypatch
):
    other_process.execute("BEGIN IMMEDIATE")
    other_process.execute("UPDATE pause_record SET reason = 'training'")
    while_it_waits = SimpleNamespace(
        sleep=lambda _seconds: other_process.in_transaction and other_process.execute("COMMIT")
    )
    monkeypatch.setattr(sqlite, "time", while_it_waits)
    sent = {"expected_return_date": "2026-06-01"}
    assert ada_paused.put(f"{RECORDS}/pause-rec-0001", json=sent).status_code == 200
    [pause] = rows("pause_record")
    assert (pause["reason"], pause["expected_return_date"]) == ("training", "2026-06-01T00:00:00Z")


def test_a_write_within_another_is_a_fault_and_changes_nothing(client):
    with db.connection_context(), pytest.raises(OperationalError):
        transactional(lambda: None)()
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201
