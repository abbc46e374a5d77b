"""SQLite, by way of APSW: its files, how a connection is opened, and what the driver's errors say.

Run as a program with the path of a database that nobody has open any more, it leaves it as one whole file.
"""

import atexit
import os
import sys
from contextlib import closing, suppress

import apsw
from playhouse.apsw_ext import APSWDatabase

from pool import Pool

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "busy_timeout": 5000,  # ms
    "foreign_keys": 1,
    "cache_size": -200,  # KiB a connection; the system's own cache is as quick, and there once for all
}
PRIVATE = 0o600


def make_file(path, mode=PRIVATE):
    """Make an empty file of just this mode, whatever the umask; one that is there keeps its own.

    If it cannot be made, opening it will say why.
    """
    with suppress(OSError):
        file = os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(file, mode)
        os.close(file)


def checkpoint(path):
    """Move the write-ahead log into the database file; the last one who closes it then removes the log.

    Raises apsw.BusyError where somebody still reads what is in the log.
    """
    with closing(apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        busy, _in_log, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise apsw.BusyError("somebody else has it open")


class SqlitePool(Pool, APSWDatabase):
    """Connections to one SQLite file.

    Python's own driver gives up the interpreter's lock a dozen times a query, and each time a hundred other threads
    may take it; APSW does so only while SQLite works.
    """

    clock = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"  # the machine's, as the API writes an instant
    size = 4  # SQLite works in this process, so more than it has cores are of no use
    driver_error = apsw.Error
    returning_clause = True

    def _connect(self):
        make_file(self.database)  # SQLite would ask the umask; -wal and -shm take the mode of this one
        return super()._connect()

    def _initialize_connection(self, connection):
        # Or a statement is planned anew for each value that it is given.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        # Of the types that SQLite does not have, only datetimes are sent, by the record of migrations.
        connection.convert_binding = lambda _cursor, _number, value: value.isoformat(" ")

    def is_at_rest(self, connection):
        in_a_select = connection.txn_state() != apsw.SQLITE_TXN_NONE  # where its rows are not all read
        return not (connection.in_transaction or in_a_select)

    def is_lost(self, error):
        return False  # a file does not hang up

    def name_of(self, error):
        if not isinstance(error, apsw.Error):
            return None
        names = apsw.mapping_result_codes | apsw.mapping_extended_result_codes
        return names.get(getattr(error, "extendedresult", None)) or type(error).__qualname__

    def constraint_in(self, error):
        return str(error) if isinstance(error, apsw.ConstraintError) else None


def open_sqlite(path):
    """Return a pool of connections to one SQLite file, whose transactions take the write lock at once.

    They are closed when the process exits: the last one moves the write-ahead log into the file.
    """
    pool = SqlitePool(path, pragmas=PRAGMAS, lock_type="IMMEDIATE", field_types={"UTC": "TEXT"})
    atexit.register(pool.close_all)
    return pool


if __name__ == "__main__":
    try:
        checkpoint(sys.argv[1])
    except apsw.Error as error:
        sys.exit(f"{sys.argv[1]}: it keeps its write-ahead log, {sys.argv[1]}-wal ({error}).")
