"""Let the database refuse a number that the API could not read: 18 digits are the most.

On Postgres a sequence ends there, and asking it for more is an error (2200H). On SQLite a trigger raises.
"""

from peewee import SqliteDatabase

HIGHEST_NUMBER = 10**18 - 1


def up(migrator, db):
    for table in ("pause_record", "history_entry"):
        if isinstance(db, SqliteDatabase):
            db.execute_sql(
                f"CREATE TRIGGER {table}_highest_number AFTER INSERT ON {table} WHEN NEW.id > {HIGHEST_NUMBER}"
                " BEGIN SELECT RAISE(ABORT, 'the numbers are exhausted'); END"
            )
        else:
            db.execute_sql(f"ALTER SEQUENCE {table}_id_seq MAXVALUE {HIGHEST_NUMBER}")
