"""Columns that only tables have, and how a text is written into a cell and read from it."""

import re

ETAG = "etag"
ANY_ETAG = "*"  # there must be a mentor or pause record, whatever its ETag is
AS_OF = "as_of"  # in place of the ETag, if the table shows another day than today
APOSTROPHE = "'"  # a spreadsheet takes what follows it for text
# A spreadsheet may run a cell that begins with one of these, or hide its apostrophe.
FORMULA = ("=", "+", "-", "@", "\t", "\r", APOSTROPHE)
QUOTED = re.compile('[",;\t\r\n]')  # such a cell is quoted with any separator: LibreOffice may separate by all of them


def protect(text):
    """Return a text as a cell that no spreadsheet runs as a formula."""
    return APOSTROPHE + text if text.startswith(FORMULA) else text


def unprotect(cell):
    """Return a cell without the apostrophe of protect(), or one that somebody typed before a digit; `'tis` stays."""
    text = cell.strip()
    after = text[1:]
    is_protected = text.startswith(APOSTROPHE) and (after.startswith(FORMULA) or after[:1].isdecimal())
    return after if is_protected else cell


def quote(text):
    """Return text as a cell of CSV (RFC 4180): in double quotes, if a program needs them."""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
