"""The lists and single rows that the API shows, and their SQL.

A row's columns have the names of the keys of its answer schema. A counted list is one statement with two parts, the
total and the page. After create_app(), `print(page_of_mentors().sql)` shows it.
"""

from peewee import OP, SQL, Expression, Select, Table, fn

from db import cached_totals, db, paging, parameter, statement
from db.paging import AFTER, counted_page
from mentors.formats import pause_record_id, pause_record_number
from mentors.pauses import NEVER, At, sql_of_expected_return
from mentors.problems import unknown_mentor, unknown_pause_record
from models import MentorStatus, PauseRecord, columns_of
from reads import filters
from reads.serializers import MENTOR_STATUS, MENTOR_STATUS_IN_LIST, PAUSE_RECORD, PAUSE_RECORD_IN_LIST

# Variants, as filters.sql_variant() returns them.
ACTIVE_VARIANT = (("status", "active"),)
PAUSED_VARIANT = (("status", "paused"),)
CACHED_TOTALS_OF_MENTORS = ((), ACTIVE_VARIANT, PAUSED_VARIANT)


# --- mentors


def mentors_with_current_pause(serializer, at, mentors=MentorStatus):
    """Select all mentors, or those of a subquery, each with their current pause, if there is one."""
    mentor = MentorStatus if mentors is MentorStatus else mentors.c
    joined, current = at.join_current(mentors, mentor.mentor_id, PauseRecord)
    is_paused = fn.COALESCE(current.start_date <= at.instant, SQL("FALSE"))
    expressions = {name: getattr(mentor, name) for name in columns_of(MentorStatus)} | {
        "status": is_paused,  # the serializer makes a word of it
        "is_paused": is_paused,
        "pause_start_date": current.start_date,
        "expected_return_date": sql_of_expected_return(current),
        "pause_reason": current.reason,
    }
    return Select([joined], serializer.columns(expressions)).bind(db)


@statement
def one_mentor(expected=False):
    mentors = mentors_with_current_pause(MENTOR_STATUS, At.of_read(expected))
    return mentors.where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def keyset_page_of_mentors(sql_variant, expected, serializer, is_usual):
    at = At.of_read(expected)
    mentors = MentorStatus.select().where(MentorStatus.mentor_id > AFTER)
    matching = filters.apply_filters(mentors, filters.MENTOR_KEYSET_FILTERS, sql_variant, at).alias("matching")
    page = paging.cut_after_key(in_order(matching, "mentor_id"), is_usual)
    return rows_of_mentors(page, "mentor_id", at, serializer)


@statement
def page_of_mentors(sql_variant=(), sort="mentor_id", expected=False, is_usual=False):
    at = At.of_read(expected)
    mentors = filters.apply_filters(MentorStatus.select(), filters.MENTOR_FILTERS, sql_variant, at)
    has_cached_total = sql_variant in CACHED_TOTALS_OF_MENTORS
    # If there is no cached total, the total and the page read one table of what the filters match: see counted_page().
    matching = mentors.alias("matching") if has_cached_total else Table("matching", alias="matching")
    page = rows_of_mentors(paging.cut(in_order(matching, sort), is_usual), sort, at, MENTOR_STATUS_IN_LIST)
    if has_cached_total:
        return counted_page(cached_total_of_mentors(sql_variant, at), page)
    total = Select([matching], [fn.COUNT(SQL("*"))])
    return counted_page(total, page, matching=mentors)


def cached_total_of_mentors(sql_variant, at):
    """Count all mentors, the active or the paused, unless the cached total is still true."""
    everyone = count_of_all(MentorStatus)
    if sql_variant == ():
        return cached_totals.total_unless_cached(everyone, at.instant, NEVER)
    paused = at.count_paused(PauseRecord)
    count = paused if sql_variant == PAUSED_VARIANT else Expression(everyone, OP.SUB, paused)
    return cached_totals.total_unless_cached(count, at.instant, at.next_change(PauseRecord))


def in_order(matching, sort):
    """Select the mentors of a subquery in an order."""
    order = filters.order(sort, filters.MENTOR_ORDERS, "mentor_id", matching.c)
    return Select([matching], [SQL("*")]).order_by(*order)


def rows_of_mentors(page, sort, at, serializer):
    """Select the mentors of a query of one page, each with their current pause. (The join loses the page's order.)"""
    page = page.alias("page")
    order = filters.order(sort, filters.MENTOR_ORDERS, "mentor_id", page.c)
    return mentors_with_current_pause(serializer, at, page).order_by(*order)


