"""A connection that may take as long as it takes, and what is read on it for an export as for an import."""

from contextlib import contextmanager

from peewee import PeeweeException

from db import db
from models import MentorStatus
from transfer.export_format import TABLES, TransferError


def database_errors():
    """Return what is raised where the database cannot do it: Peewee's errors, and the driver's own."""
    return PeeweeException, db.driver_error


@contextmanager
def connection():
    """Connect this thread to a database that has its tables."""
    with db.connected():
        if not MentorStatus.table_exists():
            raise TransferError("the database has no tables; flask --app app migrate makes them.")
        yield db.connection()


@contextmanager
def transaction(mode=None):
    """Begin a transaction that may last as long as it takes."""
    with connection(), db.atomic(mode):
        db.lift_time_limits()
        yield


def snapshot():
    """Begin a transaction that reads everything as it is at one instant, and keeps nobody from writing."""
    return transaction(db.dialect.snapshot)


def stored_rows():
    """Yield every row as its table and a tuple, in the order of tables and keys."""
    for table, checks in TABLES.items():
        sql = f"SELECT {', '.join(checks)} FROM {table} ORDER BY {next(iter(checks))}"  # noqa: S608 (our own names)
        yield from ((table, row) for row in db.dialect.stream(table, sql))
