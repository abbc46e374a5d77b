"""Reads and writes on a connection of the pool, done again where a lost connection or a conflict allows it."""

import functools
from contextlib import contextmanager

from peewee import InterfaceError, InternalError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from db.database import db
from db.fair_semaphore import Turns
from db.pool import PATIENCE

writers = Turns(1)

NO_TIME_LIMITS = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
SERIALIZATION_FAILURE, DEADLOCK_DETECTED, READ_ONLY_TRANSACTION = "40001", "40P01", "25006"  # SQLSTATEs
ATTEMPTS = 4


def lift_time_limits():
    """Let the connection of this thread take as long as it needs, for work that no request waits for.

    It must not go back into the pool: end it with `db.discard()`.
    """
    if db.for_update:
        db.execute_sql(NO_TIME_LIMITS)
        db.connection().answer_by = None


@contextmanager
def slow_read():
    """Wait for this thread's turn to read for long: such reads have at most half of the connections.

    Raises MaxConnectionsExceeded if the turn does not come in time.
    """
    turns = db.slow_reads
    if not turns.take(db.patience):
        raise MaxConnectionsExceeded("Too many slow reads.")
    try:
        yield
    finally:
        turns.give()


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
            if not db.is_lost(error):
                raise
        db.close_idle()
        return once(*args, **kwargs)

    return run


@contextmanager
def turn():
    """Wait for this thread's turn to write to SQLite, whose own waiting knows no queue; as long as for the pool."""
    if db.for_update:
        yield
    elif writers.take(PATIENCE):
        try:
            yield
        finally:
            writers.give()
    else:
        raise OperationalError("too many writers")


def sqlstate_of(error):
    """Return the SQLSTATE of an error of Postgres, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


@contextmanager
def closed_where_read_only():
    """Close the connection of this thread, and the idle ones, where the server takes no writes.

    The address may lead to another server by now, whose connections do: a standby that was promoted.
    """
    try:
        yield
    except InternalError as error:
        if sqlstate_of(error) == READ_ONLY_TRANSACTION:
            db.connection().close()  # the pool keeps none that is closed
            db.close_idle()
        raise


def transactional(rule):
    """Run the function as one transaction on a connection of the pool: it is wholly written, or not at all.

    What Postgres aborts because two transactions met (40001, 40P01) is run again, a bounded number of times, and so is
    what could not begin, since its connection was dead.
    """

    def once(begun, *args, **kwargs):
        with turn(), db.connection_context(), closed_where_read_only(), db.atomic():
            begun.append(True)
            return rule(*args, **kwargs)

    @functools.wraps(rule)
    def run(*args, **kwargs):
        for _attempt in range(ATTEMPTS - 1):
            begun = []
            try:
                return once(begun, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                met = sqlstate_of(error) in (SERIALIZATION_FAILURE, DEADLOCK_DETECTED)
                if db.is_lost(error) and not begun:
                    db.close_idle()
                elif not met:
                    raise
        return once([], *args, **kwargs)

    return run
