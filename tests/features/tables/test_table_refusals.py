"""What is no table, or a wrong one, is refused with what to do about it, and nothing is written."""

import pytest

from features.tables.parsing import MOST_ROWS
from reads.answers import MentorStatusSchema, PauseRecordSchema
from schemas import MentorStatusUpdate, PauseRecordUpdate
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, table_of

# What a table says is read before any database is asked.
pytestmark = ON_SQLITE
EXCEL = b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(100)  # .xlsx
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)  # .xls
SAVE_AS_CSV = "save it as CSV in UTF-8 (Excel: CSV UTF-8; LibreOffice: Text CSV"


@pytest.fixture
def refuses_table(client, state):
    """Return a function that sends a body and asserts that it is refused as a problem, and nothing written."""
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "illness"})
    before = state()

    def send(path, data, status, code, content_type="text/csv"):
        response = client.post(f"{path}.csv", data=data, content_type=content_type)
        assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
        assert response.json["code"] == code
        assert state() == before
        return response.json

    return send


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The table is empty"),
        (b"\xef\xbb\xbf", "The table is empty"),
        (b"mentor_id,status", "curl -d takes line breaks out: send the file with --data-binary @FILE."),
        (EXCEL, f"spreadsheet's own file, not CSV; open it and {SAVE_AS_CSV}"),
        (OLD_EXCEL, f"spreadsheet's own file, not CSV; open it and {SAVE_AS_CSV}"),
        ("mentor_id\nada\n".encode("utf-16"), f"UTF-16, not UTF-8; {SAVE_AS_CSV}"),
        (b"\xfe\xff" + "mentor_id\nada\n".encode("utf-16-be"), f"UTF-16, not UTF-8; {SAVE_AS_CSV}"),
        (b"\nmentor_id\n\0\n", "NUL character (line 3 of the file)"),
        ("mentor_id,pause_reason\nada,x\nada,père\n".encode("latin-1"), "not in UTF-8 (line 3 of the file)"),
        (
            b'mentor_id,pause_reason\nada,x\nbob,"x\n' + b"eve,leave\n" * 20_000,
            "Line 3 cannot be read: a double quote in",
        ),
        (b'"mentor_id\nada\n', "Line 1 cannot be read: a double quote in it is not closed"),
        (b'mentor_id,pause_reason\nada,"illness"x\n', 'write "" for each double quote within it'),
    ],
    ids="{!r:.30}".format,
)
def test_what_is_no_table_is_a_400_that_says_what_to_do(refuses_table, data, message):
    assert message in refuses_table(MENTORS, data, 400, "malformed_body")["detail"]


def test_a_table_as_a_part_of_a_form_is_a_415_that_says_how_to_send_it(refuses_table):
    form = "multipart/form-data; boundary=x"
    problem = refuses_table(MENTORS, b"mentor_id\nada\n", 415, "unsupported_media_type", content_type=form)
    assert "write --data-binary @FILE instead of -F" in problem["detail"]


def test_a_mebibyte_and_a_byte_is_a_413_and_a_mebibyte_is_read(refuses_table):
    header = b"mentor_id,start_date,reason\nada,2026-05-01,"
    mebibyte = header.ljust(1024 * 1024 - 1, b"x") + b"\n"
    refuses_table(RECORDS, mebibyte + b"\n", 413, "too_large")
    problem = refuses_table(RECORDS, mebibyte, 422, "rows_refused")
    assert problem["errors"] == {"line 2, reason": ["It is too long; write at most 200 characters."]}


def test_1_001_lines_are_a_413_that_says_how_many_there_may_be(refuses_table):
    problem = refuses_table(MENTORS, b"mentor_id\n" + b"ada\n" * (MOST_ROWS + 1), 413, "too_large")
    assert problem["detail"] == "The table has more than 1000 lines; send it in parts, each with the header."


@pytest.fixture
def known_columns(refuses_table):
    """Return a function that tells which columns a table may have, by the refusal of another one."""

    def columns(path):
        problem = refuses_table(path, b"mentor_id,region\nada,x\n", 422, "rows_refused")
        return problem["errors"]["line 1, region"][0].partition("one of: ")[2].rstrip(".").split(", ")

    return columns


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_a_header_with_more_columns_than_there_are_is_refused_in_one_message(refuses_table, known_columns, path):
    columns = len(known_columns(path))
    names = [f"{number:x}" for number in range(130_000)]
    for header in (
        ["mentor_id", *names],
        names[: columns + 1],
        ["mentor_id"] * 100_000,
        ["mentor_id", *[""] * columns],
    ):
        data = ",".join(header).encode() + b"\nada\n"
        problem = refuses_table(path, data, 422, "rows_refused")
        ((line, (message,)),) = problem["errors"].items()
        assert line == "line 1"
        assert message.startswith(f"It has {len(header)} columns, but there are only {columns}: ")


def test_the_known_columns_are_those_of_the_body_the_answer_and_the_metadata(known_columns):
    for path, body, answer in (
        (MENTORS, MentorStatusUpdate, MentorStatusSchema),
        (RECORDS, PauseRecordUpdate, PauseRecordSchema),
    ):
        of_both = {*body().fields, *answer().fields} - {"metadata"}
        assert set(known_columns(path)) == of_both | {"etag", "initiated_by", "notes"}


