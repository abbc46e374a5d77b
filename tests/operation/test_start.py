"""The service as processes: it starts from nothing, and says why it cannot."""

import os
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

import migrations
from settings import Settings
from tests.support.commands import GUNICORN, command, execute, run
from tests.support.programs import installed
from tests.support.server import REPOSITORY, Server, free_port

MENTORS = "/api/v1/mentor-statuses"
MIGRATE = command("migrate")
PROCFILE = dict(re.findall("^(.*): (.*)$", (REPOSITORY / "Procfile").read_text(), re.MULTILINE))
RELEASE = ["sh", "-c", PROCFILE["release"]]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


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
        ("-Sn 256 && ulimit -Hn 1024", 2, 1024, 120, 512),
        ("-Sn 256 && ulimit -Hn 256", 2, 256, 64, 128),
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


def test_two_servers_that_start_at_once_on_an_empty_database_both_come_up(empty_database):
    with ExitStack() as running, ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(running.enter_context, [Server(empty_database), Server(empty_database)]))
        names = sorted(path.stem for path in migrations.FOLDER.glob("[0-9]*.py"))
        assert sorted(name for (name,) in execute(empty_database, "SELECT name FROM schema_migration")) == names
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


@pytest.mark.parametrize(("name", "reason"), [("new.db", " Permission denied;"), ("there.db", "")])
def test_an_sqlite_file_that_may_not_be_written_stops_the_start_in_one_line(name, reason, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    for there in ("there.db", "there.db.lock"):
        (folder / there).touch()
    folder.chmod(0o500)
    # Nobody but root may write to a folder that is closed to all.
    no_root = [installed("setpriv"), "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    started = run([*no_root, *GUNICORN], DATABASE_URL=f"sqlite:///{folder}/{name}", PORT=free_port())
    assert started == (1, [f"DATABASE_URL: {folder}/{name}:{reason} {migrations.NO_FILE}."])
