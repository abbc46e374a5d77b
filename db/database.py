"""Which database the process has: `db`, filled in by `init_db()`."""

from peewee import DatabaseProxy

from db.postgres import open_postgres
from db.sqlite import open_sqlite

db = DatabaseProxy()


def open_pool(settings):
    """Return a pool for the database of the settings; opens no connection yet."""
    if settings.sqlite_path:
        return open_sqlite(settings.sqlite_path, settings.database_pool_size)
    return open_postgres(settings.database_url, settings.database_pool_size)


def init_db(settings):
    """Point `db` at the database of the settings and build what SQL takes no arguments; opens no connection yet."""
    db.initialize(open_pool(settings))
