"""The file of an export: a header, one line for each row in the order of tables and keys, and an end.

Each line is a JSON object. The line of a row has the table and the columns, such as
`{"table": "mentor_status", "mentor_id": "mentor-001", "last_updated": "2026-03-20T10:00:00Z"}`.
The end has the number of rows, and the SHA-256 of all lines before it, so that a part of a file is recognised.
"""

import hashlib
import re

import orjson
from marshmallow import ValidationError

from mentors.fields import Flag, Metadata, Text
from mentors.formats import HIGHEST_NUMBER, MAX_CLOCK_SKEW, MENTOR_ID, is_instant, seconds_after
from models import EVENTS, HistoryEntry, MentorStatus, PauseRecord, UTCField, columns_of
from transfer import TransferError

FORMAT = {"format": "peer-mentor-status", "version": 6}
VERSIONS = range(1, FORMAT["version"] + 1)
# For each column that is not in all versions: the first version with it, and its value in an export of an earlier one.
# (The import fills in when a pause record last changed: when its mentor did, or before.)
SINCE = {
    ("history_entry", "pause_end_date"): (2, None),
    ("history_entry", "pause_records"): (6, None),
    ("pause_record", "last_changed"): (3, None),
    ("pause_record", "change_count"): (3, 0),
}
# Up to version 4, a purge wrote an entry of this event; since then the header alone says what was purged. An import
# leaves it out of any version: an earlier release may have purged the exported database after its migration.
PURGED = "purged"
RECORDED = ("last_updated", "created_at", "last_changed", "changed_at")  # when something was recorded
INSTALLATION_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
METADATA = Metadata()


def is_installation_id(value):
    return isinstance(value, str) and bool(INSTALLATION_ID.fullmatch(value))


def is_id(value):
    return type(value) is int and 0 < value <= HIGHEST_NUMBER


def only(test, error):
    """Make a check: it returns a value that passes the test, or raises ValidationError."""

    def check(value):
        if not test(value):
            raise ValidationError(error)
        return value

    return check


INSTANT_CHECK = only(is_instant, "Write an instant as 2026-05-01T00:00:00Z, of a year from 1970 to 2199.")
COUNT_ERROR = f"Write a whole number from 0 to {HIGHEST_NUMBER}."
ID_CHECK = only(is_id, f"Write a whole number from 1 to {HIGHEST_NUMBER}.")
CHECKS = {
    "id": ID_CHECK,
    "pause_record_id": ID_CHECK,
    "mentor_id": only(lambda value: isinstance(value, str) and MENTOR_ID.fullmatch(value), "Write a mentor's id."),
    "reason": Text().deserialize,
    "pause_reason": Text().deserialize,
    "event": only(lambda value: value in (*EVENTS, PURGED), f"Write one of {', '.join(EVENTS)}."),
    "is_paused": Flag().deserialize,
    "changed_by": only(lambda value: isinstance(value, str) and "\0" not in value, "Write text without NUL."),
    "change_count": only(lambda value: type(value) is int and 0 <= value <= HIGHEST_NUMBER, COUNT_ERROR),
    "metadata": lambda value: orjson.dumps(METADATA.deserialize(value)).decode(),  # the text that the history keeps
}


# Those of each item of a history entry's pause_records: whether the value may be null, and its check.
CHECKS_OF_TOUCHED_RECORD = {
    "pause_record_id": (False, ID_CHECK),
    "event": (False, CHECKS["event"]),
    "start_date": (False, INSTANT_CHECK),
    "expected_return_date": (True, INSTANT_CHECK),
    "end_date": (True, INSTANT_CHECK),
    "reason": (True, CHECKS["reason"]),
}


def check_touched_records(value):
    """Return the pause_records of a history entry as the text that the history has; raises ValidationError."""
    names = list(CHECKS_OF_TOUCHED_RECORD)
    if not isinstance(value, list) or any(not isinstance(each, dict) or list(each) != names for each in value):
        raise ValidationError(f"Write a list of objects with {', '.join(names)}, in this order.")
    for each in value:
        for name, (may_be_null, check) in CHECKS_OF_TOUCHED_RECORD.items():
            if not (may_be_null and each[name] is None):
                check(each[name])
    return orjson.dumps(value).decode()


CHECKS["pause_records"] = check_touched_records


def checks_of(model):
    """Return for each column whether it may be null, and its check, which returns the value as the database keeps it.

    The first column is the key.
    """
    checks = {}
    for name, column in columns_of(model).items():
        check = INSTANT_CHECK if isinstance(column, UTCField) else CHECKS.get(name)
        if check is None:
            raise LookupError(f"CHECKS in transfer/export_format.py has no check of the column {name}.")
        checks[name] = (column.null, check)
    return checks


