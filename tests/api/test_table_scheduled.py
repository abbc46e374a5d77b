"""Edits in the line of a mentor whose scheduled pause is shown: what would not do what it says is refused."""

import pytest

from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

CHANGE_RECORD = (
    "To move the start of a coming pause, or to call it off, change {} in the table of pause records. "
    "To pause the mentor now, write paused and empty this cell."
)
PAUSES_NOBODY = "The pause starts later, so this pauses nobody now; empty pause_start_date to pause the mentor now."


@pytest.fixture
def state(rows):
    """Return a function that reads every row of every table."""
    return lambda: [rows(table) for table in ("mentor_status", "pause_record", "history_entry")]


@pytest.fixture
def line(client):
    """Add bob, with a pause that is scheduled and one after it, and return the line that the table has."""
    client.post(MENTORS, json={"mentor_id": "bob"})
    for start, end in (("2026-06-01", "2026-07-01"), ("2026-05-01", "2026-05-10")):
        body = {"mentor_id": "bob", "start_date": start, "expected_return_date": end, "reason": "leave"}
        client.post(RECORDS, json=body)
    (line,) = download(client, MENTORS)
    assert (line["status"], line["pause_start_date"]) == ("active", "2026-05-01T00:00:00Z")
    return line


@pytest.mark.parametrize(
    ("edit", "column", "message"),
    [
        ({"status": "paused"}, "status", PAUSES_NOBODY),
        ({"status": "paused", "pause_reason": "illness"}, "status", PAUSES_NOBODY),
        ({"status": "paused", "pause_start_date": "2026-05-01"}, "status", PAUSES_NOBODY),
        ({"status": "", "is_paused": "TRUE"}, "is_paused", PAUSES_NOBODY),
        ({"pause_start_date": "2026-05-02"}, "pause_start_date", CHANGE_RECORD),
        (
            {"pause_start_date": "2026-06-01", "expected_return_date": "2026-07-01"},
            "pause_start_date",
            CHANGE_RECORD,
        ),
        ({"pause_start_date": "2026-03-01"}, "pause_start_date", CHANGE_RECORD),
        ({"status": "paused", "pause_start_date": "2026-04-01"}, "pause_start_date", CHANGE_RECORD),
        ({"status": "", "pause_start_date": "2026-04-01"}, "pause_start_date", CHANGE_RECORD),
        ({"pause_start_date": ""}, "pause_start_date", CHANGE_RECORD),
        ({"status": "", "pause_start_date": ""}, "pause_start_date", CHANGE_RECORD),
        (
            {"pause_start_date": "", "expected_return_date": "", "pause_reason": ""},
            "pause_start_date",
            CHANGE_RECORD,
        ),
    ],
)
def test_an_edit_that_would_not_do_what_it_says_is_refused_with_the_way_out(client, line, state, edit, column, message):
    before = state()
    response = upload(client, MENTORS, [line | edit])
    assert (response.status_code, response.json["code"]) == (422, "rows_refused")
    assert response.json["errors"] == {f"line 2, {column}": [message.format("pause-rec-0002")]}
    assert state() == before


def test_paused_with_an_empty_start_pauses_now_and_the_coming_pause_stays(client, line, state):
    edited = line | {"status": "paused", "pause_start_date": "", "pause_reason": "illness"}
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
    bob = client.get(f"{MENTORS}/bob").json
    assert (bob["status"], bob["pause_start_date"], bob["pause_reason"]) == (
        "paused",
        "2026-03-26T08:30:00Z",
        "illness",
    )
    assert client.get(f"{RECORDS}/pause-rec-0002").json["start_date"] == "2026-05-01T00:00:00Z"
    before = state()
    assert outcomes(upload(client, MENTORS, [edited])) == ["unchanged"]
    assert state() == before


def test_paused_without_the_column_of_the_start_pauses_now(client, line):
    del line["pause_start_date"]
    assert outcomes(upload(client, MENTORS, [line | {"status": "paused"}])) == ["updated"]
    assert client.get(f"{MENTORS}/bob").json["status"] == "paused"


