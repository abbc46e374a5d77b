"""Several statements in one round trip to Postgres, and transactions whose first and last trip bring BEGIN and COMMIT.

This is libpq's pipeline mode, by psycopg's wrapper of libpq. A pipeline of psycopg's cursors costs Python as much time
as it saves: on loopback, a write took 348 µs in five trips, 365 in two by cursors, and 126 in two by what is here; a
read of one row took 105 µs by a cursor, and 78 by what is here.
"""

import time
from contextlib import nullcontext
from functools import cache
from itertools import count

import peewee
from psycopg import OperationalError, errors
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.waiting import Ready, Wait

BEGIN, COMMIT, ROLLBACK = ("BEGIN", ()), ("COMMIT", ()), ("ROLLBACK", ())
BIGINT, UNKNOWN = 20, 0  # types by their OIDs; of the other values, Postgres finds out the type by itself
PREPARED_AT_MOST = 200  # by one session; of lists with many filters there are tens of thousands


class Pipeline:
    """Mixed into a connection of psycopg's: sends statements together, then waits for all of their results."""

    begin_is_pending = False  # a transaction is to begin with the next statements
    prepared = None  # the names of the statements that this session has prepared, by their SQL

    def send_together(self, calls):
        """Send statements, each a pair of SQL and values, in one round trip; return the rows of each, as tuples.

        If one fails, those after it are not run, and its error is raised.
        """
        if not self.is_through_pooler or self.info.transaction_status != TransactionStatus.IDLE:
            return self.exchange(calls)
        # The settings come with BEGIN, or before all: a pipeline is a transaction of its own.
        settings_at = 1 if calls[0] == BEGIN else 0
        settings = self.settings_sql.as_string(self), ()
        results = self.exchange([*calls[:settings_at], settings, *calls[settings_at:]])
        del results[settings_at]
        return results

    def exchange(self, calls):
        if self.answer_by is not None and self.answer_by <= time.monotonic():
            raise self.time_out()  # before anything is sent: a COMMIT would be done without being acknowledged
        pgconn, new, wanted, results = self.pgconn, [], [], []
        pgconn.enter_pipeline_mode()
        try:
            for sql, values in calls:
                wanted += [False] * self.queue(sql, values, new) + [True]
            pgconn.pipeline_sync()
            self.wait(receive(pgconn, results))
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        failed = [result for result in results if result.status == ExecStatus.FATAL_ERROR]
        if failed:
            for sql in new:
                del self.prepared[sql]
            raise errors.error_from_result(failed[0], encoding=self.info.encoding)
        return [self.rows_of(result) for result, is_wanted in zip(results, wanted, strict=True) if is_wanted]

    def queue(self, sql, values, new):
        """Queue a statement; return how many results to skip before its own: 1 if it is prepared first, else 0.

        It is prepared on its way the first time, and then added to `new`; not where a pooler may change the session.
        """
        texts = [text_of(value) for value in values]
        types = [BIGINT if type(value) is int else UNKNOWN for value in values]
        if self.prepared is None:
            self.prepared, self.names = {}, count(1)
        prepares = sql not in self.prepared
        if self.is_through_pooler or (prepares and len(self.prepared) == PREPARED_AT_MOST):
            self.pgconn.send_query_params(numbered(sql), texts, types)
            return 0
        if prepares:
            name = self.prepared[sql] = f"statement_{next(self.names)}".encode()
            self.pgconn.send_prepare(name, numbered(sql), types)
            new.append(sql)
        self.pgconn.send_query_prepared(self.prepared[sql], texts)
        return 1 if prepares else 0

    def rows_of(self, result):
        rows = Transformer(self)
        rows.set_pgresult(result)
        return rows.load_rows(0, result.ntuples, tuple)


def receive(pgconn, results):
    """Send what is queued and append the result of each statement; yields what to wait for, as psycopg expects."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    ended = False
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None:
            if result.status == ExecStatus.PIPELINE_SYNC:
                return
            results.append(result)
        elif ended:  # None ends each statement; a second one says that nothing more comes
            raise OperationalError(pgconn.get_error_message())
        ended = result is None


def text_of(value):
    """Return a value in the text format of the protocol: text, a number, None, or a list of these."""
    if value is None:
        return None
    if isinstance(value, list):
        items = (str(item).replace("\\", r"\\").replace('"', r"\"") for item in value)
        quoted = ",".join(f'"{item}"' for item in items)
        value = f"{{{quoted}}}"
    return str(value).encode()


@cache  # of the statements of this service
def numbered(sql):
    """Return SQL with the numbered places for values that the protocol knows."""
    first, *others = sql.split("%s")
    return "".join([first, *(f"${number}{text}" for number, text in enumerate(others, 1))]).encode()


class PipelinedTransactions:
    """Mixed into a pool for Postgres: BEGIN travels with a transaction's first statements, COMMIT with its last.

    A statement that is run by itself goes as ever, in a transaction or outside of one.
    """

    def begin(self, isolation_level=None):
        if isolation_level:
            super().begin(isolation_level)
        else:
            self.connection().begin_is_pending = True

    def cursor(self, named_cursor=None):
        connection = self._state.conn
        if connection is not None and connection.begin_is_pending:
            with peewee.__exception_wrapper__:
                connection.execute("BEGIN")
            connection.begin_is_pending = False
        return super().cursor(named_cursor)

    def run_together(self, calls, commit=False):
        """Run statements, each a pair of a Statement and its values, in one round trip; return the rows of each.

        With `commit` they are the last of their transaction, and end it.
        """
        connection = self.connection()
        begin_is_pending = connection.begin_is_pending
        # With COMMIT it may be done though no answer comes: it counts as begun, and is not run again.
        connection.begin_is_pending = begin_is_pending and not commit
        calls = [(statement.sql, values) for statement, values in calls]
        first = [BEGIN] if begin_is_pending else []
        last = [COMMIT] if commit else []
        with peewee.__exception_wrapper__, connection.committing(1) if commit else nullcontext():
            results = connection.send_together([*first, *calls, *last])
        connection.begin_is_pending = False
        return results[len(first) : len(first) + len(calls)]

    def has_begun(self):
        """Say whether the server knows of the transaction of this thread."""
        return not self.connection().begin_is_pending

    def commit(self):
        connection = self.connection()
        if connection.info.transaction_status == TransactionStatus.IDLE:
            connection.begin_is_pending = False  # it has committed with its last statements, or never begun
        else:
            with peewee.__exception_wrapper__, connection.committing():
                connection.send_together([COMMIT])

    def rollback(self):
        connection = self.connection()
        connection.begin_is_pending = False
        if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
            with peewee.__exception_wrapper__:
                connection.send_together([ROLLBACK])
