"""A start while the database cannot be used: it says why, waits, and ends after 30 seconds with one line."""

import fcntl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

import migrations
from db.sqlite_file import make_file
from migrations import LOCK_KEY
from settings import Settings, host_of
from tests.operation.test_start import GUNICORN, MIGRATE, run
from tests.support.postgres import Cluster
from tests.support.server import REPOSITORY, START_SECONDS, Server, environment, free_port

RULES = """
host all postgres 127.0.0.1/32 trust
host all bob 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture(scope="module")
def postgres():
    """Return a Postgres that asks jane for a password, and lets no bob in."""
    with Cluster() as cluster:
        with cluster.connect() as admin:
            admin.execute("CREATE ROLE jane LOGIN PASSWORD 'right'")
            (cluster.data / "pg_hba.conf").write_text(RULES)
            admin.execute("SELECT pg_reload_conf()")
        yield cluster


WHAT_THE_DRIVER_SAYS = {
    "jane:secret@127.0.0.1:{port}/postgres": 'password authentication failed for user "jane"',
    "jane@127.0.0.1:{port}/postgres": "fe_sendauth: no password supplied",
    "127.0.0.1:{port}/postgres?user=jane&password=secret": 'password authentication failed for user "jane"',
    "jane:secret@127.0.0.1:{port},127.0.0.1:{dead}/postgres": (
        'Connection refused; password authentication failed for user "jane"'
    ),
    "jane:right@127.0.0.1:{port}/nowhere": 'database "nowhere" does not exist',
    "bob:secret@127.0.0.1:{port}/name": (
        'pg_hba.conf rejects connection for host "127.0.0.1", user "bob", database "name", no encryption'
    ),
    "jane:right@127.0.0.1:{port}/postgres?sslmode=require": "server does not support SSL, but SSL was required",
    "jane:right@127.0.0.1:{port}/postgres?sslmode=bogus": 'connection is bad: invalid sslmode value: "bogus"',
    "jane:right@127.0.0.1:{port}/postgres?connect_timeout=x": "bad value for connect_timeout: 'x'",
    "jane:secret@127.0.0.1:{dead}/postgres": "Connection refused",
    "jane:secret@/postgres?host=/nowhere": "No such file or directory",
}


@pytest.mark.parametrize(("url", "words"), WHAT_THE_DRIVER_SAYS.items())
def test_a_start_whose_time_is_over_ends_with_what_the_driver_says(postgres, url, words, monkeypatch):
    monkeypatch.setattr(migrations, "PATIENCE", 0)
    url = url.format(port=postgres.port, dead=free_port())
    settings = Settings.from_environ({"DATABASE_URL": f"postgresql://{url}"})
    with pytest.raises(migrations.UnusableDatabase) as refusal:
        migrations.migrate(replace(settings, migration_database_url=settings.database_url))
    name = f"Postgres at {host_of(settings.database_url)}"
    assert str(refusal.value) == f"{name} takes no connection ({words}); start it, or correct the URL."


def test_a_user_who_may_not_make_tables_ends_the_start_at_once(postgres):
    url = f"postgresql://jane:right@127.0.0.1:{postgres.port}/postgres"
    code, lines = run(GUNICORN, DATABASE_URL=url, PORT=free_port())
    reason = "its user may not make tables; GRANT CREATE ON SCHEMA public"
    assert (code, lines) == (1, [f"DATABASE_URL: Postgres at 127.0.0.1: {reason}."])


class LateServer(Server):
    """A server that is not ready when entered."""

    def wait_until_ready(self):
        pass

    def wait_for_lines(self, line, count):
        """Return when the log has the line so many times."""
        deadline = time.monotonic() + START_SECONDS
        while self.log().splitlines().count(line) < count:
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()
            time.sleep(0.01)


def test_a_start_says_every_few_seconds_that_it_waits_for_postgres_and_goes_on_when_it_is_there():
    with Cluster() as postgres:
        postgres.stop("fast")
        with LateServer(postgres.url) as server:
            server.wait_for_lines('WARNING message="waiting for Postgres at 127.0.0.1 (Connection refused)"', 2)
            postgres.start()
            Server.wait_until_ready(server)


def test_a_start_says_that_its_password_is_wrong_and_goes_on_when_it_is_right():
    with Cluster() as postgres, postgres.connect() as admin:
        admin.execute("CREATE ROLE jane LOGIN PASSWORD 'right'; GRANT CREATE ON SCHEMA public TO jane")
        (postgres.data / "pg_hba.conf").write_text(RULES)
        admin.execute("SELECT pg_reload_conf()")
        with LateServer(postgres.url.replace("postgres@", "jane:secret@")) as server:
            reason = r"password authentication failed for user \"jane\""
            server.wait_for_lines(f'WARNING message="waiting for Postgres at 127.0.0.1 ({reason})"', 1)
            assert "secret" not in server.log()
            admin.execute("ALTER ROLE jane PASSWORD 'secret'")
            Server.wait_until_ready(server)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "MIGRATION_DATABASE_URL"])
def test_of_two_addresses_the_one_that_takes_no_connection_is_named_by_its_variable(postgres, variable):
    impatient = "import flask.cli, migrations; migrations.PATIENCE = 0; flask.cli.main()"
    away = f"postgresql://jane:secret@127.0.0.1:{free_port()}/postgres"
    addresses = {"DATABASE_URL": postgres.url, "MIGRATION_DATABASE_URL": postgres.url} | {variable: away}
    code, lines = run([sys.executable, "-c", impatient, "--app", "app", "migrate"], **addresses)
    reason = "takes no connection (Connection refused); start it, or correct the URL"
    assert (code, lines) == (1, [f"{variable}: Postgres at 127.0.0.1 {reason}."])


@contextmanager
def migrated_by_another(url):
    """Have the lock that a process has while it migrates the database."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        make_file(f"{path}.lock")
        with open(f"{path}.lock", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield path
    else:
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
            yield f"Postgres at {connection.info.host}"


def test_a_migration_says_that_it_waits_for_another_process_which_migrates(empty_database):
    with migrated_by_another(empty_database) as name:
        migration = subprocess.Popen(
            MIGRATE, cwd=REPOSITORY, env=environment(DATABASE_URL=empty_database), stderr=subprocess.PIPE, text=True
        )
        assert migration.stderr.readline() == f"waiting for another process, which migrates {name}\n"
    with migration:
        assert migration.wait(START_SECONDS) == 0
