"""Reads and writes on a connection of the pool."""

import functools

from peewee import OperationalError

from db.database import db
from db.postgres import CONFLICTS, sqlstate_of

MOST_TRIES = 3


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
    """Decorate a write to run as one transaction: all of it is written, or nothing.

    If the server ends it in favour of another transaction (a deadlock or a conflict), it begins again, twice at most.
    The third such error is raised, and the answer is a 503 (web/errors.py).
    """

    @functools.wraps(write)
    def run(*args, **kwargs):
        tries_left = MOST_TRIES
        with db.write_turns, db.connected():
            while True:
                tries_left -= 1
                try:
                    with db.atomic():
                        return write(*args, **kwargs)
                except OperationalError as error:
                    if not (sqlstate_of(error) in CONFLICTS and tries_left):
                        raise

    return run
