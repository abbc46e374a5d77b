"""SQLite, by way of APSW: how a connection is opened, and what the driver's errors say."""

import atexit
import time

import apsw
from peewee import OperationalError, PeeweeException
from playhouse.apsw_ext import APSWDatabase

from db.dialect import SqliteDialect
from db.pool import Pool
from db.sqlite_file import make_file

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "cache_size": -200,  # KiB a connection; the system's own cache is as quick, and there once for all
}
POLL_SECONDS, POLLS = 0.002, 2500


class SqlitePool(Pool, APSWDatabase):
    """Connections to one SQLite file.

    Python's own driver releases the GIL a dozen times a query, and each time a hundred other threads may take it; APSW
    does so only while SQLite works.
    """

    default_size = 4  # SQLite works in this process, so more than it has cores are of no use
    driver_error = apsw.Error
    returning_clause = True

    def __init__(self, path, size, **options):
        self.dialect = SqliteDialect(self)
        # SQLite's own waiting is not first come, first served.
        super().__init__(path, size, lambda _size: 1, **options)

    def _connect(self):
        make_file(self.database)  # SQLite would ask the umask; -wal and -shm take the mode of this one
        return super()._connect()

    def _initialize_connection(self, connection):
        # Or a statement is planned anew for each value that it is given.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.set_busy_handler(poll)
        # Of the types that SQLite does not have, only datetimes are sent, by the record of migrations.
        connection.convert_binding = lambda _cursor, _number, value: value.isoformat(" ")

    def commit(self):
        """Commit; whatever keeps SQLite from it is an OperationalError, and the transaction is undone."""
        try:
            return super().commit()
        except (PeeweeException, apsw.Error) as error:
            raise OperationalError("it could not be committed") from error

    def rollback(self):
        if self.connection().in_transaction:  # SQLite may have undone it by itself, as where the disk is full
            super().rollback()

    def run_unless_dead(self, run):
        """Run something: a file does not hang up."""
        return run()

    def is_reusable(self, connection):
        in_a_select = connection.txn_state() != apsw.SQLITE_TXN_NONE  # where its rows are not all read
        return not (connection.in_transaction or in_a_select)

    def is_disconnect(self, error):
        return False  # a file does not hang up

    def error_code(self, error):
        if not isinstance(error, apsw.Error):
            return None
        names = apsw.mapping_result_codes | apsw.mapping_extended_result_codes
        return names.get(getattr(error, "extendedresult", None)) or type(error).__qualname__

    def violated_constraint(self, error):
        return str(error) if isinstance(error, apsw.ConstraintError) else None


def poll(polls):
    """Wait a moment for the write lock, which another process has; say whether to ask again, after so many times.

    SQLite's own waiting soon asks ten times a second alone, and finds the lock taken again each time: beside a process
    that writes one table of 1,000 lines after the other, a write waited for up to 3 s. So it waits for up to 0.5 s.
    """
    time.sleep(POLL_SECONDS)
    return polls < POLLS


def open_sqlite(path, size=None):
    """Return a pool of at most `size` connections to one SQLite file, whose transactions take the write lock at once.

    They are closed when the process exits: the last one moves the write-ahead log into the file.
    """
    pool = SqlitePool(path, size, pragmas=PRAGMAS, lock_type="IMMEDIATE", field_types={"UTC": "TEXT"})
    atexit.register(pool.close_all)
    return pool
