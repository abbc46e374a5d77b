"""The database of the process: `db`, which `init_db()` fills in."""

from peewee import DatabaseProxy

from db.postgres import PostgresPool
from db.sqlite import SqlitePool

db = DatabaseProxy()


def open_pool(settings):
    """Return a pool for the database of the settings; opens no connection yet."""
    if settings.sqlite_path:
        return SqlitePool(settings.sqlite_path, settings.database_pool_size)
    return PostgresPool(settings.database_url, settings.database_pool_size)


def init_db(settings):
    """Point `db` at the database of the settings, and build the statements that need no arguments."""
    db.initialize(open_pool(settings))  # which calls what statements.statement() has attached: it builds them
