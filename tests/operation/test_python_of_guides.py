"""The Python in the guides runs as it stands there: the client for backends, and a table in pandas."""

import re
import socket
import subprocess
import sys
from contextlib import closing

import pytest
import requests

from tests.support.commands import flask
from tests.support.proxy import proxy_to
from tests.support.server import REPOSITORY, Server, environment
from tests.support.tables import MENTORS, outcomes, upload

DOCS = REPOSITORY / "docs"
PYTHON = re.compile(r"```python\n(.*?)```\n(?:```text\n(.*?)```)?", re.DOTALL)
CLIENT, USE, WALK = PYTHON.findall((DOCS / "backends.md").read_text())
((PANDAS, _),) = PYTHON.findall((DOCS / "coordinators.md").read_text())
API = "http://127.0.0.1:8000/api/v1"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def run(code, folder):
    """Run a program as a file in a folder; return what it prints."""
    (folder / "program.py").write_text(code)
    words = [sys.executable, "-W", "error", "program.py"]
    return subprocess.check_output(words, cwd=folder, env=environment(), text=True)


@pytest.fixture(scope="module")
def example_server(tmp_path_factory):
    """Run a service with the example data."""
    url = f"sqlite:///{tmp_path_factory.mktemp('guides')}/file.db"
    with Server(url) as server:
        assert flask(url, "seed")[0] == 0
        yield server


@pytest.fixture(scope="module")
def client_class():
    names = {}
    exec(CLIENT[0], names)
    return names["Mentors"]


@pytest.fixture
def example_proxy(example_server):
    with proxy_to(example_server) as proxy:
        yield proxy


@pytest.fixture
def backend(example_proxy, client_class):
    """Return the client of the guide, which asks through the proxy."""
    return client_class(f"{example_proxy.base_url}/api/v1")


def test_the_guide_followed_literally_prints_what_it_shows(example_server, tmp_path):
    (tmp_path / "mentors.py").write_text(CLIENT[0])
    code, printed = USE
    assert run(code.replace(API, f"{example_server.base_url}/api/v1"), tmp_path) == printed


def test_the_client_asks_for_100_ids_at_a_time_and_leaves_out_who_is_not_there(example_proxy, backend):
    ids = [f"mentor-{number:03}" for number in range(1, 251)]
    assert list(backend.statuses(ids)) == ids[:87]
    assert example_proxy.statuses == [200] * 3
    assert backend.statuses([]) == {}


def test_the_mirror_walks_by_the_client(example_proxy, backend):
    names = {}
    exec(WALK[0], names)
    pages = names["walk"](backend, {})
    assert names["walk"](backend, pages) == pages
    assert [len(page["data"]) for _etag, page in pages.values()] == [87]
    assert example_proxy.statuses == [200, 304]


def test_the_client_sends_a_request_again_after_a_503_and_after_a_lost_answer(example_proxy, backend):
    example_proxy.instead = [UNAVAILABLE, UNAVAILABLE]
    assert list(backend.statuses(["mentor-001"])) == ["mentor-001"]
    assert len(example_proxy.statuses) == 3
    example_proxy.lose = "PUT"
    paused = backend.send("PUT", "mentor-statuses/mentor-011", json={"status": "paused"})
    assert paused["status"] == "paused"
    history = backend.send("GET", "mentor-statuses/mentor-011/history")
    assert [entry["event"] for entry in history["data"]].count("pause_opened") == 1


def test_the_client_raises_a_problem_with_its_text_also_if_the_service_stays_away(example_proxy, backend):
    with pytest.raises(requests.HTTPError, match="not_found") as raised:
        backend.send("GET", "mentor-statuses/nobody")
    assert raised.value.response.status_code == 404
    example_proxy.instead = [UNAVAILABLE] * 5
    with pytest.raises(requests.HTTPError) as raised:
        backend.statuses(["mentor-001"])
    assert raised.value.response.status_code == 503
    assert example_proxy.instead == []


def test_the_client_does_not_wait_for_ever(client_class):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # it accepts, and says nothing
        client = client_class(f"http://127.0.0.1:{silent.getsockname()[1]}/api/v1", timeout=0.05)
        with pytest.raises(requests.ConnectionError):
            client.statuses(["mentor-001"])


def test_the_client_sends_its_token(tmp_path, client_class):
    token = "of-a-matching-app-0123456789"
    with Server(f"sqlite:///{tmp_path}/file.db", API_TOKENS=f"app:{token}:status") as server:
        assert client_class(f"{server.base_url}/api/v1", token).statuses(["ada"]) == {}
        with pytest.raises(requests.HTTPError, match="unauthorized"):
            client_class(f"{server.base_url}/api/v1").statuses(["ada"])


# What pandas takes for no value by default, and for a number, a flag or a date.
REASONS = ["n/a", "None", "NA", "null", "nan", "N/A", "-", "007", "1.50", "1e5", "true", "'tis", "2026-05-01", 'a,b"c']


def test_a_table_that_pandas_has_read_and_written_changes_just_the_edited_line(client, rows, tmp_path):
    ids = [f"mentor-{number:03}" for number in range(52, 52 + len(REASONS))]
    for mentor_id, reason in zip(ids, REASONS, strict=True):
        client.post(MENTORS, json={"mentor_id": mentor_id, "status": "paused", "pause_reason": reason})
    client.post(MENTORS, json={"mentor_id": "0042"})
    (tmp_path / "mentors.csv").write_bytes(client.get(f"{MENTORS}.csv").data)
    run(PANDAS, tmp_path)
    answer = upload(client, MENTORS, (tmp_path / "mentors.csv").read_bytes())
    assert outcomes(answer) == ["unchanged", "updated"] + ["unchanged"] * (len(REASONS) - 1)
    assert [pause["reason"] for pause in rows("pause_record")] == REASONS
    assert [pause["mentor_id"] for pause in rows("pause_record") if pause["end_date"]] == ["mentor-052"]
