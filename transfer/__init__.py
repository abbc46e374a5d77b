"""Everything out and in again: a copy of the SQLite file, or all rows as an export that both databases read."""

import errno
import hashlib
import os
from contextlib import closing, contextmanager, suppress
from itertools import groupby, zip_longest
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile, gettempdir

import apsw
import orjson
from peewee import PeeweeException

from db import db, lift_time_limits
from db.sqlite_file import make_file
from models import MentorStatus
from transfer.export_format import FORMAT, NUMBERED, TABLES, Export, TransferError


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


@contextmanager
def new_file(path):
    """Open a file for its owner alone, which appears under its name when it is whole and on the disk.

    Raises OSError that names the path; FileExistsError where there is one, also one that appeared meanwhile.
    """
    path = Path(path).absolute()
    try:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, None)
        with TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
            part = Path(folder, path.name)
            make_file(part)
            with open(part, "r+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # which, unlike a rename, never replaces what is there
    except OSError as error:
        why = "there is such a file already" if error.errno == errno.EEXIST else error.strerror
        raise OSError(error.errno, why, str(path)) from None
    folder = os.open(path.parent, os.O_RDONLY)
    with suppress(OSError):  # not every file system can
        os.fsync(folder)
    os.close(folder)


def backup(path):
    """Copy the SQLite database, as it is at one instant, into a new file."""
    if db.for_update:
        raise TransferError("this is for SQLite; pg_dump backs up Postgres.")
    with connection() as original, new_file(path) as file, closing(apsw.Connection(file.name)) as copy:
        with copy.backup("main", original, "main") as pages:
            pages.step()
        copy.execute("PRAGMA journal_mode = delete")  # one file, until the service opens it
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise TransferError("the copy is damaged, and so the database may be.")


def present_instant():
    """Return what the database's clock says."""
    with connection():
        return db.execute_sql(f"SELECT {db.clock}").fetchone()[0]


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


def export(file):
    """Write all that the database holds, and return the number of rows."""
    digest, rows = hashlib.sha256(), 0

    def write(item):
        line = orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        file.write(line)

    with snapshot():
        write(FORMAT | {"last_ids": {table: last_id(table) for table in NUMBERED}})
        for table, row in stored_rows():
            rows += 1
            item = {"table": table, **dict(zip(TABLES[table], row, strict=True))}
            if table == "history_entry":
                item["is_paused"] = None if item["is_paused"] is None else bool(item["is_paused"])
                item["metadata"] = item["metadata"] and orjson.Fragment(item["metadata"])
            write(item)
    write({"end": True, "rows": rows, "sha256": digest.hexdigest()})
    return rows


def import_(lines):
    """Fill an empty database with an export, wholly or not at all, and return the number of rows written.

    A database that holds just this data already is left as it is; on any other it raises TransferError. Nothing is
    locked until all lines are read and checked: they may come slowly.
    """
    present_instant()  # a database that is not there is not worth reading an export for
    given = Export(lines, present_instant)
    with temporary_file() as file:
        count = write_checked_rows(given, file)
        if holds_already(given, file):
            return 0
        with transaction():  # on SQLite nobody else writes until its end
            if db.for_update:
                db.execute_sql(f"LOCK TABLE {', '.join(TABLES)} IN SHARE ROW EXCLUSIVE MODE")
            was_empty = is_empty()
            (load if was_empty else compare)(given, file)
            for table, number in given.last_ids.items():
                continue_after(table, number)
    return count if was_empty else 0


@contextmanager
def temporary_file():
    """Open a file that has no name; raises OSError that names its folder."""
    try:
        with TemporaryFile() as file:
            yield file
    except OSError as error:
        why = f"{error.strerror} (the temporary file; TMPDIR may name another folder)"
        raise OSError(error.errno, why, gettempdir()) from None


def write_checked_rows(given, file):
    """Read and check the whole export, write its rows to a file, and return their number."""
    for row in given.rows():
        file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return given.number - 2


def checked_rows(given, file):
    """Give every row out of the file, and let a refusal name the line that the row came from."""
    file.seek(0)
    for number, line in enumerate(file, 2):
        given.number = number
        table, row = orjson.loads(line)
        yield table, tuple(row)


def is_empty():
    """Return whether the database holds no row."""
    return next(stored_rows(), None) is None


def holds_already(given, file):
    """Return whether an import has nothing to do; raises TransferError where the database holds other data."""
    with snapshot():
        if is_empty():
            return False
        compare(given, file)
        return all(number <= last_id(table) for table, number in given.last_ids.items())


def load(given, file):
    """Insert every row."""
    try:
        for table, rows in groupby(checked_rows(given, file), itemgetter(0)):
            insert(table, (row for _table, row in rows))
            if db.for_update:
                db.execute_sql(f"ANALYZE {table}")  # or the first requests would be planned for an empty table
    except db.driver_error as error:
        broken = db.constraint_in(error)
        if not broken:
            raise
        raise given.refusal(f"this row, or one before it, does not go with the others ({broken}).") from None


def insert(table, rows):
    """Insert rows in one go: on Postgres, a statement a row would count each in the tally."""
    columns = ", ".join(TABLES[table])
    if db.for_update:
        with db.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        places = ", ".join("?" * len(TABLES[table]))
        db.cursor().executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608 (our own names)


def compare(given, file):
    """Raise TransferError unless the database holds just these rows."""
    for mine, yours in zip_longest(stored_rows(), checked_rows(given, file)):
        if mine != yours:
            raise given.refusal("the database holds other data already; import into an empty one.")


def last_id(table):
    """Return the highest id that the table ever gave."""
    sqlite = f"SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}'"  # noqa: S608 (our own names)
    postgres = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table}_id_seq"  # noqa: S608
    return db.execute_sql(postgres if db.for_update else sqlite).fetchone()[0]


def continue_after(table, number):
    """Let the ids of a table go on after a number, if they are not further already: an id is never used again."""
    if number <= last_id(table):
        return
    if db.for_update:
        db.execute_sql("SELECT setval(%s, %s)", (f"{table}_id_seq", number))
    else:
        db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))
