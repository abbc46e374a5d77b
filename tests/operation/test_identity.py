"""What makes a database another one to those who follow its changes, and an installation another one to calendars."""

import io
import sqlite3
import sys
from contextlib import closing

import psycopg
import pytest

from tests.conftest import empty_tables
from tests.support.commands import command, run
from tests.support.postgres import Cluster
from transfer import exporting, importing

PRINT_CURSOR = """
from app import create_app
print(create_app().test_client().get("/api/v1/changes").json["pagination"]["next"])
"""
MENTORS, CHANGES, CALENDAR = "/api/v1/mentor-statuses", "/api/v1/changes", "/api/v1/pause-records.ics"


@pytest.fixture
def begin(client):
    """Return a cursor that begins when there is mentor ada."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    return client.get(CHANGES).json["pagination"]["next"]


@pytest.fixture
def status_of(client):
    """Return a function that polls with a cursor and returns the status of the answer."""
    return lambda since: client.get(CHANGES, query_string={"since": since}).status_code


def test_an_import_that_writes_rows_makes_every_cursor_gone_and_one_that_writes_none_does_not(begin, status_of, rows):
    file = io.BytesIO()
    exporting.export(file)
    lines = file.getvalue().splitlines(keepends=True)
    assert importing.import_(lines) == 0
    assert status_of(begin) == 200
    empty_tables()
    assert importing.import_(lines) > 0
    assert status_of(begin) == 410
    assert rows("mentor_change") == []


def test_new_identity_makes_every_cursor_gone_and_keeps_the_installation(app, begin, status_of, rows):
    (before,) = rows("installation")
    ended = app.test_cli_runner().invoke(args=["new-identity"])
    assert (ended.exit_code, ended.stderr) == (0, "new-identity: whoever follows the changes begins anew\n")
    assert status_of(begin) == 410
    (after,) = rows("installation")
    assert after["installation_id"] == before["installation_id"]
    assert after["database_id"] != before["database_id"]


def test_new_identity_of_a_staging_copy_makes_it_another_installation_too(app, client, begin, rows):
    (before,), etag = rows("installation"), client.get(CALENDAR).headers["ETag"]
    ended = app.test_cli_runner().invoke(args=["new-identity", "--installation"])
    assert ended.stderr.endswith(" begins anew, and calendars take it for another installation\n")
    (after,) = rows("installation")
    assert after["installation_id"] != before["installation_id"]
    assert client.get(CALENDAR, headers={"If-None-Match": etag}).status_code == 200


def test_after_new_identity_a_mirror_follows_again(app, client, begin, status_of):
    app.test_cli_runner().invoke(args=["new-identity"])
    anew = client.get(CHANGES).json["pagination"]["next"]
    client.put(f"{MENTORS}/ada", json={"status": "paused", "pause_start_date": "2026-03-01"})
    assert len(client.get(CHANGES, query_string={"since": anew}).json["data"]) == 1


def test_a_backup_is_another_database_of_the_same_installation(tmp_path):
    original, copy = tmp_path / "original.db", tmp_path / "copy.db"
    run(command("migrate"), f"sqlite:///{original}")
    assert run(command("backup", copy), f"sqlite:///{original}")[0] == 0
    ids = []
    for path in (original, copy):
        with closing(sqlite3.connect(path)) as connection:
            ids.append(connection.execute("SELECT installation_id, database_id FROM installation").fetchone())
    assert ids[0][0] == ids[1][0]
    assert ids[0][1] != ids[1][1]


def test_a_database_of_an_earlier_release_can_be_backed_up(tmp_path):
    original, copy = tmp_path / "original.db", tmp_path / "copy.db"
    run(command("migrate"), f"sqlite:///{original}")
    with closing(sqlite3.connect(original, isolation_level=None)) as connection:
        connection.execute("DROP TABLE installation")
    assert run(command("backup", copy), f"sqlite:///{original}")[0] == 0


def cursor_elsewhere(url):
    """Return a cursor that begins now in the database of a URL."""
    code, printed, errors = run([sys.executable, "-c", PRINT_CURSOR], url)
    assert code == 0, errors
    return printed.decode().splitlines()[-1]


@pytest.mark.parametrize("app", ["postgres"], indirect=True)
@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
def test_the_same_rows_in_another_database_of_the_cluster_are_another_database(begin, status_of, rows, empty_database):
    assert run(command("migrate"), empty_database)[0] == 0
    take_database_id(empty_database, rows)
    assert status_of(cursor_elsewhere(empty_database)) == 410
    assert status_of(begin) == 200


@pytest.mark.parametrize("app", ["postgres"], indirect=True)
def test_the_same_rows_in_another_cluster_are_another_database(begin, status_of, rows):
    with Cluster() as cluster:
        assert run(command("migrate"), cluster.url)[0] == 0
        take_database_id(cluster.url, rows)
        assert status_of(cursor_elsewhere(cluster.url)) == 410


def take_database_id(url, rows):
    (here,) = rows("installation")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE installation SET database_id = %s", (here["database_id"],))