# In such an order that the row of a foreign key comes before the rows that name it.
TABLES = {model._meta.table_name: checks_of(model) for model in (MentorStatus, PauseRecord, HistoryEntry)}
LATER = ("expected_return_date", "end_date")  # than start_date
NUMBERED = [table for table, checks in TABLES.items() if "id" in checks]


class Export:
    """An export of any version so far, as an import reads it: row by row, each checked.

    `clock` returns the present instant; nothing may be recorded later. `number` is that of the line that was read last.
    Raises TransferError, which names the line.
    """

    def __init__(self, lines, clock):
        self.lines = iter(lines)
        self.number = 0
        self.digest = hashlib.sha256()
        self.clock = clock
        self.latest = ""  # the latest instant that may have been recorded, when the clock was last read
        header = self.read()
        self.version = header.pop("version", None)
        self.last_ids = header.pop("last_ids", None)
        # Earlier versions have neither of these two.
        self.installation_id = header.pop("installation_id", None)
        self.purged_before = header.pop("purged_before", None)
        is_version = type(self.version) is int and self.version in VERSIONS
        if header | {"version": FORMAT["version"]} != FORMAT or not is_version:
            raise self.refusal(f"an export of this version begins with {orjson.dumps(FORMAT).decode()[:-1]}.")
        if not isinstance(self.last_ids, dict) or list(self.last_ids) != NUMBERED:
            raise self.refusal(f"last_ids is not of {' and '.join(NUMBERED)}.")
        if not all(type(number) is int and 0 <= number < HIGHEST_NUMBER for number in self.last_ids.values()):
            highest = HIGHEST_NUMBER - 1  # after the highest id there is, no row could be added
            raise self.refusal(f"last_ids has something else than whole numbers from 0 to {highest}.")
        if not (self.installation_id is None or is_installation_id(self.installation_id)):
            raise self.refusal("installation_id is not a UUID of 36 characters; leave it out to keep the own one.")
        if not (self.purged_before is None or is_instant(self.purged_before)):
            raise self.refusal("purged_before is neither an instant nor null.")
        if self.purged_before and self.is_ahead(self.purged_before):
            raise self.refusal(f"purged_before is ahead of the database's clock, which says {self.clock()}.")

    def refusal(self, why):
        return TransferError(f"line {self.number}: {why} Nothing was written.")

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
                raise self.refusal(f"{table} does not go on in the order of its keys.")
            last_key = key
            if item.get("event") == PURGED:
                self.purged_before = max(self.purged_before or "", item["changed_at"])
            else:
                yield table, row
        if item.pop("sha256", self.digest.hexdigest()) != self.digest.hexdigest():
            raise self.refusal("a line has changed since the export. If that was you, leave sha256 out.")
        if item != {"end": True, "rows": self.number - 2} or next(self.lines, None) is not None:
            raise self.refusal(f"this is not the end of an export with {self.number - 2} rows; it is not whole.")

    def checked(self, table, item):
        """Return the values of a row as the database keeps them."""
        checks = TABLES[table]
        since = {column: SINCE.get((table, column), (1, None)) for column in checks}
        columns = [column for column, (version, _value) in since.items() if version <= self.version]
        if item.keys() != set(columns):
            raise self.refusal(f"the columns of {table} are {', '.join(columns)}.")
        row = []
        try:
            for column, (may_be_null, check) in checks.items():
                value = item.get(column, since[column][1])
                row.append(None if value is None and may_be_null else check(value))
        except ValidationError as error:
            raise self.refusal(f"{column}: {' '.join(error.messages)}") from None
        for column in RECORDED:
            if item.get(column) and self.is_ahead(item[column]):
                raise self.refusal(f"{column}: It is ahead of the database's clock, which says {self.clock()}.")
        if "id" in item and item["id"] > self.last_ids[table]:
            raise self.refusal("id is above that in last_ids.")
        if "start_date" in item and any((item[name] or "9") < item["start_date"] for name in LATER):
            raise self.refusal(f"{' or '.join(LATER)} is before start_date.")
        return tuple(row)

    def is_ahead(self, at):
        """Say whether an instant is further ahead of the clock than clocks may differ."""
        if at > self.latest:
            self.latest = seconds_after(self.clock(), MAX_CLOCK_SKEW)
        return at > self.latest
