"""The digest: what a coordinator should know this week, read from the pauses at one instant.

Its windows are whole UTC days: the last days before the day of the instant, and the next days from this day on. So if
somebody reads a digest of 7 days every 7 days, each start of a pause is in one `beginning` and in one `begun`, and each
end is in one `ended`, unless it is recorded too late for that.
"""

from operator import attrgetter
from typing import NamedTuple

from peewee import SQL, Select, fn

from db import db, parameter, read_clock, statement
from db.paging import FetchedPage
from mentors import retention
from mentors.formats import seconds_after
from mentors.pauses import NEVER, Meaning, sql_of_expected_return
from models import PauseRecord
from reads import answers
from reads.filters import not_cancelled
from reads.lists import record_expressions
from reads.serializers import Serializer

MOST_PAUSES = SQL("100")  # of a section; a number in the SQL, see paging.cut()
DIGEST_PAUSE = Serializer(answers.PauseRecordInList, "is_outlasted")  # for the mail
SECTIONS = ("overdue", "due", "beginning", "begun", "ended", "undated")


class Digest(NamedTuple):
    """The digest of some days at an instant.

    `purged_before` is the date of the latest purge if the digest looks back beyond it, else None. `outlasted` has the
    ids of the pauses after which another pause keeps the mentor away.
    """

    as_of: str
    purged_before: str | None
    days: int
    sections: dict[str, FetchedPage]
    outlasted: set[str]


def read_digest(days, at):
    """Return the Digest at an instant (None: now). It is a slow read."""
    values = {"days": days, "days_back": -days, "days_after_today": days - 1}
    sections, outlasted = {}, set()
    with db.slow_read_turns, db.connected(), db.atomic(db.dialect.snapshot):
        as_of = at or read_clock()
        for name in SECTIONS:
            rows = section(name).rows(at=as_of, **values)
            pauses = DIGEST_PAUSE.represent(rows)
            total = rows[0][-1] if rows else 0
            sections[name] = FetchedPage(pauses, total)
            for pause, (*_shown, is_outlasted, _total) in zip(pauses, rows, strict=True):
                if is_outlasted:
                    outlasted.add(pause["pause_record_id"])
    first_instant = seconds_after(f"{as_of[:10]}T00:00:00Z", -days * 24 * 3600)
    before = retention.purged_before()
    purged_before = before if before and first_instant < before else None
    return Digest(as_of, purged_before, days, sections, outlasted)


@statement
def section(name):
    """Select the pauses of a section; the last two columns are whether the pause is outlasted, and the total."""
    meaning, record = Meaning.of_read(), PauseRecord
    today = db.dialect.start_of_day(meaning.instant)
    first_day = db.dialect.days_later(today, parameter("days_back"))
    day_after = db.dialect.days_later(today, parameter("days"))

    def between(column, first, after):
        return not_cancelled(meaning) & (column >= first) & (column < after)

    start, end, expected = attrgetter("start_date"), attrgetter("end_date"), attrgetter("expected_return_date")
    # The condition of each section, and the function that returns from a pause's columns what to order by.
    sections = {
        "overdue": (meaning.overdue(record), expected),
        "due": (meaning.due(record, parameter("days_after_today")) & ~meaning.overdue(record), sql_of_expected_return),
        "beginning": (between(record.start_date, today, day_after), start),
        "begun": (between(record.start_date, first_day, today), start),
        "ended": (between(record.end_date, first_day, today), end),
        "undated": (meaning.undated(record), start),
    }
    condition, order = sections[name]
    # The total and the pauses come from one table of what the section has, which the database makes only once.
    matching = PauseRecord.select().where(condition).cte("matching", materialized=True)
    pause = matching.c
    expressions = record_expressions(meaning, pause) | {"is_outlasted": outlasted(meaning, pause)}
    total = Select([matching], [fn.COUNT(SQL("*"))]).alias("total")
    pauses = Select([matching], [*DIGEST_PAUSE.columns(expressions), total]).order_by(order(pause), pause.id)
    return pauses.limit(MOST_PAUSES).with_cte(matching).bind(db)


def outlasted(meaning, pause):
    """Return the condition that another pause of the mentor lasts longer, without a day between the two.

    The other pause has begun by the instant, or begins at the latest on the UTC day of this pause's return. If this
    pause has ended, any other one that has not ended lasts longer. If this pause has no return date, the condition is
    null: nothing lasts longer.
    """
    other, expected = PauseRecord.alias("other"), sql_of_expected_return(pause)
    begins_in_time = meaning.in_force(other) | (db.dialect.start_of_day(other.start_date) <= expected)
    lasts_longer = (sql_of_expected_return(other, NEVER) > expected) | meaning.ended(pause)
    of_mentor = (other.mentor == pause.mentor_id) & (other.id != pause.id)
    return fn.EXISTS(other.select(SQL("1")).where(of_mentor & meaning.is_active(other) & begins_in_time & lasts_longer))
