"""Keep when a pause record last changed and how often, and an id by which an installation is known to calendars.

The first count of a record is 0, and its last change that of its mentor, who was written last then or later. (A worker
of an earlier release may still insert a record: its last change is null, and read as that of the mentor, too.)
"""

import uuid

from peewee import SqliteDatabase


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    instant, number = ("TEXT", "INTEGER") if sqlite else ("TIMESTAMPTZ", "BIGINT")
    db.execute_sql(f"ALTER TABLE pause_record ADD COLUMN last_changed {instant}")
    db.execute_sql(f"ALTER TABLE pause_record ADD COLUMN change_count {number} NOT NULL DEFAULT 0")
    db.execute_sql(
        "UPDATE pause_record SET last_changed ="
        " (SELECT last_updated FROM mentor_status WHERE mentor_status.mentor_id = pause_record.mentor_id)"
    )
    db.execute_sql(
        f"CREATE TABLE installation (id {number} PRIMARY KEY CHECK (id = 1), installation_id TEXT NOT NULL)"
        f"{' STRICT' if sqlite else ''}"
    )
    db.execute_sql(f"INSERT INTO installation VALUES (1, '{uuid.uuid4()}')")  # noqa: S608 (our own value)