def count_of_all(table):
    return table.select(fn.COUNT(SQL("*")))


def get_mentor_status(mentor_id, at, expected, serializer=MENTOR_STATUS):
    """Return the mentor at the instant; raises the 404."""
    row = one_mentor(expected).row(mentor_id=mentor_id, at=at)
    if row is None:
        raise unknown_mentor(mentor_id)
    return serializer.represent_one(row)


def list_mentor_statuses(query, at, serializer=MENTOR_STATUS_IN_LIST):
    """Return the page of mentors that a query asks for, at an instant.

    A serializer for a counted page must have the keys of the default one.
    """
    page = query["page"]
    sql_variant = filters.sql_variant(query, filters.MENTOR_FILTERS)
    values = {"at": at, **filters.parameters(query, sql_variant)}
    # The SQL of these variants has no parameters for which a new plan could be better: see paging.cut().
    is_usual = page.is_usual and sql_variant in CACHED_TOTALS_OF_MENTORS
    with paging.slow_read_if(filters.may_read_many(sql_variant), page):
        if page.is_keyset:
            mentors = keyset_page_of_mentors(sql_variant, query["expected"], serializer, is_usual)
            return paging.fetch_keyset_page(mentors, page, serializer, lambda row: row[0], after=page.after, **values)
        mentors = page_of_mentors(sql_variant, query.get("sort", "mentor_id"), query["expected"], is_usual)
        return paging.fetch_page(mentors, page, serializer, **values)


# --- pause records


def record_expressions(at, record):
    """Return the expressions of a pause record's keys; `record` is the table, or the columns of a subquery of it."""
    columns = {name: getattr(record, name) for name in columns_of(PauseRecord)}
    return columns | {"pause_record_id": record.id, "is_active": at.is_active(record)}


def select_pause_records(serializer, at):
    return PauseRecord.select(*serializer.columns(record_expressions(at, PauseRecord)))


@statement
def one_pause_record(expected=False):
    return select_pause_records(PAUSE_RECORD, At.of_read(expected)).where(PauseRecord.id == parameter("number"))


@statement
def keyset_page_of_pause_records(sql_variant, expected, serializer, is_usual):
    at = At.of_read(expected)
    records = select_pause_records(serializer, at)
    records = filters.apply_filters(records, filters.RECORD_FILTERS, sql_variant, at)
    records = records.where(PauseRecord.id > AFTER).order_by(PauseRecord.id)
    return paging.cut_after_key(records, is_usual)


@statement
def page_of_pause_records(sql_variant=(), sort="pause_record_id", expected=False, is_usual=False):
    at = At.of_read(expected)
    total = filters.apply_filters(count_of_all(PauseRecord), filters.RECORD_FILTERS, sql_variant, at)
    if not sql_variant:
        total = cached_totals.total_unless_cached(total, at.instant, NEVER)
    records = select_pause_records(PAUSE_RECORD_IN_LIST, at)
    records = filters.apply_filters(records, filters.RECORD_FILTERS, sql_variant, at)
    order = filters.order(sort, filters.RECORD_ORDERS, "pause_record_id", PauseRecord)
    return counted_page(total, paging.cut(records.order_by(*order), is_usual))


def get_pause_record(record_id, at, expected):
    """Return the pause record at the instant; raises the 404."""
    number = pause_record_number(record_id)
    row = number and one_pause_record(expected).row(number=number, at=at)
    if row is None:
        raise unknown_pause_record(record_id)
    return PAUSE_RECORD.represent_one(row)


def list_pause_records(query, at, serializer=PAUSE_RECORD_IN_LIST):
    """Return the page of pause records that a query asks for, at an instant."""
    page = query["page"]
    sql_variant = filters.sql_variant(query, filters.RECORD_FILTERS)
    values = {"at": at, **filters.parameters(query, sql_variant)}
    is_usual = page.is_usual and not sql_variant
    with paging.slow_read_if(filters.may_read_many(sql_variant), page):
        if page.is_keyset:
            records = keyset_page_of_pause_records(sql_variant, query["expected"], serializer, is_usual)
            after = pause_record_number(page.after) or 0
            return paging.fetch_keyset_page(
                records, page, serializer, lambda row: pause_record_id(row[0]), after=after, **values
            )
        records = page_of_pause_records(sql_variant, query.get("sort", "pause_record_id"), query["expected"], is_usual)
        return paging.fetch_page(records, page, serializer, **values)
