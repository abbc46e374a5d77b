"""A write on Postgres waits for who has its mentor locked, and then reads what they have left; nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from db import db
from mentors import loading
from mentors.retention import purge
from tests.support.databases import ON_POSTGRES
from tests.support.tables import MENTORS, RECORDS, outcomes, table_of
from tests.support.waiting import PATIENCE, wait_until

# An SQLite transaction locks the whole database.
pytestmark = ON_POSTGRES

ADA, RECORD, UNDO = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001", "/api/v1/history/undo"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
LOCK = "SELECT FROM mentor_status WHERE mentor_id = '{}' FOR UPDATE"
AN_ENTRY = """
INSERT INTO history_entry (mentor_id, changed_at, event, pause_records)
VALUES ('ada', '2026-03-26T08:30:00Z', '{}', '[]');
"""
# What another transaction does to ada.
NOTES = "UPDATE mentor_status SET last_updated = '2026-03-26T08:30:00Z';" + AN_ENTRY.format("updated")
INSERTS = "INSERT INTO mentor_status VALUES ('ada', '2026-03-26T08:30:00Z');"
CREATES = INSERTS + AN_ENTRY.format("created")
DELETES = "DELETE FROM mentor_status;"
ERASES = INSERTS + "DELETE FROM history_entry;" + DELETES
# Writes to ada.
CREATE = "POST", MENTORS, {"mentor_id": "ada"}
PAUSE = "PUT", ADA, {"status": "paused", "pause_reason": "workload"}
OPEN = "POST", RECORDS, {"mentor_id": "ada", "start_date": "2026-04-01", "reason": "x"}
DELETE, ERASE = ("DELETE", ADA, None), ("DELETE", f"{ADA}?erase=true", None)
TABLE = "POST", f"{MENTORS}.csv", table_of([{"mentor_id": name, "status": "paused"} for name in ("ada", "grace")])
UNDO_OF_THE_DELETION = "POST", UNDO, {"history_entry_ids": ["2"]}
WRITES = [  # to ada, who is paused: what ada is then, what the history says; the answer if ada is deleted first
    (PAUSE, "paused", "pause_updated", 404),
    (("PUT", ADA, {"status": "active"}), "active", "pause_ended", 404),
    (OPEN, "paused", "pause_opened", 422),
    (("PUT", RECORD, {"expected_return_date": "2026-06-01"}), "paused", "pause_updated", 404),
    (("DELETE", RECORD, None), "active", "pause_deleted", 404),
    (DELETE, None, "deleted", 404),
]
INTERLEAVED = [  # ada before, what another does and whether it commits, the write, its answer, ada then, the history
    *(("paused", NOTES, True, write, "2xx", then, ["created", "updated", event]) for write, then, event, _ in WRITES),
    *(("paused", DELETES, True, write, status, None, ["created"]) for write, _then, _event, status in WRITES),
    ("paused", NOTES, True, ERASE, "2xx", None, []),
    (None, CREATES, True, CREATE, 409, "active", ["created"]),
    (None, CREATES, False, CREATE, "2xx", "active", ["created"]),
    (None, CREATES, True, TABLE, ["updated", "created"], "paused", ["created", "pause_opened"]),
    (None, CREATES, False, TABLE, ["created", "created"], "paused", ["created"]),
    ("deleted", CREATES, True, ERASE, "2xx", None, []),
    ("deleted", CREATES, False, ERASE, "2xx", None, []),
    ("deleted", CREATES, True, UNDO_OF_THE_DELETION, ["refused"], "active", ["created", "deleted", "created"]),
    ("deleted", CREATES, False, UNDO_OF_THE_DELETION, ["undone"], "paused", ["created", "deleted", "created"]),
    ("deleted", ERASES, True, UNDO_OF_THE_DELETION, ["refused"], None, []),
    ("deleted", ERASES, True, CREATE, "2xx", "active", ["created"]),
    ("deleted", ERASES, False, CREATE, "2xx", "active", ["created", "deleted", "created"]),
]


@pytest.fixture
def while_another(direct_url):
    """Return a function that does something while another transaction has run some SQL, and returns the result.

    The transaction is committed, or rolled back, when the other one waits for it and `meanwhile` has been called.
    """

    def run(sql, work, commits=True, meanwhile=lambda holder, watcher: None):
        with (
            ThreadPoolExecutor(1) as pool,
            closing(psycopg.connect(direct_url)) as holder,
            psycopg.connect(direct_url, autocommit=True) as watcher,
        ):
            holder.execute(sql)
            working = pool.submit(work)
            wait_until(lambda: working.done() or watcher.execute(WAITS).fetchone() != (0,))
            assert not working.done(), working.result()
            meanwhile(holder, watcher)
            (holder.commit if commits else holder.rollback)()
            return working.result(PATIENCE)

    return run


def send(app, method, path, body):
    """Send a request, whose body may be a table, and return the answer."""
    sent = {"data": body, "content_type": "text/csv"} if isinstance(body, bytes) else {"json": body}
    return app.test_client().open(path, method=method, **sent)


@pytest.mark.parametrize(("before", "other", "commits", "write", "answer", "then", "events"), INTERLEAVED)
def test_a_write_waits_for_another_and_is_then_done_to_what_that_has_left(
    app, client, while_another, rows, before, other, commits, write, answer, then, events
):
    if before:
        client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    if before == "deleted":
        client.delete(ADA)
    response = while_another(other, lambda: send(app, *write), commits)
    if isinstance(answer, list):
        assert outcomes(response) == answer
    else:
        assert answer in (response.status_code, f"{response.status_code // 100}xx")
    assert client.get(ADA).json.get("status") == (then or 404)  # of ada, or of the problem
    assert [entry["event"] for entry in rows("history_entry") if entry["mentor_id"] == "ada"] == events


@pytest.mark.rule8
def test_an_undo_names_the_write_that_it_has_waited_for_and_that_stands_in_its_way(app, ada_paused, while_another):
    undo = "POST", UNDO, {"history_entry_ids": ["1"]}
    answer = while_another(NOTES + "UPDATE pause_record SET reason = 'training'", lambda: send(app, *undo))
    [refused] = answer.json["data"]
    assert (refused["code"], refused["later_entry"]["history_entry_id"]) == ("stale", "2")


@pytest.mark.parametrize(
    ("path", "key", "of_b", "of_a"),
    [(MENTORS, "mentor_id", "b", "a"), (RECORDS, "pause_record_id", "pause-rec-0001", "pause-rec-0002")],
)
def test_a_table_locks_its_mentors_in_the_order_of_their_ids(app, client, while_another, path, key, of_b, of_a):
    for name in ("b", "a"):
        client.post(MENTORS, json={"mentor_id": name, "status": "paused"})
    with db.connection_context():
        db.dialect.analyze("mentor_status")  # with so few mentors, Postgres then reads them in the order of their rows

    def assert_that_a_is_locked(_holder, watcher):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            watcher.execute(f"{LOCK.format('a')} NOWAIT")

    table = table_of([{key: each, "expected_return_date": "2026-12-24"} for each in (of_b, of_a)])
    write = "POST", f"{path}.csv", table
    answer = while_another(LOCK.format("b"), lambda: send(app, *write), meanwhile=assert_that_a_is_locked)
    assert outcomes(answer) == ["updated", "updated"]


@pytest.mark.parametrize(("write", "status"), [(PAUSE, 404), (OPEN, 422), (DELETE, 404)])
def test_whom_the_lock_did_not_find_does_not_exist_for_the_write(app, client, direct_url, monkeypatch, write, status):
    read = loading.mentor_and_pauses_statement

    def create_before_the_read():
        with psycopg.connect(direct_url) as other:
            other.execute(CREATES)
        return read()

    monkeypatch.setattr(loading, "mentor_and_pauses_statement", create_before_the_read)
    assert send(app, *write).status_code == status
    assert [entry["event"] for entry in client.get(f"{ADA}/history").json["data"]] == ["created"]


def test_a_purge_waits_for_the_writes_of_its_mentors_and_for_another_purge(pauses_of_ada, unmarked, while_another):
    def purge_and_close():
        try:
            return purge("2025-01-01T00:00:00Z")
        finally:
            db.close()

    def reopen_and_delete(holder, _watcher):
        holder.execute("UPDATE pause_record SET end_date = NULL WHERE start_date = '2023-02-01T00:00:00Z'")
        holder.execute("DELETE FROM pause_record WHERE start_date = '2024-02-01T00:00:00Z'")

    purged = while_another(LOCK.format("ada"), purge_and_close, meanwhile=reopen_and_delete)
    assert purged == {"pauses": 0, "history entries": 6}
    assert [pause["pause_record_id"] for pause in unmarked.get(RECORDS).json["data"]] == pauses_of_ada[::2]
