"""The digest: what a coordinator should know this week, read from the pauses at one instant.

Its windows are whole days: the last days before the day of the instant, and the next days from this day on. So if
somebody reads a digest of 7 days every 7 days, each start of a pause is in one `beginning` and in one `begun`, and each
end is in one `ended`, unless it is recorded too late for that.
"""

from collections import defaultdict
from operator import attrgetter
from typing import NamedTuple

from peewee import SQL, Select, fn

from db import db, parameter, statement
from db.paging import FetchedPage
from mentors import retention
from mentors.days import zone
from mentors.formats import pause_record_id
from mentors.pauses import LAST_INSTANT, Meaning, Pause, day_parameters, expected_return, sql_of_expected_return
from models import PauseRecord
from reads.pause_records import not_cancelled, record_expressions
from reads.serializers import PAUSE_RECORD_IN_LIST

MOST_PAUSES = SQL("100")  # of a section; a number in the SQL, see counted_pages.cut()
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
        values = day_parameters(at, days)
        as_of, first_day = values["at"], zone.start_of_day(values["at"], -days)
        for name in SECTIONS:
            rows = section(name).rows(first_day=first_day, **values)
            sections[name] = FetchedPage(PAUSE_RECORD_IN_LIST.represent(rows), rows[0][-1] if rows else 0)
        pauses = [pause for page in sections.values() for pause in page.rows]
        mentor_ids = db.dialect.list_parameter([pause["mentor_id"] for pause in pauses])
        others = defaultdict(list)
        for mentor_id, *columns in un_ended_pauses().rows(at=as_of, mentor_ids=mentor_ids):
            others[mentor_id].append(Pause(*columns))
    before = retention.purged_before()
    purged_before = before if before and first_day < before else None
    outlasted = {pause["pause_record_id"] for pause in pauses if is_outlasted(pause, others[pause["mentor_id"]], as_of)}
    return Digest(as_of, purged_before, days, sections, outlasted)


@statement
def section(name):
    """Select the pauses of a section; the last column is the total."""
    meaning, record = Meaning.of_read(), PauseRecord
    first_day, today, day_after = parameter("first_day"), parameter("today"), parameter("day_after")

    def between(column, since, until):
        return not_cancelled(meaning) & (column >= since) & (column < until)

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
    return pauses.limit(MOST_PAUSES).with_cte(matching)


def is_outlasted(pause, others, at):
    """Say whether one of the un-ended pauses of the mentor lasts longer than a pause, without a day between the two.

    It has begun by the instant `at`, or begins at the latest on the day of this pause's return. If this pause has
    ended, any other one lasts longer; if it has no return date, none does.
    """
    expected = expected_return(pause["end_date"], pause["expected_return_date"])
    return expected is not None and any(
        pause_record_id(other.number) != pause["pause_record_id"]
        and (other.start_date <= at or other.start_date < zone.start_of_day(expected, 1))
        and (not pause["is_active"] or (other.expected_return or LAST_INSTANT) > expected)
        for other in others
    )


@statement
def un_ended_pauses():
    """Select the pauses of mentors that have not ended: the mentor, and then the first columns of a Pause."""
    record, is_of_mentors = PauseRecord, db.dialect.is_in_list(PauseRecord.mentor, parameter("mentor_ids"))
    columns = record.mentor, record.id, record.start_date, record.expected_return_date, record.end_date, record.reason
    return record.select(*columns).where(is_of_mentors & Meaning.of_read().is_active(record))
