"""The columns of each table, and how a text is written into a cell and read from it."""

import re

from marshmallow import fields

ETAG = "etag"
APOSTROPHE = "'"  # a spreadsheet takes what follows it for text
PROTECTED = ("=", "+", "-", "@", APOSTROPHE)  # a spreadsheet runs a cell that begins so, or hides its apostrophe
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not read UTF-8
LINE_END = "\r\n"  # RFC 4180
QUOTED = re.compile('[",;\t\r\n]')  # such a cell is quoted with any separator: LibreOffice may separate by all of them


def columns_of(answer):
    """Return the names of the columns for an answer: its keys without the flags.

    The dates say what a flag says. Without the flag, a user edits one cell, not two.
    """
    return [name for name, field in answer().fields.items() if type(field) is not fields.Boolean]


def protect(text):
    """Return text as a cell that no spreadsheet takes for a formula."""
    return APOSTROPHE + text if text.startswith(PROTECTED) else text


def unprotect(cell):
    """Return the text of a cell without the apostrophe of protect(); a typed `'tis` stays."""
    return cell[1:] if cell.startswith(APOSTROPHE) and cell[1:].startswith(PROTECTED) else cell


def quote(text):
    """Return text as a cell of CSV (RFC 4180): in double quotes, if a program needs them."""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
