"""A start while the database cannot be used: it waits for what may heal, and says in one line what cannot."""

import fcntl
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import psycopg
import pytest

from db.sqlite_file import make_file
from migrations import LOCK_KEY
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


REFUSED = "it refuses the user or the password; correct them"
NO_VALUE = "{}; correct this option of the URL"
REASONS = {
    "jane:secret@127.0.0.1:{port}/postgres": REFUSED,
    "jane@127.0.0.1:{port}/postgres": REFUSED,
    "127.0.0.1:{port}/postgres?user=jane&password=secret": REFUSED,
    "jane:secret@127.0.0.1:{port},127.0.0.1:{port}/n": REFUSED,
    "jane:right@127.0.0.1:{port}/nowhere": "it has no such database; create it, or correct its name",
    "jane:right@127.0.0.1:{port}/postgres": "its user may not make tables; GRANT CREATE ON SCHEMA public",
    "bob:secret@127.0.0.1:{port}/n": "its pg_hba.conf does not let this user in; change it, or set sslmode",
    "jane:right@127.0.0.1:{port}/n?sslmode=require": "it has no TLS; correct sslmode",
    "jane:right@127.0.0.1:{port}/n?sslmode=bogus": NO_VALUE.format('invalid sslmode value: "bogus"'),
    "jane:right@127.0.0.1:{port}/n?connect_timeout=x": NO_VALUE.format("bad value for connect_timeout: 'x'"),
}


@pytest.mark.parametrize(("url", "reason"), REASONS.items())
def test_what_cannot_heal_ends_the_start_at_once_in_its_own_words(postgres, url, reason):
    code, lines = run(GUNICORN, DATABASE_URL=f"postgresql://{url.format(port=postgres.port)}", PORT=free_port())
    hosts = "127.0.0.1,127.0.0.1" if "," in url else "127.0.0.1"
    assert (code, lines) == (1, [f"DATABASE_URL: Postgres at {hosts}: {reason}."])


def test_a_host_that_nobody_knows_ends_the_start_at_once():
    code, lines = run(MIGRATE, DATABASE_URL="postgresql://jane:secret@nowhere.invalid/name")
    assert code == 1
    if "Temporary failure in name resolution" in lines[0]:
        pytest.skip("needs a name server")
    assert lines == ["DATABASE_URL: Postgres at nowhere.invalid: no such host is known; correct it."]


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


def test_a_postgres_that_refuses_one_host_may_still_be_reached_at_the_other(postgres):
    dead = free_port()
    url = f"postgresql://jane:secret@127.0.0.1:{postgres.port},127.0.0.1:{dead}/name"
    with LateServer(url) as server:
        server.wait_for_lines('WARNING message="waiting for Postgres at 127.0.0.1,127.0.0.1 (Connection refused)"', 1)
        assert "secret" not in server.log()


def test_the_migrations_own_address_is_named_by_its_variable(postgres):
    wrong = f"postgresql://jane:secret@127.0.0.1:{postgres.port}/postgres"
    code, lines = run(MIGRATE, DATABASE_URL=postgres.url, MIGRATION_DATABASE_URL=wrong)
    assert (code, lines) == (1, [f"MIGRATION_DATABASE_URL: Postgres at 127.0.0.1: {REFUSED}."])


def test_a_pooler_that_is_away_is_named_by_its_variable_and_not_waited_for_anew(postgres):
    impatient = "import flask.cli, migrations; migrations.PATIENCE = 0; flask.cli.main()"
    direct, away = postgres.url, f"postgresql://jane:secret@127.0.0.1:{free_port()}/postgres"
    command = [sys.executable, "-c", impatient, "--app", "app", "migrate"]
    code, lines = run(command, DATABASE_URL=away, MIGRATION_DATABASE_URL=direct)
    reason = "does not answer (Connection refused); start it, or correct the URL"
    assert (code, lines) == (1, [f"DATABASE_URL: Postgres at 127.0.0.1 {reason}."])


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
