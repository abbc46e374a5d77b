"""`flask seed --demo`: example data around today, with each kind of pause, as coordinators would have entered it.

And that both kinds of example data fit a database that had pause records before.
"""

import pytest

from tests.support.commands import MENTORS, PAUSES, command, run
from transfer import TransferError
from transfer.seeding import seed, seed_demo

NOW = "2026-03-26T08:30:00Z"  # of the tests' clock


def total(client, path):
    return client.get(f"{path}&limit=1").json["pagination"]["total"]


def test_the_demo_has_40_mentors_with_pauses_of_each_kind(client):
    assert seed_demo(NOW) == (40, 28)
    assert total(client, f"{MENTORS}?") == 40
    counts = {"scheduled": 4, "current": 15, "overdue": 3, "undated": 2, "ended": 9}
    assert {phase: total(client, f"{PAUSES}?phase={phase}") for phase in counts} == counts
    assert total(client, f"{PAUSES}?due_within_days=7") == 7
    records = client.get(f"{PAUSES}?limit=100").json["data"]
    assert any(record["is_active"] and record["end_date"] for record in records)
    assert any(record["expected_return_date"] is None and record["end_date"] is None for record in records)


def test_the_history_of_the_demo_names_who_did_what_before_now(client):
    seed_demo(NOW)
    entries = client.get(f"{MENTORS}/mentor-005/history").json["data"]
    assert [entry["event"] for entry in entries] == ["pause_opened", "pause_ended", "pause_opened", "created"]
    assert all(entry["changed_by"].startswith("coordinator-") and entry["changed_at"] < NOW for entry in entries)


def test_the_demo_goes_into_an_empty_database_only(client):
    seed_demo(NOW)
    with pytest.raises(TransferError):
        seed_demo(NOW)


def test_the_command_says_how_many_there_are_and_an_export_of_them_can_be_imported(empty_database, tmp_path):
    assert run(command("migrate"), empty_database)[0] == 0
    code, printed, _ = run(command("seed", "--demo"), empty_database)
    assert (code, printed.splitlines()[-1]) == (0, b"seed: 40 mentors, 28 pause records")
    assert run(command("seed", "--demo"), empty_database)[0] == 1
    assert run(command("export", tmp_path / "demo.ndjson"), empty_database)[0] == 0
    other = f"sqlite:///{tmp_path}/other.db"
    assert run(command("migrate"), other)[0] == 0
    assert run(command("import", tmp_path / "demo.ndjson"), other)[0] == 0


@pytest.fixture
def emptied(client):
    """Return a client of a database without mentors and pause records, which had one of each."""
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    assert client.delete(f"{MENTORS}/ada").status_code == 200
    return client


def test_the_demo_fits_a_database_that_had_pause_records_before(emptied):
    assert seed_demo(NOW) == (40, 28)


def test_each_history_of_the_examples_names_a_pause_of_its_own_mentor_if_there_were_pause_records_before(emptied):
    assert seed() == (87, 34)
    records = emptied.get(f"{PAUSES}?after=&limit=100").json["data"]
    assert len(records) == 34
    for record in records:
        (entry,) = emptied.get(f"{MENTORS}/{record['mentor_id']}/history").json["data"]
        assert entry["pause_record_id"] == record["pause_record_id"]
