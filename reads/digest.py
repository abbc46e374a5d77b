"""The digest: what a coordinator should know this week, read from the pauses at one instant.

Its windows are whole days: the last days before the day of the instant, and the next days from this day on. So if
somebody reads a digest of 7 days every 7 days, each start of a pause is in one `beginning` and in one `begun`, and each
end is in one `ended`, unless it is recorded too late for that.
"""

from collections import defaultdict
from operator import attrgetter
from typing import NamedTuple

from peewee import SQL, Select, fn

from db import db, parameter, read_clock, statement
from db.paging import FetchedPage
from mentors import retention
from mentors.days import zone
from mentors.formats import pause_record_id
from mentors.pauses import LAST_INSTANT, Meaning, Pause, day_parameters, expected_return, sql_of_expected_return
from models import PauseRecord
from reads.filters import not_cancelled
from reads.lists import record_expressions
from reads.serializers import PAUSE_RECORD_IN_LIST

MOST_PAUSES = SQL("100")  # of a section; a number in the SQL, see paging.cut()
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
    sections = {}
    with db.slow_read_turns, db.connected(), db.atomic(db.dialect.snapshot):
        as_of = at or read_clock()
        first_day = zone.start_of_day(as_of, -days)
        for name in SECTIONS:
            rows = section(name).rows(at=as_of, first_day=first_day, **day_parameters(as_of, days))
            sections[name] = FetchedPage(PAUSE_RECORD_IN_LIST.represent(rows), rows[0][-1] if rows else 0)
        pauses = [pause for page in sections.values() for pause in page.data]
        outlasted = ids_of_outlasted(pauses, as_of)
    before = retention.purged_before()
    purged_before = before if before and first_day < before else None
    return Digest(as_of, purged_before, days, sections, outlasted)


@statement
def section(name):
    """Select the pauses of a section; the last column is the total."""
    meaning, record = Meaning.of_read(), PauseRecord
    first_day, today, day_after = parameter("first_day"), parameter("today"), parameter("day_after")

    def between(column, first, after):
        return not_cancelled(meaning) & (column >= first) & (column < after)

    start, end, expected = attrgetter("start_date"), attrgetter("end_date"), attrgetter("expected_return_date")
    # The condition of each section, and the function that returns from a pause's columns what to order by.
    sections = {
        "overdue": (meaning.overdue(record), expected),
        "due": (meaning.due(record) & ~meaning.overdue(record), sql_of_expected_return),
        "beginning": (between(record.start_date, today, day_after), start),
        "begun": (between(record.start_date, first_day, today), start),
        "ended": (between(record.end_date, first_day, today), end),
        "undated": (meaning.undated(record), start),
    }
    condition, order = sections[name]
    # The total and the pauses come from one table of what the section has, which the database makes only once.
    matching = PauseRecord.select().where(condition).cte("matching", materialized=True)
    pause = matching.c
    columns = PAUSE_RECORD_IN_LIST.columns(record_expressions(meaning, pause))
    total = Select([matching], [fn.COUNT(SQL("*"))]).alias("total")
    pauses = Select([matching], [*columns, total]).order_by(order(pause), pause.id)
    return pauses.limit(MOST_PAUSES).with_cte(matching).bind(db)


def ids_of_outlasted(pauses, at):
    """Return the ids of those pauses after which another pause of the mentor lasts longer, without a day between them.

    The other pause has begun by the instant `at`, or begins at the latest on the day of this pause's return. If this
    pause has ended, any other one that has not ended lasts longer. Nothing lasts longer than one without a return date.
    """
    others = defaultdict(list)
    mentor_ids = db.dialect.list_parameter(list({pause["mentor_id"] for pause in pauses}))
    for mentor_id, *columns in un_ended_pauses().rows(at=at, mentor_ids=mentor_ids):
        others[mentor_id].append(Pause(*columns))
    return {pause["pause_record_id"] for pause in pauses if is_outlasted(pause, others[pause["mentor_id"]], at)}


def is_outlasted(pause, others, at):
    expected = expected_return(pause["end_date"], pause["expected_return_date"])
    if expected is None:
        return False
    day_after = zone.start_of_day(expected, 1)
    return any(
        (other.start_date <= at or other.start_date < day_after)
        and (not pause["is_active"] or (other.expected_return or LAST_INSTANT) > expected)
        for other in others
        if pause_record_id(other.number) != pause["pause_record_id"]
    )


@statement
def un_ended_pauses():
    record = PauseRecord
    columns = record.mentor, record.id, record.start_date, record.expected_return_date, record.end_date, record.reason
    is_of_mentors = db.dialect.is_in_list(record.mentor, parameter("mentor_ids"))
    return record.select(*columns).where(is_of_mentors & Meaning.of_read().is_active(record))
