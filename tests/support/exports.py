"""The lines of an export, as the command `export` writes them."""

import hashlib

import orjson

from tests.support.commands import NOW

HEADER = {
    "format": "mentor-status-export",
    "version": 1,
    "last_ids": {"pause_record": 4, "history_entry": 9},
    "installation_id": "3f2c8a52-0b64-4e0f-9a5e-6d1f0c7b9e21",
    "purged_before": None,
    "time_zone": "UTC",
}


def export_of(rows, **header):
    """Return the lines of an export of these rows; `header` has what is another in its header."""
    lines = [orjson.dumps(item) + b"\n" for item in (HEADER | header, *rows)]
    end = {"end": True, "rows": len(rows), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return [*lines, orjson.dumps(end) + b"\n"]


def export_of_mentors(count):
    """Return the lines of an export of so many mentors."""
    row = {"table": "mentor_status", "last_updated": NOW}
    return export_of([row | {"mentor_id": f"mentor-{number:06}"} for number in range(count)])
