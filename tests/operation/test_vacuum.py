"""`flask vacuum`: nothing of who was erased is left in SQLite's files or in Postgres' statistics, or it fails."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import apsw
import psycopg
import pytest

from db import sqlite
from tests.support.commands import app_on, command, execute, flask, migrated, run
from tests.support.load import PATIENCE, Load
from tests.support.pgbouncer import PgBouncer
from tests.support.server import Server
from tests.support.waiting import wait_until

MENTORS = "/api/v1/mentor-statuses"
ON_SQLITE = pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
DONE = {
    "sqlite": "vacuum: the file is written anew, and its write-ahead log is empty",
    "postgresql": "vacuum: mentor_status, pause_record, history_entry are vacuumed and analyzed",
}
STATISTICS = (
    "SELECT pg_stats::text FROM pg_stats WHERE schemaname = 'public'"
    " UNION ALL SELECT pg_stats_ext::text FROM pg_stats_ext WHERE schemaname = 'public'"
)
TABLES = ("mentor_status", "pause_record", "history_entry")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mentor_status'::regclass"


@pytest.fixture
def url(empty_database):
    """Return the URL of a database with its tables."""
    return migrated(empty_database)


def upload(client, name, count):
    """Make so many mentors, each with a pause, by one table."""
    lines = ["mentor_id,status,pause_reason,notes"]
    lines += [f"{name}-{number},paused,reason of {name}-{number}.,notes of {name}-{number}." for number in range(count)]
    response = client.post(f"{MENTORS}.csv", data="\n".join(lines), content_type="text/csv")
    assert response.json["created"] == count


def erase(client, name, numbers):
    for number in numbers:
        assert client.delete(f"{MENTORS}/{name}-{number}?erase=true").status_code == 200


def analyze(url):
    """Make statistics, as an operator may with SQLite, too; on Postgres nothing else makes them anew."""
    if url.startswith("postgres"):
        execute(url, *(f"ALTER TABLE {table} SET (autovacuum_enabled = off)" for table in TABLES))
    execute(url, "ANALYZE")


def path_of(url):
    return Path(url.removeprefix("sqlite:///"))


def remains(url, name):
    """Return which values of such mentors the files of SQLite or the statistics of Postgres hold."""
    if url.startswith("sqlite"):
        files = path_of(url).parent.glob(f"{path_of(url).name}*")
        held = b"\n".join(file.read_bytes() for file in files).decode("latin-1")
    else:
        held = "\n".join(text for (text,) in execute(url, STATISTICS))
    return set(re.findall(rf"(?:(?:reason|notes) of )?{name}-\d+", held))


def succeed(url):
    return 0, [DONE[urlsplit(url).scheme]]


# --- what is left


def test_nothing_of_1000_people_is_left_once_they_are_erased_while_the_service_runs(url):
    with app_on(url) as app:
        client = app.test_client()
        upload(client, "kept", 1000)
        upload(client, "erased", 1000)
        analyze(url)
        kept = client.get(f"{MENTORS}/kept-500").json
        erase(client, "erased", range(1000))
        found = {value.partition("-")[0] for value in remains(url, "erased")}
        assert found == {"erased", "reason of erased", "notes of erased"}
        assert run(command("vacuum"), DATABASE_URL=url) == succeed(url)
        assert remains(url, "erased") == set()
        assert client.get(f"{MENTORS}/kept-500").json == kept
        assert client.get(MENTORS).json["pagination"]["total"] == 1000


def test_nothing_of_the_last_mentors_is_left_and_no_row_is_added(url):
    with app_on(url) as app:
        upload(app.test_client(), "last", 2)
        analyze(url)
        erase(app.test_client(), "last", range(2))
        assert remains(url, "last") != set()
    assert flask(url, "vacuum") == succeed(url)
    assert remains(url, "last") == set()
    assert [execute(url, f"SELECT * FROM {table}") for table in TABLES] == [[], [], []]


@ON_SQLITE
def test_what_another_program_has_left_in_the_pages_of_the_file_is_gone(url):
    with app_on(url) as app:
        upload(app.test_client(), "kept", 10)
        upload(app.test_client(), "deleted", 10)
    execute(url, "PRAGMA secure_delete = 0", "DELETE FROM mentor_status WHERE mentor_id LIKE 'deleted-%'")
    assert remains(url, "deleted") != set()
    execute(url, "DELETE FROM history_entry WHERE mentor_id LIKE 'deleted-%'")
    assert flask(url, "vacuum") == succeed(url)
    assert remains(url, "deleted") == set()
    assert len(remains(url, "kept")) >= 30


# --- beside others


def test_writes_beside_it_are_done_or_a_503_and_the_service_goes_on(url):
    with Server(url) as server, Load(server) as load:
        load.wait_for(10)
        assert run(command("vacuum"), DATABASE_URL=url) == succeed(url)
        load.wait_for(10)
        load.ended.set()
    assert load.statuses() <= {200, 201, 503}
    assert {id_ for (id_,) in execute(url, "SELECT mentor_id FROM mentor_status")} >= {*load.acknowledged}


@ON_SQLITE
@pytest.mark.parametrize("begin", ["BEGIN; SELECT * FROM mentor_status", "BEGIN IMMEDIATE"], ids=["reads", "writes"])
def test_it_fails_while_somebody_reads_an_old_state_or_writes_and_can_be_run_again(url, begin, monkeypatch):
    monkeypatch.setattr(sqlite, "POLLS", 3)
    with app_on(url) as app, closing(apsw.Connection(str(path_of(url)))) as other:
        upload(app.test_client(), "erased", 10)
        erase(app.test_client(), "erased", range(10))
        other.execute(begin)
        code, lines = flask(url, "vacuum")
        assert (code, len(lines)) == (1, 1)
        assert lines[0].startswith("vacuum: somebody else reads an old state of the database, or writes, so its files")
        assert remains(url, "erased") != set()
        other.execute("ROLLBACK")
        assert flask(url, "vacuum") == succeed(url)
        assert remains(url, "erased") == set()


# --- Postgres: whose tables, with which rights, by which connection


@pytest.fixture
def login(url):
    """Return a function that gives the URL with which a new role logs in, which has all rights but to own the tables.

    It may `SET` what is given for it.
    """
    role = f"role_{uuid.uuid4().hex}"
    execute(
        url,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    )
    yield lambda *settings: as_role(url, role, settings)
    execute(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def as_role(url, role, settings):
    execute(url, *(f"ALTER ROLE {role} SET {setting}" for setting in settings), "SELECT 1")
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:x@{parts.netloc.rpartition('@')[2]}").geturl()


@ON_POSTGRES
@pytest.mark.parametrize("settings", [[], ["client_min_messages = 'error'"]], ids=["warned", "not warned"])
def test_a_user_who_may_not_vacuum_the_tables_is_told(url, login, settings):
    code, (line,) = flask(login(*settings), "vacuum")
    assert code == 1
    assert line.startswith("vacuum: Postgres has not done it all: ")
    assert "mentor_status" in line
    assert execute(url, "SELECT mentor_id FROM mentor_status") == []


@ON_POSTGRES
def test_no_table_of_others_is_vacuumed_or_analyzed(url):
    execute(url, "CREATE SCHEMA other", "CREATE TABLE other.mentor_status (id int)", "CREATE TABLE theirs (id int)")
    assert flask(url, "vacuum") == succeed(url)
    done = "SELECT schemaname, relname FROM pg_stat_user_tables WHERE {}_count > 0 ORDER BY relname"
    ours = [("public", table) for table in sorted(TABLES)]
    assert execute(url, done.format("vacuum")) == execute(url, done.format("analyze")) == ours


@pytest.fixture
def impatient(url):
    """Return the URL of a PgBouncer whose sessions wait for no lock, since the role has that limit."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {admin.info.dbname} SET lock_timeout = '1ms'")
    with PgBouncer(url, max_prepared_statements=0) as bouncer:
        yield bouncer.url


@pytest.fixture
def locked(url):
    """Keep everybody from a vacuum, as another one would; return the connection."""
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE mentor_status IN SHARE UPDATE EXCLUSIVE MODE")
        yield other


@ON_POSTGRES
def test_it_has_no_time_limit_on_a_direct_connection(url, impatient, locked):
    with ThreadPoolExecutor(1) as thread:
        vacuum = thread.submit(flask, url, "vacuum")
        wait_until(lambda: vacuum.done() or locked.execute(WAITING).fetchone() == (1,))
        for _ in range(20):
            assert locked.execute(WAITING).fetchone() == (1,)
        locked.rollback()
        assert vacuum.result(PATIENCE) == succeed(url)


@ON_POSTGRES
def test_behind_a_pooler_it_is_done_within_the_limits_of_the_role_or_says_what_helps(impatient, locked):
    line = (
        "vacuum: a time limit of the role has ended it; run it with DATABASE_URL set to the address without the pooler."
    )
    assert flask(impatient, "vacuum") == (1, [line])
    locked.rollback()
    assert flask(impatient, "vacuum") == succeed(impatient)
