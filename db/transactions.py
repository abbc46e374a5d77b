"""Reads and writes on a connection of the pool, done again where a lost connection or a conflict allows it."""

import functools
from contextlib import contextmanager

from peewee import InterfaceError, InternalError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from db.database import db
from db.sqlstates import is_conflict, is_read_only

ATTEMPTS = 4


@contextmanager
def slow_read():
    """Wait to be among the slow reads, which have at most half of the connections.

    Raises MaxConnectionsExceeded if that takes longer than `wait_seconds`.
    """
    semaphore = db.slow_reads
    if not semaphore.acquire(db.wait_seconds):
        raise MaxConnectionsExceeded("Too many slow reads.")
    try:
        yield
    finally:
        semaphore.release()


def connected(read):
    """Run the function on a connection of the pool, given back at its end; within a transaction, on that one's.

    The pool asks no connection whether it is alive. If one turns out to be dead, the others are closed, too, and the
    read is done once more on a fresh one.
    """

    def once(*args, **kwargs):
        database = db.obj  # not by way of the proxy, which takes its time for every attribute
        database.connect()
        try:
            return read(*args, **kwargs)
        finally:
            database.close()

    @functools.wraps(read)
    def run(*args, **kwargs):
        if not db.obj.is_closed():
            return read(*args, **kwargs)
        try:
            return once(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            if not db.is_disconnect(error):
                raise
        db.close_idle()
        return once(*args, **kwargs)

    return run


def transactional(write):
    """Run the function as one transaction on a connection of the pool: it is wholly written, or not at all.

    It is run again, a bounded number of times, where Postgres aborts it for another transaction's sake (40001, 40P01),
    where it could not start because its connection was dead, and where it could not write because its session only
    reads (25006): nothing of it was written.
    """

    @functools.wraps(write)
    def run(*args, **kwargs):
        attempt = 0
        while True:
            attempt, has_begun = attempt + 1, False
            try:
                with db.write_transaction():
                    try:
                        return write(*args, **kwargs)
                    finally:
                        has_begun = db.has_begun()
            except (OperationalError, InterfaceError, InternalError) as error:
                could_not_start = db.is_disconnect(error) and not has_begun
                is_worth_retrying = could_not_start or is_conflict(error) or is_read_only(error)
                if attempt == ATTEMPTS or not is_worth_retrying:
                    raise
                if could_not_start:
                    db.close_idle()

    return run
