"""POST of a table: each line does what PUT or POST does, all of them or none."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, outcomes, upload


@pytest.fixture
def some(client, pause):
    """Add an active mentor, one who is paused, and one with a scheduled and an ended pause."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    pause("bob", start_date="2026-03-01", expected_return_date="2026-05-01", reason="illness")
    pause("cleo", start_date="2026-04-01", reason="study")
    pause("cleo", start_date="2026-01-01", end_date="2026-02-01", reason="leave")
    return client


# --- mentors


def test_initiated_by_and_notes_become_the_metadata_of_a_line_that_changes_something(some, leaves_unchanged):
    metadata = {"initiated_by": "coordinator-007", "notes": "Asked for it,\nby phone"}
    line = {"mentor_id": "ada", "status": "paused"} | metadata
    assert outcomes(upload(some, MENTORS, [line])) == ["updated"]
    entry = some.get(f"{MENTORS}/ada/history").json["data"][0]
    assert (entry["metadata"], entry["changed_by"]) == (metadata, "coordinator-007")
    for again in (line, line | {"notes": "Something else"}, line | {"initiated_by": ""}):
        leaves_unchanged(MENTORS, [again])


@ON_SQLITE
def test_read_only_columns_and_empty_flags_are_ignored(some, leaves_unchanged):
    leaves_unchanged(MENTORS, [{"mentor_id": "bob", "last_updated": "yesterday", "status": "paused"}])
    leaves_unchanged(RECORDS, [{"pause_record_id": "pause-rec-0001", "created_at": "#####", "reason": "illness"}])
    for flags in ({"status": ""}, {"is_paused": ""}, {"status": "", "is_paused": ""}):
        leaves_unchanged(MENTORS, [{"mentor_id": "bob", **flags}])


# --- a dry run


def test_a_dry_run_answers_as_if_it_wrote_and_writes_nothing(some, state):
    before = state()
    lines = [{"mentor_id": "ada", "status": "paused"}, {"mentor_id": "dan"}, {"mentor_id": "bob", "status": "paused"}]
    tried = upload(some, MENTORS, lines, "?dry_run=true").json
    refused = upload(some, MENTORS, [{"mentor_id": "ada", "status": "away"}], "?dry_run=true")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["line 2, status"])
    assert state() == before
    done = upload(some, MENTORS, lines).json
    data = [
        line
        | {"history_entry_id": None}
        | {"pause_records": [record | {"pause_record_id": None} for record in line["pause_records"]]}
        for line in done["data"]
    ]
    assert tried == done | {"dry_run": True, "data": data}
    assert [tried[outcome] for outcome in ("created", "updated", "unchanged")] == [1, 1, 1]


def test_ids_that_a_dry_run_would_give_are_null_and_those_that_are_there_are_not(some, state):
    before = state()
    new = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
    known = {"mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"}
    data = upload(some, RECORDS, [new, known], "?dry_run=true").json["data"]
    assert [line["pause_record_id"] for line in data] == [None, "pause-rec-0003"]
    assert state() == before


@pytest.mark.parametrize("query", ["?dry_run=true", ""])
def test_a_line_has_the_pause_records_of_its_history_entry(some, query):
    answer = upload(some, MENTORS, [{"mentor_id": "ada", "status": "paused"}, {"mentor_id": "bob", "status": "active"}])
    assert answer.headers["Cache-Control"] == "no-store"  # a reason is in it
    for line in answer.json["data"]:
        entry = some.get(f"{MENTORS}/{line['mentor_id']}/history").json["data"][0]
        assert (list(line)[-1], line["pause_records"]) == ("pause_records", entry["pause_records"])
    lines = [
        {"pause_record_id": "pause-rec-0002", "mentor_id": "cleo", "start_date": "2026-04-01", "reason": "work"},
        {"pause_record_id": "", "mentor_id": "cleo", "start_date": "2026-06-01", "reason": "leave"},
        {"pause_record_id": "", "mentor_id": "cleo", "start_date": "2026-01-01", "reason": "leave"},
    ]
    answer = upload(some, RECORDS, lines, query)
    assert answer.headers["Cache-Control"] == "no-store"
    changed, opened, unchanged = [line["pause_records"] for line in answer.json["data"]]
    dates = {"start_date": "2026-04-01T00:00:00Z", "expected_return_date": None, "end_date": None}
    before = dates | {"reason": "study"}
    after = {"pause_record_id": "pause-rec-0002", "event": "pause_updated"} | dates | {"reason": "work"}
    assert changed == [after | {"before": before}]
    assert [(record["event"], record["before"]) for record in opened] == [("pause_opened", None)]
    assert [record["pause_record_id"] for record in opened] == [None if query else "pause-rec-0005"]
    assert unchanged == []


