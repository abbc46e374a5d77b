"""The reads: the SQL of each variant is written once; a row's columns are named by the keys of its answer schema.

A counted list is built of two parts, the total and the page, and asked as one statement (db.pages.CountedPage).
docs/sql.md has the SQL of each list.
"""

from functools import partial
from operator import itemgetter

from peewee import OP, SQL, Expression, Select, Table, fn

from db import cached_totals, connected, db, pages, parameter, statement
from db.pages import AFTER, LIMIT, OFFSET, CountedPage
from mentors import filters as filtering
from mentors import serializers
from mentors.answers import STATUSES
from mentors.formats import pause_record_id, pause_record_number
from mentors.pauses import At
from mentors.serializers import HISTORY_ENTRY, MENTOR_STATUS, MENTOR_STATUS_IN_LIST, PAUSE_RECORD, PAUSE_RECORD_IN_LIST
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

NEWEST = 2**62  # above the number of any history entry
ACTIVE_VARIANT, PAUSED_VARIANT = ((("status", status),) for status in STATUSES)  # filters.sql_variant
CACHED_TOTALS_OF_MENTORS = ((), ACTIVE_VARIANT, PAUSED_VARIANT)


def check_declarations():
    """Raise LookupError if an answer schema has a key without an expression, or a query a filter without a function."""
    filtering.check_filters()
    serializers.check_representations()
    # To build a statement is to look up the expression of each key.
    one_mentor(False)
    one_pause_record(False)
    page_of_mentors((), "mentor_id", False, False)
    page_of_pause_records((), "pause_record_id", False, False)


# --- mentors


def mentor_expressions(at, mentor, current):
    """Return the expressions of a mentor's keys; `current` is their current pause, if there is one."""
    return {name: getattr(mentor, name) for name in columns_of(MentorStatus)} | {
        "status": SQL("NULL"),  # the word for is_paused: see serializers.py
        "is_paused": fn.COALESCE(current.start_date <= at.instant, SQL("FALSE")),
        "pause_start_date": current.start_date,
        "expected_return_date": at.expected_return(current),
        "pause_reason": current.reason,
    }


def mentors_with_current_pause(serializer, at, page=None):
    """Select mentors, each with their current pause, if there is one; `page` is a subquery of mentors (else: all)."""
    mentors, mentor = (MentorStatus, MentorStatus) if page is None else (page, page.c)
    joined, current = at.join_current(mentors, mentor.mentor_id, PauseRecord)
    return Select([joined], serializer.columns(mentor_expressions(at, mentor, current))).bind(db)


@statement
def one_mentor(expected):
    mentors = mentors_with_current_pause(MENTOR_STATUS, At.of_read(expected))
    return mentors.where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def keyset_page_of_mentors(sql_variant, expected, serializer, is_usual):
    at = At.of_read(expected)
    mentors = MentorStatus.select().where(MentorStatus.mentor_id > AFTER)
    matching = filtering.apply_filters(mentors, filtering.MENTOR_KEYSET_FILTERS, sql_variant, at).alias("matching")
    order = partial(filtering.order, "mentor_id", filtering.MENTOR_ORDERS, "mentor_id")
    page = pages.cut_after_key(filtering.in_order(matching, order), is_usual).alias("page")
    return mentors_with_current_pause(serializer, at, page).order_by(*order(page.c))


@statement
def page_of_mentors(sql_variant, sort, expected, is_usual):
    at = At.of_read(expected)
    mentors = filtering.apply_filters(MentorStatus.select(), filtering.MENTOR_FILTERS, sql_variant, at)
    if sql_variant in CACHED_TOTALS_OF_MENTORS:
        total = cached_total_of_mentors(sql_variant, at)
        page = rows_of_mentors(mentors.alias("matching"), sort, at, is_usual)
        return CountedPage(total, page, MENTOR_STATUS_IN_LIST)
    matching = Table("matching", alias="matching")
    total = Select([matching], [fn.COUNT(SQL("*"))])
    page = rows_of_mentors(matching, sort, at, is_usual)
    return CountedPage(total, page, MENTOR_STATUS_IN_LIST, matching=mentors)


def cached_total_of_mentors(sql_variant, at):
    """Count all mentors, the active or the paused, unless the cached total is still true."""
    everyone, paused = count_of_all(MentorStatus), at.count_paused(PauseRecord)
    if sql_variant == ():
        return cached_totals.total_unless_cached(everyone)
    count = paused if sql_variant == PAUSED_VARIANT else Expression(everyone, OP.SUB, paused)
    return cached_totals.total_unless_cached(count, at.instant, at.next_change(PauseRecord))


def rows_of_mentors(matching, sort, at, is_usual):
    """Select a page of the mentors of a subquery: cut to the page first, then joined with their current pauses."""
    order = partial(filtering.order, sort, filtering.MENTOR_ORDERS, "mentor_id")
    page = pages.cut(filtering.in_order(matching, order), is_usual).alias("page")
    return mentors_with_current_pause(MENTOR_STATUS_IN_LIST, at, page).order_by(*order(page.c))


def count_of_all(table):
    """Return the query that counts the rows of a table."""
    return table.select(fn.COUNT(SQL("*")))


@connected
def get_mentor_status(mentor_id, at, expected, serializer=MENTOR_STATUS):
    """Return the mentor at the instant, or None."""
    row = one_mentor(expected).row(mentor_id=mentor_id, at=at)
    return row and serializer.represent_one(row)


