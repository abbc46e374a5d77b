"""Waiting in line, for a connection and to write to SQLite: a lock or a condition would let the quickest go first."""

import threading
from collections import deque


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
