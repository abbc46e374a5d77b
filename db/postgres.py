"""Postgres: how a connection is made, how long a request may have it, and what the driver's errors say."""

import re
import time
from contextlib import contextmanager

import peewee
import psycopg
from peewee import InternalError, PostgresqlDatabase, Psycopg3Adapter
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from db.dialect import PostgresDialect
from db.pipeline import PipelinedTransactions
from db.pool import Pool
from db.postgres_connection import SETTINGS, Connection
from db.sqlstates import is_read_only, sqlstate_of

DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}  # s, ms, s
# A server that hangs does not keep its own time limits. This is longer than two of its waits for a lock, so that it is
# the server who ends those, and short enough that no request takes 10 s, although to connect may take 2 s a host.
REQUEST_SECONDS = 7
SETTING = re.compile(r"(?:-c\s*|--)([a-z_]+)=(\S+)")  # in libpq's `options`


class Adapter(Psycopg3Adapter):
    """psycopg 3, whose sessions have our settings.

    Only one thread at a time connects (Peewee holds its lock). After a failure those who waited for their turn fail
    at once, and so does everyone for as long as the failure took to show: else a hundred threads would wait 2 seconds
    each, one after the other. Of several hosts, the one that answered last is tried first, for the same reason.
    """

    failure, closed_until = "", 0.0  # monotonic seconds
    answered = None  # host and port

    def connect(self, db, **params):
        started = time.monotonic()
        if started < self.closed_until:
            raise psycopg.errors.ConnectionTimeout(self.failure)
        try:
            hosts = hosts_in_order(db.database, self.answered)
            connection = Connection.connect(db.database, autocommit=True, **params, **hosts)
            connection.begin_session(db.settings)
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


class PostgresPool(PipelinedTransactions, Pool, PostgresqlDatabase):
    """Connections to Postgres with so many seconds to do with a request, the wait for one of them included."""

    default_size = 8
    driver_error = psycopg.Error
    psycopg3_adapter = Adapter

    def __init__(self, url, size, settings, **options):
        self.dialect, self.settings = PostgresDialect(self), settings
        super().__init__(url, size, **options)

    def connect(self, reuse_if_open=False):
        answer_by = time.monotonic() + REQUEST_SECONDS
        opened = super().connect(reuse_if_open)
        if opened:
            self._state.conn.answer_by = answer_by
        return opened

    @contextmanager
    def write_transaction(self):
        with self.connection_context(), self.close_if_read_only(), self.atomic():
            yield

    @contextmanager
    def close_if_read_only(self):
        """Close the connection of this thread, and the idle ones, where the server takes no writes.

        The address may lead to another server by now, whose connections do: a standby that was promoted.
        """
        try:
            yield
        except InternalError as error:
            if is_read_only(error):
                self.connection().close()  # the pool keeps none that is closed
                self.close_idle()
            raise

    def lift_time_limits(self):
        with peewee.__exception_wrapper__:
            self.connection().lift_time_limits()

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


def open_postgres(url, size=None):
    """Return a pool of at most `size` connections to Postgres.

    What the URL says itself goes before our time-outs (libpq's names).
    """
    given = conninfo_to_dict(url)
    defaults = {name: value for name, value in DEFAULTS.items() if name not in given}
    settings = SETTINGS | {name: value for name, value in SETTING.findall(given.get("options", "")) if name in SETTINGS}
    return PostgresPool(url, size, settings, prefer_psycopg3=True, field_types={"UTC": "TIMESTAMPTZ"}, **defaults)
