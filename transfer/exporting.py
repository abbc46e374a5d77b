"""All rows as an export, which either database reads."""

import hashlib

import orjson

from db import db
from models import Installation
from transfer import transaction
from transfer.export_format import FORMAT, NUMBERED, TABLES


def stored_rows():
    """Yield every row as its table and a tuple, in the order of tables and keys."""
    for table, checks in TABLES.items():
        sql = f"SELECT {', '.join(checks)} FROM {table} ORDER BY {next(iter(checks))}"  # noqa: S608 (our own names)
        yield from ((table, row) for row in db.dialect.stream(table, sql))


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
        }
        write(FORMAT | header)
        for table, row in stored_rows():
            rows += 1
            item = {"table": table, **dict(zip(TABLES[table], row, strict=True))}
            if table == "history_entry":
                item["is_paused"] = None if item["is_paused"] is None else bool(item["is_paused"])
                for name in ("pause_records", "metadata"):  # they are JSON
                    item[name] = item[name] and orjson.Fragment(item[name])
            write(item)
    write({"end": True, "rows": rows, "sha256": digest.hexdigest()})
    return rows
