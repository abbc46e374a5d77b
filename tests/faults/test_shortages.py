"""Few descriptors, few threads or a full folder of temporary files: no worker ends, and no write is lost."""

import os
import runpy
import socket
from contextlib import ExitStack

import psutil
import pytest

from tests.support.databases import EMPTY_SQLITE
from tests.support.load import KeepAlive, Load, lost
from tests.support.programs import installed
from tests.support.server import REPOSITORY, Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

FEW, MANY = 20, 500  # writes
WRITERS = 8
WITH_256_DESCRIPTORS = ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh"]
USER = 100_000 + os.getpid()  # who has no other process, since the limit of threads is that of a user
MOST_TASKS = 60  # processes and threads


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def tasks(server):
    """Return how many threads each process of a server has."""
    master = psutil.Process(server.process.pid)
    return [process.num_threads() for process in (master, *master.children())]


def assert_writes_outlast(silent, server):
    """Assert that the same workers answer every write while there are so many silent clients, and new ones afterwards.

    The clients that write have their connections before.
    """
    workers = server.workers()
    with KeepAlive(server) as kept, Load(kept, WRITERS, readers=0) as load:
        load.wait_for(FEW)
        with ExitStack() as held:
            for _ in range(silent):
                held.enter_context(connect(server))
            load.wait_for(MANY)
        with Load(server, WRITERS, readers=0) as anew:
            anew.wait_for(FEW)
    assert server.workers() == workers
    assert server.log().count("Booting worker") == len(workers)
    assert load.statuses() == anew.statuses() == {201}
    assert not lost(server, load.acknowledged + anew.acknowledged)


def test_more_silent_clients_than_descriptors_end_no_worker(empty_database):
    with Server(empty_database, within=WITH_256_DESCRIPTORS, WEB_CONCURRENCY=2) as server:
        assert_writes_outlast(400, server)


@pytest.fixture
def few_tasks():
    """Return a command that runs another one with few processes and threads, and the rights to these files."""
    installed("setpriv", "prlimit", "unshare")
    if os.geteuid() == 0:  # for root itself there is no limit
        may_read = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
        other_user = ["setpriv", "--reuid", str(USER), "--clear-groups", *may_read]
    else:
        other_user = ["unshare", "--user", "--map-root-user"]  # in which no other process counts
    return [*other_user, "prlimit", f"--nproc={MOST_TASKS}"]


def test_more_silent_clients_than_threads_that_can_be_started_end_no_worker(empty_database, few_tasks):
    with Server(empty_database, within=few_tasks, WEB_CONCURRENCY=2) as server:
        assert_writes_outlast(80, server)


@EMPTY_SQLITE
def test_two_workers_with_all_their_threads_fit_into_a_small_dyno(empty_database):
    threads = runpy.run_path(REPOSITORY / "gunicorn.conf.py")["threads"]
    with Server(empty_database, WEB_CONCURRENCY=2) as server, ExitStack() as slow:

        def all_are_busy():
            for _ in range(10):
                slow.enter_context(connect(server)).sendall(b"G")  # which holds its thread until more comes
            return tasks(server) == [1, 1 + threads, 1 + threads]

        wait_until(all_are_busy)
        assert sum(tasks(server)) <= 250  # of 256, so that there is room for a reload


def test_a_reload_needs_no_room_in_the_folder_of_temporary_files(tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    with Server(f"sqlite:///{tmp_path}/file.db", TMPDIR=folder) as server:
        folder.rmdir()  # as if it were full: no file can be made there
        server.reload()
        assert server.request("GET", "/livez")[0].status == 200
