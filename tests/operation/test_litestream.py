"""Litestream copies the SQLite database while the service writes; the steps of docs/data.md restore the copy."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml

from tests.support.commands import app_on, flask, migrated
from tests.support.restore import OF_LITESTREAM, assert_restored, follow, write_after_the_backup
from tests.support.server import REPOSITORY, Server
from tests.support.waiting import wait_until

LITESTREAM = Path(sys.executable).with_name("litestream")
MENTORS = "/api/v1/mentor-statuses"


@pytest.fixture
def configuration(tmp_path):
    """Return the path of the file of docs/vm with the paths of this test, and with a folder for the other machine."""
    file = REPOSITORY / "docs/vm/litestream.yml"
    settings = yaml.safe_load(file.read_text())
    (database,) = settings["dbs"]
    assert database["path"] == "/var/lib/mentor-status/mentor-status.db"
    assert database["replica"]["type"] == "sftp"
    database |= {"path": f"{tmp_path}/mentor-status.db", "replica": {"type": "file", "path": f"{tmp_path}/copies"}}
    path = tmp_path / "litestream.yml"
    path.write_text(yaml.safe_dump(settings))
    return path


def litestream(verb, configuration, *words):
    return [LITESTREAM, verb, "-config", configuration, *words]


@contextmanager
def replicating(configuration):
    """Let Litestream copy the database within the context."""
    with subprocess.Popen(litestream("replicate", configuration), stdout=subprocess.DEVNULL) as process:
        try:
            yield
            assert process.poll() is None
        finally:
            process.terminate()


def wait_for_copy(configuration, mentor_id):
    """Wait until the newest copy has a mentor; there may be no copy yet."""
    path = configuration.with_name("looked-at.db")
    words = "-if-replica-exists", "-o", path, configuration.with_name("mentor-status.db")
    mentor = f"SELECT 1 FROM mentor_status WHERE mentor_id = '{mentor_id}'"

    def has_mentor():
        path.unlink(missing_ok=True)
        subprocess.run(litestream("restore", configuration, *words), check=True, stdout=subprocess.DEVNULL)
        if not path.exists():
            return False
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(mentor).fetchone() == (1,)

    wait_until(has_mentor)


def test_the_copy_of_a_service_that_stops_and_starts_is_restored_by_the_steps_of_the_guide(configuration, tmp_path):
    url = f"sqlite:///{tmp_path}/mentor-status.db"
    assert flask(migrated(url), "seed")[0] == 0
    ids = "before-the-stop", "after-the-stop"
    with replicating(configuration):
        for mentor_id in ids:
            with Server(url) as server:
                assert server.request("POST", MENTORS, {"mentor_id": mentor_id})[0].status == 201
        wait_for_copy(configuration, "after-the-stop")
    write_after_the_backup(url)
    follow(OF_LITESTREAM, tmp_path, url)
    assert len(list(tmp_path.glob("before-restore-*/.mentor-status.db-litestream"))) == 1
    with replicating(configuration):
        with app_on(url) as app:
            deleted = [app.test_client().delete(f"{MENTORS}/{mentor_id}").status_code for mentor_id in ids]
        assert deleted == [200, 200]
        assert_restored(url)
        wait_for_copy(configuration, "written-after-the-restore")  # the copies go on


def test_a_vacuum_fails_while_litestream_runs_and_the_copies_go_on_after_it(configuration, tmp_path):
    url = f"sqlite:///{tmp_path}/mentor-status.db"
    assert flask(migrated(url), "seed")[0] == 0
    with replicating(configuration):
        wait_for_copy(configuration, "mentor-042")
        code, (line,) = flask(url, "vacuum")
        assert (code, "Litestream" in line) == (1, True)
    assert flask(url, "vacuum")[0] == 0
    with replicating(configuration):
        with app_on(url) as app:
            assert app.test_client().post(MENTORS, json={"mentor_id": "after-the-vacuum"}).status_code == 201
        wait_for_copy(configuration, "after-the-vacuum")
