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


SIMILAR = ("bob@x.org", "bob1@x.org", "Bob_1")  # whose order depends on the locale of Postgres


def test_records_and_entries_are_numbered_in_the_order_of_their_lines(client):
    for mentor_id in SIMILAR:
        client.post(MENTORS, json={"mentor_id": mentor_id})
    lines = [
        {"mentor_id": mentor_id, "start_date": f"2026-03-{20 + number}", "reason": f"reason {number}"}
        for mentor_id in SIMILAR
        for number in range(1, 6)
    ]
    created = [line["pause_record_id"] for line in upload(client, RECORDS, lines).json["data"]]
    for first, mentor_id in zip((0, 5, 10), SIMILAR, strict=True):
        assert created[first : first + 5] == sorted(created[first : first + 5])
        assert client.get(f"{MENTORS}/{mentor_id}").json["pause_reason"] == "reason 5"
    ends = [{"pause_record_id": record_id, "end_date": "2026-03-26T08:30:00Z"} for record_id in created]
    assert upload(client, RECORDS, ends).json["updated"] == 15
    for first, mentor_id in zip((0, 5, 10), SIMILAR, strict=True):
        newest = client.get(f"{MENTORS}/{mentor_id}/history?limit=5").json["data"]
        assert [entry["pause_record_id"] for entry in newest] == created[first : first + 5][::-1]
        assert [entry["status"] for entry in newest] == ["active", "paused", "paused", "paused", "paused"]


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


@pytest.fixture
def refused(client, state):
    """Return a function that uploads lines, and returns the errors; nothing may be written."""

    def send(*lines):
        before = state()
        response = upload(client, RECORDS, list(lines))
        assert (response.status_code, response.json["code"]) == (422, "rows_refused"), response.text
        assert state() == before
        return response.json["errors"]

    return send


# --- two lines about the same pause; pause-rec-0003 is the one of cleo that begins on 1 January

REPEAT = {"pause_record_id": "", "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"}
THIRD = REPEAT | {"pause_record_id": "pause-rec-0003"}
SECOND = REPEAT | {"pause_record_id": "pause-rec-0002"}
ANOTHER_LINE = "Another line is about a pause of this mentor with this start and reason, too; leave one of the two out."
THIRD_HAS_IT = (
    "pause-rec-0003 already has this start and reason; PUT /api/v1/pause-records/pause-rec-0003 changes that record."
)


@pytest.mark.parametrize(
    "change",
    [{"reason": "illness"}, {"start_date": "2026-01-02"}, {"end_date": "2026-01-20"}, {"expected_return_date": ""}],
)
def test_a_line_that_repeats_a_record_which_a_line_below_changes_is_refused(some, refused, change):
    dates = {"end_date": "2026-02-01", "expected_return_date": "2026-01-15"}
    some.put(f"{RECORDS}/pause-rec-0003", json=dates)
    errors = refused(REPEAT | dates, THIRD | dates | change)
    assert errors == {"line 2": [ANOTHER_LINE]}


def test_a_line_may_repeat_a_record_if_a_line_below_changes_nothing_that_it_says(some, state):
    lines = [REPEAT, THIRD | {"end_date": "2026-01-20"}]
    assert outcomes(upload(some, RECORDS, lines)) == ["unchanged", "updated"]
    before = state()
    assert outcomes(upload(some, RECORDS, lines)) == ["unchanged", "unchanged"]
    assert state() == before


@pytest.mark.parametrize("change", [{"reason": "illness", "end_date": "2026-02-01"}, {"end_date": "2026-01-20"}])
def test_a_line_may_repeat_a_record_as_a_line_above_has_changed_it(some, state, change):
    lines = [THIRD | change, REPEAT | change]
    response = upload(some, RECORDS, lines)
    assert outcomes(response) == ["updated", "unchanged"]
    assert {line["pause_record_id"] for line in response.json["data"]} == {"pause-rec-0003"}
    before = state()
    assert outcomes(upload(some, RECORDS, lines)) == ["unchanged", "unchanged"]
    assert state() == before


def test_a_line_that_repeats_a_record_with_a_date_that_a_line_above_has_changed_is_refused(some, refused):
    errors = refused(THIRD | {"end_date": "2026-01-20"}, REPEAT | {"end_date": "2026-02-01"})
    (message,) = errors.pop("line 3")
    assert message.startswith("pause-rec-0003 already has this mentor_id, start_date and reason, but another end_date;")
    assert errors == {}


@pytest.mark.parametrize(
    ("taker", "outcome"), [(REPEAT | {"end_date": "2026-01-20"}, "created"), (SECOND | {"end_date": ""}, "updated")]
)
def test_a_line_takes_the_start_and_reason_that_a_line_above_gives_up(some, state, taker, outcome):
    lines = [THIRD | {"reason": "illness", "end_date": ""}, taker]
    assert outcomes(upload(some, RECORDS, lines)) == ["updated", outcome]
    before = state()
    assert outcomes(upload(some, RECORDS, lines)) == ["unchanged", "unchanged"]
    assert state() == before


