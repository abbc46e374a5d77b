"""What an import refuses: it says why in one line without a row's values, and has written nothing."""

import io

import pytest

from db import db
from features.data import exporting, importing
from mentors.problems import CommandError
from tests.conftest import TABLES
from tests.support.exports import HEADER, export_of, row

MENTORS = "/api/v1/mentor-statuses"
EARLIER = "2026-03-26T08:29:59Z"
MENTOR, RECORD = row("mentor_status"), row("pause_record")
ROWS = [MENTOR, MENTOR | {"mentor_id": "ada"}, RECORD, row("history_entry")]
NO_LINE = "line {}: this is not a line of an export; perhaps the file was cut."
NO_ROW = "line 2: this is not a row of a table that this version of the service has."
EDITED = "the file is not as it was exported; lines were changed, added or removed"


@pytest.fixture
def refusal(unmarked, rows):
    """Return a function that says why an import is refused."""
    (installation,) = rows("installation")

    def why(lines):
        with pytest.raises(CommandError) as refused:
            importing.import_(lines)
        assert [rows(table) for table in TABLES] == [[], [], []]
        assert rows("installation") == [installation]
        assert "Réf" not in str(refused.value) and "\n" not in str(refused.value)
        assert str(refused.value).lower().endswith("nothing was written.")
        return str(refused.value)

    return why


def test_the_rows_of_these_tests_are_taken_as_they_are(client, rows):
    assert importing.import_(export_of(ROWS)) == 4
    assert rows("installation")[0]["installation_id"] == HEADER["installation_id"]  # to calendars, it is the other one
    assert [{"table": table, **each} for table in TABLES[::-1] for each in rows(table)] == ROWS
    history = client.get(f"{MENTORS}/Ada/history").text
    assert '"changed_by":"\\n","metadata":{"b":1,"a":0.5}' in history


@pytest.mark.usefixtures("client")
def test_a_time_zone_that_would_control_a_terminal_is_told_as_characters_that_can_be_printed():
    lines = []
    importing.import_(export_of(ROWS, time_zone="\x1b[2J\x9b1m\r\nUTC\u202e"), lines.append)
    (line,) = lines
    assert line.isprintable()
    assert "\\x1b[2J" in line


HOSTILE = (
    "x' LIMIT 0; CREATE TABLE hostile (id); SELECT 0 --",  # in the SQL of SQLite
    "pause_record_id_seq; CREATE TABLE hostile (id int); SELECT 0 --",  # in that of Postgres
)
LAST_IDS = [
    *({"pause_record": number, "history_entry": 9} for number in ("x", True, 0.5, -1, 10**18)),
    {"pause_record": 4},
    *({"pause_record": 4, "history_entry": 9, name: 0} for name in HOSTILE),
    ["pause_record", "history_entry"],
]


@pytest.mark.parametrize(
    "header",
    [
        {"format": "peer-mentor-status", "version": 6},  # of another program
        {"version": 2},
        {"more": 1},
        *({"last_ids": last_ids} for last_ids in LAST_IDS),
        {"installation_id": None},
        {"purged_before": 1},
        *({"last_id_at_purge_end": number} for number in ("1", True, -1, 10**18)),
        {"time_zone": ["UTC"]},
        b'{"format": "mentor-status-export", "version": 1}\n',
    ],
)
def test_a_first_line_that_is_no_header_is_refused_and_nothing_of_it_becomes_sql(refusal, header):
    lines = [header, *export_of(ROWS)[1:]] if isinstance(header, bytes) else export_of(ROWS, **header)
    reason = "this is not an export that this version of the service reads."
    assert refusal(lines) == f"line 1: {reason} Nothing was written."
    with db.connection_context():
        assert "hostile" not in db.get_tables()


@pytest.mark.parametrize(
    ("items", "reasons"),
    [
        ([None], [NO_LINE.format(2)]),
        ([MENTOR | {"table": "installation"}], [NO_ROW]),
        ([MENTOR | {"table": ["mentor_status"]}], [NO_ROW]),
        ([MENTOR | {"surname": "x"}], [NO_ROW]),
        ([{"table": "mentor_status", "mentor_id": "Ada"}], [NO_ROW]),
        ([MENTOR | {"mentor_id": 0.5}], [NO_ROW]),
        ([MENTOR, RECORD | {"mentor_id": "nobody"}], ["pause_record_mentor_id_fkey", "FOREIGN KEY"]),
        ([MENTOR, RECORD, RECORD | {"id": 4, "end_date": None}], ["pause_record_once"]),
        ([MENTOR, RECORD | {"reason": None}, RECORD | {"id": 4, "reason": None}], ["pause_record_once"]),
        ([MENTOR, RECORD | {"end_date": EARLIER}], ["end_not_before_start"]),
        ([MENTOR, RECORD | {"expected_return_date": EARLIER}], ["expected_return_not_before_start"]),
        ([MENTOR, RECORD | {"start_date": None}], ["start_date"]),
        ([MENTOR, RECORD | {"id": "Réf"}], ["22P02", "datatype mismatch"]),
        ([MENTOR, RECORD | {"id": 2**63}], ["22003", "int"]),
    ],
)
def test_what_is_no_row_or_what_the_tables_cannot_hold_is_refused(refusal, items, reasons):
    why = refusal(export_of(items))
    assert any(reason in why for reason in reasons), why
    assert why.startswith("line 2: this is not") or "the database refuses this row, or one before it (" in why
    assert "nobody" not in why


# --- not as it was exported


def test_an_export_that_is_cut_anywhere_is_refused(refusal):
    lines = export_of(ROWS)
    for whole in range(len(lines)):
        for cut in (lines[:whole], [*lines[:whole], lines[whole][:-2]]):
            assert refusal(cut).startswith(NO_LINE.format(whole + 1))


def test_an_export_with_another_end_or_with_a_line_after_it_is_refused(refusal):
    *lines, end = export_of(ROWS)
    assert EDITED in refusal([*lines, b'{"end":true,"rows":4}\n'])
    assert EDITED in refusal([*lines, end, b"{}\n"])


def test_an_export_with_a_flipped_bit_in_any_byte_is_refused(client):
    importing.import_(export_of(ROWS))
    file = io.BytesIO()
    exporting.export(file)
    content = file.getvalue()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(CommandError, match="line "):
            list(importing.Export(bytes(flipped).splitlines(keepends=True)).rows())


def test_an_import_into_a_database_with_a_history_alone_is_refused(client, state, rows):
    assert client.post(MENTORS, json={"mentor_id": "zz"}).status_code == 201
    assert client.delete(f"{MENTORS}/zz").status_code == 200
    before = state(), rows("installation")
    with pytest.raises(CommandError, match=r"^the database is not empty; nothing was written\.$"):
        importing.import_(export_of(ROWS))
    assert (state(), rows("installation")) == before