@pytest.mark.parametrize("status", ["active", "", None])
@pytest.mark.parametrize("column_of_start", [True, False])
@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        ({"expected_return_date": ""}, (None, "leave")),
        ({"pause_reason": ""}, ("2026-05-10T00:00:00Z", None)),
        ({"expected_return_date": "", "pause_reason": ""}, (None, None)),
        ({"expected_return_date": "2026-05-20", "pause_reason": "illness"}, ("2026-05-20T00:00:00Z", "illness")),
    ],
)
def test_the_return_date_and_the_reason_of_the_coming_pause_can_be_changed_and_cleared(
    client, line, state, status, column_of_start, edit, shown
):
    edited = line | {"status": status} | edit
    if status is None:
        del edited["status"]
    if not column_of_start:
        del edited["pause_start_date"]
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
    bob = client.get(f"{MENTORS}/bob").json
    assert (bob["status"], bob["pause_start_date"]) == ("active", line["pause_start_date"])
    assert (bob["expected_return_date"], bob["pause_reason"]) == shown
    before = state()
    assert outcomes(upload(client, MENTORS, [edited])) == ["unchanged"]
    assert state() == before


@pytest.mark.parametrize("etag", ["", "*", '"0"'])
@pytest.mark.parametrize("edit", [{"status": "paused"}, {"pause_start_date": ""}])
def test_without_its_current_etag_the_line_is_a_put_that_changes_nothing(client, line, etag, edit):
    assert outcomes(upload(client, MENTORS, [line | edit | {"etag": etag}])) == ["unchanged"]


def test_without_its_current_etag_another_start_is_another_pause(client, line):
    assert outcomes(upload(client, MENTORS, [line | {"pause_start_date": "2026-04-01", "etag": "*"}])) == ["updated"]
    assert client.get(f"{MENTORS}/bob").json["pause_start_date"] == "2026-04-01T00:00:00Z"
    assert len(client.get(f"{RECORDS}").json["data"]) == 3


def test_a_pause_that_the_line_has_scheduled_is_no_edit_when_the_line_is_sent_again(client):
    client.post(MENTORS, json={"mentor_id": "ada"})
    (line,) = download(client, MENTORS)
    edited = line | {"status": "paused", "pause_start_date": "2026-05-01", "pause_reason": "leave"}
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
    assert outcomes(upload(client, MENTORS, [edited])) == ["unchanged"]


def test_a_line_that_shows_a_pause_in_force_may_have_another_start_though_one_is_scheduled(client):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01"})
    client.post(RECORDS, json={"mentor_id": "ada", "start_date": "2026-05-01", "reason": "leave"})
    (line,) = download(client, MENTORS)
    assert line["status"] == "paused"
    edited = line | {"pause_start_date": "2026-05-01", "pause_reason": "leave", "expected_return_date": "2026-06-01"}
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
    assert client.get(f"{RECORDS}/pause-rec-0002").json["expected_return_date"] == "2026-06-01T00:00:00Z"


@pytest.mark.parametrize("at", ["2026-03-26T08:30:10Z", "2026-03-26T08:30:05Z"])
def test_after_a_clock_was_set_back_the_line_shows_the_same_pause(client, clock, at):
    clock.at = "2026-03-26T08:30:10Z"
    client.post(MENTORS, json={"mentor_id": "ada", "pause_start_date": "2026-05-01", "pause_reason": "leave"})
    clock.at = at
    (line,) = download(client, MENTORS)
    clock.at = "2026-03-26T08:30:05Z"
    response = upload(client, MENTORS, [line | {"status": "paused"}])
    assert response.json["errors"] == {"line 2, status": [PAUSES_NOBODY]}


def test_a_line_from_before_the_end_of_a_pause_shows_no_scheduled_one_though_the_clock_is_behind(client, clock):
    ends = {"mentor_id": "ada", "start_date": "2026-03-01", "end_date": "2026-03-26T08:30:07Z", "reason": "leave"}
    coming = {"mentor_id": "ada", "start_date": "2026-05-01", "reason": "leave"}
    client.post(MENTORS, json={"mentor_id": "ada"})
    for body in (ends, coming):
        client.post(RECORDS, json=body)
    clock.at = "2026-03-26T08:30:10Z"
    client.put(f"{RECORDS}/pause-rec-0002", json={"reason": "illness"})
    clock.at = "2026-03-26T08:30:05Z"
    (line,) = download(client, MENTORS)
    assert (line["status"], line["pause_start_date"]) == ("paused", "2026-03-01T00:00:00Z")
    edited = line | {"pause_start_date": "2026-05-01", "expected_return_date": "2026-06-01", "pause_reason": "illness"}
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
