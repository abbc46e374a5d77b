"""Postgres: how a connection is made, how long a request may use it, and what the driver's errors mean.

Between the service and the server there may be a pooler, such as PgBouncer in transaction mode, which gives each
transaction to any of its sessions. The settings and the prepared statements of a session are then lost, or another
client gets them, and settings in the URL are refused. The service relies only on settings that the pooler keeps for
each client: TimeZone, DateStyle and client_encoding.
"""

import functools
import logging
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
ISOLATION = "read committed"
# The names of settings, their values, and the value that each one replaces. Any other value stays. (0 and 4 are what a
# setting has if nobody has set it; the isolation is replaced even if somebody has set it.)
LIMITS = (
    ("statement_timeout", "4s", "0"),
    ("lock_timeout", "3s", "0"),
    ("idle_in_transaction_session_timeout", "10s", "0"),
    ("random_page_cost", "1.1", "4"),  # a page that an index finds costs little more than the next one, as on any SSD
    # If the database has another isolation, a statement without BEGIN may fail instead of waiting.
    ("default_transaction_isolation", ISOLATION, "repeatable read"),
    ("default_transaction_isolation", ISOLATION, "serializable"),
)
TIME_LIMITS = [name for name, _value, replaced in LIMITS if replaced == "0"]  # 0 is no limit
# How long a request waits for answers on one connection, in case the server hangs and so does not keep its own limits.
# It is longer than two waits for a lock, which the server ends itself. It includes connecting, which may take 2 s for
# each host. A write or a slow read may wait 3 s for its turn before (WAIT_SECONDS in pool.py). So no request takes much
# more than 10 s, except one of several connections, such as an upload.
REQUEST_SECONDS = 7
SESSION_SECONDS = 2  # for the first answers on a new connection
# SQLSTATEs. An error of SQLite has none.
CONFLICTS = ("40001", "40P01")  # the server ended the transaction in favour of another one; a second try may succeed
READ_ONLY = "25006"  # the server takes no writes
LOCK_TIMEOUT = "55P03"  # a lock did not become free within `lock_timeout`
BEGIN_SESSION = (
    "SELECT pg_backend_pid(), current_setting('statement_timeout') = '0',"
    " set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false)"
)
# Selects the settings that the session or the role lacks.
UNSET = (
    f"SELECT name, value FROM (VALUES {', '.join(map(str, LIMITS))}) AS setting (name, value, replaced)"  # noqa: S608 (our own)
    " WHERE current_setting(name) = replaced"
)
SET_LIMITS = f"SELECT set_config(name, value, false) FROM ({UNSET}) AS unset"  # noqa: S608 (our own)
# Counts the statements of this login that wait for a standby, and began so long ago that their requests have given up,
# or are about to.
UNCONFIRMED = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = session_user AND wait_event = 'SyncRep'"  # noqa: S608 (our own)
    f" AND query_start < clock_timestamp() - interval '{REQUEST_SECONDS - 1} seconds'"
)


