"""The database: opened from a URL, pooled, and asked through statements whose SQL is built once.

One process has one database. Everything reaches it through `db`, which `connect()` fills in.
"""

from db import drivers  # noqa: F401 before Peewee

# isort: split
import functools
import inspect
from contextlib import contextmanager

import orjson
from peewee import DatabaseProxy, InterfaceError, InternalError, OperationalError, Value
from playhouse.pool import MaxConnectionsExceeded

from db.fair_semaphore import Turns
from db.pool import PATIENCE
from db.sqlite import open_sqlite

db = DatabaseProxy()
writers = Turns(1)

NO_TIME_LIMITS = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
SERIALIZATION_FAILURE, DEADLOCK_DETECTED, READ_ONLY_TRANSACTION = "40001", "40P01", "25006"  # SQLSTATEs
RUN_AGAIN = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED, READ_ONLY_TRANSACTION)  # nothing of it was written
ATTEMPTS = 4
KEPT = 100  # shapes of a query, of which there are tens of thousands


def open_pool(settings):
    """Return a pool for the database of the settings; opens no connection yet."""
    if settings.sqlite_path:
        return open_sqlite(settings.sqlite_path)
    from db.postgres import open_postgres  # noqa: PLC0415 only where the database is one: see db/drivers.py

    return open_postgres(settings.database_url)


def connect(settings):
    """Point `db` at the database of the settings and build every statement's SQL; opens no connection yet."""
    db.initialize(open_pool(settings))


def lift_time_limits():
    """Let the connection of this thread take as long as it needs, for work that no request waits for.

    It must not go back into the pool: end it with `db.discard()`.
    """
    if db.for_update:
        db.execute_sql(NO_TIME_LIMITS)
        db.connection().answer_by = None


class Parameter(str):
    """The name of a value that a statement is given when it runs."""


def parameter(name):
    """Return the place in a query where the value called `name` goes."""
    return Value(Parameter(name), converter=False)


class Statement:
    """A query as the SQL of the database that `db` stands for, to be run many times with named parameters."""

    def __init__(self, query):
        self.sql, self.parameters = query.sql()
        columns = ", ".join(f"c{number}" for number in range(len(getattr(query, "selected_columns", ()))))
        in_one = f"SELECT json_group_array(json_array({columns})) FROM found"  # noqa: S608 (our own names)
        self.rows_in_one = f"WITH found ({columns}) AS ({self.sql}) {in_one}"

    def run(self, **values):
        """Run it on the connection of this thread and return the cursor; each row is a tuple."""
        return db.obj.execute_sql(self.sql, self.fill(values))

    def change(self, **values):
        """Run it on the connection of this thread and return how many rows it has changed."""
        return db.rows_affected(self.run(**values))

    def rows(self, **values):
        """Run it on the connection of this thread and return its rows.

        From SQLite they come as one, in JSON: Python gives its lock away for each row, and then must queue for it.
        """
        if db.for_update:
            return self.run(**values).fetchall()
        return orjson.loads(db.execute_sql(self.rows_in_one, self.fill(values)).fetchone()[0])

    def fill(self, values):
        """Return the values in the order of their places in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


def statement(build):
    """Decorate a function that builds a query: called, it gives the Statement, whose SQL is written once.

    One without arguments is written in create_app(). One whose arguments choose its shape (which filters, which order)
    is written at the first request of that shape; of the many shapes, those used last are kept.
    """
    get = functools.lru_cache(KEPT)(lambda *shape: Statement(build(*shape)))

    def write_anew(_database):
        get.cache_clear()
        if not inspect.signature(build).parameters:
            get()

    db.attach_callback(write_anew)
    return get


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
    what could not begin, since its connection was dead, or not write (25006), since its session only reads.
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
            except (OperationalError, InterfaceError, InternalError) as error:
                if db.is_lost(error) and not begun:
                    db.close_idle()
                elif sqlstate_of(error) not in RUN_AGAIN:
                    raise
        return once([], *args, **kwargs)

    return run
