"""What a start says of the time zone: it has changed, or clients send midnight in UTC where they mean a day."""

from collections import Counter

from peewee import fn

from db import on_connection, read_clock
from mentors.days import zone
from mentors.formats import seconds_after
from models import Installation, PauseRecord


@on_connection
def zone_warning():
    """Keep the time zone in the database; return the warning as one line, or None."""
    before = Installation.get().time_zone
    if before != zone.name:
        Installation.update(time_zone=zone.name).execute()
    if before not in (None, zone.name):
        return (
            f"TIME_ZONE was {before}, and is {zone.name} now: no instant is changed, so what began a day may now have a"
            " time; to keep the days, download the table of pauses before, and upload it after (1,000 lines at a time)."
        )
    since, until = (seconds_after(read_clock(), days * 86_400) for days in (-90, 90))
    counts = Counter()
    for date in (PauseRecord.start_date, PauseRecord.expected_return_date, PauseRecord.end_date):
        in_time = PauseRecord.select(date, fn.COUNT(date)).where(date.between(since, until)).group_by(date)
        counts.update(dict(in_time.tuples()))
    midnights = sum(counts[at] for at in counts if at.endswith("T00:00:00Z") and zone.start_of_day(at) != at)
    if midnights >= 20 and midnights > counts.total() / 2:  # fewer may be chance
        return (
            f"of {counts.total()} dates of pauses around today, {midnights} are midnight in UTC, which begins no day in"
            f" TIME_ZONE {zone.name}; clients that mean a day must send the date alone, such as 2026-05-01."
        )
    return None
