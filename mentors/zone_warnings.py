"""What a start says of the time zone: it has changed, or clients send midnight in UTC where they mean a day."""

from peewee import SQL, fn

from db import on_connection, read_clock
from mentors.days import zone
from mentors.formats import seconds_after
from models import Installation, PauseRecord

SECONDS_AROUND = 90 * 24 * 3600  # before now, and after it: the dates that are looked at
FEWEST_DATES = 20  # at midnight in UTC; fewer say nothing
DATES = PauseRecord.start_date, PauseRecord.expected_return_date, PauseRecord.end_date


@on_connection
def zone_warnings():
    """Keep the time zone in the database, and return the warnings, each as one line."""
    warnings = []
    before = Installation.get().time_zone
    if before != zone.name:
        Installation.update(time_zone=zone.name).execute()
    if before not in (None, zone.name):
        warnings.append(
            f"TIME_ZONE was {before}, and is {zone.name} now: instants stay, so what began a day may now have a time;"
            " to keep the days, download the table of pauses before the change, and upload it after (1,000 lines at a"
            " time)."
        )
    dates, midnights = count_dates()
    if midnights >= FEWEST_DATES and midnights > dates / 2:
        warnings.append(
            f"{midnights} of {dates} dates of pauses around today are midnight in UTC, which begins no day in TIME_ZONE"
            f" {zone.name}; clients that mean a day must send it as a date alone, such as 2026-05-01."
        )
    return warnings


def count_dates():
    """Return how many dates of pauses are around now, and how many of these begin a day in UTC but none of the zone."""
    now = read_clock()
    span = seconds_after(now, -SECONDS_AROUND), seconds_after(now, SECONDS_AROUND)
    counts = [
        pair
        for date in DATES
        for pair in PauseRecord.select(date, fn.COUNT(SQL("*"))).where(date.between(*span)).group_by(date).tuples()
    ]
    midnights = [count for at, count in counts if at.endswith("T00:00:00Z") and not zone.begins_day(at)]
    return sum(count for _at, count in counts), sum(midnights)
