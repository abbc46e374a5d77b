"""Threads that wait for a connection get one first come, first served; who waits too long gets a 503."""

import threading
import time

import pytest

from db import db, pool
from db.pool import FairSemaphore

PATIENCE = 30  # seconds for what must happen at all


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_threads_acquire_the_semaphore_in_the_order_in_which_they_came():
    semaphore, came = FairSemaphore(1), []
    assert semaphore.acquire(0)

    def come(name):
        assert semaphore.acquire(PATIENCE)
        came.append(name)
        semaphore.release()

    threads = []
    for name in range(10):
        threads.append(threading.Thread(target=come, args=(name,)))
        threads[-1].start()
        wait_until(lambda: len(semaphore.waits) == len(threads))
    semaphore.release()
    for thread in threads:
        thread.join(PATIENCE)
    assert came == list(range(10))
    assert semaphore.acquire(0)


def test_a_thread_that_gives_up_waiting_leaves_the_queue():
    semaphore = FairSemaphore(1)
    assert semaphore.acquire(0)
    assert not semaphore.acquire(0.01)
    assert not semaphore.waits
    semaphore.release()
    assert semaphore.acquire(0)


@pytest.fixture
def all_in_use(app, client, monkeypatch):
    """Keep every connection of the pool busy, each in a thread of its own, and let a request wait only for a moment."""
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
    busy, done = threading.Semaphore(0), threading.Event()

    def keep_busy():
        with db.connection_context():
            busy.release()
            assert done.wait(PATIENCE)

    threads = [threading.Thread(target=keep_busy) for _ in range(db.size)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert busy.acquire(timeout=PATIENCE)
    yield
    done.set()
    for thread in threads:
        thread.join(PATIENCE)


def test_a_request_that_gets_no_connection_in_time_is_a_503(client, all_in_use):
    response = client.get("/api/v1/mentor-statuses")
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert client.get("/livez").status_code == 200


def test_a_connection_that_could_not_be_opened_releases_the_semaphore(app, client, monkeypatch):
    def fail():
        raise OSError

    db.close_all()
    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "_connect", fail)
        for _ in range(db.size + 1):
            with pytest.raises(OSError):
                db.connect()
    assert db.semaphore.free == db.size
    assert client.get("/api/v1/mentor-statuses").status_code == 200
