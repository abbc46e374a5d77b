"""The lists and single rows that the API shows, and their SQL.

Each list is told from top to bottom: what the request asks for, the query of its page, the total beside it. A row's
columns have the names of the keys of its answer schema. After create_app(), `print(page_of_mentors().sql)` shows a
query.
"""

from peewee import OP, SQL, Expression, Join, Select, fn

from db import counted_pages, paging, parameter, statement
from db.paging import KEY, USUAL_LIMIT
from mentors.formats import pause_record_id, pause_record_number
from mentors.pauses import NEVER, Meaning, day_parameters, sql_of_expected_return
from mentors.problems import unknown_mentor, unknown_pause_record
from models import MentorStatus, PauseRecord, columns_of
from reads import filters
from reads.serializers import (
    MENTOR_STATUS,
    MENTOR_STATUS_IN_LIST,
    PAUSE_RECORD,
    PAUSE_RECORD_AND_MENTOR,
    PAUSE_RECORD_IN_LIST,
)

ACTIVE_VARIANT = (("status", "active"),)  # as filters.selection() makes it
PAUSED_VARIANT = (("status", "paused"),)
VARIANTS_WITH_CACHED_TOTAL = ((), ACTIVE_VARIANT, PAUSED_VARIANT)


# --- mentors


def list_mentor_statuses(query, at, serializer=MENTOR_STATUS_IN_LIST):
    """Return the page of mentors that a query asks for, at an instant."""
    page, expected = query["page"], query["expected"]
    selection = filters.selection(query, filters.MENTOR_FILTERS)
    values = selection.values | {"at": at}
    with paging.slow_read_if(selection.may_read_many, page):
        if page.is_keyset:
            values["key"] = page.after
            mentors = keyset_page_of_mentors(selection.variant, expected, serializer, page.limit)
            return paging.fetch_keyset_page(mentors, values, page, serializer, lambda row: row[0])
        sort = query.get("sort", "mentor_id")
        mentors = page_of_mentors(selection.variant, expected, page.limit, sort, page.is_first, serializer)
        return counted_pages.fetch_page(mentors, values, page, serializer)


@statement
def page_of_mentors(
    variant=(),
    expected=False,
    limit=USUAL_LIMIT,
    sort="mentor_id",
    is_first=True,
    serializer=MENTOR_STATUS_IN_LIST,
):
    """Select a counted page. It is cut before its mentors are joined with their pauses; the join loses the order."""
    # matching (filters) -> page (ordered, cut) -> rows (joined with the pause shown, ordered again)
    meaning = Meaning.of_read(expected)
    mentors = filters.apply_filters(MentorStatus.select(), filters.MENTOR_FILTERS, variant, meaning)
    is_total_cached = variant in VARIANTS_WITH_CACHED_TOTAL
    # If the total is counted each time, the database finds the mentors only once, and makes a table of them.
    matching = mentors.cte("matching", materialized=not is_total_cached)
    total = cached_total_of_mentors(variant, meaning) if is_total_cached else Select([matching], [fn.COUNT(SQL("*"))])
    ordered = Select([matching], [SQL("*")])
    ordered = ordered.order_by(*filters.order(sort, filters.MENTOR_ORDERS, "mentor_id", matching.c))
    page = counted_pages.cut(ordered, limit, is_first).alias("page")
    rows = mentors_with_pause_shown(serializer, meaning, page, page.c, total.alias("total"))
    return rows.order_by(*filters.order(sort, filters.MENTOR_ORDERS, "mentor_id", page.c)).with_cte(matching)


@statement
def keyset_page_of_mentors(variant, expected, serializer, limit):
    meaning = Meaning.of_read(expected)
    mentors = MentorStatus.select().where(MentorStatus.mentor_id > KEY).order_by(MentorStatus.mentor_id)
    mentors = filters.apply_filters(mentors, filters.MENTOR_KEYSET_FILTERS, variant, meaning)
    page = paging.cut_with_one_more(mentors, limit).alias("page")
    return mentors_with_pause_shown(serializer, meaning, page, page.c).order_by(page.c.mentor_id)


def mentors_with_pause_shown(serializer, meaning, source=MentorStatus, mentor=MentorStatus, *more_columns):
    """Select mentors, each with the pause shown, if any. `source` is a table or a page; `mentor` has its columns."""
    joined, columns = join_pause_shown(serializer, meaning, source, mentor)
    return Select([joined], [*columns, *more_columns])


def join_pause_shown(serializer, meaning, source, mentor):
    """Join a source that has mentors with the pause shown of each; return the join, and the serializer's columns."""
    joined, pause = meaning.join_shown(source, mentor.mentor_id, PauseRecord)
    is_paused = meaning.is_paused(pause)
    expressions = {name: getattr(mentor, name) for name in columns_of(MentorStatus)} | {
        "status": is_paused,  # the serializer makes a word of it
        "is_paused": is_paused,
        "pause_start_date": pause.start_date,
        "expected_return_date": sql_of_expected_return(pause),
        "pause_reason": pause.reason,
    }
    return joined, serializer.columns(expressions)


