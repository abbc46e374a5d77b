"""Waiting in line, for a connection and to write to SQLite: a lock or a condition would let the quickest go first."""

import threading
from collections import deque

from playhouse.pool import MaxConnectionsExceeded

# Far fewer connections than threads: threads are there to outwait slow clients, the pool bounds the database's work.
POOL = {"max_connections": 8, "timeout": 3}  # s


class Turns:
    """A gate that so many threads may be behind at once; the others go through in the order in which they came."""

    def __init__(self, count):
        self.lock, self.free, self.waiting = threading.Lock(), count, deque()

    def take(self, seconds):
        """Wait for a turn, at most so many seconds; return whether it came."""
        with self.lock:
            if self.free:
                self.free -= 1
                return True
            mine = threading.Lock()
            mine.acquire()
            self.waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self.lock:
            if mine not in self.waiting:
                return True  # it came at the last moment
            self.waiting.remove(mine)
            return False

    def give(self):
        """Give the turn to whoever waits longest."""
        with self.lock:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.free += 1


class InLine:
    """Mixed into a pool of Peewee's: a thread that finds all connections in use gets one in its turn."""

    def init(self, database, **options):
        super().init(database, **options)
        self.turns = Turns(self._max_connections)

    def connect(self, reuse_if_open=False):
        if not self.turns.take(self._wait_timeout):
            raise MaxConnectionsExceeded("All connections are in use.")
        opened = False
        try:
            opened = super().connect(reuse_if_open)
        finally:
            if not opened:
                self.turns.give()
        return opened

    def close(self):
        was_open = not self.is_closed()
        try:
            return super().close()
        finally:
            if was_open and self.is_closed():
                self.turns.give()
