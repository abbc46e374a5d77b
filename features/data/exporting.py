"""All rows as an export, which either database reads.

An export has a header, one line for each row in the order of tables and keys, and an end. Each line is a JSON object.
The line of a row has the table and the columns, such as
`{"table": "mentor_status", "mentor_id": "mentor-001", "last_updated": "2026-03-20T10:00:00Z"}`.
The end has the number of rows, and the SHA-256 of all lines before it, so a file that was cut or changed is recognised.
"""

import hashlib

import orjson
from peewee import BooleanField

from db import db
from features.data.transaction import transaction
from mentors.days import zone
from models import HistoryEntry, Installation, MentorStatus, PauseRecord, fields_of

FORMAT = {"format": "mentor-status-export", "version": 1}
# In this order, since a row must come before the rows whose foreign keys name it. The first column is the key.
COLUMNS = {model._meta.table_name: fields_of(model) for model in (MentorStatus, PauseRecord, HistoryEntry)}
NUMBERED = [table for table, columns in COLUMNS.items() if "id" in columns]


def stored_rows():
    """Yield every row as a dict of its table and its columns, in the order of tables and keys."""
    for table, columns in COLUMNS.items():
        flags = {name: column for name, column in columns.items() if isinstance(column, BooleanField)}
        sql = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {next(iter(columns))}"  # noqa: S608 (our own names)
        for values in db.dialect.stream(table, sql):
            row = {"table": table, **dict(zip(columns, values, strict=True))}
            for name, column in flags.items():
                row[name] = column.python_value(row[name])  # SQLite has 0 and 1
            yield row


def export(file):
    """Write all that the database holds at one instant, while others write, and return the number of rows."""
    digest = hashlib.sha256()
    rows = 0

    def write(item):
        line = orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        file.write(line)

    with transaction(db.dialect.snapshot):
        installation = Installation.get()
        header = {
            "last_ids": {table: db.dialect.last_id(table) for table in NUMBERED},
            "installation_id": installation.installation_id,
            "purged_before": installation.purged_before,
            "last_id_at_purge_end": installation.last_id_at_purge_end,
            "time_zone": zone.name,
        }
        write(FORMAT | header)
        for row in stored_rows():
            rows += 1
            write(row)
    write({"end": True, "rows": rows, "sha256": digest.hexdigest()})
    return rows
