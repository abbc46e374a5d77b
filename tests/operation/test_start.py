"""The service as processes: it starts from nothing, says why it cannot, reads raw bytes."""

import json
import os
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from pathlib import Path

import pytest

import migrations
from settings import Settings
from tests.support.commands import GUNICORN, WITHOUT_RIGHTS, command, execute, run
from tests.support.server import REPOSITORY, Server, free_port

MENTORS = "/api/v1/mentor-statuses"
MIGRATE = command("migrate")
PROCFILE = dict(re.findall("^(.*): (.*)$", (REPOSITORY / "Procfile").read_text(), re.MULTILINE))
RELEASE = ["sh", "-c", PROCFILE["release"]]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
AT_ONCE = 4


def assert_tables_are_there_once(url):
    names = sorted(path.stem for path in migrations.FOLDER.glob("[0-9]*.py"))
    assert sorted(name for (name,) in execute(url, "SELECT name FROM schema_migration")) == names
    for table in ("mentor_status", "pause_record", "history_entry"):
        assert execute(url, f"SELECT count(*) FROM {table}") == [(0,)]


# --- starting


def test_the_master_loads_nothing_of_the_service_but_its_classes():
    load = "import sys; from gunicorn.app.wsgiapp import WSGIApplication; cfg = WSGIApplication('%(prog)s').cfg"
    classes = "cfg.logger_class, cfg.worker_class"
    master = [sys.executable, "-c", f"{load}; {classes}; print(*sys.modules)"]
    code, (loaded,) = run(master, DATABASE_URL="postgresql://localhost/name")
    assert code == 0
    assert "gunicorn.arbiter" in loaded.split()
    assert {name for name in loaded.split() if name.startswith("web.")} == {"web.gunicorn_classes"}
    assert not {"settings", "app", "click", "peewee", "apsw", "psycopg"} & set(loaded.split())


@pytest.mark.parametrize(
    ("limits", "workers", "open_files", "threads", "connections"),
    [
        ("-Sn 1024 && ulimit -Hn 8192", 2, 4096, 120, 1000),
        ("-Sn 8192 && ulimit -Hn 8192", 2, 8192, 120, 1000),
        ("-Sn 256 && ulimit -Hn 1024", 2, 1024, 120, 512),
        ("-Sn 256 && ulimit -Hn 256", 2, 256, 64, 128),
        ("-n 8192 -u 256", 2, 8192, 120, 1000),
        ("-n 8192 -u 256", 4, 8192, 56, 1000),
        ("-n 8192 -u 256", 32, 8192, 1, 1000),
    ],
)
def test_the_soft_limit_of_open_files_is_raised_and_threads_and_connections_fit_into_the_limits(
    limits, workers, open_files, threads, connections
):
    limited = ["bash", "-c", f'ulimit {limits} && exec "$@"', "bash"]
    load = "import resource, runpy; conf = runpy.run_path('gunicorn.conf.py')"
    show = "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], conf['threads'], conf['worker_connections'])"
    ended = run([*limited, sys.executable, "-c", f"{load}; {show}"], WEB_CONCURRENCY=workers)
    assert ended == (0, [f"{open_files} {threads} {connections}"])


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)  # for Postgres, see test_pooler.py
def test_of_several_migrations_at_once_on_an_empty_database_all_succeed(empty_database):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = list(pool.map(lambda _: run(MIGRATE, DATABASE_URL=empty_database), range(AT_ONCE)))
    assert [code for code, _lines in ended] == [0] * AT_ONCE, ended
    assert sorted("nothing to do" in lines[-1] for _code, lines in ended) == [False] + [True] * (AT_ONCE - 1)
    assert_tables_are_there_once(empty_database)


def test_two_servers_that_start_at_once_on_an_empty_database_both_come_up(empty_database):
    with ExitStack() as running, ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(running.enter_context, [Server(empty_database), Server(empty_database)]))
        assert_tables_are_there_once(empty_database)
        assert Settings.from_environ({"DATABASE_URL": empty_database}).database_name in servers[0].log()
        created, _ = servers[0].request("POST", MENTORS, {"mentor_id": "ada"})
        assert created.status == 201
        found, mentor = servers[1].request("GET", created.headers["Location"])
        assert (found.status, mentor["mentor_id"]) == (200, "ada")
        assert [server.stop() for server in servers] == [0, 0]


def test_the_release_of_heroku_migrates_and_the_start_finds_nothing_to_do(empty_database):
    assert run(RELEASE, DATABASE_URL=empty_database, PATH=PATH)[0] == 0
    assert PROCFILE["web"] == "env MALLOC_ARENA_MAX=1 gunicorn --bind 0.0.0.0:$PORT"
    with Server(empty_database) as server:
        assert "migrate: nothing to do" in server.log()


@pytest.mark.parametrize(
    ("words", "variable", "value"),
    [
        (GUNICORN, "PORT", "http"),
        (GUNICORN, "WEB_CONCURRENCY", "0"),
        (GUNICORN, "DATABASE_URL", "postgresql://user:a@secret@127.0.0.1/name"),
        (GUNICORN, "TIME_ZONE", "../UTC"),
        (GUNICORN, "API_TOKENS_FILE", "ada:secret-of-23-characters:read"),  # a value in the place of a path
        (GUNICORN, "DATABASE_URL_FILE", f"postgres://jane:{'secret' * 99}@host/name"),
        (GUNICORN, "DATABASE_URL_FILE", "requirements.txt"),  # a file without an address
        (MIGRATE, "API_TOKENS", ""),
        (MIGRATE, "API_TOKENS_FILE", f"ada:{'secret' * 99}"),
        (RELEASE, "DATABASE_URL", "sqlite:////nowhere/file.db"),
        (RELEASE, "API_TOKENS", "secret"),
        (command("digest", "--mail"), "SMTP_URL", "smtp://jane:secret@host:port"),
        (command("export"), "TIME_ZONE", "../UTC"),
    ],
)
def test_a_variable_that_cannot_work_stops_the_start_in_one_line(words, variable, value, tmp_path):
    database = {} if variable.startswith("DATABASE") else {"DATABASE_URL": f"sqlite:///{tmp_path}/file.db"}
    code, lines = run(words, **{"PORT": free_port(), "PATH": PATH} | database | {variable: value})
    assert (code, len(lines)) == (1, 1), "\n".join(lines)
    assert lines[0].startswith(f"{variable}: ")
    assert not re.search("secret|jane|ada", lines[0])


