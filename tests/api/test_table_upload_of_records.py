"""POST of a table of pause records: each line does what PUT or POST does, all of them or none."""

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


def test_a_line_without_an_id_records_a_pause_and_again_changes_nothing(some, state):
    line = {
        "mentor_id": "ada",
        "start_date": "2026-06-01",
        "expected_return_date": "",
        "end_date": "",
        "reason": "leave",
    }
    response = upload(some, RECORDS, [line])
    assert response.json["data"] == [
        {"line": 2, "outcome": "created", "mentor_id": "ada", "pause_record_id": "pause-rec-0004"}
    ]
    assert some.get(f"{RECORDS}/pause-rec-0004").json["start_date"] == "2026-06-01T00:00:00Z"
    before = state()
    again = upload(some, RECORDS, [line]).json
    assert again["data"][0] == response.json["data"][0] | {"outcome": "unchanged"}
    assert state() == before


def test_a_line_with_an_id_changes_the_record(some):
    lines = download(some, RECORDS)
    lines[0]["end_date"] = "2026-03-20"
    assert outcomes(upload(some, RECORDS, lines)) == ["updated", "unchanged", "unchanged"]
    assert some.get(f"{MENTORS}/bob").json["status"] == "active"
    assert some.get(f"{MENTORS}/bob/history").json["data"][0]["event"] == "pause_ended"


def test_several_lines_of_one_mentor_are_written_one_after_the_other(some, rows):
    entries = len(rows("history_entry"))
    lines = [
        {"mentor_id": "cleo", "start_date": "2026-07-01", "reason": "leave"},
        {"mentor_id": "cleo", "start_date": "2026-08-01", "reason": "leave"},
        {"pause_record_id": "pause-rec-0003", "mentor_id": "cleo", "start_date": "2026-01-02", "reason": "leave"},
    ]
    assert outcomes(upload(some, RECORDS, lines)) == ["created", "created", "updated"]
    assert [entry["event"] for entry in rows("history_entry")[entries:]] == [
        "pause_opened",
        "pause_opened",
        "pause_updated",
    ]
    assert some.get(f"{MENTORS}/cleo").json["pause_start_date"] == "2026-04-01T00:00:00Z"


def test_the_same_new_record_on_two_lines_is_recorded_once(some):
    line = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
    response = upload(some, RECORDS, [line, line])
    assert outcomes(response) == ["created", "unchanged"]
    assert len({each["pause_record_id"] for each in response.json["data"]}) == 1


def test_a_record_on_a_line_without_its_id_and_on_one_with_it_is_repeated_and_then_changed(some):
    lines = [
        {"pause_record_id": "", "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"},
        {"pause_record_id": "pause-rec-0003", "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "illness"},
    ]
    data = upload(some, RECORDS, lines).json["data"]
    assert [line["outcome"] for line in data] == ["unchanged", "updated"]
    assert [line["pause_record_id"] for line in data] == ["pause-rec-0003"] * 2


@pytest.mark.parametrize("second", ["", "pause-rec-0004"])
def test_a_line_that_takes_what_a_line_above_gives_up_is_refused(some, state, second):
    some.post(RECORDS, json={"mentor_id": "cleo", "start_date": "2026-07-01", "reason": "leave"})
    before = state()
    lines = [
        {"pause_record_id": "pause-rec-0003", "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "illness"},
        {"pause_record_id": second, "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"},
    ]
    response = upload(some, RECORDS, lines)
    assert (response.status_code, list(response.json["errors"])) == (422, ["line 3"])
    assert response.json["errors"]["line 3"][0].startswith("pause-rec-0003 had this start and reason until")
    assert state() == before


def test_a_line_that_takes_the_start_and_reason_of_another_record_is_refused(some):
    lines = [
        {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave", "end_date": "2026-06-02"},
        {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave", "end_date": "2026-06-03"},
    ]
    response = upload(some, RECORDS, lines)
    assert response.status_code == 422
    (message,) = response.json["errors"]["line 3"]
    assert "already has this mentor_id, start_date and reason" in message


def test_a_record_of_an_unknown_mentor_is_refused_on_the_mentor(some):
    response = upload(some, RECORDS, [{"mentor_id": "nobody", "start_date": "2026-06-01", "reason": "leave"}])
    assert list(response.json["errors"]) == ["line 2, mentor_id"]


def test_a_record_cannot_be_given_to_another_mentor(some):
    response = upload(some, RECORDS, [{"pause_record_id": "pause-rec-0001", "mentor_id": "ada"}])
    assert list(response.json["errors"]) == ["line 2, mentor_id"]


def test_ids_that_a_dry_run_would_give_are_null_and_those_that_are_there_are_not(some, state):
    before = state()
    new = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
    known = {"mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"}
    data = upload(some, RECORDS, [new, known], "?dry_run=true").json["data"]
    assert [line["pause_record_id"] for line in data] == [None, "pause-rec-0003"]
    assert state() == before
