"""What an import refuses: it says why in one line without a row's values, and has written nothing."""

import io

import pytest

from db import db
from tests.support.exports import export_of
from transfer import TransferError, exporting, importing

NOW, EARLIER = "2026-03-26T08:30:00Z", "2026-03-26T08:29:59Z"
MENTOR = {"table": "mentor_status", "mentor_id": "Ada", "last_updated": NOW}
RECORD = {
    "table": "pause_record",
    "id": 3,
    "mentor_id": "Ada",
    "start_date": NOW,
    "expected_return_date": None,
    "end_date": NOW,
    "reason": "Réf",
    "created_at": NOW,
    "last_changed": NOW,
}
ENTRY = {
    "table": "history_entry",
    "id": 9,
    "mentor_id": "Ada",
    "changed_at": NOW,
    "event": "created",
    "undoes": None,
    "pause_record_id": 3,
    "is_paused": False,
    "pause_start_date": None,
    "expected_return_date": None,
    "pause_end_date": None,
    "pause_reason": None,
    "pause_records": "[]",
    "changed_by": "\n",
    "metadata": '{"b":1,"a":0.5}',
}
ROWS = [MENTOR, MENTOR | {"mentor_id": "ada"}, RECORD, ENTRY]
TABLES = ("mentor_status", "pause_record", "history_entry")
NO_LINE = "this is not a line of an export; perhaps the file was cut."
READS = "this is not an export that this version of the service reads."
NO_ROW = "line 2: this is not a row of a table that this version of the service has."


@pytest.fixture
def refusal(unmarked, rows):
    """Return a function that says why an import is refused."""
    (installation,) = rows("installation")

    def why(lines):
        with pytest.raises(TransferError) as refused:
            importing.import_(lines)
        assert [rows(table) for table in TABLES] == [[], [], []]
        assert rows("installation") == [installation]
        assert "Réf" not in str(refused.value) and "\n" not in str(refused.value)
        assert str(refused.value).lower().endswith("nothing was written.")
        return str(refused.value)

    return why


def test_the_rows_of_these_tests_are_taken_as_they_are(client, rows):
    assert importing.import_(export_of(ROWS)) == 4
    assert [{"table": table, **row} for table in TABLES for row in rows(table)] == ROWS
    history = client.get("/api/v1/mentor-statuses/Ada/history").text
    assert '"changed_by":"\\n","metadata":{"b":1,"a":0.5}' in history


# --- no export


@pytest.mark.parametrize(
    "header",
    [
        {"format": "peer-mentor-status", "version": 6},  # of another program
        {"version": 2},
        {"last_ids": None, "more": 1},
    ],
)
def test_a_file_of_another_format_is_refused_in_its_first_line(refusal, header):
    assert refusal(export_of(ROWS, **header)) == f"line 1: {READS} Nothing was written."


@pytest.mark.parametrize("line", [b"{}\n", b'{"format": "mentor-status-export", "version": 1}\n', b'{"end": true}\n'])
def test_a_first_line_that_is_no_header_is_refused(refusal, line):
    assert refusal([line, *export_of(ROWS)[1:]]) == f"line 1: {READS} Nothing was written."


HOSTILE = (
    "x' LIMIT 0; CREATE TABLE hostile (id); SELECT 0 --",  # in the SQL of SQLite
    "pause_record_id_seq; CREATE TABLE hostile (id int); SELECT 0 --",  # in that of Postgres
)


@pytest.mark.parametrize(
    "header",
    [
        {"last_ids": {"pause_record": "x", "history_entry": 9}},
        {"last_ids": {"pause_record": True, "history_entry": 9}},
        {"last_ids": {"pause_record": 0.5, "history_entry": 9}},
        {"last_ids": {"pause_record": -1, "history_entry": 9}},
        {"last_ids": {"pause_record": 10**18, "history_entry": 9}},
        {"last_ids": {"pause_record": 2**64 - 1, "history_entry": 9}},
        {"last_ids": {"pause_record": 4}},
        {"last_ids": {"pause_record": 4, "mentor_status": 9}},
        *({"last_ids": {"pause_record": 4, "history_entry": 9, name: 0}} for name in HOSTILE),
        {"last_ids": {}},
        {"last_ids": [4, 9]},
        {"last_ids": ["pause_record", "history_entry"]},
        {"last_ids": None},
        {"installation_id": None},
        {"installation_id": 1},
        {"installation_id": ["x"]},
        {"purged_before": 1},
        {"purged_before": {"x": 1}},
        {"time_zone": ["UTC"]},
    ],
)
def test_a_header_with_other_values_is_refused_and_none_of_them_becomes_sql(refusal, header):
    assert refusal(export_of(ROWS, **header)) == f"line 1: {READS} Nothing was written."
    with db.connection_context():
        assert "hostile" not in db.get_tables()


