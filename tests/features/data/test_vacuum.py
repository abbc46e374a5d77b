"""`flask vacuum`: nothing of who was erased is left in SQLite's files or in Postgres' statistics, or it fails."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import apsw
import psycopg

from db import sqlite
from tests.support.commands import app_on, command, execute, flask, run
from tests.support.databases import EMPTY_POSTGRES, EMPTY_SQLITE
from tests.support.load import Load
from tests.support.server import Server
from tests.support.waiting import PATIENCE, wait_until

MENTORS = "/api/v1/mentor-statuses"
DONE = (0, ["vacuum: done"])
STATISTICS = (
    "SELECT pg_stats::text FROM pg_stats WHERE schemaname = 'public'"
    " UNION ALL SELECT pg_stats_ext::text FROM pg_stats_ext WHERE schemaname = 'public'"
)
TABLES = ("mentor_status", "pause_record", "history_entry")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mentor_status'::regclass"


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


# --- what is left


def test_nothing_of_1000_people_is_left_once_they_are_erased_while_the_service_runs(migrated_url):
    with app_on(migrated_url) as app:
        client = app.test_client()
        upload(client, "kept", 1000)
        upload(client, "erased", 1000)
        analyze(migrated_url)
        kept = client.get(f"{MENTORS}/kept-500").json
        erase(client, "erased", range(1000))
        found = {value.partition("-")[0] for value in remains(migrated_url, "erased")}
        assert found == {"erased", "reason of erased", "notes of erased"}
        assert run(command("vacuum"), DATABASE_URL=migrated_url) == DONE
        assert remains(migrated_url, "erased") == set()
        assert client.get(f"{MENTORS}/kept-500").json == kept
        assert client.get(MENTORS).json["pagination"]["total"] == 1000


@EMPTY_SQLITE
def test_what_another_program_has_left_in_the_pages_of_the_file_is_gone(migrated_url):
    with app_on(migrated_url) as app:
        upload(app.test_client(), "kept", 10)
        upload(app.test_client(), "deleted", 10)
    execute(migrated_url, "PRAGMA secure_delete = 0", "DELETE FROM mentor_status WHERE mentor_id LIKE 'deleted-%'")
    assert remains(migrated_url, "deleted") != set()
    execute(migrated_url, "DELETE FROM history_entry WHERE mentor_id LIKE 'deleted-%'")
    assert flask(migrated_url, "vacuum") == DONE
    assert remains(migrated_url, "deleted") == set()
    assert len(remains(migrated_url, "kept")) >= 30


# --- beside others


def test_writes_beside_it_are_done_or_a_503_and_the_service_goes_on(migrated_url):
    with Server(migrated_url) as server, Load(server, pause=0.02) as load:
        load.wait_for(10)
        wait_until(lambda: run(command("vacuum"), DATABASE_URL=migrated_url) == DONE)  # else it says to run it again
        load.wait_for(10)
        load.ended.set()
    assert load.statuses() <= {200, 201, 503}
    assert {id_ for (id_,) in execute(migrated_url, "SELECT mentor_id FROM mentor_status")} >= {*load.acknowledged}


@EMPTY_SQLITE
def test_it_fails_while_somebody_reads_an_old_state_and_can_be_run_again(migrated_url, monkeypatch):
    monkeypatch.setattr(sqlite, "POLLS", 3)
    with app_on(migrated_url) as app, closing(apsw.Connection(str(path_of(migrated_url)))) as other:
        upload(app.test_client(), "erased", 10)
        erase(app.test_client(), "erased", range(10))
        other.execute("BEGIN; SELECT * FROM mentor_status")
        code, lines = flask(migrated_url, "vacuum")
        assert (code, len(lines)) == (1, 1)
        assert lines[0].startswith("vacuum: somebody else reads an old state of the database, or writes, so its files")
        assert remains(migrated_url, "erased") != set()
        other.execute("ROLLBACK")
        assert flask(migrated_url, "vacuum") == DONE
        assert remains(migrated_url, "erased") == set()


# --- Postgres: whose tables, with which rights, by which connection


@EMPTY_POSTGRES
def test_a_user_who_may_not_vacuum_the_tables_is_told(migrated_url):
    role = f"role_{uuid.uuid4().hex}"
    rights = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    execute(migrated_url, f"CREATE ROLE {role} LOGIN", rights)
    parts = urlsplit(migrated_url)
    code, (line,) = flask(parts._replace(netloc=f"{role}:x@{parts.netloc.rpartition('@')[2]}").geturl(), "vacuum")
    execute(migrated_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    assert code == 1
    assert line.startswith("vacuum: Postgres has not done it all: ")
    assert "mentor_status" in line
    assert execute(migrated_url, "SELECT mentor_id FROM mentor_status") == []


@EMPTY_POSTGRES
def test_no_table_of_others_is_vacuumed_or_analyzed(migrated_url):
    others = "CREATE SCHEMA other", "CREATE TABLE other.mentor_status (id int)", "CREATE TABLE theirs (id int)"
    execute(migrated_url, *others)
    assert flask(migrated_url, "vacuum") == DONE
    done = "SELECT schemaname, relname FROM pg_stat_user_tables WHERE {}_count > 0 ORDER BY relname"
    ours = [("public", table) for table in sorted(TABLES)]
    assert execute(migrated_url, done.format("vacuum")) == execute(migrated_url, done.format("analyze")) == ours


@EMPTY_POSTGRES
def test_it_waits_for_another_one_longer_than_the_time_limit_of_the_database(migrated_url):
    execute(migrated_url, f"ALTER DATABASE {urlsplit(migrated_url).path[1:]} SET lock_timeout = 1")  # millisecond
    with psycopg.connect(migrated_url) as other, ThreadPoolExecutor(1) as thread:
        other.execute("LOCK TABLE mentor_status IN SHARE UPDATE EXCLUSIVE MODE")
        vacuum = thread.submit(flask, migrated_url, "vacuum")
        wait_until(lambda: vacuum.done() or other.execute(WAITING).fetchone() == (1,))
        other.rollback()
        assert vacuum.result(PATIENCE) == DONE
