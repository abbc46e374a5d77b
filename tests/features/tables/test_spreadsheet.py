"""LibreOffice opens a download, edits a cell and saves it: the upload does what was meant, or says what is wrong."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.libreoffice import (
    SAVED_FOR_EXCEL,
    SAVED_PLAIN,
    cells,
    edit,
    open_table,
    save_table,
    type_date,
)
from tests.support.tables import MENTORS, RECORDS, outcomes, upload

REASONS = [
    '=HYPERLINK("http://evil.example";"x")',
    "+1",
    "-1",
    "@SUM(1)",
    "'quoted",
    '"; or, else',
    "a\xa0b",
    "père 💤",
]
FORMS = [("", ",", SAVED_PLAIN), ("?excel=semicolon", ";", SAVED_FOR_EXCEL)]


@pytest.fixture
def odd_reasons(pause):
    """Add mentors who are paused, each with a reason that a spreadsheet may take for something else."""
    for number, reason in enumerate(REASONS, 1):
        day = f"2026-05-{number:02}"
        pause(f"mentor-{number:03}", start_date="2026-03-01", expected_return_date=day, reason=reason)


@ON_SQLITE
@pytest.mark.parametrize(("query", "separator", "form"), FORMS)
def test_no_reason_becomes_a_formula_and_one_edited_cell_changes_just_that(
    client, odd_reasons, rows, query, separator, form
):
    before = rows("pause_record")
    document = open_table(client.get(f"{MENTORS}.csv{query}").data, separator)
    assert "table:formula" not in document
    shown = cells(document)
    assert [text for text in REASONS if f"'{text}" not in shown and text not in shown] == []
    if query:
        document = edit(document, "2026-05-02T00:00:00Z", "2026-06-24")
    else:  # a date, which keeps the form 2026-05-02 if a date such as 6/24/26 is typed
        document = type_date(document, "2026-05-02", "2026-06-24")
    saved = save_table(document, form)
    assert outcomes(upload(client, MENTORS, saved)) == ["unchanged", "updated"] + ["unchanged"] * (len(REASONS) - 2)
    before[1] |= {"expected_return_date": "2026-06-24T00:00:00Z"}
    assert rows("pause_record") == before


@ON_SQLITE
@pytest.mark.parametrize(("query", "separator", "form"), FORMS)
@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_a_table_that_is_opened_and_saved_is_untouched_when_pauses_have_begun_since(
    client, clock, rows, path, query, separator, form
):
    for number, reason in enumerate(REASONS):
        body = {"mentor_id": f"mentor-{number:03}", "pause_start_date": "2026-03-27", "pause_reason": reason}
        client.post(MENTORS, json=body)
    saved = save_table(open_table(client.get(f"{path}.csv{query}").data, separator), form)
    clock.at = "2026-03-28T12:00:00Z"
    before = rows("pause_record"), rows("history_entry")
    assert outcomes(upload(client, path, saved)) == ["unchanged"] * len(REASONS)
    assert (rows("pause_record"), rows("history_entry")) == before


def test_without_the_apostrophe_it_would_run_a_formula():
    assert 'table:formula="of:=1+1"' in open_table(b"mentor_id,pause_reason\r\nada,=1+1\r\n", ",")


@ON_SQLITE
@pytest.mark.parametrize(("mentor_id", "shown", "column"), [("0042", "42", "etag"), ("1E5", "1.00E+05", "mentor_id")])
def test_an_id_that_it_takes_for_a_number_is_refused_and_not_created(client, rows, mentor_id, shown, column):
    client.post(MENTORS, json={"mentor_id": mentor_id})
    document = open_table(client.get(f"{MENTORS}.csv").data, ",")
    assert shown in cells(document)
    response = upload(client, MENTORS, save_table(document, SAVED_PLAIN))
    assert (response.status_code, list(response.json["errors"])) == (422, [f"line 2, {column}"])
    assert any("(0042 becomes 42)" in message for message in response.json["errors"][f"line 2, {column}"])
    assert [mentor["mentor_id"] for mentor in rows("mentor_status")] == [mentor_id]


@ON_SQLITE
def test_a_date_that_it_writes_in_its_own_way_is_refused_with_the_form_to_use(client, odd_reasons):
    table = open_table(b"mentor_id,expected_return_date\r\nmentor-001,5/1/2026\r\n", ",")
    assert "05/01/26" in cells(table)
    response = upload(client, MENTORS, save_table(table, SAVED_PLAIN))
    assert list(response.json["errors"]) == ["line 2, expected_return_date"]
    assert "format the cell as text, and then type it again" in response.json["detail"]
