"""A purge beside another purge, a reopened pause and an erasure: what one of them does, the other sees (Postgres).

On SQLite one writes at a time.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import psycopg
import pytest

from db import db
from mentors import retention, rules
from mentors.retention import purge
from models import HistoryEntry, PauseRecord

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATE, EARLIER = "2025-01-01T00:00:00Z", "2024-01-01T00:00:00Z"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
VERSION = "SELECT xmin, ctid FROM mentor_status WHERE mentor_id = 'ada'"
TOUCH = "UPDATE mentor_status SET last_updated = last_updated WHERE mentor_id = 'ada'"
pytestmark = pytest.mark.parametrize("app", ["postgres"], indirect=True)


@pytest.fixture
def gone(at):
    """Make ada, who was changed twice and deleted in 2023: nothing but their history is left."""
    at("2023-01-01T10:00:00Z", "POST", MENTORS, mentor_id="ada")
    for day in ("03", "04"):
        at(f"2023-02-{day}T10:00:00Z", "PUT", f"{MENTORS}/ada", metadata={"notes": day})
    at("2024-06-01T10:00:00Z", "DELETE", f"{MENTORS}/ada")


@pytest.fixture
def meanwhile(monkeypatch):
    """Return a function that does something once beside a transaction, after that has called a function of a module.

    The transaction goes on when the other is done or waits for a lock. Returned is a list that will have its future.
    """
    begun, thread = [], ThreadPoolExecutor(1)

    def run(work):
        try:
            return work()
        finally:
            db.close()

    def schedule(module, name, work):
        function = getattr(module, name)

        def before_work(*given, **values):
            returned = function(*given, **values)
            if not begun:
                db.lift_time_limits()  # on a busy machine the other may take longer than a request has
                begun.append(thread.submit(run, work))
                while not (begun[0].done() or db.execute_sql(WAITING).fetchone()[0]):
                    wait(begun, 0.01)
            return returned

        monkeypatch.setattr(module, name, before_work)
        return begun

    yield schedule
    thread.shutdown()


def test_a_pause_that_is_purged_between_the_read_and_the_save_of_a_reopening_is_not_reopened(ada, unmarked, meanwhile):
    begun = meanwhile(rules, "update_pause_record", lambda: purge(DATE))
    assert unmarked.put(f"{PAUSES}/{ada[0]}", json={"is_active": True}).status_code == 404
    assert begun[0].result(30)["pauses"] == 2
    assert [pause["pause_record_id"] for pause in unmarked.get(PAUSES).json["data"]] == [ada[2]]


def test_a_pause_that_is_reopened_while_a_purge_waits_for_its_mentor_stays(app, ada, unmarked, direct_url):
    """Both wait for somebody who holds the mentor's row, and get it in the order in which they came."""
    reopen = partial(app.test_client().put, f"{PAUSES}/{ada[0]}", json={"is_active": True})
    with psycopg.connect(direct_url) as holder, ThreadPoolExecutor(2) as threads:
        holder.execute("SELECT 1 FROM mentor_status WHERE mentor_id = 'ada' FOR UPDATE")
        begun = []
        for work in (reopen, lambda: purge(DATE)):
            begun.append(threads.submit(work))
            while holder.execute(WAITING).fetchone()[0] < len(begun):
                assert not begun[-1].done()
        holder.rollback()
        assert begun[0].result(30).status_code == 200
        assert begun[1].result(30)["pauses"] == 1
    assert [pause["pause_record_id"] for pause in unmarked.get(PAUSES).json["data"]] == [ada[0], ada[2]]


def test_of_two_purges_at_once_the_later_date_counts_and_everything_is_deleted_once(ada, unmarked, meanwhile):
    begun = meanwhile(retention, "lock", lambda: purge(DATE))
    one, other = purge("2023-06-01T00:00:00Z"), begun[0].result(30)
    assert {what: one[what] + other[what] for what in one} == {"pauses": 2, "history entries": 5, "erased marks": 0}
    history = unmarked.get(f"{MENTORS}/ada/history").json
    assert [entry["event"] for entry in history["data"]] == ["pause_updated", "pause_opened"]
    assert history["purged_before"] == DATE


def test_two_purges_at_once_of_a_mentor_who_is_gone_delete_everything_once(gone, unmarked, meanwhile):
    begun = meanwhile(retention, "lock", lambda: purge(DATE))
    assert purge(EARLIER)["history entries"] + begun[0].result(30)["history entries"] == 4
    assert unmarked.get(f"{MENTORS}/ada/history").status_code == 404