def list_mentor_statuses(filters, page, sort, at, expected, *, serializer=MENTOR_STATUS_IN_LIST):  # noqa: PLR0913
    """Return one page of mentors, as Listed. A counted page takes only serializers with the keys of the default one."""
    sql_variant = filtering.sql_variant(filtering.MENTOR_FILTERS, filters)
    values = {"at": at, **filtering.parameters(filters)}
    is_usual = page.is_usual and sql_variant in CACHED_TOTALS_OF_MENTORS
    with pages.slow_read_where(sql_variant, page):
        if page.is_keyset:
            query = keyset_page_of_mentors(sql_variant, expected, serializer, is_usual)
            values["after"] = page.after
            return pages.fetch_keyset_page(query, serializer, page, itemgetter("mentor_id"), **values)
        query = page_of_mentors(sql_variant, sort, expected, is_usual)
        kind = ("mentors", sql_variant, expected) if sql_variant in CACHED_TOTALS_OF_MENTORS else None
        return pages.fetch_page(query, serializer, page, kind, **values)


# --- pause records


def select_pause_records(serializer, at):
    """Select pause records with what a representation of them shows."""
    computed = {"pause_record_id": PauseRecord.id, "is_active": at.is_active(PauseRecord)}
    return PauseRecord.select(*serializer.columns(columns_of(PauseRecord) | computed))


@statement
def one_pause_record(expected):
    return select_pause_records(PAUSE_RECORD, At.of_read(expected)).where(PauseRecord.id == parameter("number"))


@statement
def keyset_page_of_pause_records(sql_variant, expected, serializer, is_usual):
    at, key = At.of_read(expected), PauseRecord.id
    records = select_pause_records(serializer, at)
    records = filtering.apply_filters(records, filtering.RECORD_FILTERS, sql_variant, at)
    return pages.cut_after_key(records.where(key > AFTER).order_by(key), is_usual)


@statement
def page_of_pause_records(sql_variant, sort, expected, is_usual):
    at = At.of_read(expected)
    return CountedPage(
        total_of_pause_records(sql_variant, at),
        rows_of_pause_records(sql_variant, sort, at, is_usual),
        PAUSE_RECORD_IN_LIST,
    )


def total_of_pause_records(sql_variant, at):
    """Count the pause records that the filters find; all are counted only after a change."""
    if sql_variant == ():
        return cached_totals.total_unless_cached(count_of_all(PauseRecord))
    return filtering.apply_filters(count_of_all(PauseRecord), filtering.RECORD_FILTERS, sql_variant, at)


def rows_of_pause_records(sql_variant, sort, at, is_usual):
    """Select the pause records of a page."""
    records = select_pause_records(PAUSE_RECORD_IN_LIST, at)
    records = filtering.apply_filters(records, filtering.RECORD_FILTERS, sql_variant, at)
    return pages.cut(records.order_by(*filtering.order(sort, filtering.RECORD_ORDERS, "pause_record_id")), is_usual)


@connected
def get_pause_record(record_id, at, expected):
    """Return the pause record at the instant, or None."""
    number = pause_record_number(record_id)
    row = number and one_pause_record(expected).row(number=number, at=at)
    return row and PAUSE_RECORD.represent_one(row)


def key_of_record(row):
    return pause_record_id(row["pause_record_id"])


def list_pause_records(filters, page, sort, at, expected, *, serializer=PAUSE_RECORD_IN_LIST):  # noqa: PLR0913
    """Return one page of pause records, as list_mentor_statuses() does of mentors."""
    sql_variant = filtering.sql_variant(filtering.RECORD_FILTERS, filters)
    values = {"at": at, **filtering.parameters(filters)}
    is_usual = page.is_usual and not sql_variant
    with pages.slow_read_where(sql_variant, page):
        if page.is_keyset:
            query = keyset_page_of_pause_records(sql_variant, expected, serializer, is_usual)
            values["after"] = pause_record_number(page.after) or 0
            return pages.fetch_keyset_page(query, serializer, page, key_of_record, **values)
        query = page_of_pause_records(sql_variant, sort, expected, is_usual)
        kind = None if sql_variant else ("pause_records",)
        return pages.fetch_page(query, serializer, page, kind, **values)


# --- history


def history_of_mentor():
    """Select a mentor's history, newest first."""
    columns = HISTORY_ENTRY.columns(columns_of(HistoryEntry) | {"status": SQL("NULL")})
    of_mentor = HistoryEntry.select(*columns).where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return of_mentor.order_by(HistoryEntry.id.desc()).limit(LIMIT)


@statement
def keyset_page_of_history():
    return history_of_mentor().where(HistoryEntry.id < AFTER)


@statement
def page_of_history():
    total = count_of_all(HistoryEntry).where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return CountedPage(total, history_of_mentor().offset(OFFSET), HISTORY_ENTRY)


@statement
def any_history():
    return HistoryEntry.select(HistoryEntry.id).where(HistoryEntry.mentor_id == parameter("mentor_id")).limit(1)


@connected
def is_known(mentor_id, at):
    """Say whether there is, or was, a mentor with this id."""
    return bool(any_history().row(mentor_id=mentor_id) or get_mentor_status(mentor_id, at, False))


def list_history(mentor_id, page, at):
    """Return one page of a mentor's history, newest first, as Listed; None if nothing was ever known."""
    if page.is_keyset:
        query, values = keyset_page_of_history(), {"mentor_id": mentor_id, "after": int(page.after or NEWEST)}
        listed = pages.fetch_keyset_page(query, HISTORY_ENTRY, page, lambda row: str(row["id"]), **values)
    else:
        with pages.slow_read_where(False, page):
            listed = pages.fetch_page(page_of_history(), HISTORY_ENTRY, page, mentor_id=mentor_id)
    return listed if listed.data or is_known(mentor_id, at) else None