@pytest.mark.parametrize("item", [None, []])
def test_a_line_that_is_no_object_is_refused(refusal, item):
    assert refusal(export_of([item])).startswith(f"line 2: {NO_LINE}")


@pytest.mark.parametrize(
    "item",
    [
        MENTOR | {"table": "installation"},
        MENTOR | {"table": ["mentor_status"]},
        MENTOR | {"surname": "x"},
        {"table": "mentor_status", "mentor_id": "Ada"},
        MENTOR | {"mentor_id": {}},
        MENTOR | {"mentor_id": 0.5},
    ],
)
def test_a_line_that_is_no_row_is_refused(refusal, item):
    assert refusal(export_of([item])).startswith(NO_ROW)


# --- not as it was exported


def test_an_export_that_is_cut_anywhere_is_refused(refusal):
    lines = export_of(ROWS)
    for whole in range(len(lines)):
        for cut in (lines[:whole], [*lines[:whole], lines[whole][:-2]]):
            assert refusal(cut).startswith(f"line {whole + 1}: {NO_LINE}")


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines, b"{}\n"],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [lines[0], lines[1].replace(NOW.encode(), EARLIER.encode()), *lines[2:]],
        lambda lines: [*lines[:-1], b'{"end":true,"rows":4}\n'],
    ],
)
def test_an_export_that_was_edited_is_refused(refusal, change):
    lines = export_of(ROWS)
    assert change(lines) != lines
    assert "the file is not as it was exported; lines were changed, added or removed" in refusal(change(lines))


def test_a_text_that_is_no_instant_is_refused_though_sqlite_has_only_text(refusal):
    first, mentor, *others = export_of(ROWS)
    why = refusal([first, mentor.replace(NOW.encode(), b"2026"), *others])
    assert "the file is not as it was exported" in why or "(22007)" in why


def test_an_export_with_a_flipped_bit_in_any_byte_is_refused(client):
    importing.import_(export_of(ROWS))
    file = io.BytesIO()
    exporting.export(file)
    content = file.getvalue()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(TransferError, match="line "):
            list(importing.Export(bytes(flipped).splitlines(keepends=True)).rows())


# --- what the database refuses


@pytest.mark.parametrize(
    ("rows_of_file", "names"),
    [
        ([MENTOR, RECORD | {"mentor_id": "nobody"}], ["pause_record_mentor_id_fkey", "FOREIGN KEY"]),
        ([MENTOR, RECORD, RECORD | {"id": 4}], ["pause_record_once"]),
        ([MENTOR, RECORD | {"end_date": EARLIER}], ["end_not_before_start"]),
        ([MENTOR, RECORD | {"start_date": None}], ["start_date"]),
        ([MENTOR, RECORD | {"id": "Réf"}], ["22P02", "datatype mismatch"]),
        ([MENTOR, RECORD | {"id": 2**63}], ["22003", "int"]),
    ],
)
def test_what_the_tables_cannot_hold_is_refused(refusal, rows_of_file, names):
    why = refusal(export_of(rows_of_file))
    assert "the database refuses this row, or one before it (" in why and "nobody" not in why
    assert any(name in why for name in names), why


# --- a database that is not empty


@pytest.mark.parametrize("deleted", [False, True])
def test_an_import_into_a_database_with_a_mentor_or_a_history_is_refused(client, rows, deleted):
    assert client.post("/api/v1/mentor-statuses", json={"mentor_id": "zz"}).status_code == 201
    if deleted:
        assert client.delete("/api/v1/mentor-statuses/zz").status_code == 200
    held = [rows(table) for table in (*TABLES, "installation")]
    with pytest.raises(TransferError, match=r"^the database is not empty; nothing was written\.$"):
        importing.import_(export_of(ROWS))
    assert [rows(table) for table in (*TABLES, "installation")] == held
