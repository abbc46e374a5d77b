"""LibreOffice opens a download, edits a cell and saves it: the upload does what was meant, or says what is wrong."""

import random
from itertools import product

import pytest

from tables.columns import protect
from tests.support.databases import ON_SQLITE
from tests.support.libreoffice import (
    SAVED_FOR_EXCEL,
    SAVED_PLAIN,
    cells,
    edit,
    open_table,
    save_table,
    type_date,
    types,
)
from tests.support.tables import MENTORS, RECORDS, outcomes, table_of, upload

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
def mentors(client):
    """Add mentors who are paused, each with a reason that a spreadsheet may take for something else."""
    for number, reason in enumerate(REASONS, 1):
        pause = {
            "pause_start_date": "2026-03-01",
            "expected_return_date": f"2026-05-{number:02}",
            "pause_reason": reason,
        }
        client.post(MENTORS, json={"mentor_id": f"mentor-{number:03}", "status": "paused", **pause})
    return client


@ON_SQLITE
@pytest.mark.parametrize(("query", "separator", "form"), FORMS)
def test_no_reason_becomes_a_formula_and_one_edited_cell_changes_just_that(mentors, rows, query, separator, form):
    before = rows("pause_record")
    document = open_table(mentors.get(f"{MENTORS}.csv{query}").data, separator)
    assert "table:formula" not in document
    shown = cells(document)
    assert [text for text in REASONS if f"'{text}" not in shown and text not in shown] == []
    if query:
        document = edit(document, "2026-05-02T00:00:00Z", "2026-06-24")
    else:  # a date, which keeps the form 2026-05-02 if a date such as 6/24/26 is typed
        document = type_date(document, "2026-05-02", "2026-06-24")
    saved = save_table(document, form)
    assert outcomes(upload(mentors, MENTORS, saved)) == ["unchanged", "updated"] + ["unchanged"] * (len(REASONS) - 2)
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
def test_a_date_that_it_writes_in_its_own_way_is_refused_with_the_form_to_use(mentors):
    table = open_table(b"mentor_id,expected_return_date\r\nmentor-001,5/1/2026\r\n", ",")
    assert "05/01/26" in cells(table)
    response = upload(mentors, MENTORS, save_table(table, SAVED_PLAIN))
    assert list(response.json["errors"]) == ["line 2, expected_return_date"]
    assert "format the cell as text, and then type it again" in response.json["detail"]


# --- texts that LibreOffice would read as a number, a date or a formula

# What it does not take for text, where numbers and dates are written so.
CHANGED = {
    ",": ["007", "1/2", "50%", "12:30", "true", "1,000", "$5", "(5)", "1e5", ".5", "5+", "5 PM", "May 2026", "Jan 5"],
    ";": ["007", "1.5.", "50%", "12:30", "wahr", "1.000", "5 €", "(5)", "1e5", ",5", "5+", "Mai 26", "1. Mai", "Dez 5"],
}


NUMBERS = ["0", "5", "1.5", "1,5", "1,000", "1.000,50", "1 000", "1'000", "5.", "5-", "-5", "+5", "1E+5", "1e-5", "²"]


UNITS = ["50 %", "%50", "1,5%", "5€", "€ 5", "$ 5", "5 $", "£5", "EUR 5", "5 EUR", "USD 5", "Fr. 5", "5 h", "5 kg"]


FRACTIONS = ["1/2", "1 1/2", "22/7", "½", "1 / 2"]


TIMES = ["1:2", "12:30:15", "12:30 PM", "12:30 Uhr", "25:00", "8:30.5", "5 a", "T12:30", "12.30"]


DATES = ["1.5.2026", "1.5.26", "5/1", "5/1/2026", "2026-05-01", "2026/05/01", "1-2-3", "5/2026", "1st", "Q1 2026"]


TIMESTAMPS = ["2026-05-01T09:30:00Z", "2026-05-01 09:30", "5/1/2026 9:30 PM", "1.5.2026 9:30"]


MONTHS = ["January", "Februar", "March", "Mai", "June", "Dezember", "Jan", "Mär", "Mar", "Apr", "Okt", "Dec", "Sept"]


FORMS_OF_A_MONTH = ["{} 5", "5 {}", "5. {}", "{} 2026", "5. {} 2026", "{} 5, 2026", "Fri, 1 {} 2026", "{}-5", "{}5"]


WORDS = ["TRUE", "False", "WAHR", "falsch", "May", "Monday", "PM", "nan", "inf", "null", "#N/A", "%", "$", "illness"]


FORMULAS = ["=1+1", "=A1", "-x", "+x", "@SUM", "'", "''", "'tis", "'007", "'true", "'=", "''1", "-", "=", "--5"]


PIECES = ["1", "12", "007", "2026", ".", ",", "/", ":", "-", "+", " ", "'", '"', "#", "%", "$", "€", "(", ")"]


PIECES += ["e", "x", "T", "Z", "PM", "May", "Mai", "EUR", "true", "wahr", "N/A"]


WORDS_OF_LANGUAGES = [
    ("TRUE", "FALSE"),
    ("WAHR", "FALSCH"),
    ("VRAI", "FAUX"),
    ("VERDADERO", "FALSO"),
    ("VERO", "FALSO"),
    ("VERDADEIRO", "FALSO"),
    ("WAAR", "ONWAAR"),
    ("PRAWDA", "FAŁSZ"),
]


def texts(count):
    """Return the texts above, and so many more that are put together at random, each once and without blanks around."""
    drawn = random.Random(0)
    found = [form.format(month) for form, month in product(FORMS_OF_A_MONTH, MONTHS)]
    found += [
        *CHANGED[","],
        *CHANGED[";"],
        *NUMBERS,
        *UNITS,
        *FRACTIONS,
        *TIMES,
        *DATES,
        *TIMESTAMPS,
        *WORDS,
        *FORMULAS,
    ]
    found += ["".join(drawn.choices(PIECES, k=drawn.randint(1, 6))).strip() or "x" for _ in range(count)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("separator", [",", ";"])
def test_whatever_it_takes_for_something_else_gets_an_apostrophe(separator):
    sent = texts(2000)
    lines = [{"number": f"line {number}", "text": text} for number, text in enumerate(sent)]
    taken_for = types(open_table(table_of(lines, separator), separator), column=1)
    changed = [text for text, kind in zip(sent, taken_for, strict=True) if kind != "string"]
    assert set(CHANGED[separator]) <= set(changed)
    assert [text for text in changed if protect(text) == text] == []


@pytest.mark.parametrize("words", WORDS_OF_LANGUAGES)
def test_the_words_for_true_and_false_get_an_apostrophe(words):
    forms = [form for word in words for form in (word, word.lower(), word.capitalize())]
    assert [protect(form) for form in forms] == [f"'{form}" for form in forms]
