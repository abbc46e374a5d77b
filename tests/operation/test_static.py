"""The files of the board: short lines, and text that is only ever set as text."""

import re
from pathlib import Path

import pytest

from routes.site import BOARD_FILES

STATIC = Path(__file__).parent.parent.parent / "static"
FILES = sorted([*STATIC.glob("*.html"), *STATIC.glob("board/*")])
SCRIPTS = sorted((STATIC / "board").glob("*.js"))


def test_every_file_of_the_board_is_served_and_no_other():
    assert {path.name for path in (STATIC / "board").iterdir()} == BOARD_FILES.keys()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_puts_no_text_where_markup_would_be_read(path):
    text = path.read_text()
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|://", text) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_line_has_at_most_120_characters(path):
    assert [line for line in path.read_text().splitlines() if len(line) > 120] == []


def test_no_file_of_the_board_names_another_host_or_has_a_style_or_a_handler_in_its_markup():
    page = (STATIC / "board.html").read_text()
    assert "://" not in page
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
