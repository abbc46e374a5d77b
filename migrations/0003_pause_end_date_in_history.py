"""Keep in the history when the pause that is shown ends by itself."""

from peewee import SqliteDatabase


def up(migrator, db):
    instant = "TEXT" if isinstance(db, SqliteDatabase) else "TIMESTAMPTZ"
    db.execute_sql(f"ALTER TABLE history_entry ADD COLUMN pause_end_date {instant}")
