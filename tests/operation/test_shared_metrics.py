"""What the workers share for Prometheus, whichever of them answers, and whichever have died."""

import http.client
import os
import signal
import time
from contextlib import closing

from settings import VERSION
from tests.operation.test_metrics import MENTORS, value
from tests.operation.test_start import GUNICORN, run
from tests.support.postgres import Cluster
from tests.support.server import START_SECONDS, Server, free_port
from web import metrics_files


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
        assert value(text_of(server), "build_info", version=VERSION) == 1
    assert not folder.exists()


def test_a_worker_has_its_files_with_all_their_blocks_before_it_writes_into_them(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", TMPDIR=tmp_path) as server:
        (folder,) = tmp_path.glob("mentor-status-metrics-*")
        assert server.request("GET", f"{MENTORS}/ada")[0].status == 404
        files = list(folder.iterdir())
        assert {path.name for path in files} == {
            f"{kind}_{worker}.db" for kind in metrics_files.FILES for worker in server.workers()
        }
        assert all(path.stat().st_size <= path.stat().st_blocks * 512 for path in files)


def test_the_connections_of_a_killed_worker_are_not_counted_any_more(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", TMPDIR=tmp_path, DATABASE_POOL_SIZE=3) as server:
        old = server.workers()
        os.kill(min(old), signal.SIGKILL)
        server.wait_for_other_workers({min(old)})
        deadline = time.monotonic() + START_SECONDS
        while value(text_of(server), "database_connections_max") != 2 * 3:  # until the new worker has begun
            assert time.monotonic() < deadline
            time.sleep(0.1)
        (folder,) = tmp_path.glob("mentor-status-metrics-*")
        gauges = {path.name for path in folder.glob("gauge_*.db")}
        assert gauges == {f"gauge_livesum_{worker}.db" for worker in server.workers()}


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
