"""Postgres: how a connection is made, how long it waits for an answer, and how it reads an instant."""

import time

import peewee
import psycopg
from peewee import PostgresqlDatabase, Psycopg3Adapter
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from db.dialect import PostgresDialect
from db.pool import Pool
from db.sqlstates import sqlstate_of

DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}  # s, ms, s
OPTIONS = (
    "-c statement_timeout=4000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"  # ms
    " -c random_page_cost=1.1"  # a page that an index finds costs little more than the next one on any disk of today
)
NO_TIME_LIMITS = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
SESSION = "SET timezone = 'UTC'; SET datestyle = 'ISO'"
# A server that hangs does not keep its own statement_timeout. A request may then have to wait for another one that
# connects, too, which takes 2 s a host: with two of them, 10 s in all.
REQUEST_SECONDS, SESSION_SECONDS = 6, 2

# without_psycopg.py kept them away.
peewee.psycopg, peewee.TransactionStatus = psycopg, TransactionStatus


class UTCLoader(psycopg.adapt.Loader):
    """Read a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        text = bytes(data).decode()  # "2026-03-01 00:00:00+00", as the session's timezone and datestyle have it
        return f"{text[:10]}T{text[11:19]}Z"


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(psycopg.Connection):
    """A connection that waits for answers until `answer_by` (monotonic seconds; None: for ever), and is then closed."""

    answer_by = None

    def wait(self, gen, interval=0.1, timeout=None):
        if timeout is None and self.answer_by is not None:
            timeout = self.answer_by - time.monotonic()
            if timeout <= 0:
                raise self.time_out()  # before anything is sent: a COMMIT would be done without being acknowledged
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.errors._WaitTimeout:  # psycopg has no public name for it
            raise self.time_out() from None

    def time_out(self):
        """Close the connection, on which an answer may still come, and return the error to raise."""
        self.close()
        return psycopg.errors.ConnectionTimeout("no answer in time")


class Adapter(Psycopg3Adapter):
    """psycopg 3, with instants in UTC whatever the URL and the environment (PGTZ) say.

    Only one thread at a time connects (Peewee holds its lock). After a failure those who waited for their turn fail
    at once, and so does everyone for as long as the failure took to show: else a hundred threads would wait 2 seconds
    each, one after the other. Of several hosts, the one that answered last is tried first, for the same reason.
    """

    txn_idle, txn_inerror, txn_unknown = TransactionStatus.IDLE, TransactionStatus.INERROR, TransactionStatus.UNKNOWN
    failure, closed_until = "", 0.0  # monotonic seconds
    answered = None  # host and port

    def connect(self, db, **params):
        started = time.monotonic()
        if started < self.closed_until:
            raise psycopg.errors.ConnectionTimeout(self.failure)
        try:
            connection = Connection.connect(db.database, **params, **hosts_in_order(db.database, self.answered))
            connection.answer_by = time.monotonic() + SESSION_SECONDS
            connection.execute(SESSION)
            connection.commit()
        except psycopg.OperationalError as error:
            failed = time.monotonic()
            self.failure, self.closed_until = str(error), failed + (failed - started)
            raise
        self.answered = connection.info.host, str(connection.info.port)
        return connection


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

    size = 8
    driver_error = psycopg.Error
    psycopg3_adapter = Adapter

    def __init__(self, url, **options):
        self.dialect = PostgresDialect(self)
        super().__init__(url, **options)

    def connect(self, reuse_if_open=False):
        answer_by = time.monotonic() + REQUEST_SECONDS
        opened = super().connect(reuse_if_open)
        if opened:
            self._state.conn.answer_by = answer_by
        return opened

    def lift_time_limits(self):
        self.execute_sql(NO_TIME_LIMITS)
        self.connection().answer_by = None

    def is_reusable(self, connection):
        return connection.pgconn.transaction_status == TransactionStatus.IDLE

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


def open_postgres(url):
    """Return a pool of connections to Postgres; what the URL says itself goes before our time-outs (libpq's names)."""
    given = conninfo_to_dict(url)
    defaults = {name: value for name, value in DEFAULTS.items() if name not in given}
    options = f"{OPTIONS} {given.get('options', '')}"  # the last one wins
    return PostgresPool(url, prefer_psycopg3=True, options=options, field_types={"UTC": "TIMESTAMPTZ"}, **defaults)
