"""Totals are cached, and yet exact: whoever writes, and in the second in which a pause begins or ends."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Event, Semaphore

import apsw
import psutil
import psycopg
import pytest

from db import counted_pages, db
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
    with closing(connect_to(app.config["SETTINGS"])) as connection:
        yield connection.execute


def connect_to(settings):
    if settings.sqlite_path:  # not by Python's own SQLite: two of them in a process undo each other's locks
        connection = apsw.Connection(settings.sqlite_path)
        connection.set_busy_timeout(30_000)
        return connection
    return psycopg.connect(settings.database_url, autocommit=True, prepare_threshold=None)  # for a pooler


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
        return counted_pages.cache_of_connection()


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


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{MENTORS}/two", {"status": "paused"}),
        ("PUT", f"{MENTORS}/one", {"status": "active"}),
        ("DELETE", f"{MENTORS}/one", None),
        ("POST", MENTORS, {"mentor_id": "four", "status": "paused"}),
        ("DELETE", f"{RECORDS}/pause-rec-0001", None),
        ("PUT", f"{RECORDS}/pause-rec-0001", {"start_date": "2027-01-01", "is_active": True}),
    ],
)
def test_after_a_write_of_the_service_it_is_counted_again(three_mentors, method, path, body):
    spoil_the_cached_totals()
    assert three_mentors.open(path, method=method, json=body).status_code < 300
    totals(three_mentors)


def test_after_a_write_past_the_service_it_is_counted_again(three_mentors, past_the_service):
    for statement in (ADA, PAUSE_OF_ADA, "DELETE FROM pause_record"):
        spoil_the_cached_totals()
        past_the_service(statement)
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


def test_whatever_is_asked_for_only_a_few_totals_are_cached(three_mentors):
    def ask(date):
        for path, filters in LISTS.values():
            for more in ({}, {"expected": "true"}, {"page": 2}, {"limit": 7}):
                three_mentors.get(path, query_string={**filters, **more, "as_of": date})
        for query in ({"sort": "-last_updated", "as_of": date}, {"mentor_id": date}):
            three_mentors.get(MENTORS, query_string=query)
        three_mentors.get(RECORDS, query_string={"reason": date})

    cache().clear()  # of the tests before it in this process, which share a pool on Postgres
    ask("2026-02-01")
    few = len(cache())
    for day in range(2, 9):
        ask(f"2026-02-{day:02}")
    assert len(cache()) == few < 30


def test_at_most_100_totals_are_cached_and_the_oldest_goes(three_mentors):
    cache().clear()
    for limit in range(1, 121):
        three_mentors.get(MENTORS, query_string={"limit": limit})
    kept = [sql for sql in cache() if any(f"LIMIT {limit})" in sql for limit in range(21, 121))]
    assert len(kept) == len(cache()) == 100


# --- beside others


@pytest.fixture
def two_writers(app, three_mentors):
    """Have two others write past the service, one transaction after the other, once both are at work."""
    at_work, done = Semaphore(0), Event()

    def write(name):
        statements = [statement.replace("'ada'", f"'{name}'") for statement in (ADA, PAUSE_OF_ADA)]
        statements += [f"DELETE FROM {table} WHERE mentor_id = '{name}'" for table in ("pause_record", "mentor_status")]
        with closing(connect_to(app.config["SETTINGS"])) as connection:
            while not done.is_set():
                for statement in statements:
                    connection.execute(statement)
                at_work.release()

    with ThreadPoolExecutor(2) as threads:
        writers = [threads.submit(write, name) for name in ("cai", "dee")]
        assert at_work.acquire(timeout=30) and at_work.acquire(timeout=30)
        yield
        done.set()
        assert [writer.result(30) for writer in writers] == [None, None]


def test_every_total_is_that_of_its_rows_while_others_write(app, three_mentors, two_writers):
    def read(_number):
        client = app.test_client()
        return [tuple(totals(client).values()) for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:  # so that several connections read
        found = {total for each in pool.map(read, range(4)) for total in each}
    assert len(found) > 1  # or nothing was written meanwhile


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


def test_a_standby_has_no_state(primary):
    with Cluster(primary=primary) as standby:
        assert state_of(standby)[0] is None
