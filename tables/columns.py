"""The columns of each table, and how a text stands in a cell."""

from marshmallow import fields

ETAG = "etag"
FORMULA = ("=", "+", "-", "@")  # a spreadsheet runs a cell that begins so
APOSTROPHE = "'"  # before such a text, it is text
BYTE_ORDER_MARK = "\ufeff"  # Excel reads UTF-8 only after one
LINE_END = "\r\n"  # RFC 4180
QUOTED = frozenset('",;\t\r\n')  # a cell that has one of these is quoted
SEPARATORS = {"comma": ",", "semicolon": ";"}  # which one a spreadsheet expects depends on the country


def columns_of(answer):
    """Return the names of the columns that a table has of an answer: its keys, but for flags.

    The dates say what a flag says, so that one cell is edited, not two.
    """
    return [name for name, field in answer().fields.items() if type(field) is not fields.Boolean]


def texts_of(answer):
    """Return the names of the columns that hold text as a person has written it."""
    return [name for name, field in answer().fields.items() if type(field) is fields.String]


def protect(text):
    """Return text as a cell that no spreadsheet takes for a formula."""
    return APOSTROPHE + text if text.startswith((*FORMULA, APOSTROPHE)) else text


def quote(text):
    """Return text as a cell of CSV: between double quotes where it needs them, whatever separates (RFC 4180)."""
    return text if QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def unprotect(cell):
    """Return the text of a cell without what protect() has put before it; a typed `'tis` stays."""
    return cell[1:] if cell.startswith(APOSTROPHE) and cell[1:].startswith((*FORMULA, APOSTROPHE)) else cell
