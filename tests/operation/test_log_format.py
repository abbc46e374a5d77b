"""The log in logfmt and as JSON: one line for each thing, with the same fields.

As JSON, the lines of gunicorn are objects, too.
"""

import json
import os
import re
import select
import subprocess

import pytest

from settings import VERSION
from tests.support.programs import installed
from tests.support.server import REPOSITORY, Server
from web import logs

MENTORS, CANARY = "/api/v1/mentor-statuses", "canary-7f3a"
FIELD = r'([a-z_]+)=([^\s"=]+|"(?:[^"\\\n]|\\.)*")'
LOGFMT = re.compile(rf"(DEBUG|INFO|WARNING|ERROR)(?: {FIELD})+")
ODD_VALUES = ['say "no"', "two\nlines", "a\r\nb", "a=b", "", " ", "\\", "a\\ b", "\x00", "\x1b[1m", "größer", "a'b"]


def fields_of(line):
    """Return the fields of a line in logfmt or JSON, as text; fails if it is neither."""
    if line.startswith("{"):
        return {name: str(value) for name, value in json.loads(line).items()}
    assert LOGFMT.fullmatch(line), line
    words = re.findall(FIELD, line)
    values = {name: json.loads(value) if value.startswith('"') else value for name, value in words}
    return {"level": line.partition(" ")[0], **values}


@pytest.mark.parametrize("value", ODD_VALUES)
def test_a_value_with_quotes_or_line_breaks_stays_one_value_on_one_line(value):
    for format_line in (logs.as_logfmt, logs.as_json):
        line = format_line("ERROR", {"reason": value, "status": 503})
        assert "\n" not in line and "\r" not in line
        assert fields_of(line) == {"level": "ERROR", "reason": value, "status": "503"}


def test_the_path_of_a_file_that_is_no_utf_8_is_written_in_either_format(capfd):
    for format_line in (logs.as_logfmt, logs.as_json):
        logs.write(format_line("INFO", {"message": os.fsdecode(b"sqlite /x\xff.db")}))
    assert capfd.readouterr().out.count("sqlite /x?.db") == 2


@pytest.mark.parametrize("name", ["logfmt", "json"])
def test_the_lines_of_the_guide_count_the_requests_in_a_log_and_name_the_slowest(
    client, lines, monkeypatch, tmp_path, name
):
    if name == "json":
        installed("jq")
    monkeypatch.setitem(logs.config, "format", logs.FORMATS[name])
    for path in (MENTORS, f"{MENTORS}/ada", f"{MENTORS}/bob"):
        client.get(path)
    (tmp_path / "log").write_text("\n".join(["Listening at: http://127.0.0.1:8000", *lines, ""]))
    guide = (REPOSITORY / "docs/monitoring.md").read_text()
    commands = [line for line in re.findall(r"^LOG (\|.*)$", guide, re.MULTILINE) if ("jq" in line) == (name == "json")]
    counts, slowest = (
        subprocess.check_output(f"cat log {line}", shell=True, cwd=tmp_path, text=True).splitlines()
        for line in commands
    )
    assert [line.removeprefix("status=") for line in " ".join(counts).split()] == ["1", "200", "2", "404"]
    assert slowest == sorted((fields_of(line)["ms"] for line in lines), key=float)


@pytest.mark.parametrize("format_line", [logs.as_logfmt, logs.as_json])
def test_a_fault_is_one_line_with_its_traceback_in_a_field_and_short_enough_to_be_written_in_one_piece(
    app, client, lines, monkeypatch, format_line
):
    monkeypatch.setitem(logs.config, "format", format_line)

    def fail(depth=60):
        if depth:
            fail(depth - 1)
        raise RuntimeError(CANARY)

    monkeypatch.setitem(app.view_functions, "system.show_liveness", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert client.get("/livez").status_code == 500
    (line,) = lines
    fields = fields_of(line)
    assert (fields["level"], fields["error"], fields["cause"]) == ("ERROR", "RuntimeError", "None")
    assert "in fail" in fields["traceback"] and CANARY not in line
    assert len(line.encode()) < select.PIPE_BUF


def test_every_line_of_the_service_and_of_gunicorn_is_an_object_and_the_first_says_what_runs(tmp_path):
    tokens = f"ada:{'a' * 16},bob:{'b' * 16}:read"
    with Server(f"sqlite:///{tmp_path}/file.db", LOG_FORMAT="json", API_TOKENS=tokens) as server:
        server.request("GET", f"{MENTORS}/ada")
        server.kill_a_worker()
        lines = [json.loads(line) for line in server.log().splitlines()]
    first = next(line["message"] for line in lines if "database" in line.get("message", ""))
    for fact in (f"version {VERSION}", f"sqlite {tmp_path}/file.db", "workers: 1", "roles: all, read"):
        assert fact in first
    assert f"board: {server.base_url}/board;" in first
    assert "ada" not in first
    assert any("SIGKILL" in line.get("message", "") and line["level"] == "ERROR" for line in lines)
    assert any(line.get("path") == f"{MENTORS}/ada" and line["status"] == 401 for line in lines)
    assert all(re.fullmatch("DEBUG|INFO|WARNING|ERROR|CRITICAL", line["level"]) for line in lines)
