"""The database: opened from a URL, pooled, and asked through statements whose SQL is built once.

One process has one database. Everything reaches it through `db`, which `connect()` fills in.
"""

import functools
import inspect
import threading
from contextlib import contextmanager

import psycopg
from peewee import DatabaseProxy, InterfaceError, OperationalError, Psycopg3Adapter, Value
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase
from psycopg.conninfo import conninfo_to_dict

db = DatabaseProxy()
writers = threading.Lock()

# Far fewer connections than threads: threads are there to outwait slow clients, the pool bounds the database's work.
POOL = {"max_connections": 8, "timeout": 5}
SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "busy_timeout": 5000, "foreign_keys": 1}
POSTGRES_DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}  # s, ms, s
POSTGRES_OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"  # ms
    " -c random_page_cost=1.1"  # a page that an index finds costs little more than the next one on any disk of today
)
POSTGRES_SESSION = "SET timezone = 'UTC'; SET datestyle = 'ISO'"
SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"
ATTEMPTS = 4


class UTCLoader(psycopg.adapt.Loader):
    """Read a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        text = bytes(data).decode()  # "2026-03-01 00:00:00+00", as the session's timezone and datestyle have it
        return f"{text[:10]}T{text[11:19]}Z"


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class UTCAdapter(Psycopg3Adapter):
    """psycopg 3, with instants in UTC whatever the URL and the environment (PGTZ) say."""

    def connect(self, db, **params):
        connection = super().connect(db, **params)
        connection.execute(POSTGRES_SESSION)
        connection.commit()
        return connection


class PostgresPool(PooledPostgresqlDatabase):
    """Peewee's pool, without the query by which it asks every connection that it hands out whether it is alive."""

    psycopg3_adapter = UTCAdapter

    def _is_closed(self, conn):
        return conn.closed


def connect(settings):
    """Point `db` at the database of the settings and build every statement's SQL; opens no connection yet."""
    db.initialize(open_sqlite(settings.sqlite_path) if settings.sqlite_path else open_postgres(settings.database_url))


def open_sqlite(path):
    """Return a pool of connections to one SQLite file, whose transactions take the write lock at once."""
    return PooledSqliteDatabase(
        path,
        pragmas=SQLITE_PRAGMAS,
        lock_type="IMMEDIATE",
        returning_clause=True,
        check_same_thread=False,
        field_types={"UTC": "TEXT"},
        **POOL,
    )


def open_postgres(url):
    """Return a pool of connections to Postgres; what the URL says itself goes before our time-outs (libpq's names)."""
    given = conninfo_to_dict(url)
    defaults = {name: value for name, value in POSTGRES_DEFAULTS.items() if name not in given}
    options = f"{POSTGRES_OPTIONS} {given.get('options', '')}"  # the last one wins
    return PostgresPool(
        url, prefer_psycopg3=True, options=options, field_types={"UTC": "TIMESTAMPTZ"}, **defaults, **POOL
    )


class Parameter(str):
    """The name of a value that a statement is given when it runs."""


def parameter(name):
    """Return the place in a query where the value called `name` goes."""
    return Value(Parameter(name), converter=False)


class Statement:
    """A query as the SQL of the database that `db` stands for, to be run many times with named parameters."""

    def __init__(self, query):
        self.sql, self.parameters = query.sql()

    def run(self, **values):
        """Run it on the connection of this thread and return the cursor; each row is a tuple."""
        filled = [values[item] if type(item) is Parameter else item for item in self.parameters]
        return db.execute_sql(self.sql, filled)


def statement(build):
    """Decorate a function that builds a query: called, it gives the Statement, whose SQL is written once.

    One without arguments is written in create_app(). One whose arguments choose its shape (which filters, which order)
    is written at the first request of that shape; there are only so many.
    """
    written = {}

    def write_anew(_database):
        written.clear()
        if not inspect.signature(build).parameters:
            get()

    @functools.wraps(build)
    def get(*shape):
        if shape not in written:
            written[shape] = Statement(build(*shape))
        return written[shape]

    db.attach_callback(write_anew)
    return get


def lost(error):
    """Say whether a connection to Postgres turned out to be dead (SQLSTATE classes 08 and 57P, or none at all)."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return bool(db.for_update) and (state is None or state.startswith(("08", "57P")))


def connected(read):
    """Run the function on a connection of the pool, given back at its end; within a transaction, on that one's.

    The pool asks no connection whether it is alive. If one turns out to be dead, the others are closed, too, and the
    read is done once more on a fresh one.
    """

    def once(*args, **kwargs):
        with db.connection_context():
            return read(*args, **kwargs)

    @functools.wraps(read)
    def run(*args, **kwargs):
        if not db.is_closed():
            return read(*args, **kwargs)
        try:
            return once(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            if not lost(error):
                raise
        db.close_idle()
        return once(*args, **kwargs)

    return run


@contextmanager
def turn():
    """Wait for the turn of this thread to write to SQLite, whose own waiting knows no queue; at most 5 seconds."""
    if db.for_update:
        yield
    elif writers.acquire(timeout=POOL["timeout"]):
        try:
            yield
        finally:
            writers.release()
    else:
        raise OperationalError("too many writers")


def transactional(rule):
    """Run the function as one transaction on a connection of the pool: it is wholly written, or not at all.

    What Postgres aborts because two transactions met (40001, 40P01) is run again, a bounded number of times, and so is
    what could not begin, since its connection was dead.
    """

    def once(begun, *args, **kwargs):
        with turn(), db.connection_context(), db.atomic():
            begun.append(True)
            return rule(*args, **kwargs)

    @functools.wraps(rule)
    def run(*args, **kwargs):
        for _attempt in range(ATTEMPTS - 1):
            begun = []
            try:
                return once(begun, *args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                met = getattr(getattr(error, "orig", None), "sqlstate", None) in (
                    SERIALIZATION_FAILURE,
                    DEADLOCK_DETECTED,
                )
                if lost(error) and not begun:
                    db.close_idle()
                elif not met:
                    raise
        return once([], *args, **kwargs)

    return run
