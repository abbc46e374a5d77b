"""One connection to Postgres: the settings of its statements, how long it waits for an answer, how it reads an instant.

Between the service and the server there may be a pooler, such as PgBouncer in transaction mode, which gives each
transaction to another of its sessions. A setting of a session is then lost, or somebody else's, and so is a prepared
statement; a setting at the start of a session is refused.
"""

import time
from contextlib import contextmanager, nullcontext, suppress

import psycopg
from psycopg import sql
from psycopg.pq import PipelineStatus, TransactionStatus

from db.pipeline import Pipeline

LOCK_SECONDS, SESSION_SECONDS, COMMIT_SECONDS, CANCEL_SECONDS = 3, 2, 0.5, 0.5
SETTINGS = {
    "statement_timeout": "4000",  # ms, as the next two
    "lock_timeout": f"{LOCK_SECONDS}000",
    "idle_in_transaction_session_timeout": "10000",
}
NO_TIME_LIMITS = dict.fromkeys(SETTINGS, "0")
INSTANTS = {"timezone": "UTC", "datestyle": "ISO"}  # whatever the server, the database or the role says


class UTCLoader(psycopg.adapt.Loader):
    """Read a timestamptz as the text that the API prints: `YYYY-MM-DDTHH:MM:SSZ`."""

    def load(self, data):
        text = bytes(data).decode()  # "2026-03-01 00:00:00+00", as INSTANTS have it
        return f"{text[:10]}T{text[11:19]}Z"


psycopg.adapters.register_loader("timestamptz", UTCLoader)


class Connection(Pipeline, psycopg.Connection):
    """A connection that waits for answers until `answer_by` (monotonic seconds; None: for ever), and is then closed."""

    answer_by = None
    is_through_pooler = False  # which stands between here and the server
    is_committing = False  # what was sent last is COMMIT, or ends with it
    settings = None
    settings_sql = None  # through a pooler: sets them for one transaction

    def begin_session(self, settings):
        """Find out whether there is a pooler, and let the settings (text by name) hold for every statement to come."""
        self.answer_by = time.monotonic() + SESSION_SECONDS
        self.prepare_threshold = None  # send_together() prepares statements; on a ROLLBACK, psycopg would forget all
        (backend_pid,) = self.execute("SELECT pg_backend_pid()").fetchone()
        if backend_pid != self.info.backend_pid:  # a pooler makes up the one that it tells its clients
            self.is_through_pooler, self.cursor_factory = True, CursorThroughPooler
        self.change_settings(settings | INSTANTS)

    def change_settings(self, settings):
        """Let the settings (text by name) hold for every statement to come."""
        if self.is_through_pooler:
            self.settings_sql = sql.SQL(set_all(settings, "true").as_string(self))  # written once, not for each read
        else:
            self.execute(set_all(settings, "false"))
        self.settings = settings

    def lift_time_limits(self):
        """Let statements and transactions take as long as they need, and wait for them."""
        self.answer_by = None
        self.change_settings(self.settings | NO_TIME_LIMITS)

    @contextmanager
    def committing(self, statements=0):
        """Send COMMIT within: alone, or in a pipeline after so many statements that may have to wait for a lock.

        COMMIT needs some time, too. Where that is not left, it is not sent, or it would be done and not acknowledged.
        Where little is left, the statements get less than their settings say: only COMMIT itself can outlast it then.
        """
        if self.answer_by is not None:
            seconds = self.answer_by - time.monotonic() - COMMIT_SECONDS
            if seconds <= 0:
                raise self.time_out()
            if statements and seconds / statements < LOCK_SECONDS:
                limit = f"{seconds / statements * 1000:.0f}"
                self.execute("SELECT set_config('statement_timeout', %s, true)", (limit,))
        self.is_committing = True
        try:
            yield
        finally:
            self.is_committing = False

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
        """Cancel what is under way, close the connection, on which an answer may still come; return what to raise.

        Without its client, a statement that waits for a lock would go on, and commit what was refused. A COMMIT is
        not cancelled: what waits for a standby is committed already, and could be read before the standby has it.
        """
        if self.info.transaction_status == TransactionStatus.ACTIVE and not self.is_committing:
            with suppress(psycopg.Error):  # a server that hangs does not hear it
                self.cancel_safe(timeout=CANCEL_SECONDS)
        self.close()
        return psycopg.errors.ConnectionTimeout("no answer in time")


class CursorThroughPooler(psycopg.Cursor):
    """A cursor that sends the connection's settings along, in the same round trip, with what begins a transaction.

    That is BEGIN, or a statement outside of a transaction: a pipeline is a transaction of its own.
    """

    def execute(self, query, params=None, **options):
        connection = self.connection
        if connection.info.transaction_status != TransactionStatus.IDLE:
            return super().execute(query, params, **options)
        settings = psycopg.Cursor(connection)
        in_pipeline = connection.pgconn.pipeline_status != PipelineStatus.OFF
        with nullcontext() if in_pipeline else connection.pipeline():
            if query.startswith("BEGIN"):  # which may set an isolation level, and has to come first then
                super().execute(query)
                settings.execute(connection.settings_sql)
            else:
                settings.execute(connection.settings_sql)
                super().execute(query, params, **options)
        return self


def set_all(settings, is_local):
    """Return the statement that sets all settings at once, for the transaction (`is_local`) or for the session."""
    each = (sql.SQL("set_config({}, {}, {})").format(*pair, sql.SQL(is_local)) for pair in settings.items())
    return sql.SQL("SELECT ") + sql.SQL(", ").join(each)
