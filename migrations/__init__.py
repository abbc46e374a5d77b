"""Bring the database up to the numbered files in this folder, however many processes try at once."""

import fcntl
import stat
import time
from dataclasses import replace
from pathlib import Path

from peewee import OperationalError, ProgrammingError
from playhouse.migrations import Runner

from db import connected, db, open_pool
from db.postgres import UNSET, is_conflict, is_lock_timeout
from db.sqlite_file import make_file

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
    pool = open_pool(replace(settings, database_url=settings.migration_database_url))
    try:
        return migrate_postgres(pool)
    finally:
        pool.close_all()


@connected
def pending():
    """Return the names of the migrations that the database does not have yet."""
    status = db.run_unless_dead(Runner(db.obj, directory=FOLDER).status)
    return [migration.name for migration in status if not migration.applied]


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
    """Migrate while no other process does, by an advisory lock of the one transaction in which everything is done."""
    return under_the_lock(database, lambda: Runner(database, directory=FOLDER).up())


def under_the_lock(database, run):
    """Return what a function returns that runs in a transaction, while no other process has the migrations' lock.

    A pooler gives the next transaction to another session, so a lock of the session would stay behind. Those who come
    too late ask again: by waiting for the lock, they would keep the pooler's few sessions from the requests.
    """
    connect_patiently(database)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with database.atomic():
                    database.lift_time_limits()  # a migration may take longer than a request ever should
                    if database.execute_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_KEY,)).fetchone()[0]:
                        return run()
            except OperationalError as error:
                # Workers of the release before go on, and take the locks of tables in an order of their own. All reads
                # wait behind a migration that waits for a table, so such a migration waits for 1 s at most.
                is_worth_retrying = is_conflict(error) or is_lock_timeout(error)
                if not is_worth_retrying or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE)
    finally:
        database.close()


def limit_role():
    """Set those of the time limits that are not set yet for the role, if a pooler stands before the server.

    A session's own settings are lost behind one. Returns None, or what to run if the role may not do that itself.
    """
    with db.connected():
        if db.dialect.locks_all or not db.connection().is_through_pooler:
            return None
    return under_the_lock(db.obj, lambda: set_limits_of_role(db.obj))


def set_limits_of_role(database):
    """Set the limits for the role that logs in, which may be another than the one that it acts as."""
    database.execute_sql("SET LOCAL ROLE NONE")
    name, role = database.execute_sql("SELECT quote_ident(current_database()), quote_ident(session_user)").fetchone()
    unset = database.execute_sql(UNSET).fetchall()
    changes = [f"ALTER ROLE {{}} IN DATABASE {name} SET {setting} = '{value}'" for setting, value in unset]
    try:
        with database.atomic():
            for change in changes:
                database.execute_sql(change.format("SESSION_USER").replace("%", "%%"))
    except ProgrammingError:
        return "; ".join(change.format(role) for change in changes)
    return None


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
