"""Reads and writes on a connection of the pool."""

import functools

from peewee import OperationalError

from db.database import db
from db.postgres import CONFLICTS, sqlstate_of

MOST_TRIES = 3


class BeginAgain(OperationalError):
    """The transaction has read a row that it had not locked, so it must begin again."""


def connected(read):
    """Decorate a function to run on the connection of this thread, or, if it has none, on one of the pool.

    A Statement does so by itself. A function of several statements needs it if all must be sent on one connection.
    """

    @functools.wraps(read)
    def run(*args, **kwargs):
        if not db.is_closed():
            return read(*args, **kwargs)
        with db.connected():
            return read(*args, **kwargs)

    return run


def transactional(write):
    """Decorate a write to run as one transaction: all of it is written, or nothing.

    It begins again, up to three times in all, if it raises BeginAgain, or if the server ended it in favour of another
    transaction (a deadlock or a conflict).
    """

    @functools.wraps(write)
    def run(*args, **kwargs):
        tries_left = MOST_TRIES
        with db.writes, db.connected():
            while True:
                tries_left -= 1
                try:
                    with db.atomic():
                        return write(*args, **kwargs)
                except OperationalError as error:
                    begins_again = isinstance(error, BeginAgain) or sqlstate_of(error) in CONFLICTS
                    if not (begins_again and tries_left):
                        raise

    return run
