"""An upload does what its edited cells say and nothing else, whatever a colleague or the clock has changed since."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

# What is compared is what was read, on either database; test_table_random.py uploads on both.
pytestmark = ON_SQLITE
AFTER = "2026-03-28T12:00:00Z"  # the clock says 2026-03-26T08:30:00Z before


@pytest.fixture
def refuses_columns(client, state):
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
def pauses_of_tomorrow(client):
    """Add ada, who is active, bob, whose pause begins tomorrow, and cleo, whose pause ends tomorrow."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-03-27", "pause_reason": "leave"})
    client.post(MENTORS, json={"mentor_id": "cleo", "status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0002", json={"end_date": "2026-03-27"})
    return client


@pytest.fixture
def one(client):
    """Add bob, whose pause begins tomorrow, and return a client."""
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-03-27", "pause_reason": "leave"})
    return client


# --- a colleague


def test_a_line_that_somebody_has_changed_is_refused_with_all_others(
    client, pauses_of_tomorrow, clock, refuses_columns
):
    lines = download(client, MENTORS)
    clock.at = "2026-03-26T08:30:01Z"
    client.put(f"{MENTORS}/ada", json={"status": "paused"})
    lines[0]["status"], lines[0]["pause_reason"] = "paused", "illness"
    lines[1]["expected_return_date"] = "2026-06-01"
    assert refuses_columns(MENTORS, lines, "line 2, etag").startswith(
        "Somebody has changed the mentor since the table was"
    )


def test_an_untouched_line_leaves_alone_what_a_colleague_has_changed(one, clock, leaves_unchanged):
    one.post(MENTORS, json={"mentor_id": "cleo"})
    lines, records = download(one, MENTORS), download(one, RECORDS)
    clock.at = "2026-03-26T09:00:00Z"
    one.put(f"{MENTORS}/bob", json={"status": "paused", "pause_reason": "illness"})
    one.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-04-01"})
    lines[1]["status"] = "paused"
    assert outcomes(upload(one, MENTORS, lines)) == ["unchanged", "updated"]
    leaves_unchanged(RECORDS, records)
    assert one.get(f"{MENTORS}/bob").json["status"] == "paused"


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
    one = f"{path}/{line['mentor_id'] if path == MENTORS else line['pause_record_id']}"
    before = client.get(one).json
    client.put(one, json=changed)
    line["etag"] = etag
    if etag is None:
        del line["etag"]
    assert outcomes(upload(client, path, [line])) == ["updated"]
    assert client.get(one).json == before


def test_with_an_asterisk_as_etag_a_mistyped_id_creates_nobody(client, pauses_of_tomorrow, refuses_columns):
    lines = [{"mentor_id": name, "status": "paused", "etag": "*"} for name in ("ada", "adda")]
    message = refuses_columns(MENTORS, lines, "line 3, etag")
    assert message == (
        "No mentor has this mentor_id: it was mistyped, or the mentor was deleted. A spreadsheet changes an id that "
        "looks like a number (0042 becomes 42), so open that column as text. To create the mentor, leave etag empty."
    )


def test_a_line_with_an_etag_of_a_mentor_who_is_not_there_is_refused_and_not_created(
    client, pauses_of_tomorrow, refuses_columns
):
    lines = download(client, MENTORS)
    lines[0]["mentor_id"] = "42"  # as a spreadsheet makes of 0042
    client.delete(f"{MENTORS}/bob")
    assert "No mentor has this mentor_id" in refuses_columns(MENTORS, lines, "line 2, etag", "line 3, etag")


@pytest.mark.parametrize("etag", ["*", '"0"'])
def test_a_line_with_an_etag_but_without_its_record_id_is_refused(client, pauses_of_tomorrow, refuses_columns, etag):
    line = {"pause_record_id": "", "mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave", "etag": etag}
    message = refuses_columns(RECORDS, [line], "line 2, etag")
    assert message.startswith("A line with an etag changes a pause record, but pause_record_id is empty.")


def test_a_line_of_a_record_that_is_not_there_is_refused_and_not_created(client, pauses_of_tomorrow, refuses_columns):
    lines = download(client, RECORDS)
    client.delete(f"{RECORDS}/pause-rec-0001")
    assert "No pause record has this pause_record_id" in refuses_columns(RECORDS, lines, "line 2, pause_record_id")
    for record_id in ("pause-rec-9999", "pause-rec-1", "18", "pause-rec-0000"):
        for etag in ("", "*"):
            line = {"pause_record_id": record_id, "mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
            refuses_columns(RECORDS, [line | {"etag": etag}], "line 2, pause_record_id")


# --- the clock


def test_pauses_that_begin_and_end_by_the_clock_leave_untouched_lines_alone(client, pauses_of_tomorrow, clock, rows):
    lines = download(client, MENTORS)
    before = rows("pause_record")
    clock.at = "2026-03-27T12:00:00Z"
    assert [client.get(f"{MENTORS}/{name}").json["status"] for name in ("bob", "cleo")] == ["paused", "active"]
    lines[0]["status"] = "paused"
    assert outcomes(upload(client, MENTORS, lines)) == ["updated", "unchanged", "unchanged"]
    assert rows("pause_record")[:2] == before


@pytest.mark.parametrize(
    ("number", "edit"),
    [
        (3, {"expected_return_date": "2026-06-01"}),
        (3, {"expected_return_date": "2026-06-01", "last_updated": "2026-03-26 08:30:00+00:00"}),  # as pandas writes it
        (4, {"pause_reason": "illness"}),
    ],
)
def test_an_edited_line_whose_pause_has_begun_or_ended_is_refused_saying_so(
    client, pauses_of_tomorrow, clock, refuses_columns, number, edit
):
    lines = download(client, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[number - 2] |= edit
    message = refuses_columns(MENTORS, lines, f"line {number}, etag")
    assert message.startswith("A pause of the mentor has begun or ended since")


def test_a_fresh_line_edited_to_what_was_shown_before_the_pause_began_brings_the_mentor_back(
    client, pauses_of_tomorrow, clock
):
    old = download(client, MENTORS)
    clock.at = "2026-03-27T12:00:00Z"
    lines = download(client, MENTORS)
    lines[1]["status"] = "active"
    assert {**lines[1], "etag": ""} == {**old[1], "etag": ""}
    assert outcomes(upload(client, MENTORS, lines)) == ["unchanged", "updated", "unchanged"]
    assert client.get(f"{MENTORS}/bob").json["status"] == "active"


def test_records_are_held_against_their_dates_whatever_the_clock_says(
    client, pauses_of_tomorrow, clock, leaves_unchanged
):
    lines = download(client, RECORDS)
    clock.at = "2026-03-27T12:00:00Z"
    leaves_unchanged(RECORDS, lines)
    leaves_unchanged(RECORDS, [line | {"is_active": "true"} for line in lines])  # which reopens nothing that has ended
    lines[0]["reason"] = "illness"
    assert outcomes(upload(client, RECORDS, lines)) == ["updated", "unchanged"]


def test_an_edited_record_that_has_ended_by_the_clock_is_refused_saying_so(
    client, pauses_of_tomorrow, clock, refuses_columns
):
    lines = download(client, RECORDS)
    clock.at = "2026-03-27T12:00:00Z"
    lines[1]["reason"] = "illness"
    message = refuses_columns(RECORDS, lines, "line 3, etag")
    assert message == (
        "pause-rec-0002 was changed, or has ended, since the table was downloaded; "
        "download the table again, and edit the new line."
    )


# --- a table of another day


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("query", ["?as_of=2026-03-28", "?expected=true"])
def test_a_table_of_another_day_is_refused_as_it_is_and_taken_without_its_instant(
    client, pauses_of_tomorrow, refuses_columns, path, query
):
    lines = download(client, path, query)
    message = refuses_columns(path, lines, "line 1, as_of")
    assert message == "This table shows another day. Delete the column as_of to upload it all the same."
    for line in lines:
        del line["as_of"]
    assert upload(client, path, lines).status_code == 200


# --- which lines are untouched


@pytest.mark.parametrize(
    ("cells", "is_edit"),
    [
        ({"pause_start_date": " 2026-03-27T01:00:00+01:00 "}, False),
        ({"pause_start_date": "2026-03-27"}, False),
        ({"pause_start_date": "2026-03-27T00:00:00Z"}, False),
        ({"pause_start_date": "2026-03-27 00:00:00+00:00"}, False),
        ({"last_updated": "2026-03-26T08:30:00.25Z"}, False),
        ({"last_updated": "03/26/26 8:30"}, True),  # mangled by the spreadsheet
        ({"pause_reason": "leave "}, False),
        ({"pause_reason": " "}, True),
        ({"pause_reason": ""}, True),
        ({"status": ""}, False),
        ({"is_paused": "FALSE"}, False),
        ({"status": "", "is_paused": "false"}, False),
        ({"status": "paused", "pause_reason": "illness"}, True),
        ({"status": "", "is_paused": "true", "pause_reason": "illness"}, True),
        ({"initiated_by": "coordinator-007", "notes": "called"}, False),
    ],
    ids=str,
)
def test_an_edit_is_a_cell_that_means_something_else(one, clock, refuses_columns, leaves_unchanged, cells, is_edit):
    lines = [line | cells for line in download(one, MENTORS)]
    clock.at = AFTER
    if is_edit:
        refuses_columns(MENTORS, lines, "line 2, etag")
    else:
        leaves_unchanged(MENTORS, lines)


def test_without_the_column_of_the_flag_a_line_is_untouched(one, clock, leaves_unchanged):
    (line,) = download(one, MENTORS)
    del line["status"]
    clock.at = AFTER
    leaves_unchanged(MENTORS, [line])


@pytest.mark.parametrize(
    ("path", "column"),
    [(MENTORS, name) for name in ("pause_start_date", "expected_return_date", "pause_reason", "last_updated")]
    + [(RECORDS, name) for name in ("mentor_id", "start_date", "expected_return_date", "reason", "created_at")],
)
def test_without_another_column_no_line_is_known_as_untouched_and_a_stale_one_is_refused(
    one, clock, refuses_columns, leaves_unchanged, path, column
):
    if path == RECORDS:
        one.put(f"{RECORDS}/pause-rec-0001", json={"end_date": "2026-03-27T06:00:00Z"})
    (line,) = [line | ({"is_active": "true"} if path == RECORDS else {}) for line in download(one, path)]
    without = {name: cell for name, cell in line.items() if name != column}
    leaves_unchanged(path, [without])  # PUT changes nothing
    clock.at = AFTER
    leaves_unchanged(path, [line])
    refuses_columns(path, [without], "line 2, etag")


def test_a_record_whose_mentor_id_was_emptied_is_a_put_that_leaves_it_out(one, leaves_unchanged):
    lines = download(one, RECORDS)
    lines[0]["mentor_id"] = ""
    leaves_unchanged(RECORDS, lines)
    lines[0]["end_date"] = "2026-04-01"
    assert outcomes(upload(one, RECORDS, lines)) == ["updated"]


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
PAUSES = [
    ("bob", "2026-06-01", "2026-07-01", "leave"),
    ("bob", "2026-05-01", "2026-05-10", "leave"),  # the next one, which is shown
    ("cleo", "2026-03-01", "2026-06-01", "leave"),  # the one in force that ends last
    ("cleo", "2026-02-01", "2026-05-20", "illness"),
    ("cleo", "2026-05-01", "2026-05-20", "illness"),
]


@pytest.fixture
def edited(client):
    """Add mentors with pauses; return a function that edits the line of one. A cell that is None is left out."""
    for mentor_id in ("bob", "cleo"):
        client.post(MENTORS, json={"mentor_id": mentor_id})
    names = "mentor_id", "start_date", "expected_return_date", "reason"
    for pause in PAUSES:
        assert client.post(RECORDS, json=dict(zip(names, pause, strict=True))).status_code == 201
    lines = {line["mentor_id"]: line for line in download(client, MENTORS)}

    def edit(mentor_id, cells):
        return {name: cell for name, cell in (lines[mentor_id] | cells).items() if cell is not None}

    return edit


@pytest.mark.parametrize(
    ("mentor_id", "cells"),
    [
        ("bob", {"status": "paused"}),
        ("bob", {"status": "", "is_paused": "TRUE"}),
        ("bob", {"status": "paused", "pause_start_date": None}),  # it is the start that the line would show
        ("bob", {"pause_start_date": "2026-05-02"}),
        ("bob", {"pause_start_date": "2026-06-01", "expected_return_date": "2026-07-01"}),
        ("bob", {"pause_start_date": "2026-03-01"}),
        ("bob", {"status": "paused", "pause_start_date": "2026-04-01"}),
        ("bob", {"status": "", "pause_start_date": "2026-04-01"}),
        ("bob", {"pause_start_date": ""}),
        ("bob", {"status": "", "pause_start_date": ""}),
        ("cleo", {"pause_start_date": "2026-03-03"}),
        ("cleo", {"pause_start_date": "2026-05-25"}),
        ("cleo", {"status": "", "pause_start_date": "2026-03-03"}),
        ("cleo", {"status": "active", "pause_start_date": "2026-05-25"}),
        ("cleo", {"pause_start_date": "2026-05-01", "pause_reason": "another"}),  # a coming pause of theirs
        # Those of another pause in force: as PUT it would change nothing.
        (
            "cleo",
            {"pause_start_date": "2026-02-01", "expected_return_date": "2026-05-20", "pause_reason": "illness"},
        ),
    ],
)
def test_an_edit_that_would_not_do_what_it_says_is_refused_with_the_way_out(edited, refuses_columns, mentor_id, cells):
    assert refuses_columns(MENTORS, [edited(mentor_id, cells)], "line 2, pause_start_date") == REFUSALS[mentor_id]


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
    client, edited, leaves_unchanged, mentor_id, cells, shown
):
    line = edited(mentor_id, cells)
    assert outcomes(upload(client, MENTORS, [line])) == ["updated"]
    mentor = client.get(f"{MENTORS}/{mentor_id}").json
    names = "status", "pause_start_date", "expected_return_date", "pause_reason"
    assert tuple(mentor[name] for name in names) == shown
    starts = [record["start_date"][:10] for record in client.get(RECORDS).json["data"]]
    assert starts[:5] == [start for _mentor, start, _return, _reason in PAUSES]  # the coming pause stays
    leaves_unchanged(MENTORS, [line])


@pytest.mark.parametrize("etag", ["", "*", '"0"'])
def test_without_its_current_etag_the_line_is_a_put_and_another_start_another_pause(
    client, edited, leaves_unchanged, etag
):
    for edit in ({"status": "paused"}, {"pause_start_date": ""}):
        leaves_unchanged(MENTORS, [edited("bob", edit | {"etag": etag})])
    response = upload(client, MENTORS, [edited("bob", {"pause_start_date": "2026-04-01", "etag": etag})])
    assert response.status_code == (422 if etag == '"0"' else 200)
    assert len(client.get(RECORDS).json["data"]) == (5 if etag == '"0"' else 6)


def test_a_pause_that_the_line_has_scheduled_is_no_edit_when_the_line_is_sent_again(client, leaves_unchanged):
    client.post(MENTORS, json={"mentor_id": "ada"})
    (line,) = download(client, MENTORS)
    edited = line | {"status": "paused", "pause_start_date": "2026-05-01", "pause_reason": "leave"}
    assert outcomes(upload(client, MENTORS, [edited])) == ["updated"]
    leaves_unchanged(MENTORS, [edited])
