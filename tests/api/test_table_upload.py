"""POST of a table of mentors: each line does what PUT or POST does, all of them or none."""

import pytest

from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

TABLES = ("mentor_status", "pause_record", "history_entry")


@pytest.fixture
def state(rows):
    """Return a function that reads every row of every table."""
    return lambda: [rows(table) for table in TABLES]


@pytest.fixture
def some(client):
    """Add an active mentor, one who is paused, and one with a scheduled and an ended pause."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    pause = {"pause_start_date": "2026-03-01", "expected_return_date": "2026-05-01", "pause_reason": "illness"}
    client.post(MENTORS, json={"mentor_id": "bob", "status": "paused", **pause})
    client.post(MENTORS, json={"mentor_id": "cleo", "pause_start_date": "2026-04-01"})
    ended = {"mentor_id": "cleo", "start_date": "2026-01-01", "end_date": "2026-02-01", "reason": "leave"}
    client.post(RECORDS, json=ended)
    return client


def test_lines_of_unknown_mentors_create_them(client):
    lines = [
        {"mentor_id": "ada", "status": "active"},
        {"mentor_id": "bob", "status": "paused", "pause_start_date": "2026-03-01", "pause_reason": "illness"},
        {"mentor_id": "cleo", "pause_start_date": "2026-05-01", "expected_return_date": "2026-06-01"},
    ]
    response = upload(client, MENTORS, lines)
    assert response.json == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "dry_run": False,
        "data": [
            {"line": 2, "outcome": "created", "mentor_id": "ada"},
            {"line": 3, "outcome": "created", "mentor_id": "bob"},
            {"line": 4, "outcome": "created", "mentor_id": "cleo"},
        ],
    }
    bob = client.get(f"{MENTORS}/bob").json
    assert (bob["status"], bob["pause_reason"]) == ("paused", "illness")
    assert client.get(f"{MENTORS}/cleo").json["pause_start_date"] == "2026-05-01T00:00:00Z"
    assert client.get(f"{MENTORS}/cleo/history").json["data"][0]["event"] == "created"


def test_a_list_of_ids_alone_creates_active_mentors(client):
    names = [f"mentor-{number:03}" for number in range(1, 31)]
    assert outcomes(upload(client, MENTORS, "\n".join(["mentor_id", *names]).encode())) == ["created"] * 30
    listed = client.get(f"{MENTORS}?status=active&limit=100").json["data"]
    assert [mentor["mentor_id"] for mentor in listed] == names


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("query", ["", "?excel=comma", "?excel=semicolon"])
def test_a_download_that_is_uploaded_as_it_is_changes_nothing(some, state, path, query):
    before = state()
    response = upload(some, path, some.get(f"{path}.csv{query}").data)
    assert set(outcomes(response)) == {"unchanged"}
    assert state() == before


def test_one_edited_cell_changes_just_that(some, rows):
    lines = download(some, MENTORS)
    lines[1]["expected_return_date"] = "2026-06-01"
    entries = len(rows("history_entry"))
    assert outcomes(upload(some, MENTORS, lines)) == ["unchanged", "updated", "unchanged"]
    assert some.get(f"{MENTORS}/bob").json["expected_return_date"] == "2026-06-01T00:00:00Z"
    assert len(rows("history_entry")) == entries + 1


def test_paused_to_active_in_one_cell_brings_the_mentor_back_and_again_changes_nothing(some, state):
    lines = download(some, MENTORS)
    lines[1]["status"] = "active"
    assert outcomes(upload(some, MENTORS, lines)) == ["unchanged", "updated", "unchanged"]
    assert some.get(f"{MENTORS}/bob").json["status"] == "active"
    before = state()
    assert outcomes(upload(some, MENTORS, lines)) == ["unchanged"] * 3
    assert state() == before


@pytest.mark.usefixtures("some")
def test_mentors_that_are_not_in_the_table_stay_as_they_are(client):
    before = client.get(f"{MENTORS}/bob").json
    upload(client, MENTORS, [{"mentor_id": "ada", "status": "paused"}])
    assert client.get(f"{MENTORS}/bob").json == before


def test_a_column_that_is_not_there_keeps_what_is_and_an_empty_cell_clears(some):
    assert outcomes(upload(some, MENTORS, [{"mentor_id": "bob", "expected_return_date": "2026-07-01"}])) == ["updated"]
    assert some.get(f"{MENTORS}/bob").json["pause_reason"] == "illness"
    assert outcomes(upload(some, MENTORS, [{"mentor_id": "bob", "pause_reason": ""}])) == ["updated"]
    bob = some.get(f"{MENTORS}/bob").json
    assert (bob["pause_reason"], bob["expected_return_date"]) == (None, "2026-07-01T00:00:00Z")


@pytest.mark.parametrize("flags", [{"status": ""}, {"is_paused": ""}, {"status": "", "is_paused": ""}])
def test_an_empty_flag_is_as_if_not_sent(some, flags):
    assert outcomes(upload(some, MENTORS, [{"mentor_id": "bob", **flags}])) == ["unchanged"]


@pytest.mark.parametrize(
    ("cell", "status"), [("true", "paused"), ("TRUE", "paused"), ("False", "active"), (" false ", "active")]
)
def test_a_flag_may_be_written_as_spreadsheets_do(client, cell, status):
    upload(client, MENTORS, [{"mentor_id": "ada", "is_paused": cell}])
    assert client.get(f"{MENTORS}/ada").json["status"] == status


def test_flags_that_contradict_each_other_are_refused_on_both_columns(some, state):
    before = state()
    response = upload(some, MENTORS, [{"mentor_id": "ada", "status": "paused", "is_paused": "false"}])
    assert (response.status_code, response.json["code"]) == (422, "rows_refused")
    assert set(response.json["errors"]) == {"line 2, status", "line 2, is_paused"}
    assert state() == before


def test_initiated_by_and_notes_become_the_metadata_of_a_line_that_changes_something(some, state):
    line = {
        "mentor_id": "ada",
        "status": "paused",
        "initiated_by": "coordinator-007",
        "notes": "Asked for it,\nby phone",
    }
    assert outcomes(upload(some, MENTORS, [line])) == ["updated"]
    entry = some.get(f"{MENTORS}/ada/history").json["data"][0]
    assert entry["metadata"] == {"initiated_by": "coordinator-007", "notes": "Asked for it,\nby phone"}
    assert entry["changed_by"] == "coordinator-007"
    before = state()
    for again in (line, line | {"notes": "Something else"}, line | {"initiated_by": ""}):
        assert outcomes(upload(some, MENTORS, [again])) == ["unchanged"]
    assert state() == before


def test_read_only_columns_are_ignored(some):
    line = {"mentor_id": "bob", "last_updated": "yesterday", "status": "paused"}
    assert outcomes(upload(some, MENTORS, [line])) == ["unchanged"]
    line = {"pause_record_id": "pause-rec-0001", "created_at": "#####", "reason": "illness"}
    assert outcomes(upload(some, RECORDS, [line])) == ["unchanged"]


def test_a_refused_line_keeps_every_line_from_being_written(some, state):
    before = state()
    lines = [{"mentor_id": "ada", "status": "paused"}, {"mentor_id": "dan", "status": "paused"}]
    lines += [{"mentor_id": "cleo", "pause_start_date": "2026-01-05", "status": "active"}]
    response = upload(some, MENTORS, lines)
    assert (response.status_code, response.json["code"]) == (422, "rows_refused")
    assert list(response.json["errors"]) == ["line 4, pause_start_date"]
    assert state() == before


def test_a_dry_run_answers_as_if_it_wrote_and_writes_nothing(some, state):
    before = state()
    lines = [{"mentor_id": "ada", "status": "paused"}, {"mentor_id": "dan"}, {"mentor_id": "bob", "status": "paused"}]
    tried = upload(some, MENTORS, lines, "?dry_run=true").json
    assert state() == before
    done = upload(some, MENTORS, lines).json
    assert tried == done | {"dry_run": True}
    assert [tried[outcome] for outcome in ("created", "updated", "unchanged")] == [1, 1, 1]


def test_a_dry_run_refuses_what_the_upload_refuses(some):
    lines = [{"mentor_id": "ada", "status": "away"}]
    answers = [upload(some, MENTORS, lines, query).json for query in ("?dry_run=true", "")]
    assert answers[0]["errors"] == answers[1]["errors"]
