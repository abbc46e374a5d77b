"""A connection that may take as long as it takes, and what is read on it for an export as for an import."""

from contextlib import contextmanager

from peewee import PeeweeException

from db import db, lift_time_limits
from models import MentorStatus
from transfer.export_format import TABLES, TransferError


def database_errors():
    """Return what is raised where the database cannot do it: Peewee's errors, and the driver's own."""
    return PeeweeException, db.driver_error


@contextmanager
def connection():
    """Connect this thread, for as long as it takes, to a database that has its tables."""
    db.connect()
    try:
        lift_time_limits()
        if not MentorStatus.table_exists():
            raise TransferError("the database has no tables; flask --app app migrate makes them.")
        yield db.connection()
    finally:
        db.discard()


@contextmanager
def transaction(mode=None):
    """Begin a transaction that may last as long as it takes."""
    with connection(), db.atomic(mode):
        yield


def snapshot():
    """Begin a transaction that reads everything as it is at one instant, and keeps nobody from writing."""
    return transaction("REPEATABLE READ READ ONLY" if db.for_update else "DEFERRED")


def stored_rows():
    """Give every row as its table and a tuple, in the order of tables and keys."""
    for table, checks in TABLES.items():
        sql = f"SELECT {', '.join(checks)} FROM {table} ORDER BY {next(iter(checks))}"  # noqa: S608 (our own names)
        if db.for_update:
            with db.connection().cursor(name=table) as cursor:  # held by the server, and read in portions
                cursor.itersize = 1000
                yield from ((table, row) for row in cursor.execute(sql))
        else:
            yield from ((table, row) for row in db.execute_sql(sql))


def last_id(table):
    """Return the highest id that the table ever gave."""
    sqlite = f"SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}'"  # noqa: S608 (our own names)
    postgres = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table}_id_seq"  # noqa: S608
    return db.execute_sql(postgres if db.for_update else sqlite).fetchone()[0]