@pytest.mark.parametrize("taker", [REPEAT | {"end_date": "2026-06-03"}, SECOND | {"end_date": ""}])
def test_a_line_that_takes_the_start_and_reason_that_a_line_below_gives_up_is_refused(some, refused, taker):
    errors = refused(taker, THIRD | {"reason": "illness", "end_date": ""})
    assert list(errors) == ["line 2"]
    assert errors["line 2"][0].startswith("pause-rec-0003 already has this ")


@pytest.mark.parametrize(
    ("line_2", "line_3", "message"),
    [
        (REPEAT, REPEAT | {"end_date": "2026-06-03"}, ANOTHER_LINE),
        (REPEAT, SECOND, ANOTHER_LINE),
        (THIRD, SECOND, THIRD_HAS_IT),
    ],
)
def test_a_line_with_the_start_and_reason_of_a_line_above_is_refused(some, refused, line_2, line_3, message):
    both = {"end_date": ""}
    june = {"start_date": "2026-06-01"}
    assert refused(both | line_2 | june, both | line_3 | june) == {"line 3": [message]}


def test_of_three_lines_about_a_new_record_the_one_that_differs_is_refused(some, refused):
    new = REPEAT | {"start_date": "2026-06-01", "end_date": ""}
    assert refused(new, new, new | {"end_date": "2026-06-03"}) == {"line 4": [ANOTHER_LINE]}


def test_a_line_that_ends_a_record_by_its_flag_repeats_nothing(some):
    (line,) = [line for line in download(some, RECORDS) if line["mentor_id"] == "bob"]
    assert (line["start_date"], line["end_date"]) == ("2026-03-01T00:00:00Z", "")
    assert outcomes(upload(some, RECORDS, [line | {"is_active": "false"}])) == ["updated"]
    assert some.get(f"{MENTORS}/bob").json["status"] == "active"


def test_a_line_with_the_start_and_reason_of_a_record_that_no_line_changes_is_refused_naming_the_record(refused, some):
    (message,) = refused(REPEAT | {"end_date": "2026-06-03"})["line 2"]
    assert message.startswith("pause-rec-0003 already has this mentor_id, start_date and reason, but another end_date;")
    (message,) = refused(THIRD | {"pause_record_id": "pause-rec-0002", "end_date": ""})["line 2"]
    assert message.startswith("pause-rec-0003 already has this start and reason;")


def test_lines_about_different_pauses_of_one_mentor_have_nothing_to_do_with_each_other(some):
    lines = [THIRD | {"end_date": "2026-01-20"}, SECOND | {"start_date": "2026-04-02"}]
    lines += [REPEAT | {"start_date": "2026-06-01"}]
    response = upload(some, RECORDS, [{"end_date": ""} | line for line in lines])
    assert outcomes(response) == ["updated", "updated", "created"]


def test_a_line_may_take_the_start_alone_or_the_reason_alone_of_what_a_line_above_gives_up(some):
    lines = [THIRD | {"reason": "illness"}, REPEAT | {"reason": "training"}, REPEAT | {"start_date": "2026-01-02"}]
    assert outcomes(upload(some, RECORDS, lines)) == ["updated", "created", "created"]


def test_lines_about_pauses_of_two_mentors_have_nothing_to_do_with_each_other(some):
    lines = [REPEAT | {"mentor_id": name, "start_date": "2026-06-01"} for name in ("ada", "cleo")]
    lines += [THIRD | {"end_date": "2026-01-20"}, REPEAT | {"mentor_id": "bob"}]
    assert outcomes(upload(some, RECORDS, [{"end_date": ""} | line for line in lines])) == [
        "created",
        "created",
        "updated",
        "created",
    ]


# --- a line that is refused does not act on the lines below


def test_a_stale_line_that_moves_a_record_away_does_not_make_room_for_a_line_below(some, refused):
    errors = refused(THIRD | {"reason": "illness", "etag": '"0"'}, SECOND | {"etag": ""})
    assert list(errors) == ["line 2, etag", "line 3"]
    assert errors["line 3"][0].startswith("pause-rec-0003 already has this start and reason;")


def test_a_stale_line_that_moves_a_record_takes_no_place_from_a_line_below(some, refused):
    moved = {"start_date": "2026-06-01", "end_date": ""}
    assert list(refused(THIRD | moved | {"etag": '"0"'}, SECOND | moved, REPEAT | moved)) == ["line 2, etag"]


def test_a_line_that_a_stale_line_below_would_change_is_no_error(some, refused):
    assert list(refused(REPEAT, THIRD | {"reason": "illness", "etag": '"0"'})) == ["line 3, etag"]


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
