"""A purge beside another purge, a reopened pause and an erasure: what one of them does, the other sees (Postgres).

On SQLite one writes at a time.
"""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from db import db
from mentors import retention, rules
from mentors.retention import purge
from tests.support.databases import ON_POSTGRES

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATE = "2025-01-01T00:00:00Z"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
pytestmark = ON_POSTGRES


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


def test_a_purge_waits_for_a_write_that_has_read_the_mentor_and_keeps_the_pause_that_it_reopens(
    pauses_of_ada, unmarked, meanwhile
):
    begun = meanwhile(rules, "put_pause_record", lambda: purge(DATE))
    assert unmarked.put(f"{PAUSES}/{pauses_of_ada[0]}", json={"is_active": True}).status_code == 200
    assert begun[0].result(30)["pauses"] == 1
    assert [pause["pause_record_id"] for pause in unmarked.get(PAUSES).json["data"]] == pauses_of_ada[::2]


def test_of_two_purges_at_once_the_later_date_counts_and_everything_is_deleted_once(pauses_of_ada, unmarked, meanwhile):
    begun = meanwhile(retention, "lock_mentors", lambda: purge(DATE))
    one, other = purge("2023-06-01T00:00:00Z"), begun[0].result(30)
    assert {what: one[what] + other[what] for what in one} == {"pauses": 2, "history entries": 6}
    history = unmarked.get(f"{MENTORS}/ada/history").json
    assert [entry["event"] for entry in history["data"]] == ["pause_updated"]
    assert history["purged_before"] == DATE


@pytest.mark.rule6
def test_a_history_that_is_erased_while_it_is_purged_is_gone(app, pauses_of_ada, unmarked, meanwhile):
    begun = meanwhile(retention, "lock_mentors", lambda: app.test_client().delete(f"{MENTORS}/ada?erase=true"))
    purge(DATE)
    assert begun[0].result(30).status_code == 200
    assert unmarked.get(f"{MENTORS}/ada/history").status_code == 404
    assert unmarked.get(PAUSES).json["data"] == []
