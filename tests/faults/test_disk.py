"""The disk of an SQLite file runs full under load: writes are a 503, reads go on, and so do writes when there is room.

Postgres says the same of its own disk as an OperationalError, which is a 503 as every other one (api/test_problems.py).
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import GUNICORN, command, run
from tests.support.load import MENTORS, Load, lost
from tests.support.outage import assert_is_unavailable
from tests.support.programs import installed
from tests.support.server import REPOSITORY, Server, free_port
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.faults

PAUSES = "/api/v1/pause-records"
SIZE = "8m"  # room for the database, and for its write-ahead log at its largest
CHECKPOINT = 1000 * 4096  # bytes of that log from which SQLite moves it into the database after every commit
BEFORE_THE_FIRST_CHECKPOINT, AFTER_IT = 5, 200  # writes
PAUSED = {"status": "paused", "is_paused": True, "pause_reason": "workload"}
READS = [f"{MENTORS}/ada", f"{MENTORS}/ada/history", f"{PAUSES}/pause-rec-0001"]
WRITES = [
    ("POST", MENTORS, {"mentor_id": "late", **PAUSED}),
    ("PUT", f"{MENTORS}/ada", {"status": "active", "is_paused": False}),
    ("DELETE", f"{MENTORS}/ada", None),
    ("DELETE", f"{MENTORS}/ada?erase=true", None),
    ("POST", PAUSES, {"mentor_id": "ada", "start_date": "2199-01-01T00:00:00Z", "reason": "late"}),
    ("PUT", f"{PAUSES}/pause-rec-0001", {"reason": "late"}),
    ("DELETE", f"{PAUSES}/pause-rec-0001", None),
    ("POST", f"{MENTORS}.csv", b"mentor_id,status\nada,active\nlate,paused\n"),
    ("POST", f"{MENTORS}.csv", b"mentor_id,status\n" + b"".join(b"late-%d,paused\n" % line for line in range(1000))),
]
# Writes one page at a time into the log; it leaves it to the service to move the log into the database.
WRITE_PAGES = """
import itertools, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
try:
    for number in itertools.count(1):
        connection.execute(f"PRAGMA user_version = {number}")  # which nothing else uses
except sqlite3.OperationalError as error:
    print(error)