# --- pause records


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
    ended = upload(client, RECORDS, ends).json
    assert ended["updated"] == 15
    entries = [line["history_entry_id"] for line in ended["data"]]
    for first, mentor_id in zip((0, 5, 10), SIMILAR, strict=True):
        newest = client.get(f"{MENTORS}/{mentor_id}/history?limit=5").json["data"]
        assert [entry["pause_record_id"] for entry in newest] == created[first : first + 5][::-1]
        assert [entry["history_entry_id"] for entry in newest] == entries[first : first + 5][::-1]
        assert [entry["status"] for entry in newest] == ["active", "paused", "paused", "paused", "paused"]


# --- two lines about the same pause; pause-rec-0003 is the one of cleo that begins on 1 January


REPEAT = {"pause_record_id": "", "mentor_id": "cleo", "start_date": "2026-01-01", "end_date": "", "reason": "leave"}
THIRD = REPEAT | {"pause_record_id": "pause-rec-0003"}
SECOND = REPEAT | {"pause_record_id": "pause-rec-0002"}
JUNE = {"start_date": "2026-06-01"}
END = {"end_date": "2026-01-20"}
ACTIVE = {"is_active": "true"}
STALE = {"etag": '"0"'}
THIRD_HAS_IT = "pause-rec-0003 already has this start and reason; PUT /api/v1/pause-records/pause-rec-0003 changes"
THIRD_HAS_ANOTHER_END = "pause-rec-0003 already has this mentor_id, start_date and reason, but another end_date;"
A_LINE_HAS_IT = "A line above already has this start and reason; leave one of the two lines out."
A_LINE_HAS_ANOTHER_END = "A line above already has this mentor_id, start_date and reason, but another end_date;"
THIRD_HAS_ENDED = "pause-rec-0003 already has this mentor_id, start_date and reason, but that pause has ended; PUT"
A_LINE_HAS_ENDED = (
    "A line above already has this mentor_id, start_date and reason, but that pause has ended; leave one of the two "
    "lines out."
)
CHANGED_BELOW = "A line below changes this pause; leave one of the two lines out."


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([REPEAT | JUNE, REPEAT | JUNE], ["created", "unchanged"]),
        # A repeat of a record, and a line that changes it: below it, or above it.
        ([REPEAT, THIRD | END], ["unchanged", "updated"]),
        ([THIRD | END, REPEAT | END], ["updated", "unchanged"]),
        ([THIRD | END | {"reason": "illness"}, REPEAT | END | {"reason": "illness"}], ["updated", "unchanged"]),
        # A line takes the start and reason that a line above gives up, both or one of them.
        ([THIRD | {"reason": "illness"}, REPEAT | END], ["updated", "created"]),
        ([THIRD | {"reason": "illness"}, SECOND], ["updated", "updated"]),
        ([REPEAT, THIRD | {"reason": "illness"}, REPEAT | END], ["unchanged", "updated", "created"]),
        (
            [THIRD | {"reason": "illness"}, REPEAT | {"reason": "training"}, REPEAT | {"start_date": "2026-01-02"}],
            ["updated", "created", "created"],
        ),
        # A line that says is_active repeats a pause that has not ended, also one that a line above reopens.
        ([REPEAT | JUNE | ACTIVE, REPEAT | JUNE | ACTIVE], ["created", "unchanged"]),
        ([THIRD | ACTIVE, REPEAT | ACTIVE], ["updated", "unchanged"]),
        # Different pauses, and those of two mentors, have nothing to do with each other.
        ([THIRD | END, SECOND | {"start_date": "2026-04-02"}, REPEAT | JUNE], ["updated", "updated", "created"]),
        (
            [REPEAT | {"mentor_id": "ada"}, THIRD | END, REPEAT | {"mentor_id": "bob"}],
            ["created", "updated", "created"],
        ),
    ],
)
def test_lines_about_one_pause_are_written_one_after_the_other_and_again_change_nothing(
    some, leaves_unchanged, lines, expected
):
    assert outcomes(upload(some, RECORDS, lines)) == expected
    leaves_unchanged(RECORDS, lines)


