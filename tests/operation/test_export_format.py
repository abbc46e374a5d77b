"""What an import refuses: it names the line, says why, and has written nothing."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from db import db
from models import Installation
from transfer import TransferError, exporting, importing
from transfer.export_format import Export
from transfer.new_file import new_file

NOW, EARLIER = "2026-03-26T08:30:00Z", "2026-03-26T08:29:59Z"
HEADER = {"format": "peer-mentor-status", "version": 6, "last_ids": {"pause_record": 4, "history_entry": 9}}
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
    "change_count": 2,
}
TOUCHED = {
    "pause_record_id": 3,
    "event": "pause_opened",
    "start_date": NOW,
    "expected_return_date": None,
    "end_date": NOW,
    "reason": "Réf",
}
ENTRY = {
    "table": "history_entry",
    "id": 9,
    "mentor_id": "Ada",
    "changed_at": NOW,
    "event": "created",
    "pause_record_id": 3,
    "is_paused": False,
    "pause_start_date": None,
    "expected_return_date": None,
    "pause_end_date": None,
    "pause_reason": None,
    "pause_records": [TOUCHED],
    "changed_by": "\n",
    "metadata": {"b": 1, "a": 0.5},
}
OLD_ENTRY = {name: value for name, value in ENTRY.items() if name != "pause_records"}  # up to version 5
OLD_RECORD = {name: value for name, value in RECORD.items() if name not in ("last_changed", "change_count")}
WHOLE = [HEADER, MENTOR, MENTOR | {"mentor_id": "ada"}, RECORD, ENTRY, {"end": True, "rows": 4}]
LINE = {"mentor_status": 2, "pause_record": 4, "history_entry": 5}
TABLES = tuple(LINE)

BAD_VALUES = [
    *[("mentor_status", "mentor_id", value) for value in (None, "", "a b", "Ada\n", 7, "a" * 65)],
    *[("mentor_status", "last_updated", value) for value in (None, "", "2026-03-26", 1774513800, [NOW], True)],
    *[("pause_record", "id", value) for value in (None, 0, -1, "3", 3.0, True, 10**18, 2**64)],
    *[("pause_record", "start_date", value) for value in ("2026-02-29T00:00:00Z", "2026-03-01T24:00:00Z")],
    *[("pause_record", "start_date", value) for value in ("2026-03-01T00:00:60Z", "2026-03-01T00:00:00+00:00")],
    *[("pause_record", "created_at", value) for value in ("2026-03-01T00:00:00.5Z", "2026-03-01 00:00:00Z")],
    *[("pause_record", "end_date", value) for value in ("1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "infinity")],
    *[("pause_record", "reason", value) for value in ("", "a\0b", "a" * 201, 1, {})],
    *[("pause_record", "last_changed", value) for value in ("", "2026-03-26", True)],
    *[("pause_record", "change_count", value) for value in (None, -1, "2", 2.0, True, 10**18)],
    *[("history_entry", "event", value) for value in (None, "hired", [])],
    *[("history_entry", "is_paused", value) for value in (0, "false")],
    *[("history_entry", "pause_record_id", value) for value in (0, "pause-rec-0003")],
    *[("history_entry", "pause_records", value) for value in ({}, "[]", [7], [{}], [TOUCHED | {"more": 1}])],
    *[("history_entry", "pause_records", [TOUCHED | {"pause_record_id": value}]) for value in (None, 0, "3")],
    *[("history_entry", "pause_records", [TOUCHED | {name: "x" * 201}]) for name in ("event", "start_date", "reason")],
    *[("history_entry", "changed_by", value) for value in ("a\0b", 1)],
    *[("history_entry", "metadata", value) for value in ([], "{}", 1, False, {"a": 1e30}, {"a": "\0"})],
]


def written(items):
    return [json.dumps(item).encode() + b"\n" for item in items]


def with_row(table, **columns):
    """Return the lines of the export, with other columns in one row of this table."""
    items = list(WHOLE)
    items[LINE[table] - 1] = items[LINE[table] - 1] | columns
    return written(items)


@pytest.fixture
def refusal(client, rows):
    """Return a function that says why an import is refused."""

    def why(lines):
        with pytest.raises(TransferError) as refused:
            importing.import_(lines)
        assert [rows(table) for table in TABLES] == [[], [], []]
        return str(refused.value)

    return why


def test_an_export_written_by_hand_needs_no_sha256(client):
    assert importing.import_(written(WHOLE)) == 4
    record = client.get("/api/v1/pause-records/pause-rec-0003").json
    assert (record["mentor_id"], record["end_date"], record["reason"]) == ("Ada", NOW, "Réf")
    history = client.get("/api/v1/mentor-statuses/Ada/history").text
    assert '"changed_by":"\\n","metadata":{"b":1,"a":0.5}' in history


@pytest.mark.parametrize(("table", "column", "value"), BAD_VALUES)
def test_a_value_that_the_api_could_not_have_taken_is_refused(refusal, table, column, value):
    why = refusal(with_row(table, **{column: value}))
    if value == 2**64:  # a number that JSON readers make inexact
        assert why.startswith("line 4: ")
    else:
        assert why.startswith(f"line {LINE[table]}: {column}: ")
        assert why.endswith(" Nothing was written.")


@pytest.mark.parametrize("table", TABLES)
def test_a_column_too_many_or_too_few_is_refused(refusal, table):
    row = dict(WHOLE[LINE[table] - 1])
    row.popitem()
    for items in (with_row(table, surname="x"), written([*WHOLE[: LINE[table] - 1], row, WHOLE[-1]])):
        assert refusal(items).startswith(f"line {LINE[table]}: the columns of {table} are ")


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([], "line 1: the file ends before its last line"),
        ([MENTOR], "line 1: an export of this version begins with"),
        ([HEADER | {"version": 7}], "line 1: an export of this version begins with"),
        ([HEADER | {"version": 0}], "line 1: an export of this version begins with"),
        ([HEADER | {"format": "another"}], "line 1: an export of this version begins with"),
        ([HEADER | {"more": 1}], "line 1: an export of this version begins with"),
        ([HEADER | {"last_ids": {"pause_record": 4}}], "line 1: last_ids must have pause_record and history_entry"),
        ([HEADER | {"last_ids": 4}], "line 1: last_ids must have pause_record and history_entry"),
        (
            [HEADER | {"last_ids": HEADER["last_ids"] | {"pause_record": -1}}],
            "line 1: last_ids must have whole numbers",
        ),
        (
            [HEADER | {"last_ids": HEADER["last_ids"] | {"pause_record": 10**18 - 1}}],
            "line 1: last_ids must have whole numbers",
        ),
        ([HEADER | {"installation_id": "here"}], "line 1: installation_id is not a UUID"),
        ([HEADER | {"installation_id": 7}], "line 1: installation_id is not a UUID"),
        ([HEADER | {"purged_before": "2025-01-01"}], "line 1: purged_before is neither an instant nor null"),
        (
            [HEADER | {"purged_before": "2199-01-01T00:00:00Z"}],
            "line 1: purged_before is ahead of the",
        ),
        ([HEADER, MENTOR | {"table": "installation"}], "line 2: table is not one of"),
        ([HEADER, MENTOR | {"table": ["mentor_status"]}], "line 2: table is not one of"),
        ([HEADER, {}], "line 2: table is not one of"),
        ([HEADER, None], "line 2: this is not a JSON object"),
        ([*WHOLE, {}], "line 6: this is not the end"),
        ([*WHOLE[:-1], {"end": True, "rows": 5}], "line 6: this is not the end"),
        ([*WHOLE[:-1], {"end": 0, "rows": 4}], "line 6: this is not the end"),
        ([*WHOLE[:-1], {"end": True, "rows": 4, "sha256": "0"}], "line 6: a line has changed"),
        ([HEADER, WHOLE[2], MENTOR], "line 3: the rows of mentor_status are not in the order of their keys"),
        ([HEADER, MENTOR, MENTOR], "line 3: the rows of mentor_status are not in the order of their keys"),
        ([HEADER, MENTOR, RECORD, WHOLE[2]], "line 4: the rows of mentor_status are not in the order of their keys"),
        ([HEADER, MENTOR, RECORD | {"id": 5}], "line 3: id is above that in last_ids"),
        ([HEADER, MENTOR, RECORD | {"end_date": EARLIER}], "line 3: expected_return_date or end_date is before"),
        ([HEADER, MENTOR, RECORD | {"expected_return_date": EARLIER}], "line 3: expected_return_date or end_date"),
    ],
)
def test_lines_that_are_no_export_are_refused(refusal, items, why):
    assert refusal(written(items)).startswith(why)


def test_an_export_of_the_first_version_has_no_end_of_a_pause_in_its_history(client):
    entry = {name: value for name, value in OLD_ENTRY.items() if name != "pause_end_date"}
    lines = written([HEADER | {"version": 1}, *WHOLE[1:3], OLD_RECORD, entry, WHOLE[-1]])
    assert importing.import_(lines) == 4
    assert client.get("/api/v1/mentor-statuses/Ada/history").json["data"][0]["pause_end_date"] is None
    assert importing.import_(lines) == 0  # the database holds just that


def test_records_of_the_second_version_last_changed_when_their_mentor_did_and_were_never_counted(client, rows):
    mentor = MENTOR | {"last_updated": EARLIER}
    lines = written([HEADER | {"version": 2}, mentor, WHOLE[2], OLD_RECORD, OLD_ENTRY, WHOLE[-1]])
    assert importing.import_(lines) == 4
    (record,) = rows("pause_record")
    assert (record["last_changed"], record["change_count"]) == (EARLIER, 0)
    assert importing.import_(lines) == 0  # the database holds just that
    client.put("/api/v1/pause-records/pause-rec-0003", json={"reason": "another"})
    with pytest.raises(TransferError, match="the database holds other data"):
        importing.import_(lines)


# Of a release that wrote an entry `purged` where it had purged a history, and one whose mentor is gone.
OLD_ENTRIES = [
    OLD_ENTRY | {"id": 1, "event": "purged", "changed_at": "2026-01-01T00:00:00Z", "metadata": None},
    OLD_ENTRY
    | {"id": 2, "event": "purged", "changed_at": "2025-01-01T00:00:00Z", "metadata": None, "mentor_id": "gone"},
]
ROWS_OF_VERSION = {
    1: (OLD_RECORD, ["pause_end_date"]),
    2: (OLD_RECORD, []),
    3: (RECORD, []),
    4: (RECORD, []),
    5: (RECORD, []),
}


@pytest.fixture
def unpurged(client):
    """Return the client; afterwards nothing is purged any more."""
    yield client
    with db.connection_context():
        Installation.update(purged_before=None).execute()


def purged_before_of(client):
    return client.get("/api/v1/mentor-statuses/Ada/history").json["purged_before"]


def of_version(version):
    """Return the lines of an export of a version, with entries `purged`, and without them."""
    record, missing = ROWS_OF_VERSION[version]
    header, mentors = HEADER | {"version": version}, WHOLE[1:3]
    old, new = (
        [{name: value for name, value in entry.items() if name not in missing} for entry in entries]
        for entries in (OLD_ENTRIES, [OLD_ENTRY])
    )
    with_them = written([header, *mentors, record, *old, *new])
    end = {"end": True, "rows": 6, "sha256": hashlib.sha256(b"".join(with_them)).hexdigest()}
    return [*with_them, *written([end])], written([header, *mentors, record, *new, WHOLE[-1]])


@pytest.mark.parametrize("version", ROWS_OF_VERSION)
def test_entries_purged_of_earlier_versions_are_left_out_and_the_latest_is_the_purge_date(unpurged, rows, version):
    with_them, without = of_version(version)
    assert importing.import_(with_them) == 4
    assert [entry["event"] for entry in rows("history_entry")] == ["created"]
    assert purged_before_of(unpurged) == "2026-01-01T00:00:00Z"
    assert unpurged.get("/api/v1/mentor-statuses/gone/history").status_code == 404
    assert importing.import_(with_them) == importing.import_(without) == 0  # the database holds just that
    unpurged.post("/api/v1/mentor-statuses", json={"mentor_id": "eve"})
    unpurged.delete("/api/v1/mentor-statuses/eve")
    for lines, last_row in ((with_them, 7), (without, 5)):
        with pytest.raises(TransferError, match=f"line {last_row}: the database holds other data"):
            importing.import_(lines)


@pytest.mark.parametrize("date", ["2025-06-01T00:00:00Z", "2026-03-01T00:00:00Z"])
def test_the_purge_date_of_the_header_counts_if_it_is_later_than_those_of_the_entries(unpurged, date):
    header = HEADER | {"version": 4, "purged_before": date}
    assert importing.import_(written([header, *WHOLE[1:4], *OLD_ENTRIES, {"end": True, "rows": 5}])) == 3
    assert purged_before_of(unpurged) == max(date, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"changed_at": "yesterday"}, "line 5: changed_at: "),
        ({"changed_at": "2199-01-01T00:00:00Z"}, "line 5: changed_at: It is ahead"),
        ({"id": 10}, "line 5: id is above that in last_ids"),
        ({"id": 2}, "line 6: the rows of history_entry are not in the order of their keys"),
    ],
)
def test_an_entry_purged_is_checked_as_every_row_is(refusal, entry, why):
    entries = [OLD_ENTRIES[0] | entry, OLD_ENTRIES[1]]
    lines = written([HEADER | {"version": 4}, *WHOLE[1:4], *entries, {"end": True, "rows": 5}])
    assert refusal(lines).startswith(why)


def test_entries_that_are_left_out_count_as_rows_of_the_file(refusal):
    lines = written([HEADER | {"version": 4}, MENTOR, RECORD, *OLD_ENTRIES, OLD_ENTRY, {"end": True, "rows": 3}])
    assert refusal(lines).startswith("line 7: this is not the end of an export with 5 rows")


def test_the_installation_id_of_the_file_is_taken_and_without_one_the_own_is_kept(client, rows):
    (own,) = rows("installation")
    assert importing.import_(written(WHOLE)) == 4
    (kept,) = rows("installation")
    assert kept == own | {"database_id": kept["database_id"]}  # which an import renews
    another = "3f2c8a52-0b64-4e0f-9a5e-6d1f0c7b9e21"
    again = written([HEADER | {"installation_id": another}, *WHOLE[1:]])
    assert importing.import_(again) == 0
    assert rows("installation") == [kept | {"installation_id": another}]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("mentor_status", "last_updated"),
        ("pause_record", "created_at"),
        ("pause_record", "last_changed"),
        ("history_entry", "changed_at"),
    ],
)
def test_an_instant_of_record_may_be_ahead_of_the_clock_as_far_as_a_write_follows(refusal, rows, table, column):
    far, near = (f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}" for seconds in (60, 10))
    why = refusal(with_row(table, **{column: far}))
    assert why.startswith(f"line {LINE[table]}: {column}: It is ahead of the database's clock, which says ")
    importing.import_(with_row(table, **{column: near}))
    assert len(rows(table)) >= 1


@pytest.mark.parametrize(
    ("records", "constraint"),
    [([RECORD | {"mentor_id": "nobody"}], "mentor_id_fkey|FOREIGN KEY"), ([RECORD, RECORD | {"id": 4}], "record_once")],
)
def test_rows_that_contradict_each_other_are_refused_without_being_printed(refusal, records, constraint):
    why = refusal(written([HEADER, MENTOR, *records, {"end": True, "rows": 1 + len(records)}]))
    assert "nobody" not in why and "Réf" not in why and "\n" not in why
    assert any(name in why for name in constraint.split("|"))


def test_an_export_that_is_cut_anywhere_is_refused(refusal):
    lines = written(WHOLE)
    for whole in range(len(lines)):
        assert refusal(lines[:whole]).startswith(f"line {whole + 1}: the file ends")
        assert refusal([*lines[:whole], lines[whole][:-2]]).startswith(f"line {whole + 1}: this is not a JSON object")


def test_an_export_with_a_flipped_bit_in_any_byte_is_refused(client, tmp_path):
    importing.import_(written(WHOLE))
    with new_file(tmp_path / "file") as file:
        exporting.export(file)
    content = (tmp_path / "file").read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(TransferError, match="line "):
            list(Export(bytes(flipped).splitlines(keepends=True), lambda: NOW).rows())
