"""An upload overwrites nothing that a colleague has changed since the download, and the clock is no colleague."""

import pytest

from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

TABLES = ("mentor_status", "pause_record", "history_entry")


@pytest.fixture
def state(rows):
    """Return a function that reads every row of every table."""
    return lambda: [rows(table) for table in TABLES]


@pytest.fixture
def refused(client, state):
    """Return a function that uploads lines and asserts that only these columns are refused, and nothing is written."""

    def send(path, lines, *columns):
        before = state()
        response = upload(client, path, lines)
        assert (response.status_code, response.json["code"]) == (422, "rows_refused"), response.text
        assert list(response.json["errors"]) == list(columns)
        assert state() == before
        return " ".join(message for messages in response.json["errors"].values() for message in messages)

    return send


@pytest.fixture
def three(client):
    """Add one who is active, one whose pause begins tomorrow, and one whose pause ends tomorrow."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-03-27", "pause_reason": "leave"})
    client.post(MENTORS, json={"mentor_id": "cleo", "status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0002", json={"end_date": "2026-03-27"})
    return client


# --- a colleague


def test_a_line_that_somebody_has_changed_is_refused_with_all_others(three, clock, refused):
    lines = download(three, MENTORS)
    clock.at = "2026-03-26T08:30:01Z"
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0]["status"], lines[0]["pause_reason"] = "paused", "illness"
    lines[1]["expected_return_date"] = "2026-06-01"
    assert refused(MENTORS, lines, "line 2, etag").startswith("Somebody has changed the mentor since the table was")


def test_without_the_column_etag_a_line_is_a_put_and_nothing_else(three):
    lines = download(three, MENTORS)
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    for line in lines:
        del line["etag"]
    assert outcomes(upload(three, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]
    assert three.get(f"{MENTORS}/ada").json["status"] == "active"


@pytest.mark.parametrize("etag", ["", " ", '""'])
def test_with_an_empty_etag_a_line_is_a_put_too(three, etag):
    lines = download(three, MENTORS)
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0]["etag"] = etag
    assert outcomes(upload(three, MENTORS, lines))[0] == "updated"


def test_an_old_etag_does_no_harm_where_the_line_changes_nothing(three):
    lines = download(three, MENTORS)
    three.put(f"{MENTORS}/ada", json={"status": "paused", "pause_start_date": "2026-03-01"})
    lines[0] |= {"status": "paused", "pause_start_date": "2026-03-01"}
    assert outcomes(upload(three, MENTORS, lines)) == ["unchanged"] * 3


def test_a_line_that_a_rule_would_refuse_too_is_refused_as_stale_first(three, refused):
    lines = download(three, MENTORS)
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0] |= {"status": "active", "pause_reason": "something new"}
    refused(MENTORS, lines, "line 2, etag")


def test_a_record_that_somebody_has_changed_is_refused(three, refused):
    lines = download(three, RECORDS)
    three.put(f"{RECORDS}/pause-rec-0001", json={"reason": "illness"})
    lines[0]["end_date"] = "2026-05-01"
    assert refused(RECORDS, lines, "line 2, etag").startswith("pause-rec-0001 was changed, or has ended, since")


@pytest.mark.parametrize("etag", ['"{}"', "{}", 'W/"{}"', ' "{}" '])
def test_an_etag_may_have_lost_its_quotes(three, etag):
    lines = download(three, MENTORS)
    lines[0] |= {"status": "paused", "etag": etag.format(lines[0]["etag"].strip('"'))}
    assert outcomes(upload(three, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]


# --- an asterisk as etag: there must be one


@pytest.mark.parametrize("etag", ["*", '"*"', " * "])
def test_with_an_asterisk_as_etag_a_line_of_a_mentor_is_a_put(three, etag):
    lines = download(three, MENTORS)
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0]["etag"] = etag
    assert outcomes(upload(three, MENTORS, lines))[0] == "updated"
    assert three.get(f"{MENTORS}/ada").json["status"] == "active"


def test_with_an_asterisk_as_etag_a_line_of_a_record_is_a_put(three):
    lines = download(three, RECORDS)
    three.put(f"{RECORDS}/pause-rec-0001", json={"reason": "illness"})
    assert outcomes(upload(three, RECORDS, [lines[0] | {"etag": "*"}])) == ["updated"]
    assert three.get(f"{RECORDS}/pause-rec-0001").json["reason"] == "leave"


def test_with_an_asterisk_as_etag_a_mistyped_id_creates_nobody(three, refused):
    lines = [{"mentor_id": name, "status": "paused", "etag": "*"} for name in ("ada", "adda")]
    message = refused(MENTORS, lines, "line 3, etag")
    assert message == (
        "No mentor has this mentor_id: it was mistyped, or the mentor was deleted. A spreadsheet changes an id that "
        "looks like a number (0042 becomes 42), so open that column as text. To create the mentor, leave etag empty."
    )


def test_with_an_asterisk_as_etag_a_line_creates_no_record(three, refused):
    line = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave", "etag": "*"}
    message = refused(RECORDS, [line | {"pause_record_id": ""}], "line 2, etag")
    assert message.startswith("A line with an etag changes a pause record, but pause_record_id is empty.")
    refused(RECORDS, [line | {"pause_record_id": "pause-rec-0099"}], "line 2, pause_record_id")


# --- what is not there


def test_a_line_with_an_etag_of_a_mentor_who_is_not_there_is_refused_and_not_created(three, refused):
    lines = download(three, MENTORS)
    lines[0]["mentor_id"] = "42"  # as a spreadsheet makes of 0042
    assert "No mentor has this mentor_id" in refused(MENTORS, lines, "line 2, etag")


def test_a_line_of_a_mentor_who_was_deleted_meanwhile_is_refused(three, refused):
    lines = download(three, MENTORS)
    three.delete(f"{MENTORS}/ada")
    refused(MENTORS, lines, "line 2, etag")


def test_a_line_of_a_record_that_is_not_there_is_refused_and_not_created(three, refused):
    lines = download(three, RECORDS)
    three.delete(f"{RECORDS}/pause-rec-0001")
    assert "No pause record has this pause_record_id" in refused(RECORDS, lines, "line 2, pause_record_id")
    for record_id in ("pause-rec-9999", "pause-rec-1", "18", "pause-rec-0000"):
        line = {"pause_record_id": record_id, "mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
        refused(RECORDS, [line], "line 2, pause_record_id")


def test_a_line_with_an_etag_but_without_its_record_id_is_refused(three, refused):
    lines = download(three, RECORDS)
    lines[0]["pause_record_id"] = ""
    refused(RECORDS, lines, "line 2, etag")


# --- the clock


def test_pauses_that_begin_and_end_by_the_clock_leave_untouched_lines_alone(three, clock, rows):
    lines = download(three, MENTORS)
    before = rows("pause_record")
    clock.at = "2026-03-27T12:00:00Z"
    assert [three.get(f"{MENTORS}/{name}").json["status"] for name in ("bob", "cleo")] == ["paused", "active"]
    lines[0]["status"] = "paused"
    assert outcomes(upload(three, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]
    assert rows("pause_record")[:2] == before
    assert [three.get(f"{MENTORS}/{name}").json["status"] for name in ("bob", "cleo")] == ["paused", "active"]


def test_an_edited_line_whose_pause_has_begun_is_refused_saying_so(three, clock, refused):
    lines = download(three, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[1]["expected_return_date"] = "2026-06-01"
    assert refused(MENTORS, lines, "line 3, etag").startswith("A pause of the mentor has begun or ended since")


def test_an_edited_line_whose_timestamps_pandas_wrote_is_refused_saying_so(three, clock, refused):
    lines = download(three, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[1] |= {"expected_return_date": "2026-06-01", "last_updated": "2026-03-26 08:30:00+00:00"}
    assert refused(MENTORS, lines, "line 3, etag").startswith("A pause of the mentor has begun or ended since")


def test_an_edited_line_whose_pause_has_ended_is_refused_saying_so(three, clock, refused):
    lines = download(three, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[2]["pause_reason"] = "illness"
    assert refused(MENTORS, lines, "line 4, etag").startswith("A pause of the mentor has begun or ended since")


def test_a_fresh_line_edited_to_what_was_shown_before_the_pause_began_brings_the_mentor_back(three, clock):
    old = download(three, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines = download(three, MENTORS)
    lines[1]["status"] = "active"
    assert {**lines[1], "etag": ""} == {**old[1], "etag": ""}
    assert outcomes(upload(three, MENTORS, lines)) == ["unchanged", "updated", "unchanged"]
    assert three.get(f"{MENTORS}/bob").json["status"] == "active"


def test_a_pause_that_began_and_ended_since_leaves_an_untouched_line_alone(three, clock, state):
    three.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-28"})
    lines = download(three, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    middle = download(three, MENTORS)
    clock.at = "2026-03-29T12:00:00Z"
    before = state()
    for each in (lines, middle):
        assert outcomes(upload(three, MENTORS, each)) == ["unchanged"] * 3
    assert state() == before


def test_a_line_from_between_the_end_of_a_pause_and_the_start_of_the_next_is_untouched(three, clock, state):
    three.put(f"{MENTORS}/cleo", json={"pause_start_date": "2026-03-29", "pause_reason": "leave"})
    clock.at = "2026-03-28T12:00:00Z"
    between = download(three, MENTORS)
    assert (between[2]["status"], between[2]["pause_start_date"]) == ("active", "2026-03-29T00:00:00Z")
    clock.at = "2026-03-29T12:00:00Z"
    before = state()
    assert outcomes(upload(three, MENTORS, between)) == ["unchanged"] * 3
    assert state() == before


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("query", ["?as_of=2026-03-28", "?expected=true", "?as_of=2026-03-28&expected=true"])
def test_a_table_of_another_day_is_refused_as_it_is_and_taken_without_its_instant(three, refused, path, query):
    lines = download(three, path, query)
    message = refused(path, lines, "line 1, as_of")
    assert message == "This table shows another day. Delete the column as_of to upload it all the same."
    for line in lines:
        del line["as_of"]
    assert upload(three, path, lines).status_code == 200


def test_without_its_instant_a_table_of_another_day_does_what_its_cells_say(three):
    lines = download(three, MENTORS, "?as_of=2026-03-28")
    for line in lines:
        del line["as_of"]
    assert [line["status"] for line in lines] == ["active", "paused", "active"]
    assert outcomes(upload(three, MENTORS, lines)) == ["unchanged", "unchanged", "updated"]
    assert three.get(f"{MENTORS}/cleo").json["status"] == "active"


def test_records_are_held_against_their_dates_whatever_the_clock_says(three, clock, state):
    lines = download(three, RECORDS)
    clock.at = "2026-03-27T12:00:00Z"
    before = state()
    assert outcomes(upload(three, RECORDS, lines)) == ["unchanged"] * 2
    assert state() == before
    lines[0]["reason"] = "illness"
    assert outcomes(upload(three, RECORDS, lines)) == ["updated", "unchanged"]


def test_a_column_is_active_of_an_untouched_record_reopens_nothing_that_ended_by_the_clock(three, clock, state):
    lines = download(three, RECORDS)
    for line in lines:
        line["is_active"] = "true"
    clock.at = "2026-03-27T12:00:00Z"
    before = state()
    assert outcomes(upload(three, RECORDS, lines)) == ["unchanged"] * 2
    assert state() == before


def test_an_edited_record_that_has_ended_by_the_clock_is_refused_saying_so(three, clock, refused):
    lines = download(three, RECORDS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[1]["reason"] = "illness"
    message = refused(RECORDS, lines, "line 3, etag")
    assert message == (
        "pause-rec-0002 was changed, or has ended, since the table was downloaded; "
        "download the table again, and edit the new line."
    )


def test_a_clock_that_was_set_back_makes_no_line_stale(three, clock):
    clock.at = "2026-03-26T08:30:10Z"
    three.put(f"{MENTORS}/cleo", json={"pause_reason": "leave"})
    clock.at = "2026-03-26T08:30:00Z"
    lines = download(three, MENTORS)
    lines[2]["pause_reason"] = "illness"
    assert outcomes(upload(three, MENTORS, lines)) == ["unchanged", "unchanged", "updated"]


def test_after_a_clock_was_set_back_what_it_shows_is_current(three, clock):
    clock.at = "2026-03-26T08:30:10Z"
    three.put(f"{MENTORS}/ada", json={"status": "paused"})
    clock.at = "2026-03-26T08:30:05Z"  # the pause is still to come
    lines = download(three, MENTORS)
    lines[0] |= {"status": "paused", "pause_reason": "illness"}
    assert outcomes(upload(three, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]


def test_a_record_is_compared_where_the_clock_lies_between_its_last_change_and_that_of_its_mentor(three, clock):
    clock.at = "2026-03-26T08:30:10Z"
    three.put(f"{MENTORS}/cleo", json={"metadata": {"notes": "called"}})
    clock.at = "2026-03-26T08:30:05Z"
    lines = download(three, RECORDS)
    lines[1]["reason"] = "illness"
    assert outcomes(upload(three, RECORDS, lines)) == ["unchanged", "updated"]
