"""Remove the history entries `purged`, and let the row of a mentor show that a pause of theirs was deleted.

A history says `purged_before` instead of the entries. Of a mentor who is gone, an entry `purged` may be all that is
left. Then they are erased, and the trigger on the history notes it, as it does for a purge that deletes the whole
history.

A write on Postgres reads a mentor with all their pauses, and saves only if the row of the mentor is still the version
that it has read. Every write updates that row, except a purge, and whoever deletes pauses by hand: the trigger does it
for them. It leaves out the rows that the transaction itself has updated already. SQLite needs no such trigger: its
transactions that write run one after the other, and each reads within itself.
"""

from peewee import SqliteDatabase

TRIGGER = """
CREATE FUNCTION update_mentors_of_deleted_pauses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE mentor_status SET last_updated = last_updated
    WHERE mentor_id IN (SELECT mentor_id FROM deleted_pauses) AND xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$
---
CREATE TRIGGER pause_record_update_mentors AFTER DELETE ON pause_record REFERENCING OLD TABLE AS deleted_pauses
FOR EACH STATEMENT EXECUTE FUNCTION update_mentors_of_deleted_pauses()
"""
# The date was always written with the entries, but for an import of entries `purged` whose header has no date.
TAKE_DATE = """
UPDATE installation SET purged_before = latest
FROM (SELECT MAX(changed_at) AS latest FROM history_entry WHERE event = 'purged') AS entries
WHERE latest IS NOT NULL AND (purged_before IS NULL OR purged_before < latest)
"""
REMOVE = "DELETE FROM history_entry WHERE event = 'purged'"


def up(migrator, db):
    # The trigger first: it waits for those who write, and nothing is locked yet that they might want.
    triggers = [] if isinstance(db, SqliteDatabase) else TRIGGER.split("---")
    for statement in [*triggers, TAKE_DATE, REMOVE]:
        db.execute_sql(statement)
