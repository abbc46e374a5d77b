"""The migration after which nothing counts at each write: workers of the release before go on, with right totals."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import apsw
import psycopg
import pytest
from playhouse.migrations import Runner

import migrations
from db import open_pool
from settings import Settings

BEFORE = "0010_cost_of_a_page"
MENTOR = "INSERT INTO mentor_status (mentor_id, last_updated) VALUES ('{}', '2026-03-01T00:00:00Z')"
PAUSE = (
    "INSERT INTO pause_record (mentor_id, start_date, created_at)"
    " VALUES ('{}', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z')"
)
TALLY = "SELECT mentors, pause_records FROM tally"


def migrate(url, target=None):
    pool = open_pool(Settings(database_url=url))
    with pool.connection_context():
        Runner(pool, directory=migrations.FOLDER).up(target)
    pool.close_all()


def connect_to(url):
    if url.startswith("sqlite"):
        return apsw.Connection(Settings(database_url=url).sqlite_path)
    return psycopg.connect(url, autocommit=True, prepare_threshold=0)


def test_a_worker_of_the_release_before_reads_right_totals_before_and_after_the_migration(empty_database):
    migrate(empty_database, BEFORE)
    with closing(connect_to(empty_database)) as worker:
        worker.execute(MENTOR.format("ada"))
        worker.execute(PAUSE.format("ada"))
        assert worker.execute(TALLY).fetchone() == (1, 1)
        migrate(empty_database)
        assert worker.execute(TALLY).fetchone() == (1, 1)
        worker.execute(MENTOR.format("eve"))
        worker.execute(MENTOR.format("joan"))
        worker.execute("DELETE FROM pause_record")
        assert worker.execute(TALLY).fetchone() == (3, 0)


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
def test_while_a_dump_reads_the_tables_the_migration_tries_again_and_keeps_no_read_waiting_for_long(empty_database):
    migrate(empty_database, BEFORE)
    settings = Settings(database_url=empty_database, migration_database_url=empty_database)
    with connect_to(empty_database) as worker, psycopg.connect(empty_database) as dump, ThreadPoolExecutor(1) as thread:
        worker.execute("SET statement_timeout = '3s'")
        dump.execute("LOCK TABLE mentor_status, pause_record IN ACCESS SHARE MODE")
        migration = thread.submit(migrations.migrate, settings)
        while not worker.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
            assert not migration.done()
        for _ in range(20):
            assert worker.execute("SELECT count(*) FROM mentor_status").fetchone() == (0,)
        assert not migration.done()
        dump.rollback()
        assert "0013_no_tally" in migration.result(30)
    with connect_to(empty_database) as worker:
        left = worker.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tally%'").fetchone()
        assert (left, worker.execute(TALLY).fetchone()) == ((0,), (0, 0))
