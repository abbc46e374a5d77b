"""Postgres: how a connection is made, how long a request may use it, and what the driver's errors mean.

A pooler, such as PgBouncer in transaction mode, runs each transaction in any of its sessions: what a client sets or
prepares in a session is lost, or another client gets it. So behind a pooler the service prepares nothing, and sets only
what the pooler keeps for each client (TimeZone, DateStyle). Its other settings must be those of the role.
"""

import re
import time

import psycopg
from peewee import EXCEPTIONS, ExceptionWrapper, InterfaceError, OperationalError, PostgresqlDatabase, Psycopg3Adapter
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from db.dialect import PostgresDialect, instant_in_utc
from db.pool import Pool

# Options of libpq that hold unless the URL sets them: seconds, milliseconds, seconds.
DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}
DEFAULT_SIZE = 8  # far fewer than threads: most threads wait for slow clients
# Name, value, and the server's default. Only the default is replaced: any other value was set by somebody.
SETTINGS = (
    ("statement_timeout", "4s", "0"),  # 0 is no limit
    ("lock_timeout", "3s", "0"),
    ("idle_in_transaction_session_timeout", "10s", "0"),
    ("random_page_cost", "1.1", "4"),  # on an SSD, a page that an index finds costs little more than the next page
)
TIME_LIMITS = [name for name, _value, default in SETTINGS if default == "0"]
# How long a request waits for answers on one connection, in case the server hangs and so does not keep its own limits.
# It is longer than two waits for a lock: a write waits for the row that it locks, and seldom for an import. With
# the wait for a turn (WAIT_SECONDS in pool.py), a write takes 10 s at most, unless it must connect while one of several
# hosts is silent.
REQUEST_SECONDS = 7
SESSION_SECONDS = 2  # for the first answers on a new connection
# SQLSTATEs. An error of SQLite has none.
CONFLICTS = ("40001", "40P01")  # the server ended the transaction in favour of another one
LOCK_TIMEOUT = "55P03"  # a lock did not become free within `lock_timeout`
NO_VALUES_IN_TEXT = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)
BEGIN_SESSION = "SELECT pg_backend_pid(), set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false)"
# Selects the settings that nobody has set: not in the URL, nor for the role, the database or the server.
UNSET = (
    f"SELECT name, value FROM (VALUES {', '.join(map(str, SETTINGS))}) AS setting (name, value, default_value)"  # noqa: S608 (our own)
    " WHERE current_setting(name) = default_value"
)
SET_UNSET = f"SELECT set_config(name, value, false) FROM ({UNSET}) AS unset"  # noqa: S608 (our own)


