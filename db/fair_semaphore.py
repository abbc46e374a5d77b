"""A semaphore that is first in, first out: Python's own lets whichever thread is quickest go first."""

import threading
from collections import deque


class FairSemaphore:
    """Lets at most `count` threads in at once; the others wait, and go in in the order in which they came."""

    def __init__(self, count):
        self.lock, self.free, self.waits = threading.Lock(), count, deque()

    def acquire(self, seconds):
        """Wait at most so many seconds to go in; return whether this thread is in."""
        with self.lock:
            if self.free:
                self.free -= 1
                return True
            own_turn = threading.Lock()
            own_turn.acquire()
            self.waits.append(own_turn)
        if own_turn.acquire(timeout=seconds):
            return True
        with self.lock:
            if own_turn not in self.waits:
                return True  # it was let in at the last moment
            self.waits.remove(own_turn)
            return False

    def release(self):
        """Leave, and let in the thread that has waited longest."""
        with self.lock:
            if self.waits:
                self.waits.popleft().release()
            else:
                self.free += 1
