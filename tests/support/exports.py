"""The lines of an export, as the command `export` writes them."""

import hashlib

import orjson

from models import HistoryEntry, MentorStatus, PauseRecord
from tests.support.commands import NOW

HEADER = {
    "format": "mentor-status-export",
    "version": 1,
    "last_ids": {"pause_record": 4, "history_entry": 9},
    "installation_id": "3f2c8a52-0b64-4e0f-9a5e-6d1f0c7b9e21",
    "purged_before": None,
    "last_id_at_purge_end": None,
    "time_zone": "UTC",
}
VALUES = {  # of a row of each table; other columns are null
    MentorStatus: {"mentor_id": "Ada", "last_updated": NOW},
    PauseRecord: {"id": 3, "mentor_id": "Ada", "start_date": NOW, "end_date": NOW, "reason": "Réf"}
    | {"created_at": NOW, "last_changed": NOW},
    HistoryEntry: {"id": 9, "mentor_id": "Ada", "changed_at": NOW, "event": "created", "pause_record_id": 3}
    | {"is_paused": False, "pause_records": "[]", "changed_by": "\n", "metadata": '{"b":1,"a":0.5}'},
}
COLUMNS = {  # of each table, with the values of a row
    model._meta.table_name: {field.column_name: values.get(field.column_name) for field in model._meta.sorted_fields}
    for model, values in VALUES.items()
}


def row(table, **changed):
    """Return a row of a table, as an export has it; `changed` has what is another in it."""
    return {"table": table} | COLUMNS[table] | changed


def export_of(rows, **header):
    """Return the lines of an export of these rows; `header` has what is another in its header."""
    lines = [orjson.dumps(item) + b"\n" for item in (HEADER | header, *rows)]
    end = {"end": True, "rows": len(rows), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return [*lines, orjson.dumps(end) + b"\n"]


def export_of_mentors(count):
    """Return the lines of an export of so many mentors."""
    return export_of([row("mentor_status", mentor_id=f"mentor-{number:06}") for number in range(count)])
