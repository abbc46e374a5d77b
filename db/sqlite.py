"""SQLite, through APSW: how a connection is opened, and what the driver's errors mean."""

import atexit
import time

import apsw
from peewee import OperationalError, PeeweeException
from playhouse.apsw_ext import APSWDatabase

from db.dialect import SqliteDialect
from db.pool import Pool

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "secure_delete": 1,  # what is deleted is overwritten; for what this leaves, see features/data/vacuum.py
    "cache_size": -1000,  # KiB for each connection; with less, a write reads pages of a large database again
}
DEFAULT_SIZE = 4  # SQLite works in this process: more connections than processor cores do not help
POLL_SECONDS = 0.002
POLLS = 2500  # 5 s in all


class SqlitePool(Pool, APSWDatabase):
    """At most `size` connections to one SQLite file. A transaction takes the write lock when it begins.

    Python's own driver releases the GIL many times in a query, APSW only while SQLite works.
    """

    driver_error = apsw.Error
    returning_clause = True

    def __init__(self, path, size=None):
        self.dialect = SqliteDialect(self)
        options = {"pragmas": PRAGMAS, "lock_type": "IMMEDIATE", "field_types": {"UTC": "TEXT"}}
        options["flags"] = apsw.SQLITE_OPEN_READWRITE  # only a migration makes a database
        # SQLite lets one connection write at a time; its own waiting is not first come, first served.
        super().__init__(path, size or DEFAULT_SIZE, writers=1, **options)
        atexit.register(self.close_all)  # the last connection to be closed moves the write-ahead log into the file

    def _initialize_connection(self, connection):
        # Without this, SQLite plans a statement again for each value of its parameters.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.set_busy_handler(poll)
        # APSW refuses the types that SQLite does not have. Only the record of migrations sends one, a datetime.
        connection.convert_binding = lambda _cursor, _number, value: value.isoformat(" ")

    def commit(self):
        """Commit. If SQLite cannot, whatever the reason, raise OperationalError; Peewee then rolls back."""
        try:
            return super().commit()
        except (PeeweeException, apsw.Error) as error:
            raise OperationalError("it could not be committed") from error

    def is_reusable(self, connection):
        in_a_select = connection.txn_state() != apsw.SQLITE_TXN_NONE  # some of its rows were not read
        return not (connection.in_transaction or in_a_select)

    def error_code(self, error):
        if not isinstance(error, apsw.Error):
            return None
        names = apsw.mapping_result_codes | apsw.mapping_extended_result_codes
        return names.get(getattr(error, "extendedresult", None)) or type(error).__qualname__

    def safe_message(self, error):
        may_have_values = isinstance(error, apsw.ConstraintError | apsw.SQLError)
        return str(error) if isinstance(error, apsw.Error) and not may_have_values else None

    def violated_constraint(self, error):
        return str(error) if isinstance(error, apsw.ConstraintError | apsw.MismatchError | OverflowError) else None


def poll(polls):
    """Wait a moment for the write lock, which another process has; say whether SQLite shall ask for it again.

    `polls` is how often it has asked. SQLite's own waiting soon asks only ten times a second, so beside a process that
    uploads one table after the other it finds the lock taken each time.
    """
    time.sleep(POLL_SECONDS)
    return polls < POLLS
