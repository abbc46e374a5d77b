"""What the workers share for Prometheus, whichever of them answers, and whichever have died."""

import http.client
import os
import signal
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from settings import VERSION
from tests.operation.test_metrics import MENTORS, value
from tests.operation.test_start import GUNICORN, run
from tests.support.postgres import Cluster
from tests.support.server import START_SECONDS, Server, free_port
from web import metrics_folder


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


def folder_of(server):
    """Return the folder in which the workers share their metrics, from the files that they have open."""
    paths = [file.path for worker in server.workers() for file in psutil.Process(worker).open_files()]
    (folder,) = {Path(path).parent for path in paths if "-live-metrics-" in path}
    return folder


def test_workers_agree_and_what_a_killed_one_counted_stays_and_is_counted_once(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db") as server:
        folder = folder_of(server)
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
        assert value(text_of(server), "build_info", version=VERSION) == 1
    assert not folder.exists()


def test_the_metrics_are_read_while_a_worker_has_made_its_file_and_not_yet_filled_it(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db") as server:
        folder = folder_of(server)
        (folder / "counter_1.db").touch()
        assert value(text_of(server), "build_info", version=VERSION) == 1


def test_the_connections_of_a_killed_worker_are_not_counted_any_more(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", DATABASE_POOL_SIZE=3) as server:
        old = server.workers()
        os.kill(min(old), signal.SIGKILL)
        server.wait_for_other_workers({min(old)})
        deadline = time.monotonic() + START_SECONDS
        while value(text_of(server), "database_connections_max") != 2 * 3:  # until the new worker has begun
            assert time.monotonic() < deadline
            time.sleep(0.1)
        gauges = {path.name for path in folder_of(server).glob("gauge_*.db")}
        assert gauges == {f"gauge_livesum_{worker}.db" for worker in server.workers()}


def test_a_start_removes_the_metrics_of_services_that_were_killed_and_of_no_other(tmp_path):
    def server(name):
        return Server(f"sqlite:///{tmp_path}/{name}.db")

    with server("one") as running:
        with server("two") as killed:
            theirs = folder_of(killed)
            killed.kill9()
        assert theirs.exists()
        with server("three") as last:
            assert not theirs.exists()
            mine = folder_of(last)
        assert not mine.exists()
        assert folder_of(running).exists()
        assert value(text_of(running), "build_info", version=VERSION) == 1


@pytest.mark.parametrize("has_shared_memory", [True, False])
def test_the_folder_is_in_memory_where_the_system_has_it_else_among_the_temporary_files(
    tmp_path, monkeypatch, has_shared_memory
):
    memory, temporary = tmp_path / "memory", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(metrics_folder, "SHARED_MEMORY", memory)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    if has_shared_memory:
        memory.mkdir()
        os.mkfifo(memory / "mentor-status-live-metrics-of-nobody")  # to open it would wait for a writer
    made = Path(metrics_folder.make())
    assert made.parent == (memory if has_shared_memory else temporary)


def test_gunicorn_does_not_start_with_preload(tmp_path):
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/file.db", "PORT": free_port()}
    code, lines = run([*GUNICORN, "--preload"], **given)
    assert (code, lines) == (1, ["--preload: the workers would share no metrics; start gunicorn without it."])
    assert not (tmp_path / "file.db").exists()


def test_a_scrape_while_the_database_is_away_tells_of_the_requests():
    with Cluster() as postgres, Server(postgres.url) as server:
        assert value(text_of(server), "database_up") == 1
        postgres.stop("fast")
        text = text_of(server)
        assert value(text, "database_up") == 0
        assert value(text, "http_requests_total", route="/metrics") >= 1
