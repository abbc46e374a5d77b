"""Totals are cached, and yet exact: whoever writes, and in the second in which a pause begins or ends."""

from contextlib import closing, suppress
from functools import partial

import apsw
import psutil
import psycopg
import pytest

from db import db, paging
from db.dialect import PostgresDialect
from mentors.formats import seconds_after
from tests.support.postgres import Cluster

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
NOW = "2026-03-26T08:30:00Z"
LISTS = {  # by name: the path, and the filters
    "paused": (MENTORS, {"status": "paused"}),
    "active": (MENTORS, {"status": "active"}),
    "mentors": (MENTORS, {}),
    "records": (RECORDS, {}),
}
ADA = "INSERT INTO mentor_status (mentor_id, last_updated) VALUES ('ada', '2026-03-01T00:00:00Z')"
PAUSE_OF_ADA = (
    "INSERT INTO pause_record (mentor_id, start_date, created_at, last_changed, reason)"
    " VALUES ('ada', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', 'leave')"
)
OF_THREE = {"paused": 1, "active": 2, "mentors": 3, "records": 1}
WITH_ADA = {"paused": 2, "active": 2, "mentors": 4, "records": 2}


@pytest.fixture
def three_mentors(client):
    """Return a client; of three mentors one is paused, and the totals are cached."""
    client.post(MENTORS, json={"mentor_id": "one", "status": "paused", "pause_reason": "leave"})
    for name in ("two", "three"):
        client.post(MENTORS, json={"mentor_id": name})
    assert totals(client) == OF_THREE
    return client


@pytest.fixture
def past_the_service(app):
    """Return a function that runs a statement on a connection that the service knows nothing of."""
    settings = app.config["SETTINGS"]
    if settings.sqlite_path:  # not by Python's own SQLite: two of them in a process undo each other's locks
        connection = apsw.Connection(settings.sqlite_path)
    else:
        connection = psycopg.connect(settings.database_url, autocommit=True, prepare_threshold=None)  # for a pooler
    with closing(connection):
        yield connection.execute


def totals(client, **query):
    """Return the total of each list, held against the rows of its own answer."""
    found = {}
    for name, (path, filters) in LISTS.items():
        answer = client.get(path, query_string={"limit": 1000, **filters, **query}).json
        found[name] = answer["pagination"]["total"]
        assert found[name] == len(answer["data"]), (name, query)
    return found


def cache():
    """Return the cache of the connection that is taken next."""
    with db.connection_context():
        return paging.cache_of_totals()


def spoil_the_cached_totals():
    """Change each total in the cache to a number that is wrong, and would be seen if it was used."""
    assert len(cache()) >= len(LISTS)
    for sql, cached in cache().items():
        cache()[sql] = cached._replace(total=7)


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_counted_again_while_nobody_writes(three_mentors, name):
    path, filters = LISTS[name]
    before = three_mentors.get(path, query_string=filters).json
    for _ in range(3):  # the autovacuum of Postgres may write meanwhile: then it is rightly counted again
        spoil_the_cached_totals()
        after = three_mentors.get(path, query_string=filters).json
        if after["pagination"]["total"] == 7:
            break
    assert after["pagination"]["total"] == 7
    assert after["data"] == before["data"]


def test_after_a_write_of_the_service_or_past_it_everything_is_counted_again(three_mentors, past_the_service):
    for write in (
        partial(three_mentors.put, f"{MENTORS}/two", json={"status": "paused"}),
        partial(past_the_service, ADA),
        partial(three_mentors.put, f"{RECORDS}/pause-rec-0001", json={"start_date": "2027-01-01"}),
        partial(past_the_service, PAUSE_OF_ADA),
        partial(three_mentors.delete, f"{MENTORS}/one"),
        partial(past_the_service, "DELETE FROM pause_record"),
    ):
        spoil_the_cached_totals()
        write()
        totals(three_mentors)


def test_a_transaction_counts_only_once_it_is_committed(three_mentors, past_the_service):
    for statement in ("BEGIN", ADA, PAUSE_OF_ADA):
        past_the_service(statement)
        assert totals(three_mentors) == OF_THREE
    for statement in ("COMMIT", "BEGIN", "DELETE FROM pause_record", "ROLLBACK"):
        past_the_service(statement)
        assert totals(three_mentors) == WITH_ADA


