"""A few open connections for many threads."""

import threading
from contextlib import contextmanager, suppress

from peewee import EXCEPTIONS, ExceptionWrapper, OperationalError

WAIT_SECONDS = 3  # for a connection, or for a semaphore


class WaitedTooLong(OperationalError):
    """The wait for a connection, or for a semaphore, took longer than WAIT_SECONDS."""


class TimedSemaphore(threading.Semaphore):
    """A semaphore that, in a `with` statement, raises WaitedTooLong after a wait of WAIT_SECONDS."""

    def __enter__(self):
        if not self.acquire(timeout=WAIT_SECONDS):
            raise WaitedTooLong("Too many requests of this kind at once.")


class Pool:
    """A mixin for a database of Peewee's: `connect()` takes a connection for this thread, and `close()` returns it.

    `connect()` takes the connection that was returned last, since its caches are warm, and does not ask whether it is
    alive. Peewee keeps the connection of a thread in `_state`, a private name, and this class sets it there: so a
    thread that finds an idle connection does not wait for one that connects to a host which does not answer.

    Each subclass adds what depends on its driver:
    - `dialect`: what differs in SQL, see dialect.py
    - `driver_error`: the base class of the driver's own errors, for code that does not go through Peewee
    - `is_reusable(connection)`: whether a connection that is returned may be used again
    - `error_code(error)`: the driver's code for an error, or None
    - `safe_message(error)`: what the driver says of the server, the connection or the file; of anything else, None
    - `violated_constraint(error)`: which constraint or type a row does not keep, or None

    What the last three return has no values of a row, so it may be logged.
    """

    def __init__(self, database, size, writers, **options):
        """At most `size` connections are open at once, and at most `writers` of them write."""
        self.size = size
        self.idle = []  # the open connections that no thread has
        self.semaphore = TimedSemaphore(size)
        self.slow_read_turns = TimedSemaphore(max(size // 2, 1))  # so that the other requests find a connection
        self.write_turns = TimedSemaphore(writers)
        super().__init__(database, **options)

    def connect(self):
        """Take a connection for this thread; raises WaitedTooLong if none is free in WAIT_SECONDS."""
        if not self.is_closed():
            raise OperationalError("This thread has a connection already.")
        if not self.semaphore.acquire(timeout=WAIT_SECONDS):
            raise WaitedTooLong("All connections are in use.")
        try:
            self._state.set_connection(self.idle.pop())
        except IndexError:  # none is idle
            self.open_connection()

    def open_connection(self):
        """Open a new connection for this thread, which has the semaphore; if it cannot, release the semaphore."""
        try:
            super().connect()
        except BaseException:
            self._state.reset()
            self.semaphore.release()
            raise

    def close(self):
        """Give the connection of this thread, if it has one, back to the pool."""
        connection = self._state.conn
        if connection is None:
            return
        self._state.reset()
        try:
            if self.is_reusable(connection):
                self.idle.append(connection)
            else:
                connection.close()
        finally:
            self.semaphore.release()

    @contextmanager
    def connected(self):
        """Have a connection for this thread within the context; unlike Peewee's context, it allows `reconnect()`."""
        self.connect()
        try:
            yield
        finally:
            self.close()

    def execute_many(self, sql, rows):
        """Run SQL for each of the rows (lists of values); return the rows that it returns, in their order."""
        with ExceptionWrapper(EXCEPTIONS):
            cursor = self.cursor()
            cursor.executemany(sql, rows)
            return cursor.fetchall()  # APSW runs the SQL for the next row when the rows before are fetched

    def lift_time_limits(self):
        """Let this thread's transaction, or if it has none its connection, take as long as it needs.

        Only commands call it, never a request. Behind a pooler, only those of a transaction can be lifted.
        """

    def close_idle(self):
        with suppress(IndexError):  # not `while self.idle`: another thread may take the last one meanwhile
            while True:
                self.idle.pop().close()

    def close_all(self):
        """Close the connection of this thread, and those that no thread has."""
        self.close()
        self.close_idle()
