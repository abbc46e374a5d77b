"""Reads and writes on a connection of the pool."""

import functools
from contextlib import nullcontext

from peewee import InternalError, OperationalError

from db.database import db
from db.postgres import is_conflict, is_read_only


class ChangedMeanwhile(OperationalError):
    """Somebody else has changed what a write had read, so nothing was saved."""


def slow_read():
    """Wait to be among the slow reads, which have at most half of the connections.

    Raises MaxConnectionsExceeded if that takes too long.
    """
    return db.turn(db.slow_reads)


def connected(read):
    """Decorate a function to run on a connection of the pool; within a transaction, on the transaction's."""

    @functools.wraps(read)
    def run(*args, **kwargs):
        database = db.obj  # not by way of the proxy, which takes its time for every attribute
        if not database.is_closed():
            return read(*args, **kwargs)
        database.connect()
        try:
            return read(*args, **kwargs)
        finally:
            database.close()

    return run


def transactional(write):
    """Decorate a write to run as one transaction: it is wholly written, or not at all.

    It is run again if it was rolled back for the sake of another one, see in_tries().
    """
    return in_tries(write, in_transaction)


def optimistic(write):
    """Decorate a write that reads, applies a rule, and saves with one statement.

    On Postgres the first try takes no lock. If somebody else changes the same rows meanwhile, its save changes nothing,
    and the write is run again, in a transaction, in which it locks what it reads. On SQLite a transaction locks the
    whole database, so the first try is such a transaction, and always the last one.
    """
    return in_tries(write, in_transaction_if_it_locks_all)


def in_transaction():
    return db.atomic()


def in_transaction_if_it_locks_all():
    return db.atomic() if db.dialect.locks_all else nullcontext()


def in_tries(write, first_try):
    """Return the function that runs a write within `first_try()`, and if somebody was faster, in a transaction.

    Nothing was written then: a save has found that somebody has changed its rows, the server has chosen this
    transaction to end a deadlock or a conflict (40P01, 40001), or the connection leads to a server that takes no writes
    any more (25006), since another one has been promoted.

    What a transaction has locked, nobody changes. But a row that is not there cannot be locked: so a write that meets
    a creation or a deletion twice is run a third time, the last one.
    """

    @functools.wraps(write)
    def run(*args, **kwargs):
        with db.turn(db.writes), db.connected():
            for one_try in (first_try, in_transaction):
                try:
                    with one_try():
                        return write(*args, **kwargs)
                except (OperationalError, InternalError) as error:
                    if is_read_only(error):
                        db.reconnect()
                    elif not (isinstance(error, ChangedMeanwhile) or is_conflict(error)):
                        raise
            with in_transaction():
                return write(*args, **kwargs)

    return run
