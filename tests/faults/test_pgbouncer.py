"""PgBouncer, in transaction mode and with two sessions, is killed under load; a lock is held that requests wait for."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.conftest import new_database
from tests.support.load import MENTORS
from tests.support.outage import LONGEST, SETTLED, assert_survives
from tests.support.pgbouncer import PgBouncer, set_for_role
from tests.support.server import Server

pytestmark = pytest.mark.faults

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
LOCK_TIMEOUT = 3 + 1  # seconds; the server ends what has waited for a lock so long, also if its client is gone


@pytest.fixture(scope="module")
def database_behind(request, tmp_path_factory):
    with new_database("postgres", request, tmp_path_factory.mktemp("pgbouncer")) as url:
        yield url


@pytest.fixture
def pgbouncer(database_behind):
    """Return a PgBouncer whose sessions have time limits."""
    set_for_role(database_behind)
    with PgBouncer(database_behind) as bouncer:
        yield bouncer


@pytest.fixture
def pooled_server(pgbouncer):
    with Server(pgbouncer.url, WEB_CONCURRENCY=2) as server:
        yield server


def test_while_pgbouncer_is_away_every_request_is_a_503_and_nothing_is_lost(pgbouncer, pooled_server):
    assert_survives(pooled_server, pgbouncer.kill9, pgbouncer.start)


def test_requests_that_wait_for_a_lock_are_a_503_within_ten_seconds_and_are_never_committed(
    pooled_server, database_behind
):
    assert pooled_server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
    sent = [("PUT", f"{MENTORS}/ada", {"status": "paused"}), ("POST", MENTORS, {"mentor_id": "eve"})] * 4
    sent += [("GET", f"{MENTORS}/ada", None)] * 4
    with psycopg.connect(database_behind) as other, ThreadPoolExecutor(len(sent)) as clients:
        other.execute("SET idle_in_transaction_session_timeout = 0")
        other.execute("LOCK TABLE mentor_status")
        begun = time.monotonic()
        answers = [clients.submit(pooled_server.request, *request) for request in sent]
        assert {answer.result()[0].status for answer in answers} == {503}
        assert time.monotonic() - begun < LONGEST
        refused = time.monotonic()
        with psycopg.connect(database_behind, autocommit=True) as admin:
            while admin.execute(WAITING).fetchone() != (0,):
                assert time.monotonic() < refused + LOCK_TIMEOUT
        other.rollback()
        written = "SELECT (SELECT count(*) FROM mentor_status WHERE mentor_id = 'eve'), count(*) FROM pause_record"
        assert other.execute(f"{written} WHERE mentor_id = 'ada'").fetchone() == (0, 0)
    # A worker that could not connect meanwhile refuses for as long as it had tried, and then tries again.
    while (answer := pooled_server.request("GET", f"{MENTORS}/ada"))[0].status == 503:
        assert time.monotonic() < refused + SETTLED
    assert answer[1]["status"] == "active"