class UTCLoader(psycopg.adapt.Loader):
    """Loads a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        return instant_in_utc(bytes(data).decode())


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(psycopg.Connection):
    """A connection that waits for answers until `deadline` (monotonic seconds; None: for ever), and is then closed."""

    deadline = None
    is_through_pooler = False
    has_given_up = False  # of all connections: whether one was closed before its answer came

    def begin_session(self):
        """Set UTC and the time limits for all statements.

        A limit that the URL or the role has set stays. Through a pooler, only the role can have limits; the migrations
        set them.
        """
        self.deadline = time.monotonic() + SESSION_SECONDS
        backend_pid, has_no_limits, *_settings = self.execute(BEGIN_SESSION).fetchone()
        self.is_through_pooler = backend_pid != self.info.backend_pid  # a pooler invents the latter
        if not self.is_through_pooler:
            self.execute(SET_LIMITS)
            return
        self.prepare_threshold = None
        if has_no_limits:
            warn_of_no_limits()

    def wait(self, gen, interval=0.1, timeout=None):
        if self.deadline is None:
            return super().wait(gen, interval, timeout)
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:  # before anything is sent: a write that is sent now would be done, and nobody would know
            raise self.no_answer()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError as error:
            if error.sqlstate is None and time.monotonic() >= self.deadline:
                raise self.no_answer() from None
            raise

    def no_answer(self):
        """Close the connection, since the answer may still come, and return what to raise.

        The statement is not cancelled. In a transaction, one that waits for a lock writes nothing, since no COMMIT
        follows. One without a transaction may still be committed; one that waits for a standby is committed.
        """
        self.close()
        Connection.has_given_up = True
        return psycopg.errors.ConnectionTimeout("no answer in time")


@functools.cache  # once for each process
def warn_of_no_limits():
    """Log that the role has no time limits, which only a role can have behind a pooler."""
    logging.getLogger(__name__).warning(
        "behind this pooler, statements have no time limits; run flask --app app migrate, and RECONNECT it"
    )


class Adapter(Psycopg3Adapter):
    """Peewee's adapter of psycopg 3, with the class Connection.

    Only one thread connects at a time (Peewee has a lock). If it fails after some seconds, all other threads fail at
    once for as many seconds: else a hundred threads would wait 2 seconds each, one after the other. For the same reason
    the host that answered last is the first of several to be tried.
    """

    failure = None  # the latest error
    closed_until = 0.0  # monotonic seconds
    last_host = None  # and port

    def connect(self, db, **params):
        started = time.monotonic()
        if started < self.closed_until:
            raise type(self.failure)(str(self.failure))  # not the same one: its traceback would grow
        try:
            hosts = hosts_in_order(db.database, self.last_host)
            connection = Connection.connect(db.database, autocommit=True, **params, **hosts)
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
        self.last_host = connection.info.host, str(connection.info.port)
        return connection


def hosts_in_order(url, first):
    """Return hosts and ports of a URL with several hosts, under libpq's names, with the pair `first` first.

    libpq does not know which host answered last. If it tried them in the order of the URL while the first one hangs,
    some requests would take more than 10 s after a standby was promoted.
    """
    parts = conninfo_to_dict(url)
    hosts, ports = (parts.get(name, "").split(",") for name in ("host", "port"))
    ports = ports * len(hosts) if len(ports) == 1 else ports
    if len(hosts) == 1 or len(hosts) != len(ports) or "hostaddr" in parts:
        return {}  # there is no choice, or libpq will say what is wrong
    in_order = sorted(zip(hosts, ports, strict=True), key=lambda pair: (pair[0], pair[1] or "5432") != first)
    hosts, ports = zip(*in_order, strict=True)
    return {"host": ",".join(hosts), "port": ",".join(ports)}


class PostgresPool(Pool, PostgresqlDatabase):
    """At most `size` connections to Postgres. From the wait for one on, it may be used for REQUEST_SECONDS."""

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

    def begin(self, isolation_level=None):
        """Begin a transaction; if the connection turns out to be dead, on a new one.

        It names its isolation, since the database or the role may have another default.
        """
        self.run_unless_dead(lambda: super(PostgresPool, self).begin(isolation_level or ISOLATION))

    def execute_many(self, sql, rows):
        with ExceptionWrapper(EXCEPTIONS):
            cursor = self.cursor()
            cursor.executemany(sql, rows, returning=True)  # psycopg sends all before it waits for the first answer
            return [row for result in cursor.results() if result.description for row in result.fetchall()]

    def reconnect(self):
        """Close this thread's connection, and those that no thread has, and connect this thread again."""
        deadline = self.connection().deadline
        self.connection().close()
        self.close_idle()
        self.close()
        self.connect()
        self.connection().deadline = deadline

    def run_unless_dead(self, run):
        """Run a function that writes nothing; if the connection turns out to be dead, once more on a new one."""
        try:
            return run()
        except (OperationalError, InterfaceError) as error:
            if self.in_transaction() or not is_disconnect(error):
                raise
        self.reconnect()
        return run()

    def refuse_unconfirmed_writes(self):
        """Raise OperationalError if earlier writes still wait in the server for a standby that is away.

        The service has closed their connections, but in the server their sessions stay. If each new write added one,
        the server would soon take no more connections, not even for reads. If no connection was closed before its
        answer came, this sends nothing.
        """
        if Connection.has_given_up:
            Connection.has_given_up = False
            with self.atomic():
                self.execute_sql("SET LOCAL ROLE NONE")  # another role may not see the sessions of this login
                (count,) = self.execute_sql(UNCONFIRMED).fetchone()
            if count:
                Connection.has_given_up = True
                raise OperationalError("no standby confirms the writes")

    def lift_time_limits(self):
        self.connection().deadline = None
        for name in TIME_LIMITS:
            self.execute_sql(f"SET LOCAL {name} = 0")

    def is_reusable(self, connection):
        return connection.info.transaction_status == TransactionStatus.IDLE

    def error_code(self, error):
        if isinstance(error, psycopg.Error):
            return error.sqlstate or type(error).__qualname__
        return None

    def words_of(self, error):
        if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return None
        if error.sqlstate:
            return error.diag.message_primary
        # libpq has a line for each server that it tried, with and without TLS, and may give advice in more lines.
        reasons = re.findall(".* failed: +(?:FATAL: +)?(.+)", str(error)) or str(error).splitlines()[:1]
        return "; ".join(dict.fromkeys(reasons)) or None

    def refused_value(self, error):
        if not isinstance(error, psycopg.IntegrityError | psycopg.DataError):
            return None
        return error.diag.constraint_name or error.diag.column_name or self.error_code(error)


# --- errors


def sqlstate_of(error):
    """Return the SQLSTATE of the driver's error behind one of Peewee's, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_disconnect(error):
    """Say whether an error means that the connection is dead: its SQLSTATE begins with 08 or 57P, or it has none.

    A wait that ended without an answer does not count: a second try would take as long.
    """
    sqlstate = sqlstate_of(error)
    timed_out = isinstance(getattr(error, "orig", None), psycopg.errors.ConnectionTimeout)
    return not timed_out and (sqlstate is None or sqlstate.startswith(("08", "57P")))
