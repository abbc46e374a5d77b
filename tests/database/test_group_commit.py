"""Writes to SQLite that wait for each other are committed together, and yet each one stands or falls by itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import apsw
import pytest

from db import db, group_commit, sqlite, transactional
from tests.database.test_fair_semaphore import wait_until

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # on Postgres writes do not wait for each other

MENTORS = "/api/v1/mentor-statuses"
PATIENCE = 30  # seconds for what must happen at all


@pytest.fixture
def commits(client, monkeypatch):
    """Return the list of the COMMITs so far, each as how many mentors there are after it."""
    made, commit = [], db.obj.commit

    def count():
        committed = commit()
        made.append(db.execute_sql("SELECT count(*) FROM mentor_status").fetchone()[0])
        return committed

    monkeypatch.setattr(db.obj, "commit", count)
    return made


@pytest.fixture
def send_together(app, client):
    """Return a function that creates mentors from a thread each, all of which wait for their turn; it gives answers."""

    def create(mentor_id):
        return app.test_client().post(MENTORS, json={"mentor_id": mentor_id})

    def send(*mentor_ids, first=None):
        turn = db.group_commit.turn
        assert turn.acquire(0)
        with ThreadPoolExecutor(len(mentor_ids)) as threads:
            answers = []
            for mentor_id in mentor_ids:  # in this order
                answers.append(threads.submit(create, mentor_id))
                wait_until(lambda: len(turn.waits) == len(answers))
            turn.release()
            return [answer.result(PATIENCE) for answer in answers]

    return send


def statuses(answers):
    return [answer.status_code for answer in answers]


def test_writes_that_wait_for_each_other_share_a_commit(send_together, commits):
    assert statuses(send_together(*"abcdefgh")) == [201] * 8
    assert commits == [8]


def test_a_write_that_no_other_waits_for_is_committed_at_once(client, commits):
    for mentor_id in "abc":
        assert client.post(MENTORS, json={"mentor_id": mentor_id}).status_code == 201
    assert commits == [1, 2, 3]


def test_a_group_ends_when_it_is_full_though_others_wait(send_together, commits, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_WRITES", 3)
    assert statuses(send_together(*"abcdefgh")) == [201] * 8
    assert commits == [3, 6, 8]


def test_a_group_ends_when_its_time_is_over_though_others_wait(send_together, commits, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_SECONDS", 0)
    assert statuses(send_together(*"abc")) == [201] * 3
    assert commits == [1, 2, 3]


def test_a_refused_write_takes_no_other_with_it(send_together, commits, rows):
    assert statuses(send_together("a", "b", "a", "c")) == [201, 201, 409, 201]
    assert commits == [3]
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["a", "b", "c"]
    assert [row["mentor_id"] for row in rows("history_entry")] == ["a", "b", "c"]


@pytest.fixture
def connection(client):
    """Give the connection that the next write will take."""
    with db.connection_context():
        return db.connection()


def test_a_commit_that_fails_is_a_503_to_all_also_to_what_was_refused_for_one_of_them(
    send_together, client, connection, rows
):
    connection.set_commit_hook(lambda: True)  # SQLite then undoes the transaction
    assert problems(send_together("a", "b", "a")) == [(503, "unavailable")] * 3
    connection.set_commit_hook(None)
    assert rows("mentor_status") == rows("history_entry") == []
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201


def test_what_makes_sqlite_undo_the_transaction_is_a_503_to_those_before_and_not_to_those_after(
    send_together, connection, rows
):
    connection.execute(
        "CREATE TEMP TRIGGER undo BEFORE INSERT ON main.mentor_status WHEN new.mentor_id = 'c'"
        " BEGIN SELECT RAISE(ROLLBACK, 'undone'); END"
    )
    answers = send_together("a", "b", "c", "d")
    connection.execute("DROP TRIGGER temp.undo")
    assert problems(answers[:3]) == [(503, "unavailable")] * 3
    assert answers[3].status_code == 201
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["d"]


@pytest.fixture
def other(app):
    """Return a connection that the service knows nothing of, as another process has it."""
    with closing(apsw.Connection(app.config["SETTINGS"].sqlite_path)) as connection:
        yield connection


def test_a_write_that_waits_too_long_for_another_process_is_a_503_and_the_next_one_in_line_goes_on(
    send_together, client, other, rows, monkeypatch
):
    other.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "POLLS", 3)
        assert problems(send_together("a", "b")) == [(503, "unavailable")] * 2
    other.execute("ROLLBACK")
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["a"]


def test_a_write_waits_for_another_process(client, other, monkeypatch):
    other.execute("BEGIN IMMEDIATE")
    while_it_waits = SimpleNamespace(sleep=lambda _seconds: other.in_transaction and other.execute("ROLLBACK"))
    monkeypatch.setattr(sqlite, "time", while_it_waits)
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201


def test_within_a_write_no_count_is_kept(client):
    counts = []

    @transactional
    def write_and_refuse():
        db.execute_sql("INSERT INTO mentor_status (mentor_id, last_updated) VALUES ('a', '2026-01-01T00:00:00Z')")
        counts.append(client.get(f"{MENTORS}?status=active").json["pagination"]["total"])
        raise ValueError

    with pytest.raises(ValueError):
        write_and_refuse()
    counts.append(client.get(f"{MENTORS}?status=active").json["pagination"]["total"])
    assert counts == [1, 0]


def test_a_write_within_another_is_a_fault_and_changes_nothing(client):
    with db.connection_context(), pytest.raises(RuntimeError):
        transactional(lambda: None)()
    assert client.post(MENTORS, json={"mentor_id": "a"}).status_code == 201


def problems(answers):
    return [(answer.status_code, answer.json["code"]) for answer in answers]
