"""The pauses as a calendar shows them, for calendar programs that subscribe to it.

A pause is an event of whole days in UTC. All of it goes by UTC days: nothing in the file changes within a day unless
somebody wrote.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from peewee import fn

from db import connected, parameter, slow_read, statement
from mentors import filters as filtering
from mentors.formats import instant
from mentors.pauses import At
from models import Installation, MentorStatus, PauseRecord

DAY = timedelta(days=1)
ENDED_DAYS_SHOWN = 90
OPEN_MONTHS_SHOWN = 3  # of a pause of which nobody knows the end
FILTERS = {name: filtering.RECORD_FILTERS[name] for name in ("mentor_id", "reason")}


@statement
def installation_and_now():
    return Installation.select(Installation.installation_id, At.of_read().instant)


@statement
def pauses_to_show(sql_variant):
    """Select the pauses that have not ended before `since`: a Pause, the mentor, and the changes of the record."""
    record, shown = PauseRecord, At(parameter("since"))
    pause = record.id, record.start_date, record.expected_return_date, record.end_date, record.reason
    changes = fn.COALESCE(record.last_changed, MentorStatus.last_updated), record.change_count
    found = record.select(*pause, record.mentor, *changes).join(MentorStatus)
    found = found.where((shown.end(record) >= shown.instant) & filtering.not_cancelled(shown))
    return filtering.apply_filters(found, FILTERS, sql_variant, shown).order_by(record.id)


@dataclass(frozen=True)
class PauseCalendar:
    """The pauses to show on a day, as rows of pauses_to_show(), and whether with their reasons.

    Two of them that are equal are rendered to the same bytes (icalendar_file.py).
    """

    installation_id: str
    today: str
    reasons: bool
    rows: list


def read_calendar(filters, reasons, at):
    """Return the calendar of the pauses that the filters find, as PauseCalendar, on the day of the instant `at`.

    It has those that ended at most 90 days ago, and all that is to come; not those that were cancelled. It is a slow
    read: raises MaxConnectionsExceeded if its turn does not come in time.
    """
    with slow_read():
        return fetch_calendar(filters, reasons, at)


@connected
def fetch_calendar(filters, reasons, at):
    ((installation_id, now),) = installation_and_now().rows(at=at)
    since = instant(midnight(day_of(now) - ENDED_DAYS_SHOWN * DAY))
    query = pauses_to_show(filtering.sql_variant(FILTERS, filters))
    rows = query.rows(since=since, **filtering.parameters(filters))
    return PauseCalendar(installation_id, now[:10], reasons, rows)


def days_of(pause, today):
    """Return the first day of a pause, the day after its last, and the day on which that last moved by itself or None.

    The start is floored and the end ceiled to days. One that is overdue reaches to tomorrow, so it moves every day; an
    open one of which no return is expected reaches to the end of the third month from now, so it moves every month (and
    is one day, if it begins later).
    """
    first, moved = day_of(pause.start_date), None
    if pause.expected_return is None:
        after, moved = first_of_month(today, OPEN_MONTHS_SHOWN + 1), first_of_month(today, 0)
    elif is_overdue(pause, today):
        after, moved = today + DAY, today
    else:
        after = day_of(pause.expected_return)
        if not pause.expected_return.endswith("T00:00:00Z"):
            after += DAY
    return (first, after, moved) if after > first + DAY else (first, first + DAY, None)


def is_overdue(pause, today):
    """Say whether a pause is open though the day on which the mentor was expected back has passed."""
    return pause.end_date is None and pause.expected_return is not None and day_of(pause.expected_return) < today


def first_of_month(day, months):
    """Return the first day of the month that is so many months after that of a day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def midnight(day):
    """Return the instant at which a UTC day begins, as an aware datetime."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_of(text):
    """Return the UTC day of an instant."""
    return date.fromisoformat(text[:10])
