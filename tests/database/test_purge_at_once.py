"""A purge beside another purge, a reopened pause and an erasure: what one of them does, the other sees (Postgres).

On SQLite one writes at a time.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

import retention
import rules
from db import db
from retention import purge

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATE, EARLIER = "2025-01-01T00:00:00Z", "2024-01-01T00:00:00Z"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
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

        def before_work(*given):
            returned = function(*given)
            if not begun:
                begun.append(thread.submit(run, work))
                while not (begun[0].done() or db.execute_sql(WAITING).fetchone()[0]):
                    pass
            return returned

        monkeypatch.setattr(module, name, before_work)
        return begun

    yield schedule
    thread.shutdown()


def test_a_pause_that_is_reopened_while_a_purge_waits_for_its_mentor_stays(ada, unmarked, meanwhile):
    begun = meanwhile(rules, "update_pause_record", lambda: purge(DATE))
    assert unmarked.put(f"{PAUSES}/{ada[0]}", json={"is_active": True}).status_code == 200
    assert begun[0].result(30)["pauses"] == 1
    assert [pause["pause_record_id"] for pause in unmarked.get(PAUSES).json["data"]] == [ada[0], ada[2]]


def test_of_two_purges_at_once_the_later_date_counts_and_everything_is_deleted_once(ada, unmarked, meanwhile):
    begun = meanwhile(retention, "lock_mentors", lambda: purge(DATE))
    one, other = purge("2023-06-01T00:00:00Z"), begun[0].result(30)
    assert {what: one[what] + other[what] for what in one} == {"pauses": 2, "history entries": 5, "erased marks": 0}
    history = unmarked.get(f"{MENTORS}/ada/history").json
    assert [entry["event"] for entry in history["data"]] == ["pause_updated", "pause_opened"]
    assert history["purged_before"] == DATE


def test_two_purges_at_once_of_a_mentor_who_is_gone_delete_everything_once(gone, unmarked, meanwhile):
    begun = meanwhile(retention, "lock_mentors", lambda: purge(DATE))
    assert purge(EARLIER)["history entries"] + begun[0].result(30)["history entries"] == 4
    assert unmarked.get(f"{MENTORS}/ada/history").status_code == 404


@pytest.mark.parametrize("mentor", ["ada", "gone"])
def test_a_history_that_is_erased_while_it_is_purged_is_gone(app, request, unmarked, meanwhile, mentor):
    request.getfixturevalue(mentor)
    begun = meanwhile(retention, "lock_mentors", lambda: app.test_client().delete(f"{MENTORS}/ada?erase=true"))
    purge(EARLIER)
    assert begun[0].result(30).status_code == 200
    assert unmarked.get(f"{MENTORS}/ada/history").status_code == 404
    assert unmarked.get(PAUSES).json["data"] == []
