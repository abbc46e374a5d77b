"""The log as JSON: one object a line, of the service and of gunicorn, with the fields that logfmt has."""

import json
import os
import re
import select
import signal

import pytest

from settings import VERSION
from tests.support.server import Server
from web import logs

MENTORS, CANARY = "/api/v1/mentor-statuses", "canary-7f3a"


@pytest.fixture
def lines(monkeypatch):
    """Collect what the service logs, as JSON."""
    collected = []
    monkeypatch.setattr(logs, "write", collected.append)
    monkeypatch.setitem(logs.config, "format", logs.as_json)
    return collected


def test_an_access_line_has_the_fields_of_logfmt(client, lines):
    client.get(f"{MENTORS}?limit=1", headers={"X-Request-ID": "abc"})
    fields = json.loads(lines[0])
    assert fields.pop("ms") > 0
    assert fields == {"level": "INFO", "method": "GET", "path": MENTORS, "status": 200, "request_id": "abc"}
    assert logs.as_logfmt("INFO", {"path": "/", "status": 200}) == "INFO path=/ status=200"


def test_a_fault_is_one_line_with_its_traceback_in_a_field_and_short_enough_to_be_written_in_one_piece(
    app, client, lines, monkeypatch
):
    def fail(depth=60):
        if depth:
            fail(depth - 1)
        raise RuntimeError(CANARY)

    monkeypatch.setitem(app.view_functions, "system.show_liveness", fail)
    monkeypatch.setattr(app, "testing", False)
    assert client.get("/livez").status_code == 500
    (line,) = lines
    fields = json.loads(line)
    assert (fields["level"], fields["error"], fields["cause"]) == ("ERROR", "RuntimeError", None)
    assert "in fail" in fields["traceback"] and CANARY not in line
    assert len(line) < select.PIPE_BUF


def test_every_line_of_the_service_and_of_gunicorn_is_an_object_and_the_first_says_what_runs(tmp_path):
    tokens = f"ada:{'a' * 16},bob:{'b' * 16}:read"
    with Server(f"sqlite:///{tmp_path}/file.db", LOG_FORMAT="json", API_TOKENS=tokens) as server:
        workers = server.workers()
        server.request("GET", f"{MENTORS}/ada")
        os.kill(min(workers), signal.SIGKILL)
        server.wait_for_other_workers({min(workers)})
        lines = [json.loads(line) for line in server.log().splitlines()]
    first = next(line["message"] for line in lines if "database" in line.get("message", ""))
    for fact in (f"version {VERSION}", f"sqlite {tmp_path}/file.db", "workers: 2", "roles: all, read"):
        assert fact in first
    assert "ada" not in first
    assert any("SIGKILL" in line.get("message", "") and line["level"] == "ERROR" for line in lines)
    assert any(line.get("path") == f"{MENTORS}/ada" and line["status"] == 401 for line in lines)
    assert all(re.fullmatch("DEBUG|INFO|WARNING|ERROR|CRITICAL", line["level"]) for line in lines)
