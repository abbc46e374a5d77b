"""How many mentors and pauses there are, by their status and phase: one statement, and so true at one instant."""

from datetime import datetime

from peewee import Select, fn

from db import connected, db, slow_read, statement
from models import MentorStatus, PauseRecord
from pauses import At


@statement
def count_everything():
    at, record = At.of_read(), PauseRecord

    def count(condition):
        return record.select(fn.COUNT(record.id)).where(condition)

    oldest = record.select(fn.MIN(record.expected_return_date)).where(at.overdue(record))
    columns = (
        MentorStatus.select(fn.COUNT(MentorStatus.mentor_id)),
        at.count_paused(record),
        record.select(fn.COUNT(record.id)),
        count(at.scheduled(record)),
        count(at.in_force(record)),
        count(at.overdue(record)),
        oldest,
        at.instant,
    )
    return Select(columns=columns).bind(db)


def read_figures(at=None):
    """Return {"mentors": {status: count}, "pauses": {phase: count}, "oldest_overdue_seconds": seconds or None}.

    As in the API, `current` includes `overdue`. Reads as of the instant `at`, or the database's now.
    """
    with slow_read():
        row = run_count(at)
    mentors, paused, records, scheduled, current, overdue, oldest, now = row
    age = (datetime.fromisoformat(now) - datetime.fromisoformat(oldest)).total_seconds() if oldest else None
    return {
        "mentors": {"active": mentors - paused, "paused": paused},
        "pauses": {
            "scheduled": scheduled,
            "current": current,
            "overdue": overdue,
            "ended": records - current - scheduled,
        },
        "oldest_overdue_seconds": age,
    }


@connected
def run_count(at):
    return count_everything().rows(at=at)[0]
