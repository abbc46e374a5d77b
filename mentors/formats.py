"""Ids and instants, as the text that the API reads and prints.

An instant is `YYYY-MM-DDTHH:MM:SSZ`: whole seconds, UTC, fixed width. So the order of the texts is the order of time,
and the code compares instants as text.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

MENTOR_ID = re.compile("[A-Za-z0-9][A-Za-z0-9._~:@-]{0,63}")
HIGHEST_NUMBER = 10**18 - 1  # of a pause record: an id has at most 18 digits
PAUSE_RECORD_ID = re.compile(r"pause-rec-([0-9]{4}|[1-9][0-9]{4,17})")
MAX_CLOCK_SKEW = 15  # seconds that a stored instant may be ahead of the database's clock, as after a failover


def instant(moment):
    """Return an aware datetime as an instant; a fraction of a second is cut off."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"  # strftime looks up the system's time zone each time


def seconds_after(text, seconds):
    """Return the instant that is `seconds` after the instant `text`, or before it if `seconds` is negative."""
    return instant(datetime.fromisoformat(text) + timedelta(seconds=seconds))


def seconds_between(earlier, later):
    """Return how many seconds `later` is after `earlier`; a negative number if it is before."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def url_of_mentor(mentor_url, mentor_id):
    """Return the address of a mentor outside of this service (settings.MENTOR_URL); None if there is none."""
    return mentor_url and mentor_url.replace("{mentor_id}", quote(mentor_id, safe=""))


def pause_record_id(number):
    """Return the id of the pause record with a number: `pause-rec-0018` for 18."""
    return f"pause-rec-{number:04}"


def pause_record_number(text):
    """Return the number in an id: 18 for `pause-rec-0018`; None for any other spelling, and for 0."""
    match = PAUSE_RECORD_ID.fullmatch(text)
    number = int(match[1]) if match else 0
    return number or None
