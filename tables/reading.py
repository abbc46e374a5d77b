"""Read what was uploaded: the bytes of a table become rows of cells, or are refused with what to do about it."""

import csv
import re
from contextlib import contextmanager
from copy import deepcopy
from io import StringIO
from typing import NamedTuple

from problems import Problem
from tables.columns import BYTE_ORDER_MARK, ETAG, unprotect

MOST_ROWS = 1000
LINE_BREAK, SEPARATOR_OR_LINE_BREAK = re.compile("[\r\n]"), re.compile("[,;\t\r\n]")
# How a file begins that is not text: the archives .xlsx and .ods, and .xls.
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
COLUMNS = {"stale": ETAG}  # of a problem that names no field, by its code
SAVE_AS = (
    "save it as CSV in UTF-8 (Excel: CSV UTF-8; LibreOffice: Text CSV, with the character set Unicode (UTF-8)), "
    "and send that file."
)


class Row(NamedTuple):
    """A row of a table: its number as a spreadsheet shows it (that of the header is 1), and its cells by column."""

    number: int
    cells: dict[str, str]

    def cell(self, column):
        """Return the cell without the blanks around it; None where it is empty, or the column is not there."""
        return self.cells.get(column, "").strip() or None

    @property
    def etag(self):
        """Return the ETag without its quotes, or None."""
        cell = self.cell(ETAG)
        return cell and (cell.removeprefix("W/").strip('"') or None)


class Errors:
    """What is wrong with the rows of a table: messages by the number of the row and the column, if it is about one."""

    SHOWN = 100  # rows

    def __init__(self):
        self.messages = {}  # by the number of the row, then by the column

    def add(self, number, column, message):
        self.messages.setdefault(number, {}).setdefault(column, []).append(message)

    def copy(self):
        copied = Errors()
        copied.messages = deepcopy(self.messages)
        return copied

    @contextmanager
    def of_row(self, row):
        """Add what a rule or a schema refuses of a row."""
        try:
            yield
        except Problem as problem:
            for column, messages in (problem.errors or {COLUMNS.get(problem.code): [problem.detail]}).items():
                for message in messages:
                    self.add(row.number, column, message)

    def refuse(self):
        """Raise a Problem (422) if anything is wrong: with the first 100 rows that are, and how many more there are."""
        if not self.messages:
            return
        named = {
            f"line {number}, {column}" if column else f"line {number}": messages
            for number in sorted(self.messages)[: self.SHOWN]
            for column, messages in self.messages[number].items()
        }
        first, messages = next(iter(named.items()))
        count, more = len(self.messages), len(self.messages) - self.SHOWN
        wrong = "1 line is wrong" if count == 1 else f"{count} lines are wrong"
        detail = f"Nothing is written, since {wrong}. {first}: {messages[0]}"
        raise Problem(422, "rows_refused", detail + (f" Not shown: {more} more." if more > 0 else ""), named)


def read_table(data, errors):
    """Return the names of a table's columns, and its rows in their order, without those whose cells are all empty.

    A row with more or fewer cells than the header has is left out, and added to the errors. Raises a Problem: 400 for
    what is no table in UTF-8, 413 for more than 1,000 rows.
    """
    text = decode(data)
    if not LINE_BREAK.search(text):
        raise malformed(
            "The table has no line break, so it is a header at most. curl -d takes line breaks out: send the file with "
            "--data-binary @FILE."
        )
    first = SEPARATOR_OR_LINE_BREAK.search(text)[0]
    lines = read_lines(text, "," if LINE_BREAK.match(first) else first)
    _number, header = next(lines)
    columns, rows = [name.strip() for name in header], []
    filled = ((number, cells) for number, cells in lines if any(cells))
    for count, (number, cells) in enumerate(filled, 1):
        if count > MOST_ROWS:
            detail = f"The table has more than {MOST_ROWS} lines; send it in parts, each with the header."
            raise Problem(413, "too_large", detail)
        if len(cells) == len(columns):
            rows.append(Row(number, dict(zip(columns, map(unprotect, cells), strict=True))))
        else:
            counts = f"It has {len(cells)} cells, but the header has {len(columns)}"
            errors.add(number, None, f"{counts}; put a cell with a separator in it into double quotes.")
    if not (rows or errors.messages):
        raise malformed("The table has no line below its header; send at least one.")
    return columns, rows


def malformed(detail):
    return Problem(400, "malformed_body", detail)


def decode(data):
    """Return the text of a table, without a byte order mark. Raises a Problem (400) for anything but UTF-8."""
    if not data:
        raise malformed("The table is empty; send a header and at least one line.")
    if data.startswith(SPREADSHEETS):
        raise malformed(f"This is a spreadsheet's own file, not CSV; open it and {SAVE_AS}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise malformed(f"The table is in UTF-16, not UTF-8; {SAVE_AS}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise malformed(f"The table is not in UTF-8 (line {line} of the file); {SAVE_AS}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise malformed(f"The table has a NUL character (line {line} of the file); take it out, or {SAVE_AS}")
    return text.removeprefix(BYTE_ORDER_MARK)


def read_lines(text, separator):
    """Yield the number and the cells of each row. Raises a Problem (400) where a quote is not closed."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            yield number, cells
    except csv.Error:
        raise malformed(
            f"Line {number + 1} cannot be read: a double quote in it is not closed, or stands within a cell; "
            'put the cell into double quotes, and write "" for each within it.'
        ) from None
