"""Migrations: a later one is applied beside running workers, and an older database is refused and left as it is."""

import shutil

import pytest

import migrations
from tests.support.commands import execute, flask
from tests.support.load import Load
from tests.support.server import Server

LATER = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE mentor_status ADD COLUMN region TEXT")
"""


@pytest.fixture
def folder_with_a_later_one(tmp_path):
    """Return a folder with the migrations of this version and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__*"))
    (folder / "9999_region.py").write_text(LATER)
    return folder


def test_a_later_migration_is_applied_beside_running_workers(empty_database, folder_with_a_later_one, monkeypatch):
    with Server(empty_database) as server, Load(server) as load:
        load.wait_for(20)
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "FOLDER", folder_with_a_later_one)
            assert flask(empty_database, "migrate") == (0, ["migrate: 9999_region"])
        load.wait_for(20)
        assert load.statuses() == {200, 201}
        # This version serves a database with a later migration, so that a release may be rolled back.
        assert server.request("GET", "/readyz")[0].status == 200
    assert flask(empty_database, "migrate") == (0, ["migrate: nothing to do"])
    assert execute(empty_database, "SELECT COUNT(*) FROM mentor_status WHERE region IS NULL") != [(0,)]
