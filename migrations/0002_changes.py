"""Note for mirrors which transaction last changed each mentor, and which mentors were erased."""

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
SQLITE_ERASURES = """
DROP TRIGGER history_entry_erased
---
CREATE TRIGGER history_entry_erased AFTER DELETE ON history_entry
WHEN NOT EXISTS (SELECT 1 FROM history_entry WHERE mentor_id = OLD.mentor_id)
AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_id = OLD.mentor_id) BEGIN
    UPDATE mentor_change SET erased_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE mentor_id = OLD.mentor_id;
END
---
DROP TRIGGER mentor_status_change_DELETE
---
CREATE TRIGGER mentor_status_change_DELETE AFTER DELETE ON mentor_status BEGIN
    UPDATE change_counter SET last = last + 1;
    INSERT INTO mentor_change (mentor_id, changed_in) SELECT OLD.mentor_id, last FROM change_counter WHERE TRUE
    ON CONFLICT (mentor_id) DO UPDATE SET changed_in = excluded.changed_in, erased_at = NULL;
    UPDATE mentor_change SET erased_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE mentor_id = OLD.mentor_id
    AND NOT EXISTS (SELECT 1 FROM history_entry WHERE mentor_id = OLD.mentor_id);
END
---
CREATE TRIGGER history_entry_added AFTER INSERT ON history_entry BEGIN
    UPDATE mentor_change SET erased_at = NULL WHERE mentor_id = NEW.mentor_id AND erased_at IS NOT NULL;
END
"""
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
---
CREATE OR REPLACE FUNCTION note_erasures() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mentor_change (mentor_id, changed_in)
    SELECT DISTINCT mentor_id, pg_current_xact_id() FROM changed_rows
    WHERE NOT EXISTS (SELECT 1 FROM history_entry WHERE history_entry.mentor_id = changed_rows.mentor_id)
    AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_status.mentor_id = changed_rows.mentor_id)
    ORDER BY mentor_id
    ON CONFLICT (mentor_id) DO NOTHING;
    PERFORM 1 FROM mentor_change WHERE mentor_id IN (SELECT mentor_id FROM changed_rows) ORDER BY mentor_id FOR UPDATE;
    UPDATE mentor_change AS known SET erased_at = date_trunc('second', now())
    WHERE mentor_id IN (SELECT mentor_id FROM changed_rows)
    AND NOT EXISTS (SELECT 1 FROM history_entry WHERE history_entry.mentor_id = known.mentor_id)
    AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_status.mentor_id = known.mentor_id);
    RETURN NULL;
END $$
---
CREATE OR REPLACE FUNCTION note_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mentor_change AS known (mentor_id, changed_in, erased_at)
    SELECT DISTINCT mentor_id, pg_current_xact_id(), CASE
        WHEN TG_OP = 'DELETE' AND TG_TABLE_NAME = 'mentor_status'
        AND NOT EXISTS (SELECT 1 FROM history_entry WHERE history_entry.mentor_id = changed_rows.mentor_id)
        THEN date_trunc('second', now()) END
    FROM changed_rows ORDER BY mentor_id
    ON CONFLICT (mentor_id) DO UPDATE SET changed_in = excluded.changed_in, erased_at = CASE
        WHEN EXISTS (SELECT 1 FROM mentor_status WHERE mentor_status.mentor_id = known.mentor_id) THEN NULL
        ELSE COALESCE(excluded.erased_at, known.erased_at) END
    WHERE known.changed_in <> excluded.changed_in OR known.erased_at IS NOT NULL OR excluded.erased_at IS NOT NULL;
    RETURN NULL;
END $$
---
CREATE FUNCTION update_mentors_of_deleted_pauses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE mentor_status SET last_updated = last_updated
    WHERE mentor_id IN (SELECT mentor_id FROM deleted_pauses) AND xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$
---
CREATE TRIGGER pause_record_update_mentors AFTER DELETE ON pause_record REFERENCING OLD TABLE AS deleted_pauses
FOR EACH STATEMENT EXECUTE FUNCTION update_mentors_of_deleted_pauses()
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
    for statement in SQLITE_ERASURES.split("---") if sqlite else ():
        db.execute_sql(statement)
