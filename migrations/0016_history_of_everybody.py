"""Index the history by what people look for in it: events, who wrote, and mentors, each in the order of time.

`GET /api/v1/history` reads the newest entries of each event, or of each mentor, off an index (mentors/histories.py).
The names of those who wrote may be long, and Postgres refuses index entries of more than 2,704 bytes.
"""

from peewee import SqliteDatabase

# With the last two columns of the index of mentors, a search for what a mentor's entries do not have reads no entry.
# They are other expressions than in the other indexes, so that no planner takes one of those.
INDEXES = """
CREATE INDEX history_entry_event ON history_entry (event, changed_at, id);
CREATE INDEX history_entry_changed_by ON history_entry (substr(changed_by, 1, 200), event, changed_at, id)
WHERE changed_by IS NOT NULL;
CREATE INDEX history_entry_of_mentor ON history_entry
(mentor_id, changed_at, id, (event || ''), substr(changed_by || '', 1, 200))
"""


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        # While it waits for the writes in progress, later writes wait behind it: so not for long (see migrate()).
        db.execute_sql("SET LOCAL lock_timeout = '1s'")
    for statement in INDEXES.split(";"):
        db.execute_sql(statement)
