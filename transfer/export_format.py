"""The file of an export: a header, one line for each row in the order of tables and keys, and an end.

Each line is a JSON object. The line of a row has the table and the columns, such as
`{"table": "mentor_status", "mentor_id": "mentor-001", "last_updated": "2026-03-20T10:00:00Z"}`.
The end has the number of rows, and the SHA-256 of all lines before it, so that an incomplete file is recognised.
"""

import hashlib
import re

import orjson
from marshmallow import ValidationError

from mentors.fields import Flag, MentorId, Metadata, Text
from mentors.formats import HIGHEST_NUMBER, MAX_CLOCK_SKEW, is_instant, seconds_after
from mentors.serializers import or_null
from models import EVENTS, HistoryEntry, MentorStatus, PauseRecord, UTCField, columns_of
from transfer import TransferError

# The columns of version 1; then, for each later column, the first version with it, and its value in a row of an earlier
# one. The version of the format is that of the newest column.
FIRST_COLUMNS = {
    "mentor_status": {"mentor_id", "last_updated"},
    "pause_record": {"id", "mentor_id", "start_date", "expected_return_date", "end_date", "reason", "created_at"},
    "history_entry": {
        "id",
        "mentor_id",
        "changed_at",
        "event",
        "pause_record_id",
        "is_paused",
        "pause_start_date",
        "expected_return_date",
        "pause_reason",
        "changed_by",
        "metadata",
    },
}
SINCE = {
    "mentor_status": {},
    "pause_record": {"last_changed": (3, None), "change_count": (3, 0)},  # checked() gives last_changed a value
    "history_entry": {"pause_end_date": (2, None), "pause_records": (6, None)},
}
VERSIONS = range(1, max(version for columns in SINCE.values() for version, _value in columns.values()) + 1)
FORMAT = {"format": "peer-mentor-status", "version": VERSIONS[-1]}
# Up to version 4, a purge wrote an entry of this event; since then the header alone says what was purged. An import
# leaves such entries out, whatever the version: an earlier release may have purged the database after its migration.
PURGED = "purged"
RECORDED = ("last_updated", "created_at", "last_changed", "changed_at")  # columns that say when something was recorded
NOT_BEFORE_START = ("expected_return_date", "end_date")
INSTALLATION_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
METADATA = Metadata()


def check_that(test, error):
    """Make a check: it returns a value that passes the test, or raises ValidationError."""

    def check(value):
        if not test(value):
            raise ValidationError(error)
        return value

    return check


def whole_number_from(lowest):
    """Make the check of a whole number in a column."""
    return check_that(
        lambda value: type(value) is int and lowest <= value <= HIGHEST_NUMBER,
        f"Write a whole number from {lowest} to {HIGHEST_NUMBER}.",
    )


def check_touched_records(value):
    """Return the pause_records of a history entry as the text that the history has."""
    names = list(TOUCHED_RECORD)
    if not isinstance(value, list) or any(not isinstance(each, dict) or list(each) != names for each in value):
        raise ValidationError(f"Write a list of objects with {', '.join(names)}, in this order.")
    checked = [{name: check(each[name]) for name, check in TOUCHED_RECORD.items()} for each in value]
    return orjson.dumps(checked).decode()


CHECK_INSTANT = check_that(is_instant, "Write an instant as 2026-05-01T00:00:00Z, of a year from 1970 to 2199.")
CHECKS = {
    "id": whole_number_from(1),
    "pause_record_id": whole_number_from(1),
    "change_count": whole_number_from(0),
    "mentor_id": MentorId().deserialize,
    "reason": Text().deserialize,
    "pause_reason": Text().deserialize,
    "event": check_that(lambda value: value in (*EVENTS, PURGED), f"Write one of {', '.join(EVENTS)}."),
    "is_paused": Flag().deserialize,
    "changed_by": check_that(lambda value: isinstance(value, str) and "\0" not in value, "Write text without NUL."),
    "metadata": lambda value: orjson.dumps(METADATA.deserialize(value)).decode(),  # the text that the history has
    "pause_records": check_touched_records,
}
# The checks of each item of a history entry's pause_records.
TOUCHED_RECORD = {
    "pause_record_id": CHECKS["pause_record_id"],
    "event": CHECKS["event"],
    "start_date": CHECK_INSTANT,
    "expected_return_date": or_null(CHECK_INSTANT),
    "end_date": or_null(CHECK_INSTANT),
    "reason": or_null(CHECKS["reason"]),
}


def checks_of(model):
    """Return the check of each column, which returns the value as the database has it. The first column is the key.

    Raises LookupError if a column has no check, or no version.
    """
    checks = {}
    table = model._meta.table_name
    for name, column in columns_of(model).items():
        check = CHECK_INSTANT if isinstance(column, UTCField) else CHECKS.get(name)
        if check is None:
            raise LookupError(f"CHECKS in transfer/export_format.py has no check of the column {name}.")
        if name not in FIRST_COLUMNS[table] | SINCE[table].keys():
            raise LookupError(f"SINCE in transfer/export_format.py does not name the column {name} of {table}.")
        checks[name] = or_null(check) if column.null else check
    return checks


