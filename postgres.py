"""Postgres: how a connection is made, how long it waits for an answer, and how it reads an instant."""

import time

import psycopg
from peewee import Psycopg3Adapter
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.conninfo import conninfo_to_dict

DEFAULTS = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 10}  # s, ms, s
OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"  # ms
    " -c random_page_cost=1.1"  # a page that an index finds costs little more than the next one on any disk of today
)
SESSION = "SET timezone = 'UTC'; SET datestyle = 'ISO'"
# A server that hangs does not keep its own statement_timeout. With the wait for the pool, 9 s at most for a request.
ANSWER_SECONDS = 6


class UTCLoader(psycopg.adapt.Loader):
    """Read a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        text = bytes(data).decode()  # "2026-03-01 00:00:00+00", as the session's timezone and datestyle have it
        return f"{text[:10]}T{text[11:19]}Z"


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(psycopg.Connection):
    """A connection that waits for an answer so many seconds (`patience`; None: for ever), and is then closed."""

    patience = ANSWER_SECONDS

    def wait(self, gen, interval=0.1, timeout=None):
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:
            self.close()  # what it waited for may still come
            raise psycopg.errors.ConnectionTimeout(f"no answer within {self.patience} s") from None


class Adapter(Psycopg3Adapter):
    """psycopg 3, with instants in UTC whatever the URL and the environment (PGTZ) say.

    Only one thread at a time connects (Peewee holds its lock). After a failure those who waited for their turn fail
    at once, and so does everyone for as long as the failure took to show: else a hundred threads would wait 2 seconds
    each, one after the other.
    """

    failure, closed_until = "", 0.0  # monotonic seconds

    def connect(self, db, **params):
        begun = time.monotonic()
        if begun < self.closed_until:
            raise psycopg.errors.ConnectionTimeout(self.failure)
        try:
            connection = Connection.connect(db.database, **params)
            connection.execute(SESSION)
            connection.commit()
        except psycopg.OperationalError as error:
            failed = time.monotonic()
            self.failure, self.closed_until = str(error), failed + (failed - begun)
            raise
        return connection


class PostgresPool(PooledPostgresqlDatabase):
    """Peewee's pool, without the query by which it asks every connection that it hands out whether it is alive."""

    psycopg3_adapter = Adapter

    def _is_closed(self, conn):
        return conn.closed


def open_postgres(url, **pool):
    """Return a pool of connections to Postgres; what the URL says itself goes before our time-outs (libpq's names)."""
    given = conninfo_to_dict(url)
    defaults = {name: value for name, value in DEFAULTS.items() if name not in given}
    options = f"{OPTIONS} {given.get('options', '')}"  # the last one wins
    return PostgresPool(
        url, prefer_psycopg3=True, options=options, field_types={"UTC": "TIMESTAMPTZ"}, **defaults, **pool
    )
