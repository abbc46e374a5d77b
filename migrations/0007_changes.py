"""Keep, for every mentor there is or was, in which transaction they last changed; and an id of the database.

The list of mentors is made of two tables. Triggers on both note each mentor whom a write touches, so that no path can
forget it, nor a worker of an earlier release. On Postgres the order is that of transactions, which a snapshot tells
apart into those that are visible and those that are not; on SQLite, where one writes at a time, a counter.

Where the last of a mentor's history goes, and they are gone, too, they are erased: then their row is a mark for those
who follow the changes, for as long as a cursor is good. The next erasure after that removes it.
"""

import uuid

from peewee import SqliteDatabase

TABLES = "mentor_status", "pause_record"
ROWS = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}

COMMON = """
CREATE TABLE mentor_change (mentor_id {text} PRIMARY KEY NOT NULL, changed_in {stamp} NOT NULL, erased_at {instant})
---
CREATE INDEX mentor_change_changed_in ON mentor_change (changed_in, mentor_id)
---
CREATE INDEX mentor_change_erased_at ON mentor_change (erased_at) WHERE erased_at IS NOT NULL
---
ALTER TABLE installation ADD COLUMN database_id TEXT NOT NULL DEFAULT ''
"""
SQLITE = """
CREATE TABLE change_counter (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL) STRICT
---
INSERT INTO change_counter VALUES (1, 0)
---
CREATE TRIGGER history_entry_erased AFTER DELETE ON history_entry
WHEN NOT EXISTS (SELECT 1 FROM history_entry WHERE mentor_id = OLD.mentor_id)
AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_id = OLD.mentor_id) BEGIN
    DELETE FROM mentor_change WHERE erased_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-30 days');
    UPDATE mentor_change SET erased_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE mentor_id = OLD.mentor_id;
END
"""
SQLITE_TRIGGER = """
CREATE TRIGGER {table}_change_{event} AFTER {event} ON {table} BEGIN
    UPDATE change_counter SET last = last + 1;
    INSERT INTO mentor_change (mentor_id, changed_in) SELECT {row}.mentor_id, last FROM change_counter WHERE TRUE
    ON CONFLICT (mentor_id) DO UPDATE SET changed_in = excluded.changed_in, erased_at = NULL;
END
"""
# On Postgres once a statement, as the tally. TRUNCATE names no rows: whoever follows must begin again.
POSTGRES = """
CREATE FUNCTION note_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mentor_change AS known (mentor_id, changed_in)
    SELECT DISTINCT mentor_id, pg_current_xact_id() FROM changed_rows ORDER BY mentor_id
    ON CONFLICT (mentor_id) DO UPDATE SET changed_in = excluded.changed_in, erased_at = NULL
    WHERE known.changed_in <> excluded.changed_in OR known.erased_at IS NOT NULL;
    RETURN NULL;
END $$
---
CREATE FUNCTION note_erasures() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE mentor_change AS known SET erased_at = date_trunc('second', now())
    WHERE mentor_id IN (SELECT mentor_id FROM changed_rows)
    AND NOT EXISTS (SELECT 1 FROM history_entry WHERE mentor_id = known.mentor_id)
    AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_id = known.mentor_id);
    IF FOUND THEN
        DELETE FROM mentor_change WHERE erased_at < now() - interval '720 hours';
    END IF;
    RETURN NULL;
END $$
---
CREATE TRIGGER history_entry_erased AFTER DELETE ON history_entry REFERENCING OLD TABLE AS changed_rows
FOR EACH STATEMENT EXECUTE FUNCTION note_erasures()
---
CREATE FUNCTION note_truncation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE installation SET database_id = gen_random_uuid();
    RETURN NULL;
END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER {table}_change_{event} AFTER {event} ON {table} REFERENCING {row} TABLE AS changed_rows
FOR EACH STATEMENT EXECUTE FUNCTION note_changes()
"""
POSTGRES_TRUNCATION = (
    "CREATE TRIGGER {table}_truncation AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION note_truncation()"
)


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    if sqlite:
        types, own, trigger = {"text": "TEXT", "stamp": "INTEGER", "instant": "TEXT"}, SQLITE, SQLITE_TRIGGER
    else:
        types = {"text": 'TEXT COLLATE "C"', "stamp": "xid8", "instant": "TIMESTAMPTZ"}
        own, trigger = POSTGRES, POSTGRES_TRIGGER
    for statement in [*COMMON.format(**types).split("---"), *own.split("---")]:
        db.execute_sql(statement)
    db.execute_sql(f"UPDATE installation SET database_id = '{uuid.uuid4()}'")  # noqa: S608 (our own value)
    for table in TABLES:
        for event, row in ROWS.items():
            db.execute_sql(trigger.format(table=table, event=event, row=row))
        if not sqlite:
            db.execute_sql(POSTGRES_TRUNCATION.format(table=table))
