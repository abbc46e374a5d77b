"""An upload does what its edited cells say and nothing else, whatever a colleague or the clock has changed since."""

import pytest

from mentors.pauses import DATES_AND_REASON
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

# What is compared is what was read, on either database; test_table_random.py uploads on both.
pytestmark = ON_SQLITE
AFTER = "2026-03-28T12:00:00Z"  # the clock says 2026-03-26T08:30:00Z before


@pytest.fixture
def pauses_of_tomorrow(client):
    """Add ada, who is active, bob, whose pause begins tomorrow, and cleo, whose pause ends tomorrow."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-03-27", "pause_reason": "leave"})
    client.post(MENTORS, json={"mentor_id": "cleo", "status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0002", json={"end_date": "2026-03-27"})


@pytest.fixture
def line_of_bob(client, pauses_of_tomorrow):
    """Return the line of a table of mentors whose pause begins tomorrow."""
    return download(client, MENTORS)[1]


# --- a colleague


def test_a_line_that_somebody_has_changed_is_refused_with_all_others(client, pauses_of_tomorrow, clock, refuses_lines):
    lines = download(client, MENTORS)
    clock.at = "2026-03-26T08:30:01Z"
    client.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0] |= {"status": "paused", "pause_reason": "illness"}
    lines[1] |= {"expected_return_date": "2026-06-01"}
    ((place, message),) = refuses_lines(MENTORS, lines).items()
    assert place == "line 2, etag"
    assert message.startswith("Somebody has changed the mentor since the table was downloaded; download the table")


def test_an_untouched_line_leaves_alone_what_a_colleague_has_changed(client, pauses_of_tomorrow, leaves_unchanged):
    lines, records = download(client, MENTORS), download(client, RECORDS)
    client.put(f"{MENTORS}/bob", json={"status": "paused", "pause_reason": "illness"})
    client.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-04-01"})
    lines[0]["status"] = "paused"
    assert outcomes(upload(client, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]
    leaves_unchanged(RECORDS, records)
    assert client.get(f"{MENTORS}/bob").json["status"] == "paused"


# --- the cell of the ETag


@pytest.mark.parametrize("etag", ['"{}"', "{}", 'W/"{}"', ' "{}" '])
def test_an_etag_may_have_lost_its_quotes(client, pauses_of_tomorrow, etag):
    lines = download(client, MENTORS)
    lines[0] |= {"status": "paused", "etag": etag.format(lines[0]["etag"].strip('"'))}
    assert outcomes(upload(client, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]


@pytest.mark.parametrize("etag", [None, "", " ", '""', "*", '"*"', " * "])
@pytest.mark.parametrize(("path", "changed"), [(MENTORS, {"status": "paused"}), (RECORDS, {"reason": "illness"})])
def test_with_an_asterisk_or_nothing_as_etag_or_without_its_column_a_line_is_a_put(
    client, pauses_of_tomorrow, path, changed, etag
):
    line, *_others = download(client, path)
    one = f"{path}/{next(iter(line.values()))}"
    before = client.get(one).json
    client.put(one, json=changed)
    line["etag"] = etag
    if etag is None:
        del line["etag"]
    assert outcomes(upload(client, path, [line])) == ["updated"]
    assert client.get(one).json == before


NEW = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
AS_TEXT = "A spreadsheet changes an id that looks like a number (0042 becomes 42), so open that column as text."
TO_CREATE = "To create a pause record, leave etag and pause_record_id empty."
NO_MENTOR = (
    "No mentor has this mentor_id: it was mistyped, or the mentor was deleted. "
    f"{AS_TEXT} To create the mentor, leave etag empty."
)
NO_RECORD = (
    f"No pause record has this pause_record_id: it was mistyped, or the record was deleted. {AS_TEXT} {TO_CREATE}"
)
NO_RECORD_ID = f"A line with an etag changes a pause record, but pause_record_id is empty. {TO_CREATE}"


@pytest.mark.parametrize(
    ("path", "line", "column", "message"),
    [
        *((MENTORS, {"mentor_id": "adda", "etag": etag}, "etag", NO_MENTOR) for etag in ("*", '"0"')),
        *((RECORDS, NEW | {"etag": etag}, "etag", NO_RECORD_ID) for etag in ("*", '"0"')),
        *(
            (RECORDS, NEW | {"pause_record_id": record_id, "etag": etag}, "pause_record_id", NO_RECORD)
            for record_id in ("pause-rec-9999", "pause-rec-1", "18", "pause-rec-0000")
            for etag in ("", "*", '"0"')
        ),
    ],
)
def test_a_line_of_what_is_not_there_is_refused_and_creates_nothing(
    pauses_of_tomorrow, refuses_lines, path, line, column, message
):
    assert refuses_lines(path, [line]) == {f"line 2, {column}": message}


# --- the clock


@pytest.mark.parametrize(
    ("number", "edit"),
    [
        (3, {"expected_return_date": "2026-06-01"}),
        (3, {"expected_return_date": "2026-06-01", "last_updated": "2026-03-26 08:30:00+00:00"}),  # as pandas writes it
        (4, {"pause_reason": "illness"}),
    ],
)
def test_an_edited_line_whose_pause_has_begun_or_ended_is_refused_saying_so(
    client, pauses_of_tomorrow, clock, refuses_lines, number, edit
):
    lines = download(client, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[number - 2] |= edit
    ((place, message),) = refuses_lines(MENTORS, lines).items()
    assert place == f"line {number}, etag"
    assert message.startswith("A pause of the mentor has begun or ended since")


def test_a_fresh_line_edited_to_what_was_shown_before_the_pause_began_brings_the_mentor_back(
    client, line_of_bob, clock
):
    clock.at = "2026-03-27T12:00:00Z"
    line = download(client, MENTORS)[1] | {"status": "active"}
    assert {**line, "etag": ""} == {**line_of_bob, "etag": ""}
    assert outcomes(upload(client, MENTORS, [line])) == ["updated"]
    assert client.get(f"{MENTORS}/bob").json["status"] == "active"


def test_records_are_held_against_their_dates_and_an_edited_one_that_has_ended_since_is_refused(
    client, pauses_of_tomorrow, clock, leaves_unchanged, refuses_lines
):
    begun, ended = lines = download(client, RECORDS)
    clock.at = "2026-03-27T12:00:00Z"
    leaves_unchanged(RECORDS, lines)
    leaves_unchanged(RECORDS, [line | {"is_active": "true"} for line in lines])  # which reopens nothing that has ended
    assert refuses_lines(RECORDS, [begun, ended | {"reason": "illness"}]) == {
        "line 3, etag": "pause-rec-0002 was changed, or has ended, since the table was downloaded; "
        "download the table again, and edit the new line."
    }
    assert outcomes(upload(client, RECORDS, [begun | {"reason": "illness"}, ended])) == ["updated", "unchanged"]


# --- a table of another day


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("query", ["?as_of=2026-03-28", "?expected=true"])
def test_a_table_of_another_day_is_refused_as_it_is_and_taken_without_its_instant(
    client, pauses_of_tomorrow, refuses_lines, path, query
):
    lines = download(client, path, query)
    another_day = "This table shows another day. Delete the column as_of to upload it all the same."
    assert refuses_lines(path, lines) == {"line 1, as_of": another_day}
    for line in lines:
        del line["as_of"]
    assert upload(client, path, lines).status_code == 200


# --- which lines are untouched


def edited(line, cells):
    """Return a line with other cells; a cell that is None is left out."""
    return {name: cell for name, cell in (line | cells).items() if cell is not None}


@pytest.mark.parametrize(
    ("cells", "is_edit"),
    [
        ({"pause_start_date": " 2026-03-27T01:00:00+01:00 "}, False),
        ({"pause_start_date": "2026-03-27T00:00:00Z"}, False),
        ({"pause_start_date": "2026-03-27 00:00:00+00:00"}, False),
        ({"last_updated": "2026-03-26T08:30:00.25Z"}, False),
        ({"last_updated": "03/26/26 8:30"}, True),  # mangled by the spreadsheet
        ({"pause_reason": "leave "}, False),
        ({"pause_reason": " "}, True),
        ({"status": ""}, False),
        ({"status": None}, False),
        ({"is_paused": "FALSE"}, False),
        ({"status": "", "is_paused": "false"}, False),
        ({"status": "paused", "pause_reason": "illness"}, True),
        ({"status": "", "is_paused": "true", "pause_reason": "illness"}, True),
        ({"initiated_by": "coordinator-007", "notes": "called"}, False),
    ],
    ids=str,
)
def test_an_edit_is_a_cell_that_means_something_else(
    line_of_bob, clock, refuses_lines, leaves_unchanged, cells, is_edit
):
    lines = [edited(line_of_bob, cells)]
    clock.at = AFTER
    if is_edit:
        assert list(refuses_lines(MENTORS, lines)) == ["line 2, etag"]
    else:
        leaves_unchanged(MENTORS, lines)


@pytest.mark.parametrize(
    ("path", "column"),
    [(MENTORS, name) for name in ("pause_start_date", "expected_return_date", "pause_reason", "last_updated")]
    + [(RECORDS, name) for name in ("mentor_id", *DATES_AND_REASON, "created_at") if name != "end_date"],
)
def test_without_another_column_no_line_is_known_as_untouched_and_a_stale_one_is_refused(
    client, pauses_of_tomorrow, clock, refuses_lines, leaves_unchanged, path, column
):
    if path == RECORDS:
        client.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-27T06:00:00Z"})
    line = next(line for line in download(client, path) if line["mentor_id"] == "bob")
    line |= {"is_active": "true"} if path == RECORDS else {}
    leaves_unchanged(path, [edited(line, {column: None})])  # PUT changes nothing
    clock.at = AFTER
    leaves_unchanged(path, [line])
    assert list(refuses_lines(path, [edited(line, {column: None})])) == ["line 2, etag"]


def test_a_record_whose_mentor_id_was_emptied_is_a_put_that_leaves_it_out(client, pauses_of_tomorrow, leaves_unchanged):
    line = download(client, RECORDS)[0] | {"mentor_id": ""}
    leaves_unchanged(RECORDS, [line])
    assert outcomes(upload(client, RECORDS, [line | {"end_date": "2026-04-01"}])) == ["updated"]


# --- the line of a mentor of whom a pause is shown

ANOTHER_START = (
    "{} starts at {}T00:00:00Z. To move this start, to call the pause off, or to record another pause, use the table "
    "of pause records."
)
REFUSALS = {
    "bob": f"{ANOTHER_START} To pause the mentor now, send paused and an empty pause_start_date.".format(
        "pause-rec-0002", "2026-05-01"
    ),
    "cleo": ANOTHER_START.format("pause-rec-0003", "2026-03-01"),
}


@pytest.fixture
def line_of(client, pause):
    """Return a function that edits the line of bob, who has two coming pauses, or of cleo, who has two in force."""
    pause("bob", start_date="2026-06-01", expected_return_date="2026-07-01")
    pause("bob", start_date="2026-05-01", expected_return_date="2026-05-10")  # the next one, which is shown
    pause("cleo", start_date="2026-03-01", expected_return_date="2026-06-01")  # the one in force that ends last
    pause("cleo", start_date="2026-02-01", expected_return_date="2026-05-20", reason="illness")
    pause("cleo", start_date="2026-05-01", expected_return_date="2026-05-20", reason="illness")
    lines = {line["mentor_id"]: line for line in download(client, MENTORS)}
    return lambda mentor_id, cells: edited(lines[mentor_id], cells)


@pytest.mark.parametrize(
    ("mentor_id", "cells"),
    [
        ("bob", {"status": "paused"}),
        ("bob", {"status": "", "is_paused": "TRUE"}),
        ("bob", {"status": "paused", "pause_start_date": None}),  # it is the start that the line would show
        ("bob", {"pause_start_date": "2026-06-01", "expected_return_date": "2026-07-01"}),
        ("bob", {"pause_start_date": "2026-03-01"}),
        ("bob", {"status": "paused", "pause_start_date": "2026-04-01"}),
        ("bob", {"status": "", "pause_start_date": ""}),
        ("cleo", {"status": "", "pause_start_date": "2026-03-03"}),
        ("cleo", {"status": "active", "pause_start_date": "2026-05-25"}),
        ("cleo", {"pause_start_date": "2026-05-01", "pause_reason": "another"}),  # a coming pause of theirs
        # Those of another pause in force: as PUT it would change nothing.
        ("cleo", {"pause_start_date": "2026-02-01", "expected_return_date": "2026-05-20", "pause_reason": "illness"}),
    ],
)
def test_an_edit_that_would_not_do_what_it_says_is_refused_with_the_way_out(line_of, refuses_lines, mentor_id, cells):
    refused = refuses_lines(MENTORS, [line_of(mentor_id, cells)])
    assert refused == {"line 2, pause_start_date": REFUSALS[mentor_id]}


CLEARED = {"expected_return_date": "", "pause_reason": ""}
CHANGED = {"expected_return_date": "2026-05-20", "pause_reason": "illness"}
LEFT_OUT = [{}, {"status": None}, {"pause_start_date": None}, {"status": None, "pause_start_date": None}]
PAUSE_NOW = {"status": "paused", "pause_start_date": "", "pause_reason": "illness"}
COMING, IN_FORCE = ("active", "2026-05-01T00:00:00Z"), ("paused", "2026-03-01T00:00:00Z")


@pytest.mark.parametrize(
    ("mentor_id", "cells", "shown"),
    [("bob", CLEARED | left_out, (*COMING, None, None)) for left_out in LEFT_OUT]
    + [("bob", CHANGED | left_out, (*COMING, "2026-05-20T00:00:00Z", "illness")) for left_out in LEFT_OUT]
    + [("bob", PAUSE_NOW, ("paused", "2026-03-26T08:30:00Z", "2026-05-10T00:00:00Z", "illness"))]
    + [("cleo", CLEARED | more, (*IN_FORCE, None, None)) for more in ({}, {"status": ""}, {"pause_start_date": ""})],
)
def test_another_edit_does_what_it_says_and_again_changes_nothing(
    client, line_of, leaves_unchanged, mentor_id, cells, shown
):
    starts = [record["start_date"] for record in client.get(RECORDS).json["data"]]
    line = line_of(mentor_id, cells)
    assert outcomes(upload(client, MENTORS, [line])) == ["updated"]
    mentor = client.get(f"{MENTORS}/{mentor_id}").json
    names = "status", "pause_start_date", "expected_return_date", "pause_reason"
    assert tuple(mentor[name] for name in names) == shown
    assert [record["start_date"] for record in client.get(RECORDS).json["data"]][:5] == starts  # the coming pause stays
    leaves_unchanged(MENTORS, [line])


@pytest.mark.parametrize("etag", ["", "*", '"0"'])
def test_without_its_current_etag_the_line_is_a_put_and_another_start_another_pause(
    client, line_of, leaves_unchanged, etag
):
    for edit in ({"status": "paused"}, {"pause_start_date": ""}):
        leaves_unchanged(MENTORS, [line_of("bob", edit | {"etag": etag})])
    response = upload(client, MENTORS, [line_of("bob", {"pause_start_date": "2026-04-01", "etag": etag})])
    assert response.status_code == (422 if etag == '"0"' else 200)
    assert len(client.get(RECORDS).json["data"]) == (5 if etag == '"0"' else 6)
