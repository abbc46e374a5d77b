"""All rows out of an export, into an empty database."""

from contextlib import contextmanager
from itertools import groupby, zip_longest
from operator import itemgetter
from tempfile import TemporaryFile, gettempdir

import orjson

from db import db
from mentors.retention import write_date
from models import Installation
from transfer.export_format import SINCE, TABLES, Export
from transfer.identity import renew_database_id
from transfer.sessions import connection, snapshot, stored_rows, transaction

RECORDS, LAST_CHANGED = "pause_record", list(TABLES["pause_record"]).index("last_changed")
# As the migration that brought the column: of an export that does not have it.
FILL_LAST_CHANGED = (
    "UPDATE pause_record SET last_changed ="
    " (SELECT last_updated FROM mentor_status WHERE mentor_status.mentor_id = pause_record.mentor_id)"
)


def present_instant():
    """Return what the database's clock says."""
    with connection():
        return db.execute_sql(f"SELECT {db.dialect.clock}").fetchone()[0]


def import_(lines):
    """Fill an empty database with an export, wholly or not at all, and return the number of rows written.

    A database that holds just this data already is left as it is; on any other it raises TransferError. Nothing is
    locked until all lines are read and checked: they may come slowly.
    """
    present_instant()  # a database that is not there is not worth reading an export for
    export = Export(lines, present_instant)
    with temporary_file() as file:
        count = write_checked_rows(export, file)
        if holds_already(export, file):
            return 0
        with transaction():  # on SQLite nobody else writes until its end
            db.dialect.lock_tables(TABLES)
            was_empty = is_empty()
            (load if was_empty else compare)(export, file)
            for table, number in export.last_ids.items():
                continue_after(table, number)
            take_installation_id(export)
            if was_empty:
                renew_database_id()
            if export.purged_before:
                write_date(export.purged_before)
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


def write_checked_rows(export, file):
    """Read and check the whole export, write its rows to a file, each with its line number, and return how many."""
    count = 0
    for table, row in export.rows():
        file.write(orjson.dumps((export.number, table, row), option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def checked_rows(export, file):
    """Yield every row out of the file, and let a refusal name the line that the row came from."""
    file.seek(0)
    for line in file:
        export.number, table, row = orjson.loads(line)
        yield table, tuple(row)


def is_empty():
    """Return whether the database holds no row."""
    return next(stored_rows(), None) is None


def holds_already(export, file):
    """Return whether an import has nothing to do; raises TransferError where the database holds other data."""
    with snapshot():
        if is_empty():
            return False
        compare(export, file)
        has_ids = all(number <= db.dialect.last_id(table) for table, number in export.last_ids.items())
        own = Installation.get()
        has_mark = (export.purged_before or "") <= (own.purged_before or "")
        return has_ids and has_mark and export.installation_id in (None, own.installation_id)


def load(export, file):
    """Insert every row."""
    try:
        for table, rows in groupby(checked_rows(export, file), itemgetter(0)):
            db.dialect.insert_rows(table, TABLES[table], (row for _table, row in rows))
            if table == RECORDS and not has_last_changed(export):
                db.execute_sql(FILL_LAST_CHANGED)
            db.dialect.analyze(table)  # or the first requests would be planned for an empty table
    except db.driver_error as error:
        broken = db.violated_constraint(error)
        if not broken:
            raise
        raise export.refusal(f"this row, or one before it, does not go with the others ({broken}).") from None


def compare(export, file):
    """Raise TransferError unless the database holds just these rows."""
    for mine, yours in zip_longest(stored_rows(), checked_rows(export, file)):
        if mine != yours and (has_last_changed(export) or forget_last_changed(mine) != yours):
            raise export.refusal("the database holds other data already; import into an empty one.")


def has_last_changed(export):
    """Say whether the export has when a pause record last changed, or an import fills it in."""
    return export.version >= SINCE[RECORDS, "last_changed"][0]


def forget_last_changed(stored):
    """Return a stored row as an export has it that does not have when a pause record last changed."""
    table, row = stored or (None, ())
    return (table, (*row[:LAST_CHANGED], None, *row[LAST_CHANGED + 1 :])) if table == RECORDS else stored


def take_installation_id(export):
    """Be for calendars the installation that the export is of, where the export says so."""
    if export.installation_id:
        Installation.update(installation_id=export.installation_id).execute()


def continue_after(table, number):
    """Let the ids of a table go on after a number, if they are not further already: an id is never used again."""
    if number > db.dialect.last_id(table):
        db.dialect.set_last_id(table, number)
