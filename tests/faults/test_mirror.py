"""docs/mirror.py: each refresh is a walk, which sees whatever changed a mentor, and is done wholly or not at all."""

import csv
import io
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from docs.mirror import Mirror
from tests.support.commands import flask
from tests.support.load import PATIENCE
from tests.support.proxy import proxy_to
from tests.support.server import REPOSITORY, STOP_SECONDS, Server, environment

pytestmark = pytest.mark.faults

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
WRITERS, REFRESHES = 3, 30
BROKEN_ANSWERS = [
    b"",
    b'HTTP/1.1 200 OK\r\n\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"error": "no route"}',
    b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Run a service for several tests; yield it and the path of its database."""
    path = tmp_path_factory.mktemp("mirror") / "file.db"
    with Server(f"sqlite:///{path}") as server:
        yield server, path


@pytest.fixture
def server(service):
    """Return the service without mentors."""
    server, path = service
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DELETE FROM history_entry; DELETE FROM pause_record; DELETE FROM mentor_status")
    return server


def mirror_of(server, limit=Mirror.limit, token=None):
    """Return a mirror that has seen nothing yet, whose pages have `limit` mentors."""
    mirror = Mirror(f"{server.base_url}/api/v1", token)
    mirror.limit = limit
    return mirror


def write(server, method, path, body=None):
    response, answer = server.request(method, path, body)
    assert response.status in (200, 201), answer
    return answer


def walked(server):
    """Return the mentors as the list shows them, by their ids."""
    mentors, after = {}, ""
    while after is not None:
        _response, page = server.request("GET", f"{MENTORS}?limit=1000&after={after}")
        mentors |= {mentor["mentor_id"]: mentor for mentor in page["data"]}
        after = page["pagination"]["next"]
    return mentors


def moment(seconds_ahead):
    return f"{datetime.now(UTC) + timedelta(seconds=seconds_ahead):%Y-%m-%dT%H:%M:%SZ}"


# --- while everything changes


def test_while_others_write_a_mirror_follows_and_the_last_refresh_equals_the_list(server):
    stopping = threading.Event()

    def write_until_stopped(number):
        path = f"{MENTORS}/mentor-{number}"
        while not stopping.is_set():
            write(server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})
            for status in ("paused", "active"):
                write(server, "PUT", path, {"status": status})
            write(server, "DELETE", f"{path}?erase=true")
        write(server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})

    mirror, copy = mirror_of(server, limit=2), {}
    with ThreadPoolExecutor(WRITERS) as writers:
        written = [writers.submit(write_until_stopped, number) for number in range(WRITERS)]
        for _ in range(REFRESHES):
            copy |= mirror.refresh()
            assert {mentor_id: mentor for mentor_id, mentor in copy.items() if mentor} == mirror.mentors
        stopping.set()
        for writer in written:
            writer.result()
    mirror.refresh()
    assert mirror.mentors == walked(server)
    assert len(mirror.mentors) == WRITERS


# --- what a walk sees


def test_without_news_each_page_is_a_304_and_of_a_change_only_its_page_is_sent(server):
    table = io.StringIO()
    csv.writer(table).writerows([["mentor_id"], *([f"mentor-{number:04}"] for number in range(1000))])
    write(server, "POST", f"{MENTORS}.csv", table.getvalue().encode())
    write(server, "POST", MENTORS, {"mentor_id": "the-last"})
    with proxy_to(server) as proxy:
        mirror = mirror_of(proxy)

        def refreshed():
            proxy.statuses.clear()
            return mirror.refresh(), proxy.statuses

        assert refreshed() == (walked(server), [200, 200])
        assert refreshed() == ({}, [304, 304])
        write(server, "PUT", f"{MENTORS}/the-last", {"status": "paused"})
        assert refreshed() == ({"the-last": walked(server)["the-last"]}, [304, 200])
        write(server, "DELETE", f"{MENTORS}/mentor-0000?erase=true")
        assert refreshed() == ({"mentor-0000": None}, [200])  # all are on one page


def test_a_pause_that_begins_and_ends_by_the_clock_is_seen(server):
    write(server, "POST", MENTORS, {"mentor_id": "ada"})
    mirror = mirror_of(server)
    mirror.refresh()
    deadline = time.monotonic() + PATIENCE

    def refresh_until(is_paused):
        while mirror.mentors["ada"]["is_paused"] != is_paused:
            assert time.monotonic() < deadline
            mirror.refresh()

    pause = {"mentor_id": "ada", "start_date": moment(1), "reason": "leave"}
    record = write(server, "POST", RECORDS, pause)["pause_record_id"]
    refresh_until(is_paused=True)
    write(server, "PUT", f"{RECORDS}/{record}", {"end_date": moment(1)})
    refresh_until(is_paused=False)


def test_a_backup_that_was_restored_is_seen(server, service, tmp_path):
    (_server, path), copy = service, tmp_path / "copy.db"
    for mentor_id in ("ada", "ben"):
        write(server, "POST", MENTORS, {"mentor_id": mentor_id})
    assert flask(f"sqlite:///{path}", "backup", copy)[0] == 0
    before = walked(server)
    write(server, "DELETE", f"{MENTORS}/ada")
    write(server, "POST", MENTORS, {"mentor_id": "written-after-the-backup"})
    mirror = mirror_of(server)
    mirror.refresh()
    restore = "DELETE FROM mentor_status; INSERT INTO mentor_status SELECT * FROM copy.mentor_status"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"ATTACH '{copy}' AS copy; BEGIN; {restore}; COMMIT")
    assert mirror.refresh() == {"ada": before["ada"], "written-after-the-backup": None}
    assert mirror.mentors == before


# --- a walk that breaks off


@pytest.mark.parametrize("is_broken_off", ["after=&", "after=mentor-1&"])
@pytest.mark.parametrize("answer", BROKEN_ANSWERS)
def test_a_walk_that_breaks_off_changes_nothing_in_the_mirror(server, answer, is_broken_off):
    for number in range(4):
        write(server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})
    with proxy_to(server) as proxy:
        mirror = mirror_of(proxy, limit=2)
        mirror.refresh()
        before = dict(vars(mirror))
        for number in (0, 3):
            write(server, "PUT", f"{MENTORS}/mentor-{number}", {"status": "paused"})

        def break_off(_method, path):
            proxy.instead = [answer] if is_broken_off in path else []

        proxy.before = break_off
        with pytest.raises(Exception):  # noqa: B017 what it is depends on the answer
            mirror.refresh()
        assert vars(mirror) == before
        proxy.restore()
        assert list(mirror.refresh()) == ["mentor-0", "mentor-3"]
        assert mirror.mentors == walked(server)


# --- the program


def test_the_program_prints_each_change_and_goes_on_until_ctrl_c(tmp_path):
    tokens = {"API_TOKENS": "coordinator:of-a-coordinator-0123456789,app:of-an-app-0123456789:status"}
    bearer = {"Authorization": "Bearer of-a-coordinator-0123456789"}

    def create(server, mentor_id):
        body = {"mentor_id": mentor_id, "status": "paused", "pause_reason": "leave"}
        response, mentor = server.request("POST", MENTORS, body, bearer)
        assert response.status == 201
        return mentor

    with Server(f"sqlite:///{tmp_path}/file.db", **tokens) as server, proxy_to(server) as proxy:
        ada = create(server, "ada")
        words = [sys.executable, REPOSITORY / "docs/mirror.py", f"{proxy.base_url}/api/v1", "0.1"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        program = subprocess.Popen(words, env=environment(MENTORS_TOKEN="of-an-app-0123456789"), **pipes)
        try:
            assert json.loads(program.stdout.readline()) == {"ada": ada}
            proxy.down = "/"
            assert program.stderr.readline().startswith("RemoteDisconnected: ")
            proxy.restore()
            ben = create(server, "ben")
            assert json.loads(program.stdout.readline()) == {"ben": ben}
            assert server.request("DELETE", f"{MENTORS}/ada", headers=bearer)[0].status == 200
            assert json.loads(program.stdout.readline()) == {"ada": None}
            program.send_signal(signal.SIGINT)
            printed, errors = program.communicate(timeout=STOP_SECONDS)
        finally:
            program.kill()
            program.communicate()
    assert (program.returncode, printed) == (0, "")
    assert "Traceback" not in errors
