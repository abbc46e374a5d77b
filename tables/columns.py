"""Columns that only tables have, and how a text is written into a cell and read from it."""

import re

ETAG = "etag"
ANY_ETAG = "*"  # there must be a mentor or pause record, whatever its ETag is
AS_OF = "as_of"  # in place of the ETag, if the table shows another day than today
APOSTROPHE = "'"  # a spreadsheet takes what follows it for text
DIGIT = re.compile(r"\d")  # of any script
FORMULA = ("=", "+", "-", "@", APOSTROPHE)  # a spreadsheet runs a cell that begins so, or hides its apostrophe
# The words for true and false in the languages of LibreOffice that this service's users most likely have.
TRUE_OR_FALSE = re.compile(
    "true|false|wahr|falsch|vrai|faux|verdadero|verdadeiro|vero|falso|waar|onwaar|prawda|fałsz", re.IGNORECASE
)
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not read UTF-8
QUOTED = re.compile('[",;\t\r\n]')  # such a cell is quoted with any separator: LibreOffice may separate by all of them


def needs_apostrophe(text):
    """Say whether a spreadsheet might take a text for something else: a formula, a number, a date, true or false.

    Every number and every date has a digit (Chinese numerals are ignored). The upload takes the apostrophe off again.
    """
    return text.startswith(FORMULA) or bool(DIGIT.search(text) or TRUE_OR_FALSE.fullmatch(text))


def protect(text):
    return APOSTROPHE + text if needs_apostrophe(text) else text


def unprotect(cell):
    """Return the text of a cell without the apostrophe of protect(), also after blanks; a typed `'tis` stays."""
    text = cell.strip()
    return text[1:] if text.startswith(APOSTROPHE) and needs_apostrophe(text[1:].strip()) else cell


def quote(text):
    """Return text as a cell of CSV (RFC 4180): in double quotes, if a program needs them."""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
