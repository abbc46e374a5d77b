"""A move: all goes along or nothing, ids go on, and the other database answers as this one did."""

import io
import subprocess
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from db import db
from features.data import exporting, importing
from mentors.problems import CommandError
from models import HistoryEntry
from tests.conftest import TABLES, empty_tables, new_database
from tests.support.answers import MENTORS, PAUSES, everything, everything_at
from tests.support.commands import NOW, command, flask, migrated, start
from tests.support.databases import ON_POSTGRES
from tests.support.exports import export_of_mentors

METADATA = {"z": 0.1, "a": [1e-7, -0.0, 123456789012345680 / 1e4], "initiated_by": "Ünï 🦉\n", "\u2028": {"b": None}}


@pytest.fixture
def app_url(app):
    return app.config["SETTINGS"].database_url


@pytest.fixture
def awkward_data(client, clock):
    """Return a client of a database with what is awkward to move."""
    clock.at = "1970-01-01T00:00:00Z"
    assert client.post(MENTORS, json={"mentor_id": "gone", "is_paused": True}).status_code == 201
    clock.at = NOW
    for body in (
        {"mentor_id": "Z.~:@-"},
        {"mentor_id": "a", "status": "paused", "pause_reason": 'Ré\\N "日本" \u2028🦉', "metadata": METADATA},
        {"mentor_id": "a2", "pause_start_date": "2199-12-31T23:59:59Z", "expected_return_date": "2199-12-31T23:59:59Z"},
    ):
        assert client.post(MENTORS, json=body).status_code == 201
    pause = {"mentor_id": "a", "start_date": "2028-02-29", "end_date": "2028-02-29", "reason": "\\"}
    assert client.post(PAUSES, json=pause).json["pause_record_id"] == "pause-rec-0004"
    assert client.post(PAUSES, json=pause | {"reason": "by mistake"}).json["pause_record_id"] == "pause-rec-0005"
    clock.at = "2026-03-26T08:30:01Z"
    for path in (f"{PAUSES}/pause-rec-0005", f"{MENTORS}/gone"):
        assert client.delete(path).status_code == 200
    clock.at = NOW
    return client


@pytest.fixture
def other_url(request, app_url, tmp_path):
    """Return the URL of an empty database of the other kind, migrated."""
    with new_database("postgres" if app_url.startswith("sqlite:") else "sqlite", request, tmp_path) as url:
        yield migrated(url)


@pytest.fixture
def exported(awkward_data):
    """Return the lines of an export, whose database is empty now."""
    file = io.BytesIO()
    exporting.export(file)
    empty_tables()
    return file.getvalue().splitlines(keepends=True)


# --- moving


def test_the_other_database_answers_every_read_the_same_and_goes_on_alike(awkward_data, app_url, other_url, tmp_path):
    before = everything(awkward_data)
    file = tmp_path / "all.ndjson"
    assert flask(app_url, "export", file) == (0, ["export: 14 rows"])
    assert flask(other_url, "import", file) == (0, ["import: 14 rows"])
    assert everything_at(other_url) == before
    with start(command("export"), other_url, stdout=subprocess.PIPE) as process:
        assert process.stdout.read() == file.read_bytes()
    record = {"mentor_id": "a", "start_date": "2026-03-01T00:00:00Z", "reason": "personal_leave"}
    assert awkward_data.post(PAUSES, json=record).json["pause_record_id"] == "pause-rec-0006"
    assert everything_at(other_url, [record]) == everything(awkward_data)


def test_the_entry_of_a_write_to_very_many_pauses_is_moved_too(client, app_url, other_url, tmp_path):
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    dates = {"start_date": "2026-01-01T00:00:00Z", "expected_return_date": None, "end_date": None}
    touched = {"pause_record_id": 1, "event": "pause_deleted", **dates, "reason": "x" * 200}
    with db.connection_context():
        HistoryEntry.update(pause_records=orjson.dumps([touched] * 5000).decode()).execute()
    assert flask(app_url, "export", tmp_path / "all.ndjson")[0] == 0
    assert max(map(len, (tmp_path / "all.ndjson").read_bytes().splitlines())) > 2**20
    assert flask(other_url, "import", tmp_path / "all.ndjson") == (0, ["import: 2 rows"])


def test_an_export_is_one_snapshot_and_lets_others_write(app, awkward_data):
    class Interrupted(io.BytesIO):
        def write(self, line):
            if not self.tell():
                with ThreadPoolExecutor(1) as pool:
                    sent = pool.submit(app.test_client().post, MENTORS, json={"mentor_id": "meanwhile"})
                    assert sent.result().status_code == 201
            return super().write(line)

    file = Interrupted()
    assert exporting.export(file) == 14
    assert b"meanwhile" not in file.getvalue()
    assert awkward_data.get(f"{MENTORS}/meanwhile").status_code == 200


def test_of_two_imports_at_once_one_is_refused(client, rows, exported):
    with ThreadPoolExecutor(1) as pool:

        def interrupted():
            *lines, last = exported
            yield from lines
            others.append(pool.submit(importing.import_, exported))
            yield last

        others = []
        assert importing.import_(interrupted()) == 14
        with pytest.raises(CommandError, match="the database is not empty"):
            others[0].result()
    assert [len(rows(table)) for table in TABLES] == [8, 3, 3]


def test_an_import_never_lowers_the_ids_that_come_next(awkward_data, rows):
    for mentor_id in ("a", "a2", "Z.~:@-", "gone"):
        awkward_data.delete(f"{MENTORS}/{mentor_id}?erase=true")
    assert rows("history_entry") == []
    assert importing.import_(export_of_mentors(1)) == 1
    record = {"mentor_id": "mentor-000000", "start_date": NOW, "reason": "after those of before"}
    assert awkward_data.post(PAUSES, json=record).json["pause_record_id"] == "pause-rec-0006"


@ON_POSTGRES
def test_after_an_import_the_first_requests_are_not_planned_for_an_empty_table(client):
    assert importing.import_(export_of_mentors(1_000)) == 1_000
    with db.connection_context():
        (rows,) = db.execute_sql("SELECT reltuples FROM pg_class WHERE oid = 'mentor_status'::regclass").fetchone()
    assert rows == 1_000
