"""The database of the process: `db`, which `init_db()` fills in, and how reads and writes run on it."""

import functools

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


def on_connection(read):
    """Decorate a function to run on the connection of this thread, or, if it has none, on one of the pool."""

    @functools.wraps(read)
    def run(*args, **kwargs):
        if not db.is_closed():
            return read(*args, **kwargs)
        with db.connected():
            return read(*args, **kwargs)

    return run


def transactional(write):
    """Decorate a write to run as one transaction: all of it is written, or nothing."""

    @functools.wraps(write)
    def run(*args, **kwargs):
        # The turn comes first: who waits for one must hold no connection.
        with db.write_turns, db.connected(), db.atomic():
            return write(*args, **kwargs)

    return run
