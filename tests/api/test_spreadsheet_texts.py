"""A text that LibreOffice would read as a number, a date or a formula goes down and up without a change."""

import random
from itertools import product

import pytest

from tables.columns import protect
from tests.support.libreoffice import SAVED_FOR_EXCEL, SAVED_PLAIN, open_table, save_table, types
from tests.support.tables import MENTORS, RECORDS, outcomes, read_lines, table_of, upload

SAVED = {",": SAVED_PLAIN, ";": SAVED_FOR_EXCEL}
# What LibreOffice does not take for text, where numbers and dates are written so.
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
WORDS_OF_LANGUAGES = {  # as its filter numbers them
    1033: ["TRUE", "FALSE"],
    1031: ["WAHR", "FALSCH"],
    1036: ["VRAI", "FAUX"],
    1034: ["VERDADERO", "FALSO"],
    1040: ["VERO", "FALSO"],
    2070: ["VERDADEIRO", "FALSO"],
    1043: ["WAAR", "ONWAAR"],
    1045: ["PRAWDA", "FAŁSZ"],
}


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
    sent = texts(5000)
    lines = [{"number": f"line {number}", "text": text} for number, text in enumerate(sent)]
    taken_for = types(open_table(table_of(lines, separator), separator), column=1)
    changed = [text for text, kind in zip(sent, taken_for, strict=True) if kind != "string"]
    assert set(CHANGED[separator]) <= set(changed)
    assert [text for text in changed if protect(text) == text] == []


@pytest.mark.parametrize("language", WORDS_OF_LANGUAGES)
def test_the_words_for_true_and_false_get_an_apostrophe(language):
    words = [form for word in WORDS_OF_LANGUAGES[language] for form in (word, word.lower(), word.capitalize())]
    document = open_table(table_of([{"text": word} for word in words], ";"), ";", language)
    assert types(document, column=0) == ["boolean"] * len(words)
    assert [protect(word) for word in words] == [f"'{word}" for word in words]


@pytest.mark.parametrize(("query", "separator"), [("", ","), ("?excel=semicolon", ";")])
@pytest.mark.parametrize(("path", "column"), [(MENTORS, "pause_reason"), (RECORDS, "reason")])
def test_a_table_of_such_texts_that_is_opened_and_saved_changes_nothing(client, rows, path, column, query, separator):
    reasons = texts(200)
    lines = [
        {"mentor_id": f"mentor-{number:03}", "status": "paused", "pause_reason": protect(reason)}
        for number, reason in enumerate(reasons)
    ]
    assert outcomes(upload(client, MENTORS, lines)) == ["created"] * len(reasons)
    before = rows("pause_record"), rows("history_entry")
    assert [record["reason"] for record in before[0]] == reasons
    downloaded = client.get(f"{path}.csv{query}").data
    assert [line[column] for line in read_lines(downloaded, separator)] == [protect(reason) for reason in reasons]
    saved = save_table(open_table(downloaded, separator), SAVED[separator])
    assert outcomes(upload(client, path, saved)) == ["unchanged"] * len(reasons)
    assert (rows("pause_record"), rows("history_entry")) == before
