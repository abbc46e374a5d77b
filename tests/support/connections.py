"""The connections of the app's pool."""

import threading

from db import db


def free_connections():
    """Return how many connections the pool may still give to threads."""
    free = 0
    while db.semaphore.acquire(blocking=False):
        free += 1
    if free:
        db.semaphore.release(free)
    return free


def open_all():
    """Have the pool hold as many open connections as it may."""
    all_open = threading.Barrier(db.size)

    def open_one():
        with db.connection_context():
            all_open.wait()

    threads = [threading.Thread(target=open_one) for _ in range(db.size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(db.idle) == db.size
