"""All rows of an export, into an empty database.

The SHA-256 in the end of an export says that the file is as it was written. So no value of a row is checked here: the
tables have their constraints. Nothing of a file becomes SQL: a value is a parameter, a table or a column one of ours.
"""

import hashlib
from itertools import groupby
from operator import itemgetter

import orjson

from db import db
from features.data.exporting import COLUMNS, FORMAT, NUMBERED
from features.data.transaction import transaction
from mentors.days import zone
from mentors.formats import HIGHEST_NUMBER
from mentors.loading import lock_empty_database
from mentors.problems import CommandError
from mentors.retention import write_date
from models import Installation

HEADER = {
    "last_ids": dict,
    "installation_id": str,
    "purged_before": str | None,
    "last_id_at_purge_end": int | None,
    "time_zone": str,
}
IN_A_CELL = {str, int, bool, type(None)}


class Export:
    """The lines of an export; `number` is that of the line that was read last.

    What is wrong raises CommandError, which names the line.
    """

    def __init__(self, lines):
        self.lines = iter(lines)
        self.number = 0
        self.digest = hashlib.sha256()
        self.header = self.read()
        if not is_header(self.header):
            raise self.refusal("this is not an export that this version of the service reads.")

    def refusal(self, why):
        return CommandError(f"line {self.number}: {why} Nothing was written.")

    def read(self):
        """Return the next line as a dict."""
        self.number += 1
        line = next(self.lines, b"")
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError:
            item = None
        if not isinstance(item, dict):
            raise self.refusal("this is not a line of an export; perhaps the file was cut.")
        if "end" not in item:
            self.digest.update(line)
        return item

    def rows(self):
        """Yield every row as its table and a tuple. After the last row, check that the file is as it was written."""
        tables = list(COLUMNS)
        while "end" not in (item := self.read()):
            table = item.pop("table", None)
            has_columns = table in tables and item.keys() == COLUMNS[table].keys()
            if not has_columns or not IN_A_CELL.issuperset(map(type, item.values())):
                raise self.refusal("this is not a row of a table that this version of the service has.")
            yield table, tuple(item[name] for name in COLUMNS[table])
        self.count = self.number - 2  # all lines but the header and the end
        end = {"end": True, "rows": self.count, "sha256": self.digest.hexdigest()}
        if item != end or next(self.lines, None) is not None:
            raise self.refusal("the file is not as it was exported; lines were changed, added or removed.")


def is_header(item):
    """Say whether a line is the header of an export that this version of the service reads."""
    if [*item] != [*FORMAT, *HEADER] or not FORMAT.items() <= item.items():
        return False
    has_types = all(isinstance(item[name], kind) for name, kind in HEADER.items())
    if not has_types or [*item["last_ids"]] != NUMBERED:
        return False
    return all(map(is_last_id, [*item["last_ids"].values(), item["last_id_at_purge_end"] or 0]))


def is_last_id(value):
    return type(value) is int and 0 <= value <= HIGHEST_NUMBER


def import_(lines, warn=lambda line: None):
    """Fill an empty database with an export, wholly or not at all, and return the number of rows.

    `warn` gets a line if the export is of another time zone. Nobody else can write to the database until all lines are
    read (a request to write gets a 503), but an empty database has no users yet. Raises CommandError.
    """
    export = Export(lines)
    with transaction():
        lock_empty_database()
        insert_rows(export)
        for table in NUMBERED:
            number = export.header["last_ids"][table]
            if number > db.dialect.last_id(table):  # an id is never used again
                db.dialect.set_last_id(table, number)
        # Calendars then take this for the installation that was exported.
        Installation.update(installation_id=export.header["installation_id"]).execute()
        if export.header["purged_before"]:
            write_date(export.header["purged_before"], export.header["last_id_at_purge_end"])
    if (time_zone := export.header["time_zone"]) != zone.name:
        warn(f"the days of the export are those of {time_zone!r}, and TIME_ZONE is {zone.name}; no instant is changed.")
    return export.count


def insert_rows(export):
    """Insert every row as it is read."""
    try:
        for table, rows in groupby(export.rows(), itemgetter(0)):
            db.dialect.insert_rows(table, COLUMNS[table], (row for _table, row in rows))
            db.dialect.analyze(table)  # so that the first requests are not planned for an empty table
    except (db.driver_error, OverflowError) as error:  # APSW raises the latter for a number of more than 64 bits
        refused = db.violated_constraint(error)
        if not refused:
            raise
        raise export.refusal(f"the database refuses this row, or one before it ({refused}).") from None
