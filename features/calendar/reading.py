"""The pauses as a calendar, for calendar programs that subscribe to it.

A pause is an event of whole days, so the calendar changes within a day only if somebody writes.
"""

from datetime import timedelta
from typing import NamedTuple

from peewee import SQL

from db import db, parameter, statement
from mentors.days import zone
from mentors.pauses import PauseSQL
from mentors.problems import Problem
from models import Installation, PauseRecord
from reads.pause_records import not_cancelled

ENDED_SHOWN = timedelta(days=90)
MOST_EVENTS = 20_000  # which take some seconds to render


@statement
def installation_and_now_statement():
    return Installation.select(Installation.installation_id, PauseSQL.of_read().instant)


@statement
def pauses_since_statement(reasons):
    """Select the pauses that have not ended before `since`: a Pause, its mentor, and its last change.

    Without `reasons`, the reason of each pause is null.
    """
    record = PauseRecord
    at_since = PauseSQL(parameter("since"))
    reason = record.reason if reasons else SQL("NULL")
    pause = record.id, record.start_date, record.expected_return_date, record.end_date, reason
    pauses = record.select(*pause, record.mentor, record.last_changed)
    pauses = pauses.where((at_since.end(record) >= at_since.instant) & not_cancelled(at_since)).order_by(record.id)
    return pauses.limit(MOST_EVENTS + 1)


class PauseCalendar(NamedTuple):
    """The calendar of a day: the rows of pauses_since_statement(), and MENTOR_URL, to which its events link (or None).

    Equal calendars become the same bytes, and rows have reasons only if the file shows them: so an ETag that is made of
    a calendar reveals nothing else. The days of the rows are those of the time zone.
    """

    installation_id: str
    time_zone: str
    today: str
    mentor_url: str | None
    rows: list


def read_calendar(reasons, mentor_url, at):
    """Return the PauseCalendar of the day of the instant `at`, with the reasons only if `reasons` is true.

    It leaves out cancelled pauses, and those that ended more than 90 days ago. It is a slow read. Raises the 413 for
    too many events.
    """
    with db.slow_read_turns, db.connected():
        installation_id, now = installation_and_now_statement().row(at=at)
        today = zone.day_of(now)
        since = zone.start_of(today - ENDED_SHOWN)
        rows = pauses_since_statement(reasons).rows(since=since)
    if len(rows) > MOST_EVENTS:
        detail = f"A calendar has at most {MOST_EVENTS:,} events; download the table /api/v1/pause-records.csv instead."
        raise Problem(413, "too_large", detail)
    return PauseCalendar(installation_id, zone.name, str(today), mentor_url, rows)
