"""Apply the numbered files in this folder to the database, even if many processes try at once."""

import fcntl
import stat
import time
from contextlib import contextmanager
from pathlib import Path

from peewee import DatabaseError, OperationalError, PeeweeException
from playhouse.migrations import Runner

from db import db, on_connection
from db.errors import error_code
from db.postgres import CONFLICTS, LOCK_TIMEOUT, sqlstate_of
from db.sqlite_file import make_file
from settings import host_of

FOLDER = Path(__file__).parent
LOCK_KEY = 0x6D656E746F72  # "mentor": an advisory lock of this service alone
PATIENCE = 30  # seconds in all
BETWEEN_TRIES = 0.5  # seconds
BETWEEN_LINES = 5  # seconds
NO_FILE = "it must be a file that the user of the service may write, in a folder that they may write"
FULL = "its disk is full; make room"
# Faults that an operator can mend, by the database's code or what it begins with.
MEANINGS = {
    "25006": "it takes no writes; name the primary",
    "42501": "its user may not make tables; GRANT CREATE ON SCHEMA public",
    "55P03": "somebody else holds a lock on one of its tables; wait until that has ended, and start again",
    "SQLITE_CANTOPEN": NO_FILE,
    "SQLITE_READONLY": NO_FILE,
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR_SHMSIZE": FULL,  # for the file that processes share
    "SQLITE_NOTADB": "the file is no SQLite database; name another one",
}


class UnusableDatabase(Exception):
    """The database cannot be used; the text is one line that says why, and what to do."""


class Patience:
    """How long a start waits for a database that does not answer: 30 seconds. `say` gets the reason now and then."""

    def __init__(self, say=lambda line: None):
        self.say = say
        self.next_line = 0
        self.deadline = time.monotonic() + PATIENCE

    def is_over(self):
        return time.monotonic() > self.deadline

    def wait_for(self, reason):
        """Wait a moment, and say for what, unless that was said a few seconds ago."""
        if time.monotonic() >= self.next_line:
            self.say(f"waiting for {reason}")
            self.next_line = time.monotonic() + BETWEEN_LINES
        time.sleep(BETWEEN_TRIES)


def migrate(settings, patience=None):
    """Apply the pending migrations and return their names. Raises UnusableDatabase."""
    patience = patience or Patience()
    if settings.sqlite_path:
        return migrate_sqlite(settings.sqlite_path, patience)
    return migrate_postgres(db.obj, patience)


@on_connection
def pending():
    """Return the names of the migrations that the database does not have yet."""
    return [migration.name for migration in Runner(db.obj, directory=FOLDER).status() if not migration.applied]


def apply_pending(database):
    """Apply the pending migrations and return their names."""
    return Runner(database, directory=FOLDER).up()


def migrate_sqlite(path, patience):
    """Migrate while this process has the lock on a file beside the database, and so no other process migrates."""
    # The lock comes before the connection: even the switch to WAL can fail with "database is locked".
    with lock_file(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            patience.say(f"waiting for another process, which migrates {path}")
            fcntl.flock(file, fcntl.LOCK_EX)
        # Not in one transaction: SQLite ignores `PRAGMA foreign_keys` there, so a table that is rebuilt would empty the
        # tables that refer to it.
        with explained(path), db.connection_context():
            return apply_pending(db.obj)


def lock_file(path):
    """Make the database's file and the lock file beside it, unless they are there; return the latter, open."""
    lock = f"{path}.lock"
    try:
        make_file(path)
        make_file(lock, stat.S_IMODE(Path(path).stat().st_mode))  # whoever may write the database may lock this file
        return open(lock, "rb")
    except OSError as error:
        raise UnusableDatabase(f"{error.filename}: {error.strerror}; {NO_FILE}.") from None


@contextmanager
def explained(name):
    """Turn an error of the database into UnusableDatabase."""
    try:
        yield
    except (PeeweeException, db.driver_error) as error:
        code = error_code(error) or type(error).__name__
        meanings = [meaning for known, meaning in MEANINGS.items() if code.startswith(known)]
        raise UnusableDatabase(f"{name}: {(*meanings, f'it cannot be used now ({code})')[0]}.") from error


def migrate_postgres(database, patience):
    """Migrate in one transaction that has an advisory lock, so that no other process migrates.

    It is a lock of the transaction: a pooler may give the next transaction to another session, and a lock of the
    session would stay behind. If another process has it, this one asks again and again; if it waited in the server, it
    would keep one of the pooler's few sessions from the requests.
    """
    name = name_of(database)
    connect_patiently(database, patience)
    try:
        with explained(name):
            while True:
                try:
                    with database.atomic():
                        database.lift_time_limits()  # a migration may take longer than a request ever should
                        if database.execute_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK_KEY,)).fetchone()[0]:
                            refuse_other_encodings(database)
                            return apply_pending(database)
                except OperationalError as error:
                    # Other workers still run, and may lock tables in another order. While a migration waits for the
                    # lock of a table, all reads wait behind it, so it waits for 1 s at most.
                    if sqlstate_of(error) not in (*CONFLICTS, LOCK_TIMEOUT) or patience.is_over():
                        raise
                    patience.wait_for(f"a lock on a table of {name}")
                else:
                    patience.wait_for(f"another process, which migrates {name}")  # however long it takes
    finally:
        database.close()


def refuse_other_encodings(database):
    """Raise UnusableDatabase unless the database can hold every text."""
    ((encoding,),) = database.execute_sql("SHOW server_encoding")
    if encoding != "UTF8":
        raise UnusableDatabase(f"the encoding of the database is {encoding}; create it with ENCODING 'UTF8'.")


def missing_settings(patience):
    """Return the SQL that an administrator should run for the role, or None: see PostgresPool.missing_settings().

    Raises UnusableDatabase.
    """
    if db.dialect.name == "sqlite":
        return None
    connect_patiently(db.obj, patience)
    try:
        with explained(name_of(db.obj)):
            return db.missing_settings()
    finally:
        db.close()


def name_of(database):
    return f"Postgres at {host_of(database.database)}"


def connect_patiently(database, patience):
    """Connect this thread to Postgres, and try again while there is patience. Raises UnusableDatabase."""
    name = name_of(database)
    while True:
        try:
            database.connect()
            return
        except DatabaseError as error:
            cause = database.safe_message(error.orig) or error
            if patience.is_over():
                raise UnusableDatabase(f"{name} takes no connection ({cause}); start it, or correct the URL.") from None
        patience.wait_for(f"{name} ({cause})")