def test_a_transaction_counts_what_it_has_written_and_nothing_of_that_is_cached(app, three_mentors):
    with db.connection_context(), db.atomic() as transaction:
        db.execute_sql(ADA)
        db.execute_sql(PAUSE_OF_ADA)
        assert totals(three_mentors) == WITH_ADA
        transaction.rollback()
    assert totals(three_mentors) == OF_THREE


@pytest.mark.parametrize("expected", ["false", "true"])
def test_a_total_follows_the_clock_to_the_second_and_back(three_mentors, clock, expected):
    dates = [
        ("2026-03-26T08:30:02Z", None, "2026-03-26T08:30:05Z"),
        ("2026-03-26T08:30:02Z", "2026-03-26T08:30:03Z", None),
        ("2026-03-26T08:30:03Z", "2026-03-26T08:30:05Z", None),
        ("2026-03-26T08:30:04Z", "2026-03-26T08:30:04Z", None),  # cancelled
        ("2026-03-26T08:30:06Z", None, None),
    ]
    for number, (start, end, back) in enumerate(dates):
        three_mentors.post(MENTORS, json={"mentor_id": f"later-{number}"})
        sent = {"mentor_id": f"later-{number}", "start_date": start, "end_date": end, "expected_return_date": back}
        assert three_mentors.post(RECORDS, json=sent | {"reason": "leave"}).status_code == 201
    seconds = [*range(9), *range(9, -2, -1), 3, 3, 2, 2, 5, 5]
    found = {}
    for second in seconds:
        clock.at = seconds_after(NOW, second)
        found.setdefault(second, totals(three_mentors, expected=expected)["paused"])
        assert totals(three_mentors, expected=expected)["paused"] == found[second]
        assert totals(three_mentors, expected=expected, as_of=NOW)["paused"] == 1
    ended = 1 if expected == "true" else 0
    assert [found[second] for second in range(9)] == [1, 1, 3, 3, 3, 2 - ended, 3 - ended, 3 - ended, 3 - ended]


def test_a_list_has_one_cached_total_whatever_its_date_and_of_100_lists_the_oldest_goes(three_mentors):
    cache().clear()  # of the tests before it in this process, which share a pool on Postgres
    for limit in range(1, 121):
        for date in ("2026-02-01", "2026-03-01"):
            three_mentors.get(MENTORS, query_string={"limit": limit, "as_of": date})
    assert len(cache()) == 100
    assert [limit for limit in range(1, 121) if f"LIMIT {limit})" in "".join(cache())] == [*range(21, 121)]


# --- the state of Postgres


@pytest.fixture(scope="module")
def primary():
    with Cluster() as cluster:
        yield cluster


def state_of(cluster):
    """Return the state of a Postgres, and its oldest process after the first one."""
    with cluster.connect() as connection:
        return connection.execute(f"SELECT {PostgresDialect.state}, pg_postmaster_start_time()").fetchone()


def test_the_state_is_the_same_until_somebody_writes(primary):
    states = [state_of(primary) for _ in range(3)]
    assert states[0] == states[1] == states[2]
    with primary.connect() as connection:
        connection.execute("CREATE TABLE written (number int)")
    assert state_of(primary) != states[0]


def test_after_a_crash_that_the_server_survives_the_state_is_another(primary):
    before, started = state_of(primary)
    processes = set(primary.processes())
    with primary.connect() as connection, suppress(psycopg.OperationalError):
        psutil.Process(connection.info.backend_pid).kill()
        connection.execute("SELECT 1")
    # It takes a moment until the first process notices; until then it lets clients in. Then it replaces all the others.
    primary.wait_until(lambda: processes.isdisjoint(primary.processes()))
    primary.wait_until(lambda: primary.says("true"))
    after, started_after = state_of(primary)
    assert (after != before, started_after) == (True, started)


def test_a_standby_has_no_state():
    with Cluster() as primary, Cluster(primary=primary) as standby:  # no other test has to wait for what it commits
        assert state_of(standby)[0] is None
