"""The pauses as a calendar, for calendar programs that subscribe to it.

A pause is an event of whole UTC days, so the calendar changes within a day only if somebody writes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from peewee import fn

from db import db, parameter, slow_read, statement
from mentors import filters as filtering
from mentors.formats import instant
from mentors.pauses import At
from models import Installation, MentorStatus, PauseRecord

DAY = timedelta(days=1)
ENDED_DAYS_SHOWN = 90
OPEN_MONTHS_SHOWN = 3  # of a pause with neither an end nor an expected return
FILTERS = {name: filtering.RECORD_FILTERS[name] for name in ("mentor_id", "reason")}


@statement
def installation_and_now():
    return Installation.select(Installation.installation_id, At.of_read().instant)


@statement
def pauses_since(sql_variant):
    """Select the pauses that have not ended before `since`: each with its mentor, its last change, and their count."""
    record = PauseRecord
    since = At(parameter("since"))
    columns = [
        *(record.id, record.start_date, record.expected_return_date, record.end_date, record.reason),
        record.mentor,
        fn.COALESCE(record.last_changed, MentorStatus.last_updated),
        record.change_count,
    ]
    pauses = record.select(*columns).join(MentorStatus)
    pauses = pauses.where((since.end(record) >= since.instant) & filtering.not_cancelled(since))
    return filtering.apply_filters(pauses, FILTERS, sql_variant, since).order_by(record.id)


@dataclass(frozen=True)
class PauseCalendar:
    """The pauses of a calendar on a day, as rows of pauses_since(), and whether their reasons are shown.

    Two equal calendars are rendered to the same bytes (icalendar_file.py).
    """

    installation_id: str
    today: str
    reasons: bool
    rows: list


def read_calendar(filters, reasons, at):
    """Return the pauses that the filters find, as PauseCalendar, on the day of the instant `at`.

    Pauses that ended more than 90 days ago are left out, and those that were cancelled. It is a slow read: raises
    MaxConnectionsExceeded if its turn does not come in time.
    """
    with slow_read(), db.connected():
        installation_id, now = installation_and_now().row(at=at)
        since = instant(midnight(day_of(now) - ENDED_DAYS_SHOWN * DAY))
        query = pauses_since(filtering.sql_variant(FILTERS, filters))
        rows = query.rows(since=since, **filtering.parameters(filters))
    return PauseCalendar(installation_id, now[:10], reasons, rows)


def days_of(pause, today):
    """Return the first day of a pause, the day after its last, and the day on which the last was moved, or None.

    An overdue pause reaches to tomorrow, so its last day moves every day. An open pause without an expected return
    reaches to the end of the third month from now, so its last day moves every month. Each pause has at least one day.
    """
    first = day_of(pause.start_date)
    moved = None
    if pause.expected_return is None:
        after = first_of_month(today, OPEN_MONTHS_SHOWN + 1)
        moved = first_of_month(today, 0)
    elif is_overdue(pause, today):
        after = today + DAY
        moved = today
    else:
        after = day_of(pause.expected_return)
        if not pause.expected_return.endswith("T00:00:00Z"):
            after += DAY
    return (first, after, moved) if after > first + DAY else (first, first + DAY, None)


def is_overdue(pause, today):
    """Say whether a pause is open although the mentor was expected back on an earlier day."""
    return pause.end_date is None and pause.expected_return is not None and day_of(pause.expected_return) < today


def first_of_month(day, months):
    """Return the first day of the month that comes so many months after the month of a day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def midnight(day):
    """Return the instant at which a UTC day begins, as an aware datetime."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_of(text):
    """Return the UTC day of an instant."""
    return date.fromisoformat(text[:10])
