"""A write on Postgres waits for who has its mentor locked, and then reads what they have left; nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from mentors import loading
from tests.support.databases import ON_POSTGRES
from tests.support.tables import MENTORS, RECORDS, outcomes, table_of
from tests.support.waiting import PATIENCE, wait_until

# An SQLite transaction locks the whole database.
pytestmark = ON_POSTGRES

ADA, RECORD, UNDO = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001", "/api/v1/history/undo"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
SCHEDULED = {"mentor_id": "ada", "start_date": "2026-04-01", "reason": "x"}
# Each with the event that it leaves in the history, and its status if the mentor is deleted first.
WRITES = {
    "pause a mentor": ("PUT", ADA, {"status": "paused", "pause_reason": "workload"}, "pause_updated", 404),
    "end the pauses": ("PUT", ADA, {"status": "active"}, "pause_ended", 404),
    "open a pause": ("POST", RECORDS, SCHEDULED, "pause_opened", 422),
    "change a record": ("PUT", RECORD, {"expected_return_date": "2026-06-01"}, "pause_updated", 404),
    "delete a record": ("DELETE", RECORD, None, "pause_deleted", 404),
    "delete a mentor": ("DELETE", ADA, None, "deleted", 404),
}
NOTE = """
UPDATE mentor_status SET last_updated = '2026-03-26T08:30:00Z' WHERE mentor_id = 'ada';
INSERT INTO history_entry (mentor_id, changed_at, event, pause_records)
VALUES ('ada', '2026-03-26T08:30:00Z', 'updated', '[]')
"""
CREATE = """
INSERT INTO mentor_status VALUES ('ada', '2026-03-26T08:30:00Z');
INSERT INTO history_entry (mentor_id, changed_at, event, pause_records)
VALUES ('ada', '2026-03-26T08:30:00Z', 'created', '[]')
"""
DELETE = "DELETE FROM mentor_status WHERE mentor_id = 'ada'"


@pytest.fixture
def answer_after(app, direct_url):
    """Return a function that sends a request while another transaction has run some SQL, and returns the answer.

    The transaction is committed, or rolled back, when the request waits for it and `meanwhile` has been called.
    """

    def send(sql, method, path, body=None, commits=True, meanwhile=lambda other: None):
        sent = {"data": body, "content_type": "text/csv"} if isinstance(body, bytes) else {"json": body}
        with (
            ThreadPoolExecutor(1) as pool,
            closing(psycopg.connect(direct_url)) as holder,
            psycopg.connect(direct_url, autocommit=True) as watcher,
        ):
            holder.execute(sql)
            answer = pool.submit(app.test_client().open, path, method=method, **sent)
            wait_until(lambda: watcher.execute(WAITS).fetchone() != (0,))
            meanwhile(watcher)
            (holder.commit if commits else holder.rollback)()
            return answer.result(PATIENCE)

    return send


def events(client):
    return [entry["event"] for entry in client.get(f"{ADA}/history").json["data"]]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_to_a_mentor_who_is_changed_meanwhile_comes_after_it(paused_ada, answer_after, write):
    *request, event, _status = WRITES[write]
    assert answer_after(NOTE, *request).status_code in (200, 201)
    assert events(paused_ada) == [event, "updated", "created"]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_to_a_mentor_who_is_deleted_meanwhile_is_refused(paused_ada, answer_after, rows, write):
    *request, _event, status = WRITES[write]
    assert answer_after(DELETE, *request).status_code == status
    assert rows("pause_record") == rows("mentor_status") == []
    assert len(rows("history_entry")) == 1


@pytest.mark.rule1
@pytest.mark.parametrize(("commits", "status"), [(True, 409), (False, 201)])
def test_of_two_creations_the_second_waits_for_the_first(client, answer_after, commits, status):
    assert answer_after(CREATE, "POST", MENTORS, {"mentor_id": "ada"}, commits).status_code == status
    assert events(client) == ["created"]


@pytest.mark.parametrize(("commits", "outcome"), [(True, "updated"), (False, "created")])
def test_a_table_waits_for_the_creation_of_one_of_its_mentors(client, answer_after, commits, outcome):
    lines = [{"mentor_id": name, "status": "paused"} for name in ("ada", "grace")]
    response = answer_after(CREATE, "POST", f"{MENTORS}.csv", table_of(lines), commits)
    assert outcomes(response) == [outcome, "created"]
    assert client.get(ADA).json["status"] == "paused"


@pytest.mark.parametrize(
    ("path", "key", "of_b", "of_a"),
    [(MENTORS, "mentor_id", "b", "a"), (RECORDS, "pause_record_id", "pause-rec-0001", "pause-rec-0002")],
)
def test_a_table_locks_its_mentors_in_the_order_of_their_ids(client, answer_after, path, key, of_b, of_a):
    for name in ("b", "a"):
        client.post(MENTORS, json={"mentor_id": name, "status": "paused"})

    def assert_that_a_is_locked(other):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT FROM mentor_status WHERE mentor_id = 'a' FOR UPDATE NOWAIT")

    lock_b = "SELECT FROM mentor_status WHERE mentor_id = 'b' FOR UPDATE"
    table = table_of([{key: each, "expected_return_date": "2026-12-24"} for each in (of_b, of_a)])
    answer = answer_after(lock_b, "POST", f"{path}.csv", table, meanwhile=assert_that_a_is_locked)
    assert outcomes(answer) == ["updated", "updated"]


@pytest.mark.rule6
@pytest.mark.parametrize("commits", [True, False])
def test_an_erasure_waits_for_a_creation_and_leaves_nothing(paused_ada, answer_after, rows, commits):
    assert paused_ada.delete(ADA).status_code == 200
    assert answer_after(CREATE, "DELETE", f"{ADA}?erase=true", commits=commits).status_code == 200
    assert rows("mentor_status") == rows("pause_record") == rows("history_entry") == []


@pytest.mark.rule8
@pytest.mark.parametrize(("commits", "outcome"), [(True, "refused"), (False, "undone")])
def test_an_undo_of_a_deletion_waits_for_a_creation(paused_ada, answer_after, commits, outcome):
    entry = paused_ada.delete(ADA).headers["History-Entry"]
    answer = answer_after(CREATE, "POST", UNDO, {"history_entry_ids": [entry]}, commits)
    assert [each["outcome"] for each in answer.json["data"]] == [outcome]


@pytest.mark.rule1
@pytest.mark.parametrize("commits", [True, False])
def test_a_creation_waits_for_an_erasure(paused_ada, answer_after, commits):
    assert paused_ada.delete(ADA).status_code == 200
    erase = f"{CREATE.partition(';')[0]}; DELETE FROM history_entry; {DELETE}"
    assert answer_after(erase, "POST", MENTORS, {"mentor_id": "ada"}, commits).status_code == 201
    assert events(paused_ada) == (["created"] if commits else ["created", "deleted", "created"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", ADA, {"status": "paused"}, 404),
        ("POST", RECORDS, SCHEDULED, 422),
        ("DELETE", ADA, None, 404),
    ],
)
def test_whom_the_lock_did_not_find_does_not_exist_for_the_write(
    client, direct_url, monkeypatch, method, path, body, status
):
    read = loading.mentor_and_pauses_statement

    def create_before_the_read():
        with psycopg.connect(direct_url) as other:
            other.execute(CREATE)
        return read()

    monkeypatch.setattr(loading, "mentor_and_pauses_statement", create_before_the_read)
    assert client.open(path, method=method, json=body).status_code == status
    assert events(client) == ["created"]
