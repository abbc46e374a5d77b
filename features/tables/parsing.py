"""Read an upload: the bytes of a table become rows of cells. A refusal says how to mend the table."""

import csv
import re
from contextlib import contextmanager
from io import StringIO
from operator import itemgetter
from typing import NamedTuple

from features.csv_file import BYTE_ORDER_MARK
from features.tables.columns import ETAG, unprotect
from mentors.problems import Problem
from settings import TABLE_BYTES

MOST_ROWS = 1000
ROWS_SHOWN = 100  # of those that are wrong, in an answer
csv.field_size_limit(TABLE_BYTES)  # at its own limit, 128 KiB, a long cell fails as a quote that is not closed does
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # the first bytes of .xlsx and .ods, and of .xls
SAVE_AS = (
    "save it as CSV in UTF-8 (Excel: CSV UTF-8; LibreOffice: Text CSV, with the character set Unicode (UTF-8)), "
    "and send that file."
)


class Row(NamedTuple):
    """A row of a table: the number of its line in a spreadsheet (the header is line 1), and its cells by column."""

    line_number: int
    cells: dict[str, str]

    def cell(self, column):
        """Return the cell without the blanks around it; None if it is empty, or the column is missing."""
        return self.cells.get(column, "").strip() or None

    @property
    def etag(self):
        cell = self.cell(ETAG)
        return cell and (cell.removeprefix("W/").strip('"') or None)


class Errors(list):
    """The errors in a table: tuples of a line's number, a column (None: the whole line), and a message."""

    @contextmanager
    def collect(self, row):
        """Add the messages of the Problem that the block raises about a row."""
        try:
            yield
        except Problem as problem:
            column = ETAG if problem.code == "stale" else None
            for name, messages in (problem.errors or {column: [problem.detail]}).items():
                self += [(row.line_number, name, message) for message in messages]

    def raise_if_any(self):
        """Raise a Problem (422) if there are errors. It has those of the first 100 rows, and counts the other rows."""
        if not self:
            return
        wrong_lines = sorted({line for line, _column, _message in self})
        lines_shown = wrong_lines[:ROWS_SHOWN]
        errors = {}
        for line, column, message in sorted(self, key=itemgetter(0)):
            if line in lines_shown:
                place = f"line {line}, {column}" if column else f"line {line}"
                errors.setdefault(place, []).append(message)
        place, messages = next(iter(errors.items()))
        wrong = "1 line is wrong" if len(wrong_lines) == 1 else f"{len(wrong_lines)} lines are wrong"
        detail = f"Nothing is written, since {wrong}. {place}: {messages[0]}"
        if len(wrong_lines) > ROWS_SHOWN:
            detail += f" Not shown: {len(wrong_lines) - ROWS_SHOWN} more."
        raise Problem(422, "rows_refused", detail, errors)


def read_table(data, known_columns, errors):
    """Return the names of a table's columns, and its rows in their order. Rows with only empty cells are left out.

    A row with more or fewer cells than the header is left out, too, and an error is added. Raises a Problem: 400 if the
    data is no table in UTF-8, 413 if it has more than 1,000 rows, 422 if it has more columns than are known.
    """
    text = decode(data)
    header_line, *other_lines = re.split("[\r\n]", text, maxsplit=1)
    if not other_lines:
        raise malformed(
            "The table has no line break, so it has a header at most. "
            "curl -d takes line breaks out: send the file with --data-binary @FILE."
        )
    separator = next((character for character in header_line if character in ",;\t"), ",")
    lines = read_lines(text, separator)
    _line_number, header = next(lines)
    if len(header) > len(known_columns):  # there may be very many: name none of them, and read no row
        counts = f"It has {len(header)} columns, but there are only {len(known_columns)}: {', '.join(known_columns)}"
        Errors([(1, None, f"{counts}; delete the others, and those without a name.")]).raise_if_any()
    columns = [name.strip() for name in header]
    rows = []
    count = 0
    for line_number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            detail = f"The table has more than {MOST_ROWS} lines; send it in parts, each with the header."
            raise Problem(413, "too_large", detail)
        if len(cells) != len(columns):
            counts = f"It has {len(cells)} cells, but the header has {len(columns)}"
            way_out = "if a cell contains the separator, put the cell into double quotes."
            errors.append((line_number, None, f"{counts}; {way_out}"))
            continue
        texts = [unprotect(cell) for cell in cells]
        rows.append(Row(line_number, dict(zip(columns, texts, strict=True))))
    return columns, rows


def malformed(detail):
    return Problem(400, "malformed_body", detail)


def decode(data):
    """Return the text of a table, without a byte order mark. Raises a Problem (400) if it is not in UTF-8."""
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
        raise malformed(f"The table has a NUL character (line {line} of the file); remove it, or {SAVE_AS}")
    text = text.removeprefix(BYTE_ORDER_MARK)
    if not text:
        raise malformed("The table is empty; send at least its header, the line that names the columns.")
    return text


def read_lines(text, separator):
    """Yield the number and the cells of each row. Raises a Problem (400) if a quote is not closed."""
    line_number = 0
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
        for line_number, cells in enumerate(reader, 1):
            yield line_number, cells
    except csv.Error:
        raise malformed(
            f"Line {line_number + 1} cannot be read: a double quote in it is not closed, or stands within a cell; "
            'put the whole cell into double quotes, and write "" for each double quote within it.'
        ) from None
