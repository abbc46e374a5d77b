"""The mentors as the API lists and shows them: filters, orders, a page, one mentor.

A row's columns have the names of the keys of its answer schema. After create_app(),
`print(counted_page_statement().sql)` shows a query.
"""

from operator import itemgetter

from peewee import OP, SQL, Expression, Select, fn

from db import db, paging, parameter, statement
from db.paging import KEY
from mentors.pauses import NEVER, PauseSQL, sql_of_expected_return
from mentors.problems import unknown_mentor
from models import MentorStatus, PauseRecord, fields_of
from reads import filters
from reads.filters import Variant
from reads.serializers import MENTOR_STATUS, MENTOR_STATUS_IN_LIST

# --- filters and orders


def by_status(pause_sql, status):
    pause = PauseRecord.alias("pause")
    pauses_in_force = pause.select(SQL("1")).where((pause.mentor == MentorStatus.mentor_id) & pause_sql.in_force(pause))
    # Without LIMIT, SQLite after ANALYZE joins all pauses, which takes ten times as long. Postgres ignores the LIMIT,
    # since it is a literal.
    in_force = fn.EXISTS(pauses_in_force.limit(SQL("1")))
    return in_force if status == "paused" else ~in_force


def by_status_one_by_one(pause_sql, status):
    """Look at one mentor after the other until the page is full: with EXISTS, Postgres would join all mentors first."""
    pause = PauseRecord.alias("pause")
    in_force = (
        pause.select(pause.id).where((pause.mentor == MentorStatus.mentor_id) & pause_sql.in_force(pause)).limit(1)
    )
    return Expression(in_force, OP.IS_NOT if status == "paused" else OP.IS, None)  # its id IS NULL if there is none


FILTERS = {
    "mentor_id": lambda _sql, ids: db.dialect.is_in_list(MentorStatus.mentor_id, ids),
    "mentor_id_contains": lambda _sql, part: filters.contains(MentorStatus.mentor_id, part),
    "status": by_status,
}
KEYSET_FILTERS = FILTERS | {"status": by_status_one_by_one}
ORDERS = {"mentor_id": MentorStatus.mentor_id, "last_updated": MentorStatus.last_updated}
ACTIVE = (("status", "active"),)  # as filters_of() returns it
PAUSED = (("status", "paused"),)
FILTERS_WITH_CACHED_TOTAL = ((), ACTIVE, PAUSED)
FIRST_PAGE = Variant(sort="mentor_id", serializer=MENTOR_STATUS_IN_LIST)


# --- a page


def list_mentor_statuses(query, at, serializer=MENTOR_STATUS_IN_LIST):
    """Return the page of mentors that a query asks for, at an instant."""
    page = query["page"]
    values = filters.values_of(query, FILTERS)
    variant = filters.variant_of(query, values, "mentor_id", serializer)
    values["at"] = at
    with paging.slow_read_if(variant.may_read_many, page):
        if page.is_keyset:
            mentors = keyset_page_statement(variant)
            fetched = paging.fetch_keyset_page(mentors, values | {"key": page.after}, page, key_of=itemgetter(0))
        else:
            fetched = paging.fetch_counted_page(counted_page_statement(variant), values, page)
    return fetched._replace(rows=serializer.represent(fetched.rows))


@statement
def counted_page_statement(variant=FIRST_PAGE):
    """Select a counted page. It is cut before its mentors are joined with their pauses; the join loses the order."""
    # matching (filters) -> page (ordered, cut) -> rows (joined with the pause shown, ordered again)
    pause_sql = PauseSQL.of_read(variant.expected)
    mentors = filters.apply_filters(MentorStatus.select(), FILTERS, variant.filters, pause_sql)
    is_total_cached = variant.filters in FILTERS_WITH_CACHED_TOTAL
    # If the total is counted each time, the database finds the mentors only once, and makes a table of them.
    matching = mentors.cte("matching", materialized=not is_total_cached)
    counted = Select([matching], [fn.COUNT(SQL("*"))])
    total = query_of_total(variant.filters, pause_sql) if is_total_cached else counted
    ordered = Select([matching], [SQL("*")]).order_by(*order(variant, matching.c))
    page = paging.cut(ordered, variant.limit, variant.is_first).alias("page")
    rows = mentors_with_pause_shown(variant.serializer, pause_sql, page, page.c, total.alias("total"))
    return rows.order_by(*order(variant, page.c)).with_cte(matching)


def order(variant, mentor):
    return filters.order(variant.sort, ORDERS, "mentor_id", mentor)


@statement
def keyset_page_statement(variant):
    pause_sql = PauseSQL.of_read(variant.expected)
    mentors = MentorStatus.select().where(MentorStatus.mentor_id > KEY).order_by(MentorStatus.mentor_id)
    mentors = filters.apply_filters(mentors, KEYSET_FILTERS, variant.filters, pause_sql)
    page = paging.cut_with_one_more(mentors, variant.limit).alias("page")
    return mentors_with_pause_shown(variant.serializer, pause_sql, page, page.c).order_by(page.c.mentor_id)


def mentors_with_pause_shown(serializer, pause_sql, source=MentorStatus, mentor=MentorStatus, *more_columns):
    """Select mentors, each with the pause shown, if any. `source` is a table or a page; `mentor` has its columns."""
    joined, columns = join_pause_shown(serializer, pause_sql, source, mentor)
    return Select([joined], [*columns, *more_columns])


def join_pause_shown(serializer, pause_sql, source, mentor):
    """Join a source that has mentors with the pause shown of each; return the join, and the serializer's columns."""
    joined, pause = pause_sql.join_shown(source, mentor.mentor_id, PauseRecord)
    is_paused = pause_sql.is_paused(pause)
    expressions = {name: getattr(mentor, name) for name in fields_of(MentorStatus)} | {
        "status": is_paused,  # the serializer makes a word of it
        "is_paused": is_paused,
        "pause_start_date": pause.start_date,
        "expected_return_date": sql_of_expected_return(pause),
        "pause_reason": pause.reason,
    }
    return joined, serializer.columns(expressions)


def query_of_total(chosen, pause_sql):
    """Count all mentors, the active or the paused (as the filters say), unless the cached total is still true."""
    everyone = filters.count_of_all(MentorStatus)
    if not chosen:
        return paging.query_of_total_unless_cached(everyone, pause_sql.instant, NEVER)
    paused = pause_sql.count_paused(PauseRecord)
    count = paused if chosen == PAUSED else Expression(everyone, OP.SUB, paused)
    return paging.query_of_total_unless_cached(count, pause_sql.instant, pause_sql.next_change(PauseRecord))


# --- one mentor


def get_mentor_status(mentor_id, at, expected, serializer=MENTOR_STATUS):
    """Return the mentor at the instant; raises the 404."""
    row = one_statement(expected).row(mentor_id=mentor_id, at=at)
    if row is None:
        raise unknown_mentor(mentor_id)
    return serializer.represent_one(row)


@statement
def one_statement(expected=False):
    mentors = mentors_with_pause_shown(MENTOR_STATUS, PauseSQL.of_read(expected))
    return mentors.where(MentorStatus.mentor_id == parameter("mentor_id"))