def test_a_port_in_use_stops_the_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, lines = run(GUNICORN, DATABASE_URL=f"sqlite:///{tmp_path}/file.db", PORT=port)
    assert code == 1
    assert any("Address already in use" in line and f"{port}" in line for line in lines)


NO_FILE = "it must be a file that the user of the service may write, in a folder that they may write"
CLOSED = {
    "closed/file.db": f"closed/file.db: Permission denied; {NO_FILE}.",
    "closed/there.db": f"closed/there.db: {NO_FILE}.",
}


@pytest.mark.parametrize("words", [GUNICORN, MIGRATE], ids=["gunicorn", "migrate"])
def test_an_sqlite_file_that_may_not_be_written_stops_the_start_in_one_line(words, tmp_path):
    (tmp_path / "closed").mkdir()
    for name in ("there.db", "there.db.lock"):
        (tmp_path / "closed" / name).touch()
    (tmp_path / "closed").chmod(0o500)
    for place, reason in CLOSED.items():
        given = {"DATABASE_URL": f"sqlite:///{tmp_path}/{place}", "PORT": free_port()}
        assert run([*WITHOUT_RIGHTS, *words], **given) == (1, [f"DATABASE_URL: {tmp_path}/{reason}"])


# --- raw bytes


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(f"sqlite:///{tmp_path_factory.mktemp('raw')}/file.db") as server:
        yield server


@pytest.fixture
def send(server):
    """Return a function that sends a POST with these headers and bytes, and no more; returns status, type and body."""

    def exchange(payload, *headers, start=f"POST {MENTORS}"):
        head = [f"{start} HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json", *headers]
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            connection.sendall("\r\n".join([*head, "", ""]).encode() + payload)
            connection.shutdown(socket.SHUT_WR)
            with closing(HTTPResponse(connection)) as response:
                response.begin()
                return response.status, response.headers["Content-Type"], json.loads(response.read())

    return exchange


def body(mentor_id, size=0):
    """Return a mentor as JSON, padded with blanks to the size."""
    return json.dumps({"mentor_id": mentor_id}).encode().ljust(size)


def chunked(content, size=4096):
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


CHUNKED = "Transfer-Encoding: chunked"
PROBLEM = "application/problem+json"


def test_a_chunked_body_is_read(send):
    status, content_type, mentor = send(chunked(body("chunked"), 5), CHUNKED)
    assert (status, content_type, mentor["mentor_id"]) == (201, "application/json", "chunked")


@pytest.mark.parametrize(
    "payload",
    [
        b"ZZ\r\n" + body("broken") + b"\r\n0\r\n\r\n",
        b"5\r\n{}",
        chunked(body("broken"))[:-5],
        b"",
        b"-1\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["no number", "cut", "no last chunk", "nothing", "negative"],
)
def test_a_broken_chunk_is_a_400(send, server, payload):
    status, content_type, problem = send(payload, CHUNKED)
    assert (status, content_type, problem["code"]) == (400, PROBLEM, "malformed_body")
    assert server.request("GET", f"{MENTORS}/broken")[0].status == 404


def test_a_body_shorter_than_its_content_length_is_a_400(send, server):
    content = body("short")
    for length in (len(content) + 1, 65536):
        status, content_type, problem = send(content, f"Content-Length: {length}")
        assert (status, content_type, problem["code"]) == (400, PROBLEM, "malformed_body")
    assert server.request("GET", f"{MENTORS}/short")[0].status == 404


@pytest.mark.parametrize("form", ["chunked", "whole"])
def test_a_body_of_65536_bytes_is_read_and_one_more_is_a_413(send, form):
    for size, expected in ((65536, 201), (65537, 413)):
        content = body(f"{form}-{size}", size)
        if form == "chunked":
            status, content_type, answer = send(chunked(content), CHUNKED)
        else:
            status, content_type, answer = send(content, f"Content-Length: {size}")
        assert status == expected
        assert content_type == ("application/json" if expected == 201 else PROBLEM)
        assert answer.get("code") == (None if expected == 201 else "too_large")


@pytest.mark.parametrize("form", ["chunked", "whole"])
def test_a_client_that_sends_16_mib_before_it_reads_gets_the_413(send, form):
    content = bytes(16 * 1024 * 1024)
    given = (chunked(content), CHUNKED) if form == "chunked" else (content, f"Content-Length: {len(content)}")
    status, content_type, problem = send(*given)
    assert (status, content_type, problem["code"]) == (413, PROBLEM, "too_large")


@pytest.mark.parametrize("path", [f"/{MENTORS}", f"//{MENTORS}", "/api//v1/mentor-statuses", f"{MENTORS}/"])
def test_a_path_with_a_slash_too_many_is_a_404(send, path):
    status, content_type, problem = send(b"", start=f"GET {path}")
    assert (status, content_type, problem["code"]) == (404, PROBLEM, "not_found")
