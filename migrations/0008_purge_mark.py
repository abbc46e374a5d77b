"""Keep before which instant pauses and history have been purged, so that nobody takes what is gone for nothing."""

from peewee import SqliteDatabase


def up(migrator, db):
    instant = "TEXT" if isinstance(db, SqliteDatabase) else "TIMESTAMPTZ"
    db.execute_sql(f"ALTER TABLE installation ADD COLUMN purged_before {instant}")
