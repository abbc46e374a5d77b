"""Let an erasure delete no old marks of others: the first request of each hour does (mentors/retention.py).

A worker of the release before goes on: its erasures leave marks, which the workers of this release delete.
"""

from peewee import SqliteDatabase

SQLITE = """
DROP TRIGGER history_entry_erased
---
CREATE TRIGGER history_entry_erased AFTER DELETE ON history_entry
WHEN NOT EXISTS (SELECT 1 FROM history_entry WHERE mentor_id = OLD.mentor_id)
AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_id = OLD.mentor_id) BEGIN
    UPDATE mentor_change SET erased_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE mentor_id = OLD.mentor_id;
END
"""
POSTGRES = """
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
"""


def up(migrator, db):
    statements = SQLITE if isinstance(db, SqliteDatabase) else POSTGRES
    with db.atomic():  # or a write between the two statements would leave no mark
        for statement in statements.split("---"):
            db.execute_sql(statement)
