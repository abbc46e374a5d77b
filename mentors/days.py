"""Days: the one place that knows what a day is.

Days are those of TIME_ZONE; instants are in UTC. No SQL knows the zone: the first instants of days are its parameters.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mentors.formats import instant


class Zone:
    """A time zone. A day begins at its first instant, and ends where the next one begins. (A day may be missing.)"""

    def use(self, name):
        """Become the zone with this name; settings.py has checked that there is one."""
        self.name, self.info = name, ZoneInfo(name)

    def start_of(self, day):
        """Return the first instant of a day (a date)."""
        return start_in_zone(self.info, day)

    def day_of(self, at):
        """Return the day of an instant: the last one that has begun by then."""
        day_by_start = days_near(self.info, at[:10])
        latest_start = next(start for start in day_by_start if start <= at)  # the latest comes first
        return date.fromisoformat(day_by_start[latest_start])

    def start_of_day(self, at, days=0):
        """Return the first instant of the day that is `days` days after that of the instant `at`."""
        return self.start_of(self.day_of(at) + timedelta(days))

    def date_or_instant(self, at):
        """Return the date of the day that begins at an instant, as text; the instant itself if none begins then."""
        return days_near(self.info, at[:10]).get(at, at)

    def local_time(self, at):
        """Return an instant with the zone's time and offset: `2026-05-01T00:00:00-07:00`.

        It stays in UTC, with `Z`, if there is no offset, or if the offset has seconds, which RFC 3339 does not know.
        """
        local = datetime.fromisoformat(at).astimezone(self.info)
        offset = local.utcoffset()
        has_seconds = offset % timedelta(minutes=1)
        return local.isoformat() if offset and not has_seconds else at


def start_in_zone(info, day):
    # Of two midnights it is the first. If the clocks skip midnight, it is the instant at which they do.
    return instant(datetime.combine(day, time(), info))


@lru_cache(10_000)
def days_near(info, utc_date):
    """Return {first instant: day}, the latest first, of the days near a date in UTC."""
    days = (date.fromisoformat(utc_date) + timedelta(days) for days in (-1, 0, 1))
    # A day that the clocks skip has the first instant of the next one, which takes its place.
    return dict(reversed({start_in_zone(info, day): str(day) for day in days}.items()))


zone = Zone()  # of the service: create_app() sets it
zone.use("UTC")
