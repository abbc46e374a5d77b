"""Let a statement that deletes a mentor and their history leave the mark of the erasure, whichever trigger runs first.

On Postgres a mentor is now deleted together with their history in one statement. The deletion of the pauses, by the
foreign key, runs the trigger `note_changes` after that of the history has set the mark. So only a mentor who exists
takes the mark away. And a mentor may be created while the history of a former one with this id is erased: so
`note_erasures` locks the row first, and then looks, in a statement of its own, whether there is a mentor.

SQLite runs one statement after the other, and one transaction.
"""

from peewee import SqliteDatabase

FUNCTIONS = """
CREATE OR REPLACE FUNCTION note_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mentor_change AS known (mentor_id, changed_in)
    SELECT DISTINCT mentor_id, pg_current_xact_id() FROM changed_rows ORDER BY mentor_id
    ON CONFLICT (mentor_id) DO UPDATE SET changed_in = excluded.changed_in, erased_at = CASE
        WHEN EXISTS (SELECT 1 FROM mentor_status WHERE mentor_status.mentor_id = known.mentor_id) THEN NULL
        ELSE known.erased_at END
    WHERE known.changed_in <> excluded.changed_in OR known.erased_at IS NOT NULL;
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
    IF FOUND THEN
        DELETE FROM mentor_change WHERE mentor_id IN (
            SELECT mentor_id FROM mentor_change WHERE erased_at < now() - interval '720 hours'
            FOR UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NULL;
END $$
"""


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        for statement in FUNCTIONS.split("---"):
            db.execute_sql(statement)