def test_a_line_that_says_is_active_of_a_record_which_a_line_below_ends_is_refused(some, refuses_lines):
    april = {"start_date": "2026-04-01", "reason": "study"}
    ends = SECOND | april | {"is_active": "false"}
    assert refuses_lines(RECORDS, [REPEAT | april | ACTIVE, ends]) == {"line 2": CHANGED_BELOW}


@pytest.mark.parametrize("change", [{"reason": "illness"}, END])
def test_a_line_that_repeats_a_record_which_a_line_below_changes_is_refused(some, refuses_lines, change):
    dates = {"end_date": "2026-02-01", "expected_return_date": "2026-01-15"}
    some.put(f"{RECORDS}/pause-rec-0003", json=dates)
    assert refuses_lines(RECORDS, [REPEAT | dates, THIRD | dates | change]) == {"line 2": CHANGED_BELOW}


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        # A date that a line above has changed.
        ([THIRD | END, REPEAT | {"end_date": "2026-02-01"}], {"line 3": THIRD_HAS_ANOTHER_END}),
        # The start and reason of a record that no line changes, and of one that a line below gives up.
        ([REPEAT | END], {"line 2": THIRD_HAS_ANOTHER_END}),
        ([SECOND], {"line 2": THIRD_HAS_IT}),
        ([REPEAT | END, THIRD | {"reason": "illness"}], {"line 2": THIRD_HAS_ANOTHER_END}),
        ([SECOND, THIRD | {"reason": "illness"}], {"line 2": THIRD_HAS_IT}),
        # The start and reason of a line above.
        ([REPEAT | JUNE, REPEAT | JUNE | {"end_date": "2026-06-03"}], {"line 3": A_LINE_HAS_ANOTHER_END}),
        ([REPEAT | JUNE, SECOND | JUNE], {"line 3": A_LINE_HAS_IT}),
        ([THIRD | JUNE, SECOND | JUNE], {"line 3": THIRD_HAS_IT}),
        # A pause that has ended, also by a line above; and one that a line above records as cancelled.
        ([REPEAT | ACTIVE], {"line 2": THIRD_HAS_ENDED}),
        ([THIRD | END, REPEAT | ACTIVE], {"line 3": THIRD_HAS_ENDED}),
        ([REPEAT | JUNE | {"end_date": "2026-06-01"}, REPEAT | JUNE | ACTIVE], {"line 3": A_LINE_HAS_ENDED}),
        # A stale line is told so, also if a rule would refuse it.
        ([SECOND | STALE], {"line 2, etag": "pause-rec-0002 was"}),
        # A stale line neither makes room for a line below, nor takes its place, nor makes a line above wrong.
        ([THIRD | {"reason": "x"} | STALE, SECOND], {"line 2, etag": "pause-rec-0003 was", "line 3": THIRD_HAS_IT}),
        ([THIRD | JUNE | STALE, SECOND | JUNE, REPEAT | JUNE], {"line 2, etag": "pause-rec-0003 was"}),
        ([REPEAT, THIRD | {"reason": "illness"} | STALE], {"line 3, etag": "pause-rec-0003 was"}),
        # The mentor.
        ([REPEAT | {"mentor_id": "nobody"}], {"line 2, mentor_id": "No mentor status 'nobody'."}),
        ([THIRD | {"mentor_id": "ada"}], {"line 2, mentor_id": "It cannot change;"}),
    ],
)
def test_a_line_about_a_pause_that_another_record_or_line_is_about_is_refused(some, refuses_lines, lines, errors):
    refused = refuses_lines(RECORDS, lines)
    assert {place: message[: len(errors.get(place, ""))] for place, message in refused.items()} == errors