def cached_total_of_mentors(variant, meaning):
    """Count all mentors, the active or the paused, unless the cached total is still true."""
    everyone = count_of_all(MentorStatus)
    if variant == ():
        return counted_pages.column_of_cached_total(everyone, meaning.instant, NEVER)
    paused = meaning.count_paused(PauseRecord)
    count = paused if variant == PAUSED_VARIANT else Expression(everyone, OP.SUB, paused)
    return counted_pages.column_of_cached_total(count, meaning.instant, meaning.next_change(PauseRecord))


def count_of_all(table):
    return table.select(fn.COUNT(SQL("*")))


def get_mentor_status(mentor_id, at, expected, serializer=MENTOR_STATUS):
    """Return the mentor at the instant; raises the 404."""
    row = one_mentor(expected).row(mentor_id=mentor_id, at=at)
    if row is None:
        raise unknown_mentor(mentor_id)
    return serializer.represent_one(row)


@statement
def one_mentor(expected=False):
    mentors = mentors_with_pause_shown(MENTOR_STATUS, Meaning.of_read(expected))
    return mentors.where(MentorStatus.mentor_id == parameter("mentor_id"))


# --- pause records


def list_pause_records(query, at, serializer=PAUSE_RECORD_IN_LIST):
    """Return the page of pause records that a query asks for, at an instant."""
    page, expected = query["page"], query["expected"]
    selection = filters.selection(query, filters.RECORD_FILTERS)
    with paging.slow_read_if(selection.may_read_many, page):
        values = selection.values | {"at": at}
        if selection.goes_by_days:
            values |= day_parameters(at, query.get("due_within_days", 0) + 1)
        if page.is_keyset:
            values["key"] = pause_record_number(page.after) or 0  # of the empty key
            records = keyset_page_of_pause_records(selection.variant, expected, serializer, page.limit)
            return paging.fetch_keyset_page(records, values, page, serializer, lambda row: pause_record_id(row[0]))
        sort = query.get("sort", "pause_record_id")
        records = page_of_pause_records(selection.variant, expected, page.limit, sort, page.is_first, serializer)
        return counted_pages.fetch_page(records, values, page, serializer)


@statement
def page_of_pause_records(
    variant=(),
    expected=False,
    limit=USUAL_LIMIT,
    sort="pause_record_id",
    is_first=True,
    serializer=PAUSE_RECORD_IN_LIST,
):
    """Select a counted page."""
    meaning = Meaning.of_read(expected)
    total = filters.apply_filters(count_of_all(PauseRecord), filters.RECORD_FILTERS, variant, meaning)
    if not variant:
        total = counted_pages.column_of_cached_total(total, meaning.instant, NEVER)
    records = select_pause_records(serializer, meaning, total.alias("total"))
    records = filters.apply_filters(records, filters.RECORD_FILTERS, variant, meaning)
    records = records.order_by(*filters.order(sort, filters.RECORD_ORDERS, "pause_record_id", PauseRecord))
    page = counted_pages.cut(records, limit, is_first)
    return with_mentors(page, meaning, sort, "total") if serializer is PAUSE_RECORD_AND_MENTOR else page


@statement
def keyset_page_of_pause_records(variant, expected, serializer, limit):
    meaning = Meaning.of_read(expected)
    records = select_pause_records(serializer, meaning).where(PauseRecord.id > KEY).order_by(PauseRecord.id)
    records = filters.apply_filters(records, filters.RECORD_FILTERS, variant, meaning)
    page = paging.cut_with_one_more(records, limit)
    return with_mentors(page, meaning) if serializer is PAUSE_RECORD_AND_MENTOR else page


def with_mentors(page, meaning, sort="pause_record_id", *more_names):
    """Select the records of a page, each with the columns of its mentor, and then those that have more names."""
    page = page.alias("page")
    source = Join(page, MentorStatus, on=page.c.mentor_id == MentorStatus.mentor_id)
    joined, of_mentor = join_pause_shown(MENTOR_STATUS, meaning, source, MentorStatus)
    of_record = [getattr(page.c, name) for name in PAUSE_RECORD.names]
    more_columns = [getattr(page.c, name) for name in more_names]
    order = filters.order(sort, filters.RECORD_ORDERS, "pause_record_id", page.c)
    return Select([joined], [*of_record, *of_mentor, *more_columns]).order_by(*order)


def select_pause_records(serializer, meaning, *more_columns):
    return PauseRecord.select(*serializer.columns(record_expressions(meaning, PauseRecord)), *more_columns)


def record_expressions(meaning, record):
    """Return the expressions of a pause record's keys; `record` is the table, or the columns of a subquery of it."""
    columns = {name: getattr(record, name) for name in columns_of(PauseRecord)}
    return columns | {"pause_record_id": record.id, "is_active": meaning.is_active(record)}


def get_pause_record(record_id, at, expected):
    """Return the pause record at the instant; raises the 404."""
    number = pause_record_number(record_id)
    row = None if number is None else one_pause_record(expected).row(number=number, at=at)
    if row is None:
        raise unknown_pause_record(record_id)
    return PAUSE_RECORD.represent_one(row)


@statement
def one_pause_record(expected=False):
    return select_pause_records(PAUSE_RECORD, Meaning.of_read(expected)).where(PauseRecord.id == parameter("number"))