class UTCLoader(psycopg.adapt.Loader):
    """Loads a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        return instant_in_utc(bytes(data).decode())


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(psycopg.Connection):
    """A connection that waits for answers until `deadline` (monotonic seconds; None: for ever)."""

    deadline = None
    is_through_pooler = False
    takes_no_writes = False  # known once the server has refused a write (25006), as after a failover

    def begin_session(self):
        """Set UTC and, unless there is a pooler, the settings that nobody has set."""
        self.deadline = time.monotonic() + SESSION_SECONDS
        backend_pid, *_settings = self.execute(BEGIN_SESSION).fetchone()
        self.is_through_pooler = backend_pid != self.info.backend_pid  # a pooler invents info.backend_pid
        if self.is_through_pooler:
            self.prepare_threshold = None  # prepare nothing
        else:
            self.execute(SET_UNSET)

    def wait(self, gen, interval=0.1, timeout=None):
        """Wait for an answer, as each use of the connection does. Raises ConnectionTimeout at the deadline.

        If a statement has no answer by then, the connection is closed, since the answer may still come. The statement
        is not cancelled. It writes nothing, since no COMMIT follows; but if it is the COMMIT, the write may be done.
        """
        if self.deadline is None:
            return super().wait(gen, interval, timeout)
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:  # nothing was sent: a write that is sent now would be done, and nobody would know
            raise psycopg.errors.ConnectionTimeout("no time is left")
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.errors.ReadOnlySqlTransaction:
            self.takes_no_writes = True
            raise
        except psycopg.OperationalError as error:
            if error.sqlstate is None and time.monotonic() >= self.deadline:
                self.close()
                raise psycopg.errors.ConnectionTimeout("no answer in time") from None
            raise


class Adapter(Psycopg3Adapter):
    """Peewee's adapter of psycopg 3, with the class Connection.

    Only one thread connects at a time (Peewee has a lock). If connecting fails after some seconds, the other threads
    fail at once for as many seconds: else they would wait one after the other.
    """

    failure = None  # the latest error
    closed_until = 0.0  # monotonic seconds

    def connect(self, db, **params):
        started = time.monotonic()
        if started < self.closed_until:
            raise type(self.failure)(str(self.failure))  # not the same one: its traceback would grow
        try:
            connection = Connection.connect(db.database, autocommit=True, **params)
            try:
                connection.begin_session()
            except psycopg.Error:
                connection.close()
                raise
        except psycopg.OperationalError as error:
            failed = time.monotonic()
            self.failure = error
            self.closed_until = failed + (failed - started)
            raise
        return connection


class PostgresPool(Pool, PostgresqlDatabase):
    """At most `size` connections to Postgres. A thread has REQUEST_SECONDS from `connect()` to its last answer."""

    driver_error = psycopg.Error
    psycopg3_adapter = Adapter

    def __init__(self, url, size=None):
        self.dialect = PostgresDialect(self)
        size = size or DEFAULT_SIZE
        in_url = conninfo_to_dict(url)
        options = {name: value for name, value in DEFAULTS.items() if name not in in_url}
        # Whatever PGCLIENTENCODING, the role or the database say: in another encoding the text would be garbled.
        options["client_encoding"] = "UTF8"
        options |= {"prefer_psycopg3": True, "field_types": {"UTC": "TIMESTAMPTZ"}}
        # Writes that wait for a standby must leave connections to the reads.
        super().__init__(url, size, writers=max(size - 2, 1), **options)

    def connect(self):
        deadline = time.monotonic() + REQUEST_SECONDS
        super().connect()
        self.connection().deadline = deadline

    def close(self):
        """Give the connection of this thread back. If its server takes no writes, close it and the idle ones."""
        if not self.is_closed() and self.connection().takes_no_writes:
            self.close_idle()
        super().close()

    def is_reusable(self, connection):
        return connection.info.transaction_status == TransactionStatus.IDLE and not connection.takes_no_writes

    def begin(self, isolation_level=None):
        """Begin a transaction. Its isolation is named, since the database or the role may have another default."""
        self.execute_sql(f"BEGIN ISOLATION LEVEL {isolation_level or 'READ COMMITTED'}")

    def execute_sql(self, sql, params=None):
        """Run a statement. Outside of a transaction, run it once more on a new connection if its connection was lost.

        There it is a read or a BEGIN, since every write is in a transaction; and a statement in a transaction is never
        run again.
        """
        try:
            return super().execute_sql(sql, params)
        except (OperationalError, InterfaceError) as error:
            if self.in_transaction() or not is_disconnect(error):
                raise
        self.reconnect()
        return super().execute_sql(sql, params)

    def execute_many(self, sql, rows):
        with ExceptionWrapper(EXCEPTIONS):
            cursor = self.cursor()
            cursor.executemany(sql, rows, returning=True)  # psycopg sends all before it waits for the first answer
            return [row for result in cursor.results() if result.description for row in result.fetchall()]

    def reconnect(self):
        """Open a new connection in place of this thread's; close the idle ones, which may have been lost, too."""
        lost = self.connection()
        lost.close()
        self.close_idle()
        self._state.reset()
        self.open_connection()
        self.connection().deadline = lost.deadline

    def lift_time_limits(self):
        connection = self.connection()
        connection.deadline = None
        if connection.is_through_pooler and not self.in_transaction():
            return  # the next statement may run in another session
        scope = "LOCAL" if self.in_transaction() else "SESSION"
        for name in TIME_LIMITS:
            self.execute_sql(f"SET {scope} {name} = 0")

    def missing_settings(self):
        """Return the SQL that sets SETTINGS for the role; None if there is no pooler, or the role has a time limit."""
        unset = self.execute_sql(UNSET).fetchall()
        if not self.connection().is_through_pooler or "statement_timeout" not in dict(unset):
            return None
        names = "SELECT quote_ident(session_user), quote_ident(current_database())"
        role, database = self.execute_sql(names).fetchone()
        lines = (f"ALTER ROLE {role} IN DATABASE {database} SET {name} = '{value}';" for name, value in unset)
        return " ".join(lines)

    def error_code(self, error):
        if isinstance(error, psycopg.Error):
            return error.sqlstate or type(error).__qualname__
        return None

    def safe_message(self, error):
        if not isinstance(error, NO_VALUES_IN_TEXT):
            return None
        if error.sqlstate:
            return error.diag.message_primary
        # libpq has a line for each server that it tried, with and without TLS, and may give advice in more lines.
        reasons = re.findall(".* failed: +(?:FATAL: +)?(.+)", str(error)) or str(error).splitlines()[:1]
        return "; ".join(dict.fromkeys(reasons)) or None

    def violated_constraint(self, error):
        if not isinstance(error, psycopg.IntegrityError | psycopg.DataError):
            return None
        return error.diag.constraint_name or error.diag.column_name or self.error_code(error)


# --- errors


def sqlstate_of(error):
    """Return the SQLSTATE of the driver's error behind one of Peewee's, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_disconnect(error):
    """Say whether an error means that the connection is dead, and that a second try would not take as long."""
    sqlstate = sqlstate_of(error)
    # Class 08: the connection failed; 57P: the server stops, or is starting.
    timed_out = isinstance(getattr(error, "orig", None), psycopg.errors.ConnectionTimeout)
    return not timed_out and (sqlstate is None or sqlstate.startswith(("08", "57P")))
