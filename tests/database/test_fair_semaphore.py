"""Who waits for a connection gets one in turn, whichever the database, and a line that is too long ends in a 503."""

import threading
import time

import pytest

from db import db
from db.fair_semaphore import Turns

PATIENCE = 30  # seconds for what must happen at all


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_turns_are_given_in_the_order_in_which_threads_came():
    turns, came = Turns(1), []
    assert turns.take(0)

    def come(name):
        assert turns.take(PATIENCE)
        came.append(name)
        turns.give()

    threads = []
    for name in range(10):
        threads.append(threading.Thread(target=come, args=(name,)))
        threads[-1].start()
        wait_until(lambda: len(turns.waiting) == len(threads))
    turns.give()
    for thread in threads:
        thread.join(PATIENCE)
    assert came == list(range(10))
    assert turns.take(0)


def test_who_gives_up_waiting_leaves_the_line():
    turns = Turns(1)
    assert turns.take(0)
    assert not turns.take(0.01)
    assert not turns.waiting
    turns.give()
    assert turns.take(0)


@pytest.fixture
def all_in_use(app, client, monkeypatch):
    """Keep every connection of the pool busy, each in a thread of its own, and let a request wait only for a moment."""
    monkeypatch.setattr(db.obj, "patience", 0.01)
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


def test_a_connection_that_could_not_be_opened_gives_its_turn_back(app, client, monkeypatch):
    def fail():
        raise OSError

    db.close_all()
    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "_connect", fail)
        for _ in range(db.size + 1):
            with pytest.raises(OSError):
                db.connect()
    assert db.obj.turns.free == db.size
    assert client.get("/api/v1/mentor-statuses").status_code == 200
