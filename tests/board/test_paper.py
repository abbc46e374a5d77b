"""The board on paper: its tables and its timeline are whole, and nothing is there that only a screen needs."""

import base64
import io

import pypdf
import pytest

from tests.board.conftest import MENTORS, RECORDS, day

LONGEST = "w" * 64
PAUSES = "mentor_id,start_date,expected_return_date,reason"
HEADINGS = "MentorStateReasonAwayfromBackon"
ON_A_SCREEN = (
    "Downloadorupload",
    "Addmentors",
    "Whatchanged",
    "Anotherday",
    "mm/dd",
    "Names…",
    "Bringback",
    "Otherday…",
)


@pytest.fixture
def sheets(board):
    """Return a function that shows a state and prints it: it returns the text of each sheet, without blanks."""

    def read_sheets(state):
        board.see(state)
        printed = base64.b64decode(board.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
        return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(printed)).pages]

    return read_sheets


@pytest.fixture
def sixty(upload):
    """Add 60 mentors who are overdue, one of them with the longest texts."""
    pauses = [(f"late-{number:02}", day(-40), day(-5), "leave") for number in range(59)]
    pauses.append((LONGEST, day(-50), day(-4), "r" * 200))
    upload(MENTORS, "mentor_id", [each[:1] for each in pauses])
    upload(RECORDS, PAUSES, pauses)


def test_a_table_has_its_headings_on_each_sheet_and_each_row_whole_on_one(board, sixty, sheets):
    board.open()
    for state in ("", "view=pauses"):
        pages = sheets(state)
        assert len(pages) >= 3
        for page in pages:
            assert page.count(HEADINGS) == 1
            assert page.count("daysoverdue") == page.count("expected") >= 1
        text = "".join(pages)
        assert text.count("late-") == 59
        assert LONGEST in text
        assert f"R{'r' * 199}" in text


def test_controls_forms_the_tray_and_the_panel_are_not_printed(board, sixty, sheets):
    board.open()
    board.press_in_row("late-00", "Other day…")
    board.press("Choose late-01", "checkbox")
    for state in ("", "mentor=late-02"):
        (first, *_) = sheets(state)
        assert first.startswith("TodoAsof")
        assert "60overdue" in first
        assert [words for words in (*ON_A_SCREEN, "Cancel", "chosen", "History") if words in first] == []
    (first, *_) = sheets("view=pauses&show=overdue&reason=leave")
    assert "59pausesof59mentors(overdue,Leave)" in first
    for state, words in (("view=changes", "Changesbyeverybody"), ("view=forecast", "Availabletoday")):
        text = "".join(sheets(state))
        assert words in text
        assert [words for words in ("Showall", "Untiltheendof", *ON_A_SCREEN[:2]) if words in text] == []


def test_the_timeline_is_printed_whole_with_its_months_on_each_sheet(board, sixty, sheets):
    board.open()
    pages = sheets("view=pauses&layout=timeline")
    months = "".join(board.texts("#timeline .tick b"))
    assert len(months) == 9  # three of them
    assert len(pages) >= 3
    assert [page.count(months) for page in pages] == [1] * len(pages)
    text = "".join(pages)
    assert [number for number in range(59) if text.count(f"late-{number:02}") != 1] == []
