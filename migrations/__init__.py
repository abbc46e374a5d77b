"""Apply the numbered files in this folder to the database, even if many processes try at once."""

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
PATIENCE = 30  # seconds in all
PAUSE = 0.5  # seconds between two tries


class EncodingError(ValueError):
    """A database of this encoding cannot hold every text; the message is one line that says what to do."""


def migrate(settings):
    """Apply the pending migrations and return their names. Raises EncodingError.

    Raises OperationalError if Postgres cannot be reached within 30 seconds, or if the SQLite file cannot be opened.
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
    """Migrate while this process has the lock on a file beside the database, and so no other process migrates."""
    # The lock comes before the connection: even the switch to WAL can fail with "database is locked".
    make_file(path)
    lock = f"{path}.lock"
    make_file(lock, stat.S_IMODE(Path(path).stat().st_mode))  # whoever may write the database may lock this file
    with open(lock, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Not in one transaction: SQLite ignores `PRAGMA foreign_keys` there, so a table that is rebuilt would empty the
        # tables that refer to it.
        with db.connection_context():
            return Runner(db.obj, directory=FOLDER).up()


def migrate_postgres(database):
    """Migrate in one transaction, under the lock, so that no other process migrates."""

    def run():
        ((encoding,),) = database.execute_sql("SHOW server_encoding")
        if encoding != "UTF8":
            raise EncodingError(f"the encoding of the database is {encoding}; create it with ENCODING 'UTF8'.")
        return Runner(database, directory=FOLDER).up()

    return under_the_lock(database, run)


def under_the_lock(database, run):
    """Run a function in a transaction that has the migrations' advisory lock; return what the function returns.

    It is a lock of the transaction: a pooler may give the next transaction to another session, and a lock of the
    session would stay behind. If another process has it, this one asks again and again; if it waited in the server, it
    would keep one of the pooler's few sessions from the requests.
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
                # Workers of the release before still run, and may lock tables in another order. While a migration waits
                # for the lock of a table, all reads wait behind it, so it waits for 1 s at most.
                is_worth_retrying = is_conflict(error) or is_lock_timeout(error)
                if not is_worth_retrying or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE)
    finally:
        database.close()


def limit_role():
    """Behind a pooler, set the limits that the role does not have yet: there, the settings of a session are lost.

    Returns None, or the SQL for an administrator if the role may not set them itself.
    """
    with db.connected():
        if db.dialect.locks_database or not db.connection().is_through_pooler:
            return None
    return under_the_lock(db.obj, lambda: set_limits_of_role(db.obj))


def set_limits_of_role(database):
    """Set the limits for the role that logs in; it may act as another role."""
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
    """Connect this thread, and try again until it works. Raises OperationalError after 30 seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            database.connect()
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
