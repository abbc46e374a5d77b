"""What the CSV files of the tables and of the statistics share (RFC 4180)."""

from mentors.fields import Choice

SEPARATORS = {"comma": ",", "semicolon": ";"}
EXCEL = Choice(
    "Separator",
    tuple(SEPARATORS),
    description="Begin with a byte order mark, and use this separator: that of the country that Excel is set to.",
)
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not read UTF-8
LINE_END = "\r\n"


def header(names, excel):
    """Return the cells of the first line. For Excel, it begins with a byte order mark."""
    return [BYTE_ORDER_MARK + names[0], *names[1:]] if excel else names


def encode_lines(lines, excel):
    """Return the bytes of lines of cells. `excel` is a key of SEPARATORS, or None: then commas separate."""
    separator = SEPARATORS[excel] if excel else ","
    return LINE_END.join([*map(separator.join, lines), ""]).encode()
