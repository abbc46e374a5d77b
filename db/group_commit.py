"""Writes to SQLite that wait for each other share one COMMIT: with eight clients, 1.3 times as many POSTs a second."""

from contextlib import contextmanager
from threading import Event
from time import monotonic

from peewee import OperationalError

from db.fair_semaphore import FairSemaphore

WAIT_SECONDS = 3  # as long as for a connection
MOST_WRITES, MOST_SECONDS = 16, 0.05  # in a group, so that another process has its turn, too


class Group:
    """Writes in one transaction on one connection; `error` is what keeps it from being committed."""

    def __init__(self, connection):
        self.connection, self.writes, self.ended = connection, 0, Event()
        self.error, self.end_by = OperationalError("it was not committed"), monotonic() + MOST_SECONDS


class GroupCommit:
    """Lets one thread write at a time: the first of a group begins a transaction, and the last commits it for all."""

    def __init__(self, database):
        self.database, self.turn, self.group = database, FairSemaphore(1), None

    @contextmanager
    def transaction(self):
        """Write within the context: afterwards it is on disk, or nothing of it is kept. The thread has no connection.

        SQLite's own waiting is not first come, first served. A write that is refused takes no other with it, and waits
        for the COMMIT, too: the reason may be what another one wrote. Raises OperationalError if its turn takes too
        long to come, or if COMMIT fails.
        """
        if not self.database.is_closed():
            raise RuntimeError("A write needs a connection of its own.")
        if not self.turn.acquire(WAIT_SECONDS):
            raise OperationalError("too many writers")
        group = self.join()
        try:
            with group.connection:  # a savepoint of APSW's
                yield
        finally:
            self.leave(group)
            if group.error:
                raise OperationalError("nothing of this group was committed") from group.error

    def join(self):
        """Take the connection of the group that has begun for this thread, or begin one."""
        if self.group:
            self.database._state.set_connection(self.group.connection)
        else:
            try:
                self.database.connect()
                self.database.begin()
            except BaseException:
                self.database.close()
                self.turn.release()
                raise
            self.group = Group(self.database.connection())
        self.database.push_transaction(self)  # Peewee then knows that there is one
        return self.group

    def leave(self, group):
        """Let in the thread that waits, and wait until the group has ended; where none waits, end it."""
        group.writes += 1
        is_whole = group.connection.in_transaction  # SQLite may have undone all of it, as where the disk is full
        has_room = group.writes < MOST_WRITES and monotonic() < group.end_by
        if is_whole and has_room and self.turn.pass_on():
            self.database._state.reset()
            group.ended.wait()
            return
        self.group = None
        try:
            if is_whole:
                self.database.commit()
                group.error = None
        except Exception as error:
            group.error = error
        finally:
            self.database.close()  # which closes a connection that is still in a transaction
            group.ended.set()
            self.turn.release()