"""
ROWS = "SELECT (SELECT count(*) FROM mentor_status), (SELECT count(*) FROM pause_record), count(*) FROM history_entry"


class Disk:
    """A small disk, mounted where no other process sees it: in a mount namespace, which ends with its process.

    As a context manager it is there when entered. `within` is the command that runs another one where it is seen, and
    `seen` is how its folder is reached from outside.
    """

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        mount = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && echo mounted && exec cat'
        command = [installed("unshare", "nsenter"), "--mount", *user, "sh", "-c", mount, self.folder]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, cwd=REPOSITORY, text=True, **pipes)
        said = self.process.stdout.readline()
        if said != "mounted\n":
            self.__exit__()
            pytest.skip(f"needs to mount a small disk, as root or in a user namespace: {said}")
        enter = ["--user", "--preserve-credentials"] if user else []
        self.within = ["nsenter", "--target", str(self.process.pid), *enter, "--mount", "--wd", "--"]
        self.seen = Path(f"/proc/{self.process.pid}/root{self.folder}")
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def fill(self, pages=0):
        """Write a file until there is no room for another byte, or for these pages of SQLite alone."""
        with (self.seen / "filler").open("wb", buffering=0) as filler:
            for size in (65536, 1):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    continue
            filler.truncate(filler.tell() - pages * 4096)

    def make_room(self):
        (self.seen / "filler").unlink()


@pytest.fixture
def disk(tmp_path):
    (tmp_path / "disk").mkdir()
    with Disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def disk_server(disk):
    """Return a server whose database and temporary files are on the disk; there is one paused mentor."""
    with Server(f"sqlite:///{disk.folder}/file.db", within=disk.within, TMPDIR=disk.folder) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada", **PAUSED})[0].status == 201
        yield server


def fill_under_load(disk, load):
    """Fill the disk, and return when no write can succeed any more.

    A write that fails halfway has made the log longer, so a write of fewer pages may find room there. Which write that
    is depends on the pages that the tables' trees happen to have. So another process takes this room, page by page.
    """
    disk.fill()
    deadline = time.monotonic() + PATIENCE
    while load.statuses("POST") != {503}:
        assert load.statuses() <= {200, 201, 503}
        assert time.monotonic() < deadline, load.outcomes
        load.forget()
        load.wait_for_answers()
        load.wait_for_answers()  # all of them to requests sent since
    command = [*disk.within, sys.executable, "-c", WRITE_PAGES, f"{disk.folder}/file.db"]
    assert subprocess.check_output(command, text=True, timeout=PATIENCE) == "database or disk is full\n"
    load.wait_for_answers()  # what was on its way may have found room before


def answers(server):
    told = [server.request("GET", path) for path in READS]
    assert {response.status for response, _answer in told} == {200}
    return [answer for _response, answer in told]


def assert_all_or_nothing_is_written(disk, mentors, copy):
    """Assert that the database is whole and holds so many mentors, each with the pause and history of its POST."""
    shutil.copytree(disk.seen, copy)  # SQLite itself would look for `seen` where the disk is not
    with closing(sqlite3.connect(copy / "file.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute(ROWS).fetchall() == [(mentors, mentors, mentors)]


@pytest.mark.parametrize("written", [BEFORE_THE_FIRST_CHECKPOINT, AFTER_IT])
def test_on_a_full_disk_writes_are_503_and_reads_go_on_until_there_is_room(disk_server, disk, written, tmp_path):
    with Load(disk_server) as load:
        load.wait_for(written)
        fill_under_load(disk, load)
        before = answers(disk_server)
        # Either the log cannot grow, or it was full and a checkpoint, which would empty it, has no room.
        assert ((disk.seen / "file.db-wal").stat().st_size > CHECKPOINT) == (written == AFTER_IT)
        load.forget()
        for request in WRITES:
            assert_is_unavailable(*disk_server.request(*request))
        assert answers(disk_server) == before
        for path in (f"{MENTORS}?status=paused", PAUSES, "/readyz", "/livez"):
            assert disk_server.request("GET", path)[0].status == 200
        assert "error=OperationalError cause=SQLITE_FULL" in disk_server.log()
        assert "cause=None" not in disk_server.log()
        load.wait_for_answers()
        assert (load.statuses("POST"), load.statuses("GET")) == ({503}, {200})
        disk.make_room()
        load.wait_for(1)
        load.wait_for_answers()
        load.forget()
        load.wait_for(100)
        assert load.statuses() == {200, 201}
    assert not lost(disk_server, load.acknowledged)
    assert disk_server.stop() == 0
    assert_all_or_nothing_is_written(disk, len(load.acknowledged) + 1, tmp_path / "copy")


def test_kill_9_on_a_full_disk_loses_nothing_and_reads_go_on_after_it(disk_server, disk, tmp_path):
    with Load(disk_server) as load:
        load.wait_for(AFTER_IT)
        fill_under_load(disk, load)
        disk_server.kill9()
    with Server(f"sqlite:///{disk.folder}/file.db", within=disk.within) as again:
        assert not lost(again, load.acknowledged)
        disk.make_room()
        assert again.request("POST", MENTORS, {"mentor_id": "grace", **PAUSED})[0].status == 201
    assert_all_or_nothing_is_written(disk, len(load.acknowledged) + 2, tmp_path / "copy")


# The first statement fails; the file that the processes share; a statement of the migration; or its commit.
@pytest.mark.parametrize("pages", [0, 4, 12, 20])
def test_a_start_on_a_full_disk_ends_in_one_line(disk, pages):
    disk.fill(pages)
    for words in (GUNICORN, command("migrate")):
        given = {"DATABASE_URL": f"sqlite:///{disk.folder}/file.db", "PORT": free_port()}
        code, lines = run([*disk.within, *words], **given)
        assert (code, lines) == (1, [f"DATABASE_URL: {disk.folder}/file.db: its disk is full; make room."])
