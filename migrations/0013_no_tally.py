"""Count rows when somebody asks, and cache the total (db/cached_totals.py), instead of at each write.

`tally` stays as a view that counts: workers of the release before read it.
"""

from peewee import SqliteDatabase

TABLES = {"mentors": "mentor_status", "pause_records": "pause_record"}
COUNTS = "(SELECT count(*) FROM mentor_status) AS mentors, (SELECT count(*) FROM pause_record) AS pause_records"


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        for column in TABLES:
            for event in ("in", "out"):
                db.execute_sql(f"DROP TRIGGER tally_{column}_{event}")
        db.execute_sql("DROP TABLE tally")
        db.execute_sql(f"CREATE VIEW tally AS SELECT 1 AS id, {COUNTS}")
        return
    # DROP TRIGGER waits behind a dump of the database, and every read behind it: so not for long (see migrate()).
    db.execute_sql("SET LOCAL lock_timeout = '1s'")
    for column, table in TABLES.items():
        for event in ("in", "out", "none"):
            db.execute_sql(f"DROP TRIGGER tally_{column}_{event} ON {table}")
            db.execute_sql(f"DROP FUNCTION tally_{column}_{event}")
    db.execute_sql("DROP FUNCTION tally_add")
    # Replaced with the same types: a statement that a session has prepared fails if the types of its result change.
    db.execute_sql(f"CREATE OR REPLACE VIEW tally AS SELECT 1::bigint AS id, {COUNTS}")
    db.execute_sql("DROP TABLE tally_slot")
