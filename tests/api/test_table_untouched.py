"""A line that nobody has edited changes nothing, whatever a colleague or the clock has changed since the download."""

import pytest

from tests.support.tables import MENTORS, RECORDS, download, outcomes, read_lines, table_of, upload

TABLES = ("mentor_status", "pause_record", "history_entry")
FORMS = [("", ","), ("?excel=comma", ","), ("?excel=semicolon", ";")]
REASONS = [
    "illness",
    "'tis",
    "'quoted'",
    "''",
    "'=1",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "a\xa0b",
    "a\u2028b\u2029c",
    'say "ah"; or, else',
    '"',
    "007",
    "true",
    "père 💤",
    "\ufeffmark",
    "x" * 200,
]
AFTER = "2026-03-28T12:00:00Z"  # the clock says 2026-03-26T08:30:00Z before


@pytest.fixture
def state(rows):
    """Return a function that reads every row of every table."""
    return lambda: [rows(table) for table in TABLES]


@pytest.fixture
def mentors(client):
    """Add ada, who is active; and for each reason one whose pause begins tomorrow, and one whose pause ends tomorrow.

    As PUT, a line that was downloaded today and is sent the day after tomorrow would end or open a pause of them.
    """
    client.post(MENTORS, json={"mentor_id": "ada"})
    for number, reason in enumerate(REASONS):
        body = {"mentor_id": f"begins-{number}", "pause_start_date": "2026-03-27", "pause_reason": reason}
        assert client.post(MENTORS, json=body).status_code == 201
        client.post(MENTORS, json={"mentor_id": f"ends-{number}"})
        body = {"mentor_id": f"ends-{number}", "start_date": "2026-03-01", "end_date": "2026-03-27", "reason": reason}
        assert client.post(RECORDS, json=body).status_code == 201
    return client


@pytest.fixture
def one(client):
    """Add bob, whose pause begins tomorrow, and return a client."""
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-03-27", "pause_reason": "leave"})
    return client


# --- texts, forms and empty cells


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize(("form", "separator"), FORMS)
def test_lines_with_any_text_and_with_empty_cells_are_untouched(mentors, clock, state, path, form, separator):
    lines = read_lines(mentors.get(f"{path}.csv{form}").data, separator)
    if path == RECORDS:
        lines = [line | {"is_active": "true"} for line in lines]
    clock.at = AFTER
    before = state()
    assert outcomes(upload(mentors, path, table_of(lines, separator))) == ["unchanged"] * len(lines)
    assert state() == before


def test_the_same_lines_are_puts_without_their_etags(mentors, clock):
    lines = [line | {"etag": ""} for line in download(mentors, MENTORS) if line["mentor_id"].startswith("begins")]
    clock.at = AFTER
    assert outcomes(upload(mentors, MENTORS, lines)) == ["updated"] * len(REASONS)


def test_a_date_in_another_form_of_the_same_instant_is_no_edit(one, clock):
    lines = download(one, MENTORS)
    lines[0]["pause_start_date"] = " 2026-03-27T01:00:00+01:00 "
    lines[0]["last_updated"] = "2026-03-26T08:30:00.25Z"
    clock.at = AFTER
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged"]


@pytest.mark.parametrize("cell", ["", " ", "leave "])
def test_a_cell_that_was_emptied_is_an_edit_and_blanks_around_a_text_are_none(one, clock, cell):
    lines = download(one, MENTORS)
    lines[0]["pause_reason"] = cell
    clock.at = AFTER
    response = upload(one, MENTORS, lines)
    if cell.strip():
        assert outcomes(response) == ["unchanged"]
    else:
        assert list(response.json["errors"]) == ["line 2, etag"]


def test_a_record_whose_mentor_id_was_emptied_is_a_put_that_leaves_it_out(one):
    lines = download(one, RECORDS)
    lines[0]["mentor_id"] = ""
    assert outcomes(upload(one, RECORDS, lines)) == ["unchanged"]
    lines[0]["end_date"] = "2026-04-01"
    assert outcomes(upload(one, RECORDS, lines)) == ["updated"]


# --- columns


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_without_the_column_of_the_flag_lines_are_untouched(mentors, clock, state, path):
    lines = download(mentors, path)
    for line in lines:
        line.pop("status", None)
    clock.at = AFTER
    before = state()
    assert outcomes(upload(mentors, path, lines)) == ["unchanged"] * len(lines)
    assert state() == before


