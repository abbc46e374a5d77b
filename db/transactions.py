"""Reads and writes on a connection of the pool."""

import functools

from db.database import db


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
