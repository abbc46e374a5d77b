"""The file of an SQLite database: who may read it, and that it is whole once nobody has it open.

Run as a program with the path of a database that nobody has open any more, it leaves it as one whole file.
"""

import os
import sys
from contextlib import closing, suppress

import apsw

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


if __name__ == "__main__":
    try:
        checkpoint(sys.argv[1])
    except apsw.Error as error:
        sys.exit(f"{sys.argv[1]}: it keeps its write-ahead log, {sys.argv[1]}-wal ({error}).")
