"""Tell the planner that a page which an index finds costs little more than the next one, as on any disk of today.

It is a setting of this role in this database, since what a session sets is lost behind a pooler.
"""

from peewee import SqliteDatabase


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        (name,) = db.execute_sql("SELECT quote_ident(current_database())").fetchone()
        name = name.replace("%", "%%")  # or psycopg takes it for the place of a value
        db.execute_sql(f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET random_page_cost = 1.1")