@pytest.mark.parametrize("flags", [{"status": ""}, {"is_paused": "FALSE"}, {"status": "", "is_paused": "false"}])
def test_a_flag_that_is_emptied_or_added_as_it_was_is_no_edit(one, clock, flags):
    lines = [line | flags for line in download(one, MENTORS)]
    clock.at = AFTER
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged"]


@pytest.mark.parametrize("flags", [{"status": "paused"}, {"status": "", "is_paused": "true"}])
def test_a_flag_that_is_another_is_an_edit(one, clock, flags):
    lines = [line | flags | {"pause_reason": "illness"} for line in download(one, MENTORS)]
    clock.at = AFTER
    assert list(upload(one, MENTORS, lines).json["errors"]) == ["line 2, etag"]


@pytest.mark.parametrize("column", ["pause_start_date", "expected_return_date", "pause_reason", "last_updated"])
def test_without_another_column_no_line_is_known_as_untouched_and_a_stale_one_is_refused(one, clock, state, column):
    lines = download(one, MENTORS)
    for line in lines:
        del line[column]
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged"]  # PUT changes nothing
    clock.at = AFTER
    before = state()
    response = upload(one, MENTORS, lines)
    assert (response.status_code, list(response.json["errors"])) == (422, ["line 2, etag"])
    assert state() == before


@pytest.mark.parametrize(
    "column", ["mentor_id", "start_date", "expected_return_date", "end_date", "reason", "created_at"]
)
def test_without_another_column_no_record_is_known_as_untouched(one, clock, column):
    one.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-27T06:00:00Z"})
    lines = [line | {"is_active": "true"} for line in download(one, RECORDS)]
    clock.at = AFTER
    assert outcomes(upload(one, RECORDS, lines)) == ["unchanged"]
    del lines[0][column]
    assert list(upload(one, RECORDS, lines).json["errors"]) == ["line 2, etag"]


def test_a_read_only_cell_that_the_spreadsheet_has_mangled_is_an_edit(one, clock):
    lines = download(one, MENTORS)
    lines[0]["last_updated"] = "03/26/26 8:30"
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged"]  # PUT changes nothing
    clock.at = AFTER
    assert list(upload(one, MENTORS, lines).json["errors"]) == ["line 2, etag"]


def test_metadata_alone_is_no_edit(one, clock, state):
    lines = [line | {"initiated_by": "coordinator-007", "notes": "called"} for line in download(one, MENTORS)]
    clock.at = AFTER
    before = state()
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged"]
    assert state() == before


# --- a colleague


def test_an_untouched_line_leaves_alone_what_a_colleague_has_changed(one, clock, state):
    one.post(MENTORS, json={"mentor_id": "cleo"})
    lines, records = download(one, MENTORS), download(one, RECORDS)
    clock.at = "2026-03-26T09:00:00Z"
    one.put(f"{MENTORS}/bob", json={"status": "paused", "pause_reason": "illness"})
    one.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-04-01"})
    lines[1]["status"] = "paused"
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged", "updated"]
    before = state()
    assert outcomes(upload(one, RECORDS, records)) == ["unchanged"]
    assert state() == before
    assert one.get(f"{MENTORS}/bob").json["status"] == "paused"


# --- edits that bring back what was shown before


def test_a_fresh_line_edited_to_what_was_shown_before_the_pause_ended_is_a_put(client, clock):
    client.post(MENTORS, json={"mentor_id": "bob", "status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-27"})
    old = download(client, MENTORS)
    clock.at = AFTER
    lines = download(client, MENTORS)
    lines[0] = old[0] | {"etag": lines[0]["etag"]}
    (message,) = upload(client, MENTORS, lines).json["errors"]["line 2"]
    assert message.startswith("pause-rec-0001 already has this start and reason")


def test_a_fresh_line_of_a_record_edited_to_what_was_shown_before_it_ended_is_a_put(client, clock):
    client.post(MENTORS, json={"mentor_id": "bob", "status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-27"})
    clock.at = AFTER
    lines = [line | {"is_active": "true"} for line in download(client, RECORDS)]
    assert list(upload(client, RECORDS, lines).json["errors"]) == ["line 2, end_date"]
    lines[0]["end_date"] = ""
    assert outcomes(upload(client, RECORDS, lines)) == ["updated"]
    assert client.get(f"{MENTORS}/bob").json["status"] == "paused"
