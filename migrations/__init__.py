"""Bring the database up to the numbered files in this folder, however many processes try at once."""

import fcntl
import stat
import time
from dataclasses import replace
from pathlib import Path

from peewee import OperationalError
from playhouse.migrations import Runner

from db import connected, db, open_pool
from db.sqlite_file import make_file
from db.sqlstates import is_conflict, is_lock_timeout

FOLDER = Path(__file__).parent
LOCK_KEY = 0x6D656E746F72  # "mentor": an advisory lock of this service alone
PATIENCE, PAUSE = 30, 0.5  # seconds


def migrate(settings):
    """Apply the pending migrations and return their names.

    Raises OperationalError when Postgres cannot be reached within 30 seconds, or the SQLite file not opened.
    """
    if settings.sqlite_path:
        return migrate_sqlite(settings.sqlite_path)
    if settings.migration_database_url is None:
        return migrate_postgres(db.obj)
    return migrate_postgres(open_pool(replace(settings, database_url=settings.migration_database_url)))


@connected
def pending():
    """Return the names of the migrations that the database does not have yet."""
    return [migration.name for migration in Runner(db.obj, directory=FOLDER).status() if not migration.applied]


def migrate_sqlite(path):
    """Migrate while no other process does, by a lock on a file beside the database."""
    # Taken before connecting, since even the switch to WAL can fail with "database is locked".
    make_file(path)
    lock = f"{path}.lock"
    make_file(lock, stat.S_IMODE(Path(path).stat().st_mode))  # whoever may write the one may lock the other
    with open(lock, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Not in a transaction of our own: SQLite ignores `PRAGMA foreign_keys` there, and a table that is rebuilt would
        # empty its children.
        with db.connection_context():
            return Runner(db.obj, directory=FOLDER).up()


def migrate_postgres(database):
    """Migrate while no other process does, by an advisory lock of the one transaction in which everything is done.

    A pooler gives the next transaction to another session, so a lock of the session would stay behind. Those who come
    too late ask again: by waiting for the lock, they would keep the pooler's few sessions from the requests.
    """
    connect_patiently(database)
    try:
        database.lift_time_limits()  # a migration may take longer than a request ever should
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with database.atomic():
                    if database.execute_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_KEY,)).fetchone()[0]:
                        return Runner(database, directory=FOLDER).up()
            except OperationalError as error:
                # Workers of the release before go on, and take the locks of tables in an order of their own. All reads
                # wait behind a migration that waits for a table, so such a migration waits for 1 s at most.
                is_worth_retrying = is_conflict(error) or is_lock_timeout(error)
                if not is_worth_retrying or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE)
    finally:
        database.discard()


def connect_patiently(database):
    """Connect this thread, trying until it works; raises OperationalError after 30 seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            database.connect()
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
