"""A start while the database cannot be used: it says why, waits, and ends after 30 seconds with one line."""

import fcntl
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psutil
import psycopg
import pytest

import migrations
from db.sqlite_file import make_file
from migrations import LOCK_KEY
from settings import host_of
from tests.support.commands import GUNICORN, app_on, flask, run
from tests.support.databases import EMPTY_SQLITE
from tests.support.postgres import Cluster
from tests.support.programs import need_mounts
from tests.support.server import STOP_SECONDS, Server, free_port
from tests.support.waiting import PATIENCE, wait_until

RULES = """
host all postgres 127.0.0.1/32 trust
host all bob 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture(scope="module")
def guarded_postgres():
    """Return a Postgres that asks jane for a password, and lets no bob in."""
    with Cluster() as cluster:
        with cluster.connect() as admin:
            admin.execute("CREATE ROLE jane LOGIN PASSWORD 'right'")
            (cluster.data / "pg_hba.conf").write_text(RULES)
            admin.execute("SELECT pg_reload_conf()")
        yield cluster


WHAT_THE_DRIVER_SAYS = {
    "jane:secret@127.0.0.1:{port}/postgres": 'password authentication failed for user "jane"',
    "jane:secret@127.0.0.1:{port},127.0.0.1:{dead}/postgres": (
        'Connection refused; password authentication failed for user "jane"'
    ),
    "jane:right@127.0.0.1:{port}/nowhere": 'database "nowhere" does not exist',
    "bob:secret@127.0.0.1:{port}/name": (
        'pg_hba.conf rejects connection for host "127.0.0.1", user "bob", database "name", no encryption'
    ),
    "jane:right@127.0.0.1:{port}/postgres?sslmode=require": "server does not support SSL, but SSL was required",
    "jane:right@127.0.0.1:{port}/postgres?sslmode=bogus": 'connection is bad: invalid sslmode value: "bogus"',
    "jane:secret@127.0.0.1:{dead}/postgres": "Connection refused",
    "jane:secret@/postgres?host=/nowhere": "No such file or directory",
}


@pytest.mark.parametrize(("url", "words"), WHAT_THE_DRIVER_SAYS.items())
def test_a_start_whose_time_is_over_ends_with_what_the_driver_says(guarded_postgres, url, words, monkeypatch):
    monkeypatch.setattr(migrations, "PATIENCE", 0)
    url = "postgresql://" + url.format(port=guarded_postgres.port, dead=free_port())
    line = f"DATABASE_URL: Postgres at {host_of(url)} takes no connection ({words}); start it, or correct the URL."
    assert flask(url, "migrate") == (1, [line])


def test_a_user_who_may_not_make_tables_ends_the_start_at_once(guarded_postgres):
    url = f"postgresql://jane:right@127.0.0.1:{guarded_postgres.port}/postgres"
    with guarded_postgres.connect() as admin:
        admin.execute("CREATE DATABASE empty")
    code, lines = run(GUNICORN, DATABASE_URL=url.replace("/postgres", "/empty"), PORT=free_port())
    reason = "its user may not make tables; GRANT CREATE ON SCHEMA public"
    assert (code, lines) == (1, [f"DATABASE_URL: Postgres at 127.0.0.1: {reason}."])


class LateServer(Server):
    """A server that is not ready when entered."""

    def wait_until_ready(self):
        pass

    def wait_for_lines(self, line, count):
        """Return when the log has the line so many times."""
        wait_until(lambda: self.log().splitlines().count(line) >= count, self.log)


def test_a_start_says_every_few_seconds_why_it_waits_and_goes_on_when_it_is_let_in(guarded_postgres):
    with guarded_postgres.connect() as admin:
        admin.execute("CREATE ROLE ann LOGIN PASSWORD 'right'")
        admin.execute("CREATE DATABASE late OWNER ann")
    waiting = 'WARNING message="waiting for Postgres at 127.0.0.1 ({})"'.format
    guarded_postgres.stop("fast")
    with LateServer(f"postgresql://ann:secret@127.0.0.1:{guarded_postgres.port}/late") as server:
        server.wait_for_lines(waiting("Connection refused"), 2)
        guarded_postgres.start()
        server.wait_for_lines(waiting(r"password authentication failed for user \"ann\""), 1)
        assert "secret" not in server.log()
        with guarded_postgres.connect() as admin:
            admin.execute("ALTER ROLE ann PASSWORD 'secret'")
        Server.wait_until_ready(server)


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


def test_a_migration_says_that_it_waits_for_another_process_which_migrates(empty_database, monkeypatch):
    monkeypatch.setattr(migrations, "BETWEEN_TRIES", 0.01)
    said = []
    with app_on(empty_database) as app, ThreadPoolExecutor(1) as thread:
        with migrated_by_another(empty_database) as name:
            migration = thread.submit(migrations.migrate, app.config["SETTINGS"], migrations.Patience(said.append))
            while not said:
                assert not migration.done()
        assert len(migration.result(PATIENCE)) > 0
    assert said == [f"waiting for another process, which migrates {name}"]


AS_PROCESS_1 = ["unshare", "--pid", "--fork", "--kill-child"]  # as in a container


@EMPTY_SQLITE  # the master, which gets the signal, knows nothing of the database
@pytest.mark.parametrize("within", [(), AS_PROCESS_1], ids=["", "as process 1"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_start_that_waits_is_stopped_by_a_signal_and_does_not_migrate_later(empty_database, within, number):
    if within:
        need_mounts(*within[1:], "true")
    with migrated_by_another(empty_database) as name, LateServer(empty_database, within=within) as server:
        server.wait_for_lines(f'WARNING message="waiting for another process, which migrates {name}"', 1)
        *_unshare, master, migration = [server.process, *psutil.Process(server.process.pid).children(recursive=True)]
        master.send_signal(number)
        assert server.has_ended_within(STOP_SECONDS), server.log()
        assert (server.process.returncode, migration.is_running()) == (0, False)
        assert "Traceback" not in server.log()
