"""A model of days that walks by quarters of an hour: what the tests hold mentors/days.py, and all that uses it, to."""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONG_AGO = "2020-01-01"  # some day in the past, whichever it is
QUARTER = timedelta(minutes=15)
# A day around which the clocks of each zone change, or another day.
ZONES = {
    "UTC": "2026-03-29",
    "America/Los_Angeles": "2026-03-08",
    "Australia/Sydney": "2026-10-04",
    "Asia/Kolkata": "2026-05-01",
    "America/St_Johns": "2010-11-07",  # a minute after midnight, the clocks go back to the day before
    "Africa/Cairo": "2026-04-24",  # begins at 01:00
    "Asia/Beirut": "2026-03-29",  # begins at 01:00
    "America/Havana": "2025-11-02",  # midnight comes twice
    "Atlantic/Azores": "2026-10-25",  # midnight comes twice
    "Pacific/Apia": "2011-12-30",  # was skipped
}


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Walk:
    """The days of a zone around a day, by walking through `around` days before it, and as many after it.

    `instants` are the quarters of an hour, `days` the day of each, as text; the day of an instant is the last one that
    has begun by then.
    """

    def __init__(self, name, middle, around=60):
        info = ZoneInfo(name)
        self.middle = date.fromisoformat(middle)
        moment = datetime.fromisoformat(middle).replace(tzinfo=UTC) - timedelta(around)
        self.instants, self.days, day = [], [], date.min
        for _ in range(2 * around * 96):
            day = max(day, moment.astimezone(info).date())
            self.instants.append(instant(moment))
            self.days.append(str(day))
            moment += QUARTER

    def day_of(self, at):
        return self.days[bisect_right(self.instants, at) - 1]

    def start_of(self, day):
        """Return the first instant of a day; of a day that was skipped, that of the next one."""
        return self.instants[bisect_left(self.days, str(day))]

    def shown(self, at):
        """Return how a table shows an instant: as a date, if a day begins then."""
        return self.day_of(at) if self.start_of(self.day_of(at)) == at else at
