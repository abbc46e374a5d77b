"""A write on Postgres reads and saves: whatever others do to the mentor in between, nothing is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from db import ChangedMeanwhile
from mentors import writes

# On SQLite a write locks the whole database before it reads.
pytestmark = pytest.mark.parametrize("app", ["postgres"], indirect=True)

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
PATIENCE = 30  # seconds for what must happen at all
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
# Each with the event that it leaves in the history, and its status if the mentor is deleted first.
WRITES = {
    "pause a mentor": ("PUT", ADA, {"status": "paused", "pause_reason": "workload"}, "pause_updated", 404),
    "end the pauses": ("PUT", ADA, {"status": "active"}, "pause_ended", 404),
    "open a pause": (
        "POST",
        RECORDS,
        {"mentor_id": "ada", "start_date": "2026-04-01", "reason": "x"},
        "pause_opened",
        422,
    ),
    "change a record": ("PUT", RECORD, {"expected_return_date": "2026-06-01"}, "pause_updated", 404),
    "delete a record": ("DELETE", RECORD, None, "pause_deleted", 404),
    "delete a mentor": ("DELETE", ADA, None, "deleted", 404),
}
ERASE = ("DELETE", f"{ADA}?erase=true", None)


@pytest.fixture
def ada(client):
    sent = {"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01", "pause_reason": "leave"}
    assert client.post(MENTORS, json=sent).status_code == 201
    return client


@pytest.fixture
def between(monkeypatch):
    """Return a function that has something done between the read and the first saves of the writes of this thread.

    It returns the list of whether each save has found that the mentor has changed meanwhile.
    """

    def before_saves(do, times=1):
        outcomes, writer = [], threading.get_ident()

        def watch(save):
            def watched(*args):
                if threading.get_ident() != writer:
                    return save(*args)
                if len(outcomes) < times:
                    do()
                outcomes.append(False)
                try:
                    return save(*args)
                except ChangedMeanwhile:
                    outcomes[-1] = True
                    raise

            return watched

        monkeypatch.setattr(writes, "save", watch(writes.save))
        monkeypatch.setattr(writes, "delete_history", watch(writes.delete_history))
        return outcomes

    return before_saves


def events(client):
    return [entry["event"] for entry in client.get(f"{ADA}/history").json["data"]]


def by_other(app, method, path, body=None):
    """Return a function in which another client sends a request, from a thread of its own, and gets its answer."""

    def send():
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(app.test_client().open, path, method=method, json=body).result(PATIENCE)
            assert answer.status_code in (200, 201)

    return send


def wait_until_one_waits(connection):
    deadline = time.monotonic() + PATIENCE
    while connection.execute(WAITS).fetchone() == (0,):
        assert time.monotonic() < deadline


@pytest.mark.parametrize(("method", "path", "body", "event", "_status"), WRITES.values(), ids=WRITES)
def test_a_write_to_a_mentor_who_is_changed_meanwhile_is_done_once_more(
    app, ada, between, method, path, body, event, _status
):
    outcomes = between(by_other(app, "PUT", ADA, {"metadata": {"notes": "meanwhile"}}))
    assert ada.open(path, method=method, json=body).status_code in (200, 201)
    assert outcomes == [True, False]
    assert events(ada) == [event, "updated", "created"]


@pytest.mark.parametrize(("method", "path", "body", "_event", "status"), WRITES.values(), ids=WRITES)
def test_a_write_to_a_mentor_who_is_deleted_meanwhile_is_refused(
    app, ada, between, rows, method, path, body, _event, status
):
    outcomes = between(by_other(app, "DELETE", ADA))
    assert ada.open(path, method=method, json=body).status_code == status
    assert outcomes == [True]
    assert events(ada) == ["deleted", "created"]
    assert rows("pause_record") == rows("mentor_status") == []


@pytest.mark.parametrize(("method", "path", "body", "event", "_status"), WRITES.values(), ids=WRITES)
def test_a_write_to_a_mentor_who_is_held_by_another_waits_only_when_it_is_done_once_more(
    ada, between, direct_url, method, path, body, event, _status
):
    with (
        psycopg.connect(direct_url) as holder,
        psycopg.connect(direct_url, autocommit=True) as watcher,
        ThreadPoolExecutor(1) as pool,
    ):

        def hold():
            holder.execute("SELECT 1 FROM mentor_status WHERE mentor_id = 'ada' FOR UPDATE")
            pool.submit(release_when_one_waits)

        def release_when_one_waits():
            wait_until_one_waits(watcher)
            outcomes_when_it_waited.extend(outcomes)
            holder.rollback()

        outcomes_when_it_waited = []
        outcomes = between(hold)
        assert ada.open(path, method=method, json=body).status_code in (200, 201)
    assert (outcomes_when_it_waited, outcomes) == ([True], [True, False])
    assert events(ada) == [event, "created"]


def test_a_mentor_who_is_created_meanwhile_is_a_409(app, client, between, rows):
    outcomes = between(by_other(app, "POST", MENTORS, {"mentor_id": "ada"}))
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 409
    assert outcomes == [True]
    assert events(client) == ["created"]
    assert rows("pause_record") == []


def test_a_mentor_who_is_created_and_deleted_meanwhile_is_created_after_that(app, client, between):
    create, delete = by_other(app, "POST", MENTORS, {"mentor_id": "ada"}), by_other(app, "DELETE", ADA)
    outcomes = between(lambda: (create(), delete()))
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    assert outcomes == [True, False]
    assert events(client) == ["created", "deleted", "created"]


def test_a_mentor_who_is_created_and_deleted_again_and_again_is_created_in_the_end(app, client, between):
    create, delete = by_other(app, "POST", MENTORS, {"mentor_id": "ada"}), by_other(app, "DELETE", ADA)
    outcomes = between(lambda: (create(), delete()), times=5)
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    assert outcomes == [True] * 5 + [False]


@pytest.mark.parametrize("do_first", [("PUT", ADA, {"status": "active"}), ("DELETE", ADA)])
def test_an_erasure_of_a_mentor_who_is_changed_or_deleted_meanwhile_leaves_nothing_but_its_mark(
    app, ada, between, rows, do_first
):
    outcomes = between(by_other(app, *do_first))
    assert ada.open(ERASE[1], method=ERASE[0]).status_code == 200
    assert outcomes == [True, False]
    assert rows("history_entry") == rows("pause_record") == rows("mentor_status") == []
    assert [row["erased_at"] is not None for row in rows("mentor_change")] == [True]


def test_an_erasure_of_a_former_mentor_who_is_created_meanwhile_erases_both(app, ada, between, rows):
    assert ada.delete(ADA).status_code == 200
    outcomes = between(by_other(app, "POST", MENTORS, {"mentor_id": "ada"}))
    assert ada.open(ERASE[1], method=ERASE[0]).status_code == 200
    assert outcomes == [True, False]
    assert rows("history_entry") == rows("mentor_status") == []


def test_of_two_erasures_of_a_former_mentor_at_once_the_second_finds_nobody(app, ada, between, rows):
    assert ada.delete(ADA).status_code == 200
    outcomes = between(by_other(app, "DELETE", ERASE[1]))
    assert ada.open(ERASE[1], method=ERASE[0]).status_code == 404
    assert outcomes == [True]
    assert rows("history_entry") == []


def test_a_write_that_meets_another_in_its_save_waits_for_it_under_the_lock(app, ada, direct_url):
    """A trigger lets the first save wait, while it holds the mentor's row."""
    with (
        psycopg.connect(direct_url, autocommit=True) as admin,
        psycopg.connect(direct_url) as gate,
        ThreadPoolExecutor(2) as pool,
    ):
        gate.execute("SELECT pg_advisory_xact_lock(1)")
        admin.execute(
            "CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;"
            "CREATE TRIGGER gate BEFORE UPDATE ON mentor_status FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()"
        )
        try:
            answers = []
            for number, _ in enumerate("ab", 1):
                sent = {"metadata": {"notes": f"write {number}"}}
                answers.append(pool.submit(app.test_client().put, ADA, json=sent))
                deadline = time.monotonic() + PATIENCE
                while admin.execute(WAITS).fetchone() != (number,):
                    assert time.monotonic() < deadline
            gate.rollback()
            assert [answer.result(PATIENCE).status_code for answer in answers] == [200, 200]
        finally:
            admin.execute("DROP TRIGGER gate ON mentor_status; DROP FUNCTION wait_at_the_gate()")
    entries = ada.get(f"{ADA}/history").json["data"]
    assert [entry["metadata"] for entry in entries] == [{"notes": "write 2"}, {"notes": "write 1"}, None]