# --- the forms of a table


@ON_SQLITE
@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
@pytest.mark.parametrize(("mark", "line_end"), [(b"", b"\n"), (b"\xef\xbb\xbf", b"\r\n"), (b"", b"\r")])
def test_a_table_may_have_any_of_three_separators_a_mark_and_any_line_break(client, separator, mark, line_end):
    lines = [b"mentor_id,status,pause_reason", "ada,paused,père".encode(), b""]
    data = mark + line_end.join(lines).replace(b",", separator)
    assert outcomes(upload(client, MENTORS, data)) == ["created"]
    assert client.get(f"{MENTORS}/ada").json["pause_reason"] == "père"


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_an_empty_table_as_it_is_downloaded_does_nothing(client, path):
    header = client.get(f"{path}.csv?excel=semicolon").data
    nothing = {"created": 0, "updated": 0, "unchanged": 0, "data": []}
    for lines in (b"", b"\r\n\r\n", b";;\r\n"):
        for is_dry_run in (True, False):
            response = upload(client, path, header + lines, f"?dry_run={str(is_dry_run).lower()}")
            assert (response.status_code, response.json) == (200, nothing | {"dry_run": is_dry_run})


@ON_SQLITE
@pytest.mark.parametrize(
    "content_type", ["text/csv", None, "application/x-www-form-urlencoded", "application/vnd.ms-excel"]
)
def test_a_table_is_read_as_csv_whatever_its_type_says(client, content_type):
    response = client.post(f"{MENTORS}.csv", data=b"mentor_id\nada\n", content_type=content_type)
    assert outcomes(response) == ["created"]


@ON_SQLITE
def test_lines_whose_cells_are_all_empty_or_blank_are_left_out_but_counted(client):
    response = upload(client, MENTORS, b"mentor_id;status\n\n;\nada;\n;\n ; \n")
    assert [(line["line"], line["mentor_id"]) for line in response.json["data"]] == [(4, "ada")]


START, REASON = "pause_start_date", "pause_reason"
CELLS = [
    # A flag as spreadsheets write it.
    ("is_paused", "TRUE", "status", "paused"),
    ("is_paused", " false ", "status", "active"),
    # A blank for the T of a timestamp.
    (START, "2026-03-01 09:30:00.123456+00:00", START, "2026-03-01T09:30:00Z"),
    (START, "'2026-03-01", START, "2026-03-01T00:00:00Z"),
    # An apostrophe is taken off only before what a spreadsheet would run, and before a digit.
    (REASON, "'tis", REASON, "'tis"),
    (REASON, "=1", REASON, "=1"),
    (REASON, "'=1", REASON, "=1"),
    (REASON, "''x", REASON, "'x"),
    (REASON, "'", REASON, "'"),
    (REASON, "'007", REASON, "007"),
    (REASON, " '007", REASON, "007"),
]


@ON_SQLITE
@pytest.mark.parametrize(("column", "cell", "name", "value"), CELLS)
def test_a_cell_may_be_written_as_spreadsheets_and_pandas_do(client, column, cell, name, value):
    status = {} if column == "is_paused" else {"status": "paused"}
    assert outcomes(upload(client, MENTORS, [{"mentor_id": "'0042", column: cell} | status])) == ["created"]
    assert client.get(f"{MENTORS}/0042").json[name] == value
