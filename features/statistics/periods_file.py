"""The periods of the statistics as CSV."""

from features.csv_file import encode_lines, header
from features.statistics.schemas import Period
from mentors.days import zone


def periods_as_csv(periods, excel=None):
    """Return the periods of the statistics as a table, as bytes. None of their values needs quotes."""
    decimal_sign = "," if excel == "semicolon" else "."  # where Excel separates by semicolons, it takes 12.5 for a date
    lines = [header([field.data_key or name for name, field in Period().fields.items()], excel)]
    for period in periods:
        values = period | {name: zone.date_or_instant(period[name]) for name in ("from", "to")}
        values |= {"expected": str(period["expected"]).lower()}
        lines.append(["" if each is None else str(each).replace(".", decimal_sign) for each in values.values()])
    return encode_lines(lines, excel)
