"""The mirror of docs/backends.md: a walk sees whatever changed a mentor, and is done wholly or not at all."""

import copy
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from requests import Session

from tests.conftest import TABLES
from tests.support.commands import execute, flask
from tests.support.proxy import proxy_to
from tests.support.server import REPOSITORY, Server
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.faults

MENTORS = "/api/v1/mentor-statuses"
WRITERS, WALKS = 3, 30
RECIPE = re.search(r"```python\n(def walk.*?)```", (REPOSITORY / "docs/backends.md").read_text(), re.DOTALL)[1]
BROKEN_ANSWERS = [
    b"",
    b'HTTP/1.1 200 OK\r\n\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"error": "no route"}',
    b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
]


@pytest.fixture(scope="module")
def mirrored_server(tmp_path_factory):
    with Server(f"sqlite:///{tmp_path_factory.mktemp('mirror')}/file.db") as server:
        yield server


@pytest.fixture
def empty_server(mirrored_server):
    """Return the server, which has no mentors now."""
    execute(mirrored_server.env["DATABASE_URL"], *(f"DELETE FROM {table}" for table in TABLES))
    return mirrored_server


def walk(server, known, limit=1000):
    """Walk as the guide does, but without trying again; `limit` is the number of mentors in a page."""
    names = {}
    exec(RECIPE.replace("limit=1000", f"limit={limit}"), names)
    with Session() as session:
        return names["walk"](SimpleNamespace(api=f"{server.base_url}/api/v1", session=session, timeout=PATIENCE), known)


def mentors_of(pages):
    """Return the mentors of the pages of a walk by their ids."""
    return {mentor["mentor_id"]: mentor for _etag, page in pages.values() for mentor in page["data"]}


def write(server, method, path, body=None):
    response, answer = server.request(method, path, body)
    assert response.status in (200, 201), answer


def listed(server):
    """Return the mentors as the list shows them, by their ids."""
    return {mentor["mentor_id"]: mentor for mentor in server.read_all(f"{MENTORS}?limit=1000")}


def test_while_others_write_the_last_walk_equals_the_list(empty_server):
    stopping = threading.Event()

    def write_until_stopped(number):
        path = f"{MENTORS}/mentor-{number}"
        while not stopping.is_set():
            write(empty_server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})
            for status in ("paused", "active"):
                write(empty_server, "PUT", path, {"status": status})
            write(empty_server, "DELETE", f"{path}?erase=true")
        write(empty_server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})

    pages = {}
    with ThreadPoolExecutor(WRITERS) as writers:
        written = [writers.submit(write_until_stopped, number) for number in range(WRITERS)]
        for _ in range(WALKS):
            pages = walk(empty_server, pages, limit=2)
        stopping.set()
        for writer in written:
            writer.result()
    assert mentors_of(walk(empty_server, pages, limit=2)) == listed(empty_server)
    assert len(listed(empty_server)) == WRITERS


def test_a_backup_that_was_restored_is_seen(empty_server, tmp_path):
    url = empty_server.env["DATABASE_URL"]
    for mentor_id in ("ada", "ben"):
        write(empty_server, "POST", MENTORS, {"mentor_id": mentor_id})
    assert flask(url, "backup", tmp_path / "copy.db")[0] == 0
    before = listed(empty_server)
    write(empty_server, "DELETE", f"{MENTORS}/ada")
    write(empty_server, "POST", MENTORS, {"mentor_id": "written-after-the-backup"})
    pages = walk(empty_server, {})
    attach = f"ATTACH '{tmp_path}/copy.db' AS copy"
    restore = "INSERT INTO mentor_status SELECT * FROM copy.mentor_status"
    execute(url, attach, "BEGIN", "DELETE FROM mentor_status", restore, "COMMIT", "DETACH copy")
    assert mentors_of(walk(empty_server, pages)) == before


@pytest.mark.parametrize("is_broken_off", ["after=&", "after=mentor-1&"])
@pytest.mark.parametrize("answer", BROKEN_ANSWERS)
def test_a_walk_that_breaks_off_changes_nothing_in_the_mirror(empty_server, answer, is_broken_off):
    for number in range(4):
        write(empty_server, "POST", MENTORS, {"mentor_id": f"mentor-{number}"})
    with proxy_to(empty_server) as proxy:
        pages = walk(proxy, {}, limit=2)
        before = copy.deepcopy(pages)
        for number in (0, 3):
            write(empty_server, "PUT", f"{MENTORS}/mentor-{number}", {"status": "paused"})

        def break_off(_method, path):
            proxy.instead = [answer] if is_broken_off in path else []

        proxy.before = break_off
        with pytest.raises(Exception):  # noqa: B017 what it is depends on the answer
            walk(proxy, pages, limit=2)
        assert pages == before
        proxy.restore()
        assert mentors_of(walk(proxy, pages, limit=2)) == listed(empty_server)
