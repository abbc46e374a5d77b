"""How many mentors and pause records there are is kept by triggers, exactly, and without a wait for each other."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from playhouse.migrations import Runner

import migrations
from db import db, open_pool
from settings import Settings

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
INSERT = "INSERT INTO mentor_status (mentor_id, last_updated) VALUES (%s, now())"
TALLY = "SELECT mentors, pause_records FROM tally"
COUNT = "SELECT (SELECT count(*) FROM mentor_status), (SELECT count(*) FROM pause_record)"
CLIENTS = 16


def test_after_many_creates_deletes_and_erases_at_once_the_tally_is_exact(app, client):
    def write(number):
        own, chance = app.test_client(), random.Random(number)
        answers = []
        for _ in range(40):
            mentor = f"{MENTORS}/mentor-{chance.randrange(20)}"  # of all clients, so that they meet
            sent = {"mentor_id": mentor.rpartition("/")[2], "status": chance.choice(["active", "paused"])}
            pause = {
                "mentor_id": sent["mentor_id"],
                "start_date": f"2026-03-{chance.randrange(1, 29):02}",
                "reason": "x",
            }
            create, erase = ("POST", MENTORS, sent), ("DELETE", f"{mentor}?erase=true", None)
            others = ("POST", PAUSES, pause), ("DELETE", mentor, None)
            method, path, body = chance.choice((create, erase, *others))
            answers.append(own.open(path, method=method, json=body).status_code)
        return answers

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = {status for answers in clients.map(write, range(CLIENTS)) for status in answers}
    assert answers <= {200, 201, 404, 409, 422}
    with db.connection_context():
        tally = db.execute_sql(TALLY).fetchone()
        assert tally == db.execute_sql(COUNT).fetchone()
    assert client.get(MENTORS).json["pagination"]["total"] == tally[0]


def test_a_table_that_is_emptied_at_once_counts_nothing(app, client):
    for name in ("ada", "eve"):
        client.post(MENTORS, json={"mentor_id": name, "status": "paused"})
    with db.connection_context():
        db.execute_sql("DELETE FROM pause_record" if db.dialect.name == "sqlite" else "TRUNCATE pause_record")
        assert db.execute_sql(TALLY).fetchone() == (2, 0)
        db.execute_sql("DELETE FROM mentor_status WHERE mentor_id = 'nobody'")
        assert db.execute_sql(TALLY).fetchone() == (2, 0)


# --- Postgres


@pytest.fixture
def migrated(empty_database):
    """Return the URL of an empty database that is migrated."""
    migrate(empty_database)
    return empty_database


def migrate(url, target=None):
    pool = open_pool(Settings(database_url=url))
    with pool.connection_context():
        Runner(pool, directory=migrations.FOLDER).up(target)
    pool.close_all()


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
def test_more_creates_than_there_are_slots_are_uncommitted_at_once_and_all_are_counted(migrated):
    with psycopg.connect(migrated, autocommit=True) as other, ExitStack() as stack:
        for waited_for in (6, 9):  # the second time, six slots are there
            writers = [stack.enter_context(psycopg.connect(migrated)) for _ in range(waited_for)]
            for number, writer in enumerate(writers):
                writer.execute("SET LOCAL lock_timeout = 100")
                writer.execute(INSERT, (f"{waited_for}-{number}",))
                writer.execute(
                    "INSERT INTO pause_record (mentor_id, start_date, created_at)"
                    " SELECT mentor_id, last_updated, last_updated FROM mentor_status"
                    " WHERE mentor_id = %s",
                    (f"{waited_for}-{number}",),
                )
            writers.pop().rollback()
            for writer in writers:
                writer.commit()
        assert other.execute(TALLY).fetchone() == other.execute(COUNT).fetchone() == (13, 13)


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
def test_a_worker_of_the_release_before_reads_and_writes_on_while_the_slots_come(empty_database):
    before = sorted(path.stem for path in migrations.FOLDER.glob("000[1-4]*.py"))[-1]
    migrate(empty_database, before)
    with psycopg.connect(empty_database, autocommit=True, prepare_threshold=0) as worker:
        worker.execute(INSERT, ("ada",))
        assert worker.execute(TALLY).fetchone() == (1, 0)
        with psycopg.connect(empty_database) as writer, ThreadPoolExecutor(2) as threads:
            writer.execute(INSERT, ("eve",))
            migration = threads.submit(migrate, empty_database)
            while not worker.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
                assert not migration.done()
            waits_for_the_migration = threads.submit(worker.execute, INSERT, ("grace",))
            writer.commit()
            migration.result(30)
            waits_for_the_migration.result(30)
        assert worker.execute(TALLY).fetchone() == (3, 0)
        worker.execute(INSERT, ("joan",))
        assert worker.execute(TALLY).fetchone() == worker.execute(COUNT).fetchone() == (4, 0)
