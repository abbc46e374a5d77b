"""Bring the database up to the numbered files in this folder, however many processes try at once."""

import fcntl
import stat
import time
from contextlib import contextmanager
from pathlib import Path

from peewee import OperationalError
from playhouse.migrations import Runner

from db import connected, db
from db.sqlite_file import make_file

FOLDER = Path(__file__).parent
LOCK_KEY = 0x6D656E746F72  # "mentor": an advisory lock of this service alone
PATIENCE = 30  # seconds


def migrate(settings):
    """Apply the pending migrations and return their names.

    Never inside a transaction of our own: SQLite ignores `PRAGMA foreign_keys` there, and a rebuilt table would empty
    its children. Raises OperationalError when Postgres cannot be reached within 30 seconds, or the SQLite file not
    opened.
    """
    with alone_on_sqlite(settings.sqlite_path) if settings.sqlite_path else alone_on_postgres():
        return Runner(db.obj, directory=FOLDER).up()


@connected
def pending():
    """Return the names of the migrations that the database does not have yet."""
    return [migration.name for migration in Runner(db.obj, directory=FOLDER).status() if not migration.applied]


@contextmanager
def alone_on_sqlite(path):
    """Connect while no other process migrates, by a lock on a file beside the database."""
    # Taken before connecting, since even the switch to WAL can fail with "database is locked".
    make_file(path)
    lock = f"{path}.lock"
    make_file(lock, stat.S_IMODE(Path(path).stat().st_mode))  # whoever may write the one may lock the other
    with open(lock, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with db.connection_context():
            yield


@contextmanager
def alone_on_postgres():
    """Connect while no other process migrates, by an advisory lock of the session."""
    connect_patiently()
    try:
        # A migration may take longer than a request ever should, and so may waiting for another's.
        db.lift_time_limits()
        db.execute_sql("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
        yield
    finally:
        db.discard()  # which ends the session, and with it the lock and the changed time-outs


def connect_patiently():
    """Connect this thread, trying until it works; raises OperationalError after 30 seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            db.connect()
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
