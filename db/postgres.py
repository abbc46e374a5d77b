"""Postgres: how a connection is made, how long a request may have it, and what the driver's errors say.

Between the service and the server there may be a pooler, such as PgBouncer in transaction mode, which gives each
transaction to another of its sessions. What is set for a session is then lost, or somebody else's, and so is a prepared
statement; a setting at the start of a session is refused. TimeZone and DateStyle alone are kept for each client.
"""

import logging
import time

import psycopg
from peewee import InterfaceError, OperationalError, PostgresqlDatabase, Psycopg3Adapter
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from db.dialect import PostgresDialect, instant_in_utc
from db.pool import Pool

DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}  # s, ms, s
# The names of settings, their values, and what the server says of one that nobody has set.
LIMITS = (
    ("statement_timeout", "4s", "0"),
    ("lock_timeout", "3s", "0"),
    ("idle_in_transaction_session_timeout", "10s", "0"),
    ("random_page_cost", "1.1", "4"),  # a page that an index finds costs little more than the next one, as on any SSD
)
TIME_LIMITS = [name for name, _value, unset in LIMITS if unset == "0"]
# A server that hangs does not keep its own time limits. This is longer than two of its waits for a lock, so that it is
# the server who ends those, and short enough that no request takes 10 s, although to connect may take 2 s a host.
REQUEST_SECONDS, SESSION_SECONDS = 7, 2
# SQLSTATEs, by which the driver's errors are told apart; an error of SQLite has none.
SERIALIZATION_FAILURE, DEADLOCK_DETECTED, READ_ONLY_TRANSACTION = "40001", "40P01", "25006"
LOCK_NOT_AVAILABLE = "55P03"
BEGIN_SESSION = (
    "SELECT pg_backend_pid(), current_setting('statement_timeout') = '0',"
    " set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false)"
)
UNSET = " UNION ALL ".join(
    f"SELECT '{name}' AS name, '{value}' AS value WHERE current_setting('{name}') = '{unset}'"
    for name, value, unset in LIMITS
)
SET_LIMITS = f"SELECT set_config(name, value, false) FROM ({UNSET}) AS unset"  # noqa: S608 (our own)


class UTCLoader(psycopg.adapt.Loader):
    """Read a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        return instant_in_utc(bytes(data).decode())


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(psycopg.Connection):
    """A connection that waits for answers until `answer_by` (monotonic seconds; None: for ever), and is then closed."""

    answer_by = None
    is_through_pooler = False
    has_no_limits = False

    def begin_session(self):
        """Let all statements be in UTC and within the time limits.

        A limit that is set already, by the URL or for the role, stays. Through a pooler all of them must be set for the
        role, which the migrations do.
        """
        self.answer_by = time.monotonic() + SESSION_SECONDS
        backend_pid, has_no_limits, *_settings = self.execute(BEGIN_SESSION).fetchone()
        self.is_through_pooler = backend_pid != self.info.backend_pid  # a pooler makes up the one that it tells
        if self.is_through_pooler:
            self.prepare_threshold, self.has_no_limits = None, has_no_limits
        else:
            self.execute(SET_LIMITS)

    def wait(self, gen, interval=0.1, timeout=None):
        if self.answer_by is None:
            return super().wait(gen, interval, timeout)
        seconds = self.answer_by - time.monotonic()
        if seconds <= 0:  # before anything is sent: a write would be done without being acknowledged
            raise self.no_answer()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError as error:
            if error.sqlstate is None and time.monotonic() >= self.answer_by:
                raise self.no_answer() from None
            raise

    def no_answer(self):
        """Close the connection, on which an answer may still come, and return what to raise.

        What was sent is not cancelled. If it waits for a lock, it writes nothing; if it waits for a standby, it is
        committed.
        """
        self.close()
        return psycopg.errors.ConnectionTimeout("no answer in time")


class Adapter(Psycopg3Adapter):
    """psycopg 3, with our connections.

    Only one thread at a time connects (Peewee holds its lock). After a failure those who waited for their turn fail
    at once, and so does everyone for as long as the failure took to show: else a hundred threads would wait 2 seconds
    each, one after the other. Of several hosts, the one that answered last is tried first, for the same reason.
    """

    failure, closed_until = "", 0.0  # monotonic seconds
    answered = None  # host and port
    has_warned = False

    def connect(self, db, **params):
        started = time.monotonic()
        if started < self.closed_until:
            raise psycopg.errors.ConnectionTimeout(self.failure)
        try:
            hosts = hosts_in_order(db.database, self.answered)
            connection = Connection.connect(db.database, autocommit=True, **params, **hosts)
            connection.begin_session()
            self.warn_of_no_limits(connection)
        except psycopg.OperationalError as error:
            failed = time.monotonic()
            self.failure, self.closed_until = str(error), failed + (failed - started)
            raise
        self.answered = connection.info.host, str(connection.info.port)
        return connection

    def warn_of_no_limits(self, connection):
        """Log, once, that the role has no time limits, which only a role can have behind a pooler."""
        if connection.has_no_limits and not self.has_warned:
            self.has_warned = True
            logging.getLogger(__name__).warning(
                "behind this pooler, statements have no time limits; run flask --app app migrate, and RECONNECT it"
            )


def hosts_in_order(url, first):
    """Return the several hosts and ports of a URL, by libpq's names, in the order to try them: `first` first."""
    given = conninfo_to_dict(url)
    hosts, ports = (given.get(name, "").split(",") for name in ("host", "port"))
    ports = ports * len(hosts) if len(ports) == 1 else ports
    if len(hosts) == 1 or len(hosts) != len(ports) or "hostaddr" in given:
        return {}  # there is no choice, or it is libpq's to say what is wrong
    in_order = sorted(zip(hosts, ports, strict=True), key=lambda pair: (pair[0], pair[1] or "5432") != first)
    hosts, ports = zip(*in_order, strict=True)
    return {"host": ",".join(hosts), "port": ",".join(ports)}


