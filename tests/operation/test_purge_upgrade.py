"""An upgrade of a database whose histories have entries `purged`, and workers of the release before beside it."""

import shutil
import subprocess
import sys

import pytest

import migrations
from tests.database.test_changes_of_records import migrated
from tests.operation.test_start import read
from tests.support.commands import MENTORS, PAUSES, command
from tests.support.commands import run as run_here
from tests.support.releases import unpack_release_before
from tests.support.server import Server, environment

DATE = "2026-01-01T00:00:00Z"
FILL = "import app; app.create_app(); from benchmarks.data import fill; fill(20)"
PURGED = "SELECT count(*) FROM history_entry WHERE event = 'purged'"
ALL_THAT_STAYS = "SELECT id, mentor_id, event FROM history_entry WHERE event <> 'purged' ORDER BY id"
ERASED = "SELECT mentor_id FROM mentor_change WHERE erased_at IS NOT NULL ORDER BY 1"
GONE, THERE, PAUSED = (f"mentor-000000{number}" for number in (3, 4, 5))


@pytest.fixture(scope="module")
def release_before(tmp_path_factory):
    """Return a folder with the release before the key `purged_before`."""
    return unpack_release_before("migrations/0012_purged_before.py", tmp_path_factory.mktemp("release"))


def run_there(arguments, url, folder):
    subprocess.run(
        arguments, cwd=folder, env=environment(DATABASE_URL=url), check=True, timeout=60, capture_output=True
    )


def get(server, path):
    response, body = server.request("GET", path)
    return response.status, body


def send(server, method, path, **body):
    response, answer = server.request(method, path, body or None)
    assert response.status in (200, 201), answer
    return answer


@pytest.fixture
def upgraded(empty_database, release_before):
    """Return the URL of a database that the release before has purged, and this one migrated, and a cursor of before.

    One mentor was deleted, and has nothing but an entry `purged`.
    """
    run_there(command("migrate"), empty_database, release_before)
    run_there([sys.executable, "-c", FILL], empty_database, release_before)
    with Server(empty_database, code=release_before) as old:
        send(old, "DELETE", f"{MENTORS}/{GONE}")
        read(empty_database, "DELETE FROM history_entry WHERE event = 'deleted' RETURNING id")
        run_there(command("purge", "--before", DATE), empty_database, release_before)
        cursor = get(old, "/api/v1/changes")[1]["pagination"]["next"]
    assert read(empty_database, PURGED)[0][0] == 20 - 4  # a fifth of them are in a pause that stays
    stays = read(empty_database, ALL_THAT_STAYS)
    assert run_here(command("migrate"), empty_database)[0] == 0
    assert read(empty_database, PURGED) == [(0,)]
    assert read(empty_database, ALL_THAT_STAYS) == stays
    return empty_database, cursor


def test_after_the_upgrade_a_history_has_a_purge_date_instead_of_entries_and_nobody_comes_back(upgraded):
    url, cursor = upgraded
    with Server(url) as new:
        for mentor, entries in ((THERE, 0), (PAUSED, 3)):
            status, history = get(new, f"{MENTORS}/{mentor}/history")
            assert (status, len(history["data"]), history["purged_before"]) == (200, entries, DATE)
        assert get(new, f"{MENTORS}/{GONE}/history")[0] == 404
        assert get(new, f"/api/v1/changes?since={cursor}")[1]["data"] == []
    assert read(url, ERASED) == [(GONE,)]


def test_workers_of_the_release_before_go_on_beside_those_of_this_one(upgraded, release_before):
    url, cursor = upgraded
    with Server(url, code=release_before) as old, Server(url) as new:
        for writer, reader in ((old, new), (new, old)):
            name = f"by-{writer.port}"
            send(writer, "POST", MENTORS, mentor_id=name, status="paused", pause_reason="leave")
            ended = send(
                writer, "POST", PAUSES, mentor_id=name, start_date="2025-01-01", end_date="2025-02-01", reason="x"
            )
            send(writer, "PUT", f"{PAUSES}/{ended['pause_record_id']}", is_active=True)
            send(writer, "DELETE", f"{PAUSES}/{ended['pause_record_id']}")
            send(writer, "PUT", f"{MENTORS}/{name}", status="active")
            events = [entry["event"] for entry in get(reader, f"{MENTORS}/{name}/history")[1]["data"]]
            assert events == ["pause_ended", "pause_deleted", "pause_reopened", "pause_opened", "created"]
            changed = [item["mentor_id"] for item in get(reader, f"/api/v1/changes?since={cursor}")[1]["data"]]
            assert name in changed and GONE not in changed
            send(writer, "DELETE", f"{MENTORS}/{name}?erase=true")
            assert get(reader, f"{MENTORS}/{name}/history")[0] == 404


def test_the_purge_date_of_entries_without_one_is_taken_from_them(empty_database, tmp_path):
    """As an import left them whose header had none."""
    for file in migrations.FOLDER.glob("0*.py"):
        if file.name < "0012":
            shutil.copy(file, tmp_path)
    insert = "INSERT INTO history_entry (mentor_id, changed_at, event) VALUES"
    entries = [
        f"{insert} ('{name}', '{year}-01-01T00:00:00Z', 'purged')" for name, year in (("ada", 2025), ("eve", 2024))
    ]
    migrated(empty_database, *entries, folder=tmp_path)
    date = "SELECT purged_before, (SELECT count(*) FROM history_entry) FROM installation"
    assert migrated(empty_database, date) == [("2025-01-01T00:00:00Z", 0)]