# In this order, since a row must come before the rows whose foreign keys name it.
TABLES = {model._meta.table_name: checks_of(model) for model in (MentorStatus, PauseRecord, HistoryEntry)}
NUMBERED = [table for table, checks in TABLES.items() if "id" in checks]


class Export:
    """An export of this or an earlier version, as an import reads it: row by row, each checked.

    `clock` returns the present instant. `number` is that of the line that was read last. What is wrong raises
    TransferError, which names the line.
    """

    def __init__(self, lines, clock):
        self.lines = iter(lines)
        self.number = 0
        self.digest = hashlib.sha256()
        header = self.read()
        self.now = clock()  # all rows were recorded before the header was written
        self.latest = seconds_after(self.now, MAX_CLOCK_SKEW)
        self.version = header.pop("version", None)
        self.last_ids = header.pop("last_ids", None)
        # Earlier versions have neither of these two.
        self.installation_id = header.pop("installation_id", None)
        self.purged_before = header.pop("purged_before", None)
        self.last_updated = {}  # by mentor, if the version has no `last_changed`
        is_version = type(self.version) is int and self.version in VERSIONS
        if header != {"format": FORMAT["format"]} or not is_version:
            raise self.refusal(f"an export of this version begins with {orjson.dumps(FORMAT).decode()[:-1]}.")
        if not isinstance(self.last_ids, dict) or list(self.last_ids) != NUMBERED:
            raise self.refusal(f"last_ids must have {' and '.join(NUMBERED)}, in this order.")
        if not all(type(number) is int and 0 <= number < HIGHEST_NUMBER for number in self.last_ids.values()):
            highest = HIGHEST_NUMBER - 1  # after the highest id there is, no row could be added
            raise self.refusal(f"last_ids must have whole numbers from 0 to {highest}.")
        if not (self.installation_id is None or INSTALLATION_ID.fullmatch(str(self.installation_id))):
            raise self.refusal(
                "installation_id is not a UUID of 36 characters; leave it out to keep that of the database."
            )
        if not (self.purged_before is None or is_instant(self.purged_before)):
            raise self.refusal("purged_before is neither an instant nor null.")
        self.refuse_future("purged_before is", self.purged_before)

    def refusal(self, why):
        return TransferError(f"line {self.number}: {why} Nothing was written.")

    def refuse_future(self, what, at):
        """Refuse an instant that is further ahead of the clock than two clocks may differ. None is no instant."""
        if at and at > self.latest:
            raise self.refusal(f"{what} ahead of the database's clock, which says {self.now}.")

    def read(self):
        """Return the next line as a dict."""
        self.number += 1
        line = next(self.lines, None)
        if line is None:
            raise self.refusal("the file ends before its last line; it is not whole.")
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError:
            item = None
        if not isinstance(item, dict):
            raise self.refusal("this is not a JSON object.")
        if "end" not in item:
            self.digest.update(line)
        return item

    def rows(self):
        """Yield every row as its table and a tuple, in the order of tables and keys.

        History entries `purged` are left out; afterwards `purged_before` is at least the latest of their dates.
        """
        tables = list(TABLES)
        last_key = (-1, None)
        while "end" not in (item := self.read()):
            table = item.pop("table", None)
            if table not in tables:
                raise self.refusal(f"table is not one of {', '.join(tables)}.")
            row = self.checked(table, item)
            key = (tables.index(table), row[0])
            if key <= last_key:
                raise self.refusal(f"the rows of {table} are not in the order of their keys.")
            last_key = key
            if item.get("event") == PURGED:
                self.purged_before = max(self.purged_before or "", item["changed_at"])
            else:
                yield table, row
        if item.pop("sha256", self.digest.hexdigest()) != self.digest.hexdigest():
            raise self.refusal(
                "a line has changed since the export. If you have changed it, remove sha256 from the last line."
            )
        rows = self.number - 2  # all lines but the header and the end
        if item != {"end": True, "rows": rows} or next(self.lines, None) is not None:
            raise self.refusal(f"this is not the end of an export with {rows} rows; it is not whole.")

    def checked(self, table, item):
        """Return the values of a row as the database keeps them."""
        missing = {name: value for name, (version, value) in SINCE[table].items() if self.version < version}
        columns = [name for name in TABLES[table] if name not in missing]
        if item.keys() != set(columns):
            raise self.refusal(f"the columns of {table} are {', '.join(columns)}.")
        row = item | missing
        for name, check in TABLES[table].items():
            try:
                row[name] = check(row[name])
            except ValidationError as error:
                raise self.refusal(f"{name}: {' '.join(error.messages)}") from None
        for name in RECORDED:
            self.refuse_future(f"{name}: It is", row.get(name))
        if "id" in row and row["id"] > self.last_ids[table]:
            raise self.refusal("id is above that in last_ids.")
        if "start_date" in row and any(row[name] and row[name] < row["start_date"] for name in NOT_BEFORE_START):
            raise self.refusal(f"{' or '.join(NOT_BEFORE_START)} is before start_date.")
        if table == "mentor_status" and self.version < 3:
            self.last_updated[row["mentor_id"]] = row["last_updated"]
        if "last_changed" in missing:  # the migration that added the column did the same
            row["last_changed"] = self.last_updated.get(row["mentor_id"])
        return tuple(row[name] for name in TABLES[table])
