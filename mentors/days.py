"""Days: the one place that knows what a day is.

A day is one of the time zone of the service (TIME_ZONE), while instants are in UTC. No SQL knows the zone: a read by
days asks the clock first, and has the first instants of days as parameters.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mentors.formats import instant

ONE_DAY = timedelta(days=1)


class Zone:
    """A time zone, and its days as dates.

    A day begins at its first instant in the zone, and ends where the next one begins. So it may have 23 or 25 hours; a
    day that the clocks have skipped has no instant, and begins with the next one.
    """

    def __init__(self, name):
        self.use(name)

    def use(self, name):
        """Become the zone with this name; settings.py has checked that there is one."""
        self.name = name
        self.info = ZoneInfo(name)

    def start_of(self, day):
        """Return the first instant of a day."""
        return start_of(self.info, day)

    def day_of(self, at):
        """Return the day of an instant: the last one that has begun by then."""
        return max(day for start, day in days_near(self.info, at[:10]).items() if start <= at)

    def start_of_day(self, at, days=0):
        """Return the first instant of the day that is `days` days after that of the instant `at`."""
        return self.start_of(self.day_of(at) + timedelta(days))

    def begins_day(self, at):
        """Say whether an instant is the first one of its day."""
        return at in days_near(self.info, at[:10])

    def date_or_instant(self, at):
        """Return an instant as the date of the day that begins then, else as it is."""
        return str(days_near(self.info, at[:10]).get(at, at))

    def local_time(self, at):
        """Return an instant as text in the zone's time, with its offset: `2026-05-01T00:00:00-07:00`."""
        return datetime.fromisoformat(at).astimezone(self.info).isoformat().replace("+00:00", "Z")


zone = Zone("UTC")  # of the service; create_app() sets it


def start_of(zone_info, day):
    # Of two midnights it is the first. A midnight that is skipped counts as if the clocks were changed after it: then
    # it is the instant of the change.
    return instant(datetime.combine(day, time(), zone_info))


@lru_cache(10_000)
def days_near(zone_info, utc_date):
    """Return the days that may be that of an instant on a date in UTC, in their order, by their first instants."""
    same = date.fromisoformat(utc_date)
    return {start_of(zone_info, day): day for day in (same - ONE_DAY, same, same + ONE_DAY)}