KEEP_AS_TEXT = (
    "It must be a date that exists, such as 2026-05-01, or a timestamp, such as 2026-05-01T09:30:00Z. "
    "If the spreadsheet writes it in another form, format the cell as text, and then type it again."
)
UNKNOWN, TWICE = (
    "It is unknown here; leave the column out, or use one of:",
    "It is on line 2, too; leave one of the two",
)
NO_ID, AS_TEXT = "It must be 1 to 64 of the characters", "A spreadsheet changes an id that looks like a number"
WRONG = [
    # The columns.
    (MENTORS, "mentor_id,metadata\nada,x", {"line 1, metadata": [UNKNOWN]}),
    (MENTORS, "mentor_id,Status\nada,x", {"line 1, Status": [UNKNOWN]}),
    (MENTORS, "mentor_id,pause_record_id\nada,x", {"line 1, pause_record_id": [UNKNOWN]}),
    (MENTORS, "mentor_id,mentor_id\nada,x", {"line 1, mentor_id": ["It is there more than once"]}),
    (MENTORS, "mentor_id,\nada,x", {"line 1": ["A column has no name"]}),
    (MENTORS, "status,etag\nada,x", {"line 1, mentor_id": ["It is required; add the column. The first line of the"]}),
    (RECORDS, "reason,etag\nada,x", {"line 1, mentor_id": ["It is required; add the column. The first line of the"]}),
    (RECORDS, "mentor_id,status\nada,x", {"line 1, status": [UNKNOWN]}),
    # The length of a line, and how lines are counted: as a spreadsheet shows them.
    (MENTORS, "mentor_id,status\nbob,active\nada", {"line 3": ["It has 1 cells, but the header has 2"]}),
    (MENTORS, "mentor_id,status\nbob,active\nada,paused,x", {"line 3": ["It has 3 cells, but the header has 2"]}),
    (MENTORS, 'mentor_id,status,notes\n\nbob,active,"one\ntwo"\n,,\ncleo,away,', {"line 5, status": ["It must be"]}),
    # The id.
    (MENTORS, "mentor_id\nada\nada", {"line 3, mentor_id": [TWICE]}),
    (RECORDS, "pause_record_id\npause-rec-0001\npause-rec-0001", {"line 3, pause_record_id": [TWICE]}),
    (MENTORS, "mentor_id,status\n,paused", {"line 2, mentor_id": ["It is empty; write the id of the mentor."]}),
    (MENTORS, "mentor_id,status\na b,paused", {"line 2, mentor_id": [NO_ID, AS_TEXT]}),
    # A date as a spreadsheet writes it, and cells that must not be empty.
    (RECORDS, "mentor_id,start_date,reason\nada,01.05.2026,x", {"line 2, start_date": [KEEP_AS_TEXT]}),
    (RECORDS, "mentor_id,start_date,reason\nada,2026-05-01  00:00:00,x", {"line 2, start_date": [KEEP_AS_TEXT]}),
    (RECORDS, "pause_record_id,start_date\npause-rec-0001,", {"line 2, start_date": ["It is empty; write a value."]}),
    (
        RECORDS,
        "mentor_id,start_date,end_date\n , ,2026-05-01",
        {
            "line 2, mentor_id": ["It is empty; write a value."],
            "line 2, start_date": ["It is empty; write a value."],
            "line 2, reason": ["It is required; add the column."],
        },
    ),
]


@pytest.mark.parametrize(("path", "table", "errors"), WRONG)
def test_a_wrong_column_line_or_cell_is_refused_with_its_line_and_what_to_do(refuses_table, path, table, errors):
    found = refuses_table(path, f"{table}\n".encode(), 422, "rows_refused")["errors"]
    assert list(found) == list(errors)
    for place, messages in errors.items():
        assert [told[: len(message)] for told, message in zip(found[place], messages, strict=True)] == messages


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"status": "a" * 200_000}, ["status"]),
        ({"mentor_id": "a" * 200_000}, ["mentor_id"]),
        ({"is_paused": "yes"}, ["is_paused"]),
        ({"notes": "x" * 17000}, ["notes"]),
        ({"status": "paused", "is_paused": "false"}, ["status", "is_paused"]),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line_and_column(refuses_table, cells, columns):
    line = {"mentor_id": "bob", "status": ""} | cells
    problem = refuses_table(MENTORS, table_of([{"mentor_id": "cleo"}, line]), 422, "rows_refused")
    assert list(problem["errors"]) == [f"line 3, {column}" for column in columns]


@pytest.mark.parametrize(
    ("count", "wrong", "end"),
    [(1, "1 line is", ""), (100, "100 lines are", ""), (101, "101 lines are", " Not shown: 1 more.")],
)
def test_of_many_wrong_lines_the_first_100_are_shown_and_how_many_more_there_are(refuses_table, count, wrong, end):
    lines = [{"mentor_id": f"m{number}", "status": "away" if number % 2 else "active"} for number in range(2 * count)]
    problem = refuses_table(MENTORS, table_of(lines), 422, "rows_refused")
    assert list(problem["errors"]) == [f"line {2 * number + 3}, status" for number in range(min(count, 100))]
    assert problem["detail"] == (
        f"Nothing is written, since {wrong} wrong. line 3, status: It must be one of: active, paused.{end}"
    )


def test_what_the_cells_the_rules_and_the_database_show_to_be_wrong_is_reported_at_once(refuses_table):
    lines = [
        {"mentor_id": "bob", "status": "away"},
        {"mentor_id": "cleo", "pause_start_date": "2026-01-01", "status": "active"},
        {"mentor_id": "dan", "etag": '"12"'},
        {"mentor_id": "bad id"},
        {"mentor_id": "bob"},
        {"mentor_id": "ada", "expected_return_date": "2020-01-01"},
        {"mentor_id": "eve", "status": "active", "expected_return_date": "2026-05-01"},
    ]
    problem = refuses_table(MENTORS, table_of(lines), 422, "rows_refused")
    assert list(problem["errors"]) == [
        "line 2, status",
        "line 3, pause_start_date",
        "line 4, etag",
        "line 5, mentor_id",
        "line 6, mentor_id",
        "line 7, expected_return_date",
        "line 8, expected_return_date",
    ]
