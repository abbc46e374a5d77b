"""Mark a mentor as erased also if a purge has left no history of them: whoever is gone without a trace was erased.

The mark was set when the last entry of a history was deleted. If there was none, the id stayed for ever. Rows of such
mentors get their mark now. On SQLite a deletion writes the entry `deleted` after it has deleted the mentor, so an entry
takes the mark away.
"""

from peewee import SqliteDatabase

SQLITE = """
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
# Each row is looked up by itself: a join would be planned for the few rows that the tables had when they were analyzed.
POSTGRES = """
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
"""
MARK = """
UPDATE mentor_change SET erased_at = {now} WHERE erased_at IS NULL
AND NOT EXISTS (SELECT 1 FROM history_entry WHERE history_entry.mentor_id = mentor_change.mentor_id)
AND NOT EXISTS (SELECT 1 FROM mentor_status WHERE mentor_status.mentor_id = mentor_change.mentor_id)
"""


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')" if sqlite else "date_trunc('second', now())"
    with db.atomic():
        for statement in [*(SQLITE if sqlite else POSTGRES).split("---"), MARK.format(now=now)]:
            db.execute_sql(statement)
