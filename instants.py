"""Instants: the text that the API prints, `YYYY-MM-DDTHH:MM:SSZ`.

Whole seconds, UTC, and of fixed width, so that the order of the text is the order of time: an instant is compared,
stored and printed as it is. SQLite keeps the text; Postgres keeps a timestamptz.
"""

import functools
import time
from datetime import UTC, datetime, timedelta

LEAD = 15  # seconds that an instant of record may be ahead of the clock, after a failover to another one
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def now():
    """Return the present instant."""
    return of_second(int(time.time()))


@functools.lru_cache(1)  # written once a second, not once a request
def of_second(second):
    """Return a second since 1970 as an instant."""
    return instant(datetime.fromtimestamp(second, UTC))


def instant(moment):
    """Return an aware datetime as an instant; a fraction of a second is cut."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"  # strftime would look for the system's time zone each time


def seconds_after(text, seconds):
    """Return the instant that is so many seconds after another; before it, where they are negative."""
    return instant(datetime.fromisoformat(text) + timedelta(seconds=seconds))


def days_after(text, days):
    """Return the instant that is so many days after another."""
    return instant(datetime.strptime(text, INSTANT).replace(tzinfo=UTC) + timedelta(days=days))