@pytest.mark.parametrize("mentor", ["ada", "gone"])
def test_a_history_that_is_erased_while_it_is_purged_is_gone(app, request, unmarked, meanwhile, mentor):
    request.getfixturevalue(mentor)
    begun = meanwhile(retention, "lock", lambda: app.test_client().delete(f"{MENTORS}/ada?erase=true"))
    purge(EARLIER)
    assert begun[0].result(30).status_code == 200
    assert unmarked.get(f"{MENTORS}/ada/history").status_code == 404
    assert unmarked.get(PAUSES).json["data"] == []


@pytest.fixture
def beside_writer(direct_url):
    """Return a function that runs a batch of a purge beside a write that has locked ada, and reopens a pause.

    The write reopens it once the batch waits, and is committed then. Returned is what the batch returns.
    """

    def run(batch, pause_record):
        def close_after():
            try:
                return batch()
            finally:
                db.close()

        with psycopg.connect(direct_url) as writer, ThreadPoolExecutor(1) as thread:
            writer.execute("SET LOCAL lock_timeout = '500ms'")  # sooner than a deadlock is found
            writer.execute("SELECT 1 FROM mentor_status WHERE mentor_id = 'ada' FOR UPDATE")
            running = thread.submit(close_after)
            while not writer.execute(WAITING).fetchone()[0]:
                assert not running.done()
            writer.execute("UPDATE pause_record SET end_date = NULL WHERE id = %s", (number_of(pause_record),))
            writer.execute(TOUCH)
            writer.commit()
            return running.result(30)

    return run


def number_of(pause_record):
    return int(pause_record.rpartition("-")[2])


def test_a_batch_of_pauses_waits_for_a_writer_before_it_holds_anything_and_sees_what_that_has_done(ada, beside_writer):
    batch = [(number_of(pause_record), "ada") for pause_record in ada[:2]]
    assert beside_writer(lambda: retention.delete_batch(PauseRecord, PauseRecord.end_date < DATE, batch), ada[0]) == 1


def test_an_entry_stays_whose_pause_is_reopened_while_a_purge_waits_for_its_mentor(ada, unmarked, beside_writer, rows):
    opened = [row["id"] for row in rows("history_entry") if row["event"] == "pause_opened"]
    batch = [(number, "ada") for number in opened[:2]]
    assert beside_writer(lambda: retention.delete_batch(HistoryEntry, retention.is_old_entry(DATE), batch), ada[0]) == 1
    assert opened[0] in [row["id"] for row in rows("history_entry")]


# --- what a writer sees that has read a mentor before


@pytest.mark.parametrize("condition", ["end_date < '2024-01-01'", "end_date IS NOT NULL"])
def test_the_row_of_a_mentor_is_another_version_once_pauses_of_theirs_are_deleted(ada, condition):
    with db.connection_context():
        read = db.execute_sql(VERSION).fetchone()
        db.execute_sql(f"DELETE FROM pause_record WHERE {condition}")
        assert db.execute_sql(VERSION).fetchone()[0] != read[0]


def test_the_row_of_a_mentor_stays_as_it_is_if_no_pause_of_theirs_is_deleted(ada, unmarked):
    unmarked.post(MENTORS, json={"mentor_id": "eve", "status": "paused"})
    with db.connection_context():
        read = db.execute_sql(VERSION).fetchone()
        db.execute_sql("DELETE FROM pause_record WHERE mentor_id = 'eve'")
        db.execute_sql("DELETE FROM pause_record WHERE mentor_id = 'nobody'")
        assert db.execute_sql(VERSION).fetchone() == read


def test_a_mentor_whom_the_transaction_has_updated_already_is_not_updated_again(ada):
    with db.connection_context(), db.atomic():
        db.execute_sql(TOUCH)
        updated = db.execute_sql(VERSION).fetchone()
        db.execute_sql("DELETE FROM pause_record WHERE mentor_id = 'ada'")
        assert db.execute_sql(VERSION).fetchone() == updated


def test_a_purge_changes_the_version_of_a_mentor_whose_pauses_it_deletes(ada):
    with db.connection_context():
        read = db.execute_sql(VERSION).fetchone()
    purge(DATE)
    with db.connection_context():
        assert db.execute_sql(VERSION).fetchone()[0] != read[0]
