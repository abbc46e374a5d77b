"""The digest: what a coordinator should know this week, read from the pauses at one instant.

Its windows are whole days: the last days before the day of the instant, and the next days from this day on. So if
somebody reads a digest of 7 days every 7 days, each start of a pause is in one `beginning` and in one `begun`, and each
end is in one `ended`, unless it is recorded too late for that.
"""

from collections import defaultdict
from functools import reduce
from operator import attrgetter
from typing import NamedTuple

from peewee import JOIN, SQL, CompoundSelectQuery, Join, Select, fn

from db import db, parameter, statement
from mentors.days import zone
from mentors.pauses import LAST_INSTANT, PauseSQL, day_parameters, expected_return, sql_of_expected_return
from models import Installation, PauseRecord
from reads.pause_records import not_cancelled, record_expressions
from reads.serializers import PAUSE_RECORD_IN_LIST

MOST_PAUSES = SQL("100")  # of a section; a number in the SQL, see paging.cut()
UN_ENDED = "un-ended"
SECTIONS = ("overdue", "due", "beginning", "begun", "ended", "undated")


class Section(NamedTuple):
    """The first pauses of a section, as lists show them, and how many it has."""

    total: int
    data: list


class Digest(NamedTuple):
    """The digest of some days at an instant.

    `purged_before` is the date of the latest purge if the digest looks back beyond it, else None. `outlasted` has the
    ids of the pauses after which another pause keeps the mentor away.
    """

    as_of: str
    purged_before: str | None
    days: int
    sections: dict[str, Section]
    outlasted: set[str]


def read_digest(days, at):
    """Return the Digest at an instant (None: now). It is a slow read."""
    with db.slow_read_turns, db.connected():
        values = day_parameters(at, days)
        as_of, first_day = values["at"], zone.start_of_day(values["at"], -days)
        rows = pauses_by_section_statement().rows(first_day=first_day, **values)
    purged_before = rows[0][0]
    totals, found = dict.fromkeys(SECTIONS, 0), defaultdict(list)
    for _purged_before, name, total, *columns in rows:
        totals[name] = total
        found[name].append(columns)
    sections = {name: Section(totals[name], PAUSE_RECORD_IN_LIST.represent(found[name])) for name in SECTIONS}
    pauses = [pause for section in sections.values() for pause in section.data]
    un_ended = defaultdict(list)  # by mentor
    for pause in PAUSE_RECORD_IN_LIST.represent(found[UN_ENDED]):
        un_ended[pause["mentor_id"]].append(pause)
    outlasted = {each["pause_record_id"] for each in pauses if is_outlasted(each, un_ended[each["mentor_id"]], as_of)}
    return Digest(as_of, purged_before if (purged_before or "") > first_day else None, days, sections, outlasted)


@statement
def pauses_by_section_statement():
    """Select the first pauses of each section, and under UN_ENDED all un-ended pauses of their mentors.

    One statement, so all is true at one instant. A row has the date of the latest purge, the name of a section, its
    total, and the columns of a pause. If no section has a pause, there is one row, with the date alone.
    """
    pause_sql, record = PauseSQL.of_read(), PauseRecord
    first_day, today, end = parameter("first_day"), parameter("start_of_today"), parameter("end_of_days")

    def between(column, since, until):
        return not_cancelled(pause_sql) & (column >= since) & (column < until)

    by_start, by_end = attrgetter("start_date"), attrgetter("end_date")
    # The condition of each section, and the function that returns from a pause's columns what to order by.
    sections = [
        section("overdue", pause_sql.overdue(record), attrgetter("expected_return_date")),
        section("due", pause_sql.due_later(record), sql_of_expected_return),
        section("beginning", between(record.start_date, today, end), by_start),
        section("begun", between(record.start_date, first_day, today), by_start),
        section("ended", between(record.end_date, first_day, today), by_end),
        section("undated", pause_sql.undated(record), by_start),
    ]
    shown = reduce(CompoundSelectQuery.union_all, sections).cte("shown", materialized=True)
    is_of_mentors = record.mentor.in_(Select([shown], [shown.c.mentor_id]))
    columns = PAUSE_RECORD_IN_LIST.columns(record_expressions(pause_sql, record))
    un_ended = record.select(SQL(f"'{UN_ENDED}'"), SQL("0"), SQL("0"), *columns)
    un_ended = un_ended.where(pause_sql.not_ended(record) & is_of_mentors)
    rows = Select([shown], [SQL("*")]).union_all(un_ended).alias("row")
    joined = Join(Installation, rows, JOIN.LEFT_OUTER, SQL("TRUE"))
    names = ("section", "total", *PAUSE_RECORD_IN_LIST.names)
    selected = Select([joined], [Installation.purged_before, *(getattr(rows.c, name) for name in names)])
    return selected.order_by(rows.c.place).with_cte(shown)


def section(name, condition, order):
    """Select the first pauses that meet a condition: the section's name and total, a pause's place in it, the pause."""
    pause_sql = PauseSQL.of_read()
    # The total and the pauses come from one table of what the section has, which the database makes only once.
    matching = PauseRecord.select().where(condition).cte("matching", materialized=True)
    total = Select([matching], [fn.COUNT(SQL("*"))]).alias("total")
    columns = PAUSE_RECORD_IN_LIST.columns(record_expressions(pause_sql, matching.c))
    first = Select([matching], [total, *columns]).order_by(order(matching.c), matching.c.id).limit(MOST_PAUSES)
    first = first.with_cte(matching).alias(name)
    place = fn.ROW_NUMBER().over(order_by=[order(first.c), first.c.pause_record_id]).alias("place")
    pause = (getattr(first.c, each) for each in PAUSE_RECORD_IN_LIST.names)
    return Select([first], [SQL(f"'{name}'").alias("section"), first.c.total, place, *pause])


def is_outlasted(pause, un_ended, at):
    """Say whether one of the mentor's un-ended pauses lasts longer than a pause, without a day between the two.

    It has begun by the instant `at`, or begins at the latest on the day of this pause's return. If this pause has
    ended, any other one lasts longer; if it has no return date, none does.
    """
    expected = expected_return(pause["end_date"], pause["expected_return_date"])
    return expected is not None and any(
        other["pause_record_id"] != pause["pause_record_id"]
        and (other["start_date"] <= at or other["start_date"] < zone.start_of_day(expected, 1))
        and (
            not pause["is_active"]
            or (expected_return(other["end_date"], other["expected_return_date"]) or LAST_INSTANT) > expected
        )
        for other in un_ended
    )
