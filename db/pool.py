"""A few open connections for many threads, first come, first served."""

from contextlib import suppress

from playhouse.pool import MaxConnectionsExceeded

from db.fair_semaphore import Turns

PATIENCE = 3  # seconds


class Pool:
    """Mixed into a database of Peewee's: `connect()` takes a connection for this thread, and `close()` gives it back.

    Peewee's own pool knows no queue, and takes two locks and a dozen calls for either. Here a connection that was
    given back last is taken first, since its caches are warm; one that is broken then, or in a transaction still, is
    closed instead. No connection is asked whether it is alive, which would be one more query a request.

    What differs from driver to driver, each database says for itself. `driver_error` is what its driver raises where
    Peewee is not asked; `is_at_rest(connection)` tells whether one is open, as far as that is known, and in no
    transaction; `is_lost(error)`, whether a connection turned out to be dead; `name_of(error)` and
    `constraint_in(error)` name what the driver said, and the constraint that is broken, without a row's values (None
    if the error is no such one).
    """

    size = None  # far fewer than threads: those are there to outwait slow clients, this bounds the database's work

    def __init__(self, database, **options):
        self.turns, self.patience, self.idle = Turns(self.size), PATIENCE, []
        self.slow_reads = Turns(self.size // 2)  # so that the others always find a connection
        super().__init__(database, **options)

    def connect(self, reuse_if_open=False):
        """Take a connection for this thread; raises MaxConnectionsExceeded if none is free in `patience` seconds."""
        if not self._state.closed:
            return super().connect(reuse_if_open)  # which says that there is one already
        if not self.turns.take(self.patience):
            raise MaxConnectionsExceeded("All connections are in use.")
        try:
            self._state.set_connection(self.idle.pop())
            return True
        except IndexError:
            pass  # none is open
        try:
            return super().connect()
        except BaseException:
            self._state.reset()
            self.turns.give()
            raise

    def close(self):
        """Give back the connection of this thread, if it has one."""
        return self.part(keep=True)

    def discard(self):
        """Close the connection of this thread, if it has one, and let nobody else have it."""
        return self.part(keep=False)

    def part(self, keep):
        connection = self._state.conn
        if connection is None:
            return False
        self._state.reset()
        try:
            if keep and self.is_at_rest(connection):
                self.idle.append(connection)
            else:
                connection.close()
        finally:
            self.turns.give()
        return True

    def close_idle(self):
        """Close every connection that no thread has."""
        with suppress(IndexError):
            while True:
                self.idle.pop().close()

    def close_all(self):
        """Close the connection of this thread, and every one that no thread has."""
        self.discard()
        self.close_idle()
