"""Days: the one place that knows what a day is.

Days are those of the service's time zone (TIME_ZONE), while instants are in UTC. No SQL knows the zone: a read by days
asks the clock first, and has the first instants of days as parameters.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mentors.formats import instant


class Zone:
    """A time zone. A day begins at its first instant, and ends where the next one begins. (One may be skipped.)"""

    def use(self, name):
        """Become the zone with this name; settings.py has checked that there is one."""
        self.name, self.info = name, ZoneInfo(name)

    def start_of(self, day):
        """Return the first instant of a day (a date)."""
        # Of two midnights it is the first. If the clocks skip midnight, it is the instant at which they do.
        return instant(datetime.combine(day, time(), self.info))

    def day_of(self, at):
        """Return the day of an instant: the last one that has begun by then."""
        return max(day for start, day in days_near(self.name, at[:10]).items() if start <= at)

    def start_of_day(self, at, days=0):
        """Return the first instant of the day that is `days` days after that of the instant `at`."""
        return self.start_of(self.day_of(at) + timedelta(days))

    def date_or_instant(self, at):
        """Return the date of the day that begins at an instant, as text; the instant itself if none begins then."""
        return str(days_near(self.name, at[:10]).get(at, at))

    def local_time(self, at):
        """Return an instant with the zone's time and offset: `2026-05-01T00:00:00-07:00`; with `Z` if that is none."""
        return datetime.fromisoformat(at).astimezone(self.info).isoformat().replace("+00:00", "Z")


zone = Zone()  # of the service: create_app() sets it
zone.use("UTC")


@lru_cache(10_000)
def days_near(_time_zone, utc_date):
    """Return the days that an instant on a date in UTC may be of, in their order, by their first instants."""
    return {zone.start_of(day): day for day in (date.fromisoformat(utc_date) + timedelta(n) for n in (-1, 0, 1))}
