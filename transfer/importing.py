"""All rows of an export, into an empty database."""

from contextlib import contextmanager
from functools import partial
from itertools import groupby, zip_longest
from operator import itemgetter
from tempfile import TemporaryFile, gettempdir

import orjson

from db import db
from mentors.queries import fix_instant
from mentors.retention import write_date
from models import Installation
from transfer import transaction
from transfer.export_format import TABLES, Export
from transfer.exporting import stored_rows


def import_(lines):
    """Fill an empty database with an export, wholly or not at all, and return the number of rows written.

    If the database holds just these rows already, only what the header of the export adds is written, such as the date
    of a purge. If it holds others, this raises TransferError. Nothing is locked until all lines are read and checked,
    since they may come slowly.
    """
    export = Export(lines, partial(fix_instant, None))
    with temporary_file() as file:
        count = write_checked_rows(export, file)
        with transaction(db.dialect.snapshot):  # which waits for no writer
            if holds_rows(export, file) and holds_header(export):
                return 0
        with transaction():  # on SQLite nobody else writes until its end
            db.dialect.lock_tables(TABLES)
            was_empty = not holds_rows(export, file)
            if was_empty:
                insert_rows(export, file)
            for table, number in export.last_ids.items():
                if number > db.dialect.last_id(table):  # an id is never used again
                    db.dialect.set_last_id(table, number)
            if export.installation_id:  # calendars then take this for the installation that was exported
                Installation.update(installation_id=export.installation_id).execute()
            if export.purged_before:
                write_date(export.purged_before)
    return count if was_empty else 0


@contextmanager
def temporary_file():
    """Open a file without a name. If that fails, the OSError names its folder."""
    try:
        with TemporaryFile() as file:
            yield file
    except OSError as error:
        why = f"{error.strerror} (the temporary file; TMPDIR may name another folder)"
        raise OSError(error.errno, why, gettempdir()) from None


def write_checked_rows(export, file):
    """Check the whole export, write its rows with their line numbers to a file, and return how many there are."""
    count = 0
    for table, row in export.rows():
        file.write(orjson.dumps((export.number, table, row), option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def checked_rows(export, file):
    """Yield every row of the file, as stored_rows() does. A refusal then names the row's line in the export."""
    file.seek(0)
    for line in file:
        export.number, table, row = orjson.loads(line)
        yield table, tuple(row)


def holds_rows(export, file):
    """Say whether the database holds just the rows of the export, or is empty. Raises TransferError if neither."""
    if next(stored_rows(), None) is None:
        return False
    for stored, exported in zip_longest(stored_rows(), checked_rows(export, file)):
        if stored != exported:
            raise export.refusal("the database holds other data already; import into an empty one.")
    return True


def holds_header(export):
    """Say whether the header of the export adds nothing to what the database says of itself."""
    installation = Installation.get()
    has_ids = all(number <= db.dialect.last_id(table) for table, number in export.last_ids.items())
    is_purged = (export.purged_before or "") <= (installation.purged_before or "")
    return has_ids and is_purged and export.installation_id in (None, installation.installation_id)


def insert_rows(export, file):
    """Insert every row."""
    try:
        for table, rows in groupby(checked_rows(export, file), itemgetter(0)):
            db.dialect.insert_rows(table, TABLES[table], (row for _table, row in rows))
            db.dialect.analyze(table)  # so that the first requests are not planned for an empty table
    except db.driver_error as error:
        constraint = db.violated_constraint(error)
        if not constraint:
            raise
        raise export.refusal(f"this row, or one before it, does not go with the others ({constraint}).") from None
