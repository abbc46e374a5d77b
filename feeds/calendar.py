"""The pauses as a calendar, for calendar programs that subscribe to it.

A pause is an event of whole UTC days, so the calendar changes within a day only if somebody writes.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from peewee import fn

from db import db, parameter, slow_read, statement
from mentors import filters as filtering
from mentors.formats import day_of
from mentors.pauses import At, Pause
from models import Installation, MentorStatus, PauseRecord

DAY = timedelta(days=1)
ENDED_DAYS_SHOWN = 90
OPEN_MONTHS_SHOWN = 3  # if a pause has neither an end nor an expected return
REASON = Pause._fields.index("reason")  # of the columns of pauses_since()


@statement
def installation_and_now():
    return Installation.select(Installation.installation_id, At.of_read().instant)


@statement
def pauses_since(sql_variant):
    """Select the pauses that have not ended before `since`: a Pause, its mentor, last change, and number of changes."""
    record = PauseRecord
    since = At(parameter("since"))
    pause = record.id, record.start_date, record.expected_return_date, record.end_date, record.reason
    last_changed = fn.COALESCE(record.last_changed, MentorStatus.last_updated)
    pauses = record.select(*pause, record.mentor, last_changed, record.change_count).join(MentorStatus)
    pauses = pauses.where((since.end(record) >= since.instant) & filtering.not_cancelled(since))
    return filtering.apply_filters(pauses, filtering.RECORD_FILTERS, sql_variant, since).order_by(record.id)


@dataclass(frozen=True)
class PauseCalendar:
    """The calendar of a day: rows of pauses_since(), whether it shows reasons, and where its events lead (or None).

    Two equal calendars become the same bytes (icalendar_file.py), and two that differ become different ones: without
    `reasons` the reason of each row is None. So a tag that comes from a calendar tells nothing that the file does not.
    """

    installation_id: str
    today: str
    reasons: bool
    mentor_url: str | None
    rows: list


def read_calendar(filters, reasons, mentor_url, at):
    """Return the PauseCalendar of the day of the instant `at`, with the pauses that the filters find.

    It leaves out cancelled pauses, and those that ended more than 90 days ago. It is a slow read: raises
    MaxConnectionsExceeded if its turn does not come in time.
    """
    with slow_read(), db.connected():
        installation_id, now = installation_and_now().row(at=at)
        since = f"{day_of(now) - ENDED_DAYS_SHOWN * DAY}T00:00:00Z"
        query = pauses_since(filtering.sql_variant(filters))
        rows = query.rows(since=since, **filtering.parameters(filters))
    if not reasons:
        rows = [(*row[:REASON], None, *row[REASON + 1 :]) for row in rows]
    return PauseCalendar(installation_id, now[:10], reasons, mentor_url, rows)


def days_of(pause, today):
    """Return the first day of an event, the day after its last day, and the day since which it has this last day.

    The event of an overdue pause ends today, so its last day moves every day. That of an open pause without an expected
    return ends with the third month from now, so it moves every month. For all others, the last of the three is None.
    An event has at least one day.
    """
    first = day_of(pause.start_date)
    moved_on = None
    if pause.expected_return is None:
        day_after = first_of_month(today, OPEN_MONTHS_SHOWN + 1)
        moved_on = first_of_month(today, 0)
    elif is_overdue(pause, today):
        day_after = today + DAY
        moved_on = today
    else:
        day_after = day_of(pause.expected_return)
        if not pause.expected_return.endswith("T00:00:00Z"):
            day_after += DAY
    return (first, day_after, moved_on) if day_after > first + DAY else (first, first + DAY, None)


def is_overdue(pause, today):
    """Say whether a pause is open although the mentor was expected back on an earlier day."""
    return pause.end_date is None and pause.expected_return is not None and day_of(pause.expected_return) < today


def first_of_month(day, months):
    """Return the first day of a month: so many months after the month of `day`."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
