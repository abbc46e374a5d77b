"""Reads and writes on a connection of the pool."""

import functools
from contextlib import nullcontext

from peewee import InternalError, OperationalError

from db.database import db
from db.postgres import CONFLICTS, READ_ONLY, sqlstate_of

MOST_TRIES = 10


class ChangedMeanwhile(OperationalError):
    """Another write has changed what this write had read, so nothing was saved."""


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

    If the server rolled it back in favour of another transaction, it runs again: see in_tries().
    """
    return in_tries(write, is_optimistic=False)


def optimistic(write):
    """Decorate a write that reads, applies a rule, and saves with one statement.

    On Postgres the first try is no transaction and takes no lock. If another write changes the same rows meanwhile, the
    save changes nothing, and the write runs again in a transaction, which locks what it reads. On SQLite a transaction
    locks the whole database, so the first try is a transaction, and always the last.
    """
    return in_tries(write, is_optimistic=True)


def in_tries(write, is_optimistic):
    """Return the function that runs a write, and runs it again if another write was faster.

    The tries after the first are transactions. A try that is followed by another has written nothing: its save found
    that another write had changed the rows, or the server ended it because of a deadlock or a conflict (40P01, 40001),
    or the server takes no writes any more (25006), since another server was promoted. In this case the next try has a
    new connection; if that takes no writes either, there is no further try.

    Rows that a transaction has locked stay as they are, so the second try is the last if the row exists. A row that
    does not exist cannot be locked: a write may meet a creation or a deletion in each of its tries. But each time
    another write has succeeded, so of several writes one always does. (With three tries there was a 503 in 3 of 16
    rounds of tests in which 34 requests at once create, delete and erase one thing; with ten in none.)
    """

    @functools.wraps(write)
    def run(*args, **kwargs):
        begin_first = nullcontext if is_optimistic and not db.dialect.locks_database else db.atomic
        has_reconnected = False
        with db.writes, db.connected():
            db.refuse_unconfirmed_writes()
            for begin in (begin_first, *[db.atomic] * (MOST_TRIES - 2)):  # all tries but the last
                try:
                    with begin():
                        return write(*args, **kwargs)
                except (OperationalError, InternalError) as error:
                    if sqlstate_of(error) == READ_ONLY and not has_reconnected:
                        has_reconnected = True
                        db.reconnect()
                    elif not (isinstance(error, ChangedMeanwhile) or sqlstate_of(error) in CONFLICTS):
                        raise
            with db.atomic():  # the last try
                return write(*args, **kwargs)

    return run
