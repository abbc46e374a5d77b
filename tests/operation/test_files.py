"""The files that the service and its commands leave: whole ones, for their owner alone, and nobody else's replaced."""

import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.support.commands import app_on, flask, migrated
from tests.support.server import REPOSITORY, Server, environment

MENTORS = "/api/v1/mentor-statuses"
MENTOR_COUNT = "SELECT count(*) FROM mentor_status"
OPEN_UMASK = ["sh", "-c", 'umask 0; exec "$@"', "sh"]


EXPORT_WITHOUT_AN_END = """
import time, cli
from features.data.new_file import new_file
def write():
    with new_file('file') as file:
        print(file.write(b'half'), flush=True)
        while True: time.sleep(0.05) # signal.pause() would never end if the signal came just before it
cli.Command('export', callback=write)([])
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "file.db"


@pytest.fixture
def file_url(path):
    path.parent.mkdir()
    return f"sqlite:///{path}"


def files(path):
    """Return the name and the permissions of every file beside this one."""
    return {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in path.parent.iterdir()}


def mentors_in_the_file_alone(path, tmp_path):
    """Return how many mentors a copy of this one file has."""
    copy = shutil.copy(path, tmp_path / "alone.db")
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute(MENTOR_COUNT).fetchone()[0]


def files_with(text, path):
    """Return the names of the files beside this one that have this text in their bytes."""
    return sorted(file.name for file in path.parent.iterdir() if text in file.read_bytes())


@contextmanager
def umask(value):
    """Have this process make files with this umask."""
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


# --- the file and its write-ahead log


@pytest.mark.parametrize(
    ("number", "to_all", "silent"),
    [(signal.SIGTERM, False, True), (signal.SIGINT, True, False)],
    ids=["stop", "Ctrl-C"],
)
def test_a_service_that_was_stopped_leaves_a_file_and_perhaps_its_log_which_together_hold_everything(
    file_url, path, tmp_path, number, to_all, silent
):
    two_workers = {"WEB_CONCURRENCY": 2, "GUNICORN_CMD_ARGS": "--graceful-timeout 2"}
    with ExitStack() as open_connections, Server(file_url, **two_workers) as server:
        for count in range(20):
            assert server.request("POST", MENTORS, {"mentor_id": f"mentor-{count}"})[0].status == 201
        if silent:
            client = open_connections.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(f"POST {MENTORS} HTTP/1.1\r\n".encode())
        (os.killpg if to_all else os.kill)(server.process.pid, number)
        assert server.has_ended_within(20), server.log()
        assert server.process.returncode == 0
    # If two workers end at once, each leaves the log to the other.
    assert set(files(path)) - {"file.db-wal", "file.db-shm"} == {"file.db", "file.db.lock"}
    migrated(file_url)
    assert set(files(path)) == {"file.db", "file.db.lock"}
    assert mentors_in_the_file_alone(path, tmp_path) == 20


def test_after_kill_9_the_file_and_its_log_hold_everything_together_and_the_next_start_empties_the_log(
    file_url, path, tmp_path
):
    with Server(file_url) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        erased = {"mentor_id": "joe", "status": "paused", "pause_reason": "a reason to erase"}
        assert server.request("POST", MENTORS, erased)[0].status == 201
        assert server.request("DELETE", f"{MENTORS}/joe?erase=true")[0].status == 200
        server.kill9()
    shutil.copytree(path.parent, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / "file.db")) as connection:
        assert connection.execute(MENTOR_COUNT).fetchone() == (1,)
    assert files_with(b"a reason to erase", path) == ["file.db-wal"]
    with Server(file_url):
        assert files_with(b"a reason to erase", path) == []
        assert mentors_in_the_file_alone(path, tmp_path) == 1


def test_requests_make_no_database_either(file_url, path):
    with app_on(file_url) as app:
        assert app.test_client().get("/readyz").status_code == 503
    assert files(path) == {}


# --- their modes


def test_new_files_have_mode_600_whatever_the_umask(file_url, path):
    with Server(file_url, within=OPEN_UMASK) as server, umask(0):
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        for words in (["backup", path.with_name("copy.db")], ["export", path.with_name("all.ndjson")]):
            assert flask(file_url, *words)[0] == 0
        names = {"file.db", "file.db-wal", "file.db-shm", "file.db.lock", "copy.db", "all.ndjson"}
        assert files(path) == dict.fromkeys(names, "0o600")


def test_an_existing_file_keeps_its_mode_and_new_ones_beside_it_get_the_same(file_url, path):
    subprocess.run(["install", "-m", "660", "/dev/null", path], check=True)
    with umask(0o77), app_on(migrated(file_url)) as app:
        assert app.test_client().post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
        assert files(path) == dict.fromkeys(["file.db", "file.db-wal", "file.db-shm", "file.db.lock"], "0o660")


def test_a_new_database_behind_a_link_has_mode_600(path, tmp_path):
    path.parent.mkdir()
    (tmp_path / "link.db").symlink_to(path)
    with umask(0):
        migrated(f"sqlite:///{tmp_path}/link.db")
    assert files(path) == {"file.db": "0o600"}


# --- new files


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_leaves_no_half_file(tmp_path, number):
    given = {"cwd": tmp_path, "env": environment(PYTHONPATH=REPOSITORY), "text": True}
    outputs = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", EXPORT_WITHOUT_AN_END], **given, **outputs) as process:
        assert process.stdout.readline() == "4\n"
        assert list(tmp_path.iterdir()) != []
        process.send_signal(number)
        assert process.wait(20) != 0
    assert list(tmp_path.iterdir()) == []
