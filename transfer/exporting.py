"""All rows as an export, which either database reads."""

import hashlib

import orjson

from db import db
from models import Installation
from transfer.export_format import FORMAT, NUMBERED, TABLES
from transfer.sessions import snapshot, stored_rows


def export(file):
    """Write all that the database holds, and return the number of rows."""
    digest, rows = hashlib.sha256(), 0

    def write(item):
        line = orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        file.write(line)

    with snapshot():
        last_ids = {table: db.dialect.last_id(table) for table in NUMBERED}
        own = Installation.get()
        own_facts = {"installation_id": own.installation_id, "purged_before": own.purged_before}
        write(FORMAT | {"last_ids": last_ids} | own_facts)
        for table, row in stored_rows():
            rows += 1
            item = {"table": table, **dict(zip(TABLES[table], row, strict=True))}
            if table == "history_entry":
                item["is_paused"] = None if item["is_paused"] is None else bool(item["is_paused"])
                item["metadata"] = item["metadata"] and orjson.Fragment(item["metadata"])
            write(item)
    write({"end": True, "rows": rows, "sha256": digest.hexdigest()})
    return rows
