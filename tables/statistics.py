"""The periods of the statistics as a table for a spreadsheet."""

from mentors.answers import Period
from schemas import SEPARATORS
from tables.columns import BYTE_ORDER_MARK, LINE_END

DECIMAL_SIGNS = {",": ".", ";": ","}  # a country that separates by semicolons writes 12,5; it takes 12.5 for a date


def periods_as_csv(periods, excel=None):
    """Yield the table as bytes; `excel` is the name of the separator for Excel."""
    separator = SEPARATORS[excel] if excel else ","
    lines = [period_as_cells(each, DECIMAL_SIGNS[separator]) for each in periods]
    header = [field.data_key or name for name, field in Period().fields.items()]
    text = LINE_END.join([*(separator.join(line) for line in [header, *lines]), ""])
    yield (BYTE_ORDER_MARK + text if excel else text).encode()


def period_as_cells(period, decimal_sign):
    """Return the cells of a period. None of its values needs quotes."""
    values = period | {"expected": str(period["expected"]).lower()}
    return ["" if value is None else str(value).replace(".", decimal_sign) for value in values.values()]
