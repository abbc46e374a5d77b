"""Instants: the text that the API prints, `YYYY-MM-DDTHH:MM:SSZ`.

Whole seconds, UTC, and of fixed width, so that the order of the text is the order of time: an instant is compared,
stored and printed as it is. SQLite keeps the text; Postgres keeps a timestamptz.
"""

from datetime import UTC, datetime, timedelta

LEAD = 15  # seconds that an instant of record may be ahead of the clock, after a failover to another one


def instant(moment):
    """Return an aware datetime as an instant; a fraction of a second is cut."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"  # strftime would look for the system's time zone each time


def seconds_after(text, seconds):
    """Return the instant that is so many seconds after another; before it, where they are negative."""
    return instant(datetime.fromisoformat(text) + timedelta(seconds=seconds))
