"""What the workers share for Prometheus, whichever of them answers, and whichever have died."""

import http.client
import os
import signal
import time
from contextlib import closing

import pytest

from metrics import shared
from metrics.shared import SharedFolder
from settings import VERSION
from tests.operation.test_metrics import MENTORS, value
from tests.support.server import Server

# --- in this process


def test_two_workers_have_two_slots_and_the_next_one_takes_that_of_a_dead_one(tmp_path):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    assert (first.slot, second.slot) == (1, 2)
    os.close(first.slot_lock)  # as when its process ends
    assert SharedFolder(tmp_path).slot == 1


def test_the_gauges_of_a_dead_worker_are_removed_and_its_counters_stay(tmp_path):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    names = [f"{kind}_{slot}.db" for kind in ("counter", "gauge_livesum") for slot in (first.slot, second.slot)]
    for name in names:
        (tmp_path / name).touch()
    os.close(first.slot_lock)
    second.forget_the_dead()
    assert {path.name for path in tmp_path.glob("*.db")} == set(names) - {"gauge_livesum_1.db"}


@pytest.fixture
def figures(monkeypatch):
    """Return the list of what was read of the database."""
    read = []
    monkeypatch.setattr(shared, "read_figures", lambda: read.append(len(read)) or {"read": len(read)})
    return read


def test_figures_are_read_once_for_all_workers_and_again_after_10_seconds(tmp_path, figures):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    assert first.figures() == second.figures() == first.figures() == {"read": 1}
    ten_seconds_ago = time.time() - shared.OLDEST
    os.utime(tmp_path / "figures", (ten_seconds_ago, ten_seconds_ago))
    assert second.figures() == first.figures() == {"read": 2}


def test_figures_are_refreshed_beside_the_requests_while_somebody_asks_for_them(tmp_path, figures):
    folder = SharedFolder(tmp_path)
    folder.refresh()
    assert len(figures) == 1  # for the first who will ask
    folder.figures()
    folder.refresh()
    assert len(figures) == 1  # young enough
    for name, age, reads in (("figures", shared.REFRESH_AFTER, 2), ("asked", shared.ASKED_WITHIN, 2)):
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
        folder.refresh()
        assert len(figures) == reads


# --- the real server


def text_of(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(connection):
        connection.request("GET", "/metrics", headers={"Connection": "close"})
        return connection.getresponse().read().decode()


def count_of_one_mentor(server):
    """Return how many requests for one mentor were counted, as every worker tells it."""
    route = f"{MENTORS}/{{mentor_id}}"
    told = {value(text_of(server), "http_requests_total", route=route, status="404") for _ in range(8)}
    assert len(told) == 1
    return told.pop()


def test_workers_agree_and_what_a_killed_one_counted_stays_and_is_counted_once(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", TMPDIR=tmp_path) as server:
        (folder,) = tmp_path.glob("mentor-status-metrics-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        for rounds in range(1, 5):
            for _ in range(10):
                assert server.request("GET", f"{MENTORS}/ada")[0].status == 404
            assert count_of_one_mentor(server) == 10 * rounds
            old = server.workers()
            if rounds == 3:
                server.process.send_signal(signal.SIGHUP)
                server.wait_for_other_workers(old)
            else:
                os.kill(min(old), signal.SIGKILL)
                server.wait_for_other_workers({min(old)})
        text = text_of(server)
        assert value(text, "build_info", version=VERSION) == 1
        assert value(text, "database_connections_max") > 0
        assert len(list(folder.glob("counter_*.db"))) <= 4  # two workers, and two that follow them
    assert not folder.exists()