class PostgresPool(Pool, PostgresqlDatabase):
    """Connections to Postgres with so many seconds to do with a request, the wait for one of them included."""

    default_size = 8
    driver_error = psycopg.Error
    psycopg3_adapter = Adapter

    def __init__(self, url, size, **options):
        self.dialect = PostgresDialect(self)
        # Writes that wait for a standby must leave connections to the reads.
        super().__init__(url, size, lambda size: max(size - 2, 1), **options)

    def connect(self, reuse_if_open=False):
        answer_by = time.monotonic() + REQUEST_SECONDS
        opened = super().connect(reuse_if_open)
        if opened:
            self.connection().answer_by = answer_by
        return opened

    def begin(self, isolation_level=None):
        """Begin a transaction; on a new connection, if this one turns out to be dead."""
        self.run_unless_dead(lambda: super(PostgresPool, self).begin(isolation_level))

    def reconnect(self):
        """Give this thread a new connection instead of its own, and close those that no thread has."""
        answer_by = self.connection().answer_by
        self.connection().close()
        self.close_idle()
        self.close()
        self.connect()
        self.connection().answer_by = answer_by

    def run_unless_dead(self, run):
        """Run something that writes nothing; once more on a new connection, if this one turns out to be dead."""
        try:
            return run()
        except (OperationalError, InterfaceError) as error:
            if self.in_transaction() or not self.is_disconnect(error):
                raise
        self.reconnect()
        return run()

    def lift_time_limits(self):
        self.connection().answer_by = None
        for name in TIME_LIMITS:
            self.execute_sql(f"SET LOCAL {name} = 0")

    def is_reusable(self, connection):
        return connection.info.transaction_status == TransactionStatus.IDLE

    def is_disconnect(self, error):
        """By SQLSTATE: classes 08 and 57P, or none at all.

        Not if it only gave no answer in time: then a second attempt would take as long.
        """
        sqlstate = sqlstate_of(error)
        timed_out = isinstance(getattr(error, "orig", None), psycopg.errors.ConnectionTimeout)
        return not timed_out and (sqlstate is None or sqlstate.startswith(("08", "57P")))

    def error_code(self, error):
        if isinstance(error, psycopg.Error):
            return error.sqlstate or type(error).__qualname__
        return None

    def violated_constraint(self, error):
        return error.diag.constraint_name if isinstance(error, psycopg.IntegrityError) else None


def open_postgres(url, size=None):
    """Return a pool of at most `size` connections to Postgres.

    What the URL says itself goes before our time-outs (libpq's names).
    """
    given = conninfo_to_dict(url)
    defaults = {name: value for name, value in DEFAULTS.items() if name not in given}
    return PostgresPool(url, size, prefer_psycopg3=True, field_types={"UTC": "TIMESTAMPTZ"}, **defaults)


# --- errors


def sqlstate_of(error):
    """Return the SQLSTATE that one of Peewee's errors comes from, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_conflict(error):
    """Say whether the transaction was aborted for another one's sake; run again, it may succeed."""
    return sqlstate_of(error) in (SERIALIZATION_FAILURE, DEADLOCK_DETECTED)


def is_read_only(error):
    """Say whether the server takes no writes."""
    return sqlstate_of(error) == READ_ONLY_TRANSACTION


def is_lock_timeout(error):
    """Say whether a lock did not become free within `lock_timeout`."""
    return sqlstate_of(error) == LOCK_NOT_AVAILABLE
