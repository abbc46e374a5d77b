"""The reads: the SQL of each variant is written once; a row's columns are named by the keys of its answer schema.

A counted page and its total come from one statement: two of them would see what others write in between.
"""

from functools import partial
from operator import itemgetter

from peewee import SQL, Select, fn

import filters as filtering
import serializers
from answers import STATUSES
from db import connected, db, kept_counts, kept_places, pages, parameter, statement
from db.pages import AFTER, LIMIT, OFFSET
from formats import pause_record_id, pause_record_number
from models import HistoryEntry, MentorStatus, PauseRecord, Tally, columns_of
from pauses import At
from serializers import HISTORY_ENTRY, MENTOR_STATUS, MENTOR_STATUS_IN_LIST, PAUSE_RECORD, PAUSE_RECORD_IN_LIST

NEWEST = 2**62  # above the number of any history entry
ACTIVE_VARIANT, PAUSED_VARIANT = ((("status", status),) for status in STATUSES)  # filters.sql_variant


def check_declarations():
    """Raise LookupError if an answer schema has a key without an expression, or a query a filter without a function."""
    filtering.check_filters()
    serializers.check_representations()
    # To build a statement is to look up the expression of each key.
    one_mentor(False)
    one_pause_record(False)
    page_of_mentors((), "mentor_id", False, True)
    page_of_pause_records((), "pause_record_id", False, True)


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


def mentors_with_current_pause(serializer, at, found=None):
    """Select mentors, each with their current pause, if there is one; `found` is a subquery of all their columns."""
    mentors, mentor = (MentorStatus, MentorStatus) if found is None else (found, found.c)
    joined, current = at.join_current(mentors, mentor.mentor_id, PauseRecord)
    return Select([joined], serializer.columns(mentor_expressions(at, mentor, current))).bind(db)


@statement
def one_mentor(expected):
    mentors = mentors_with_current_pause(MENTOR_STATUS, At.of_read(expected))
    return mentors.where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def keyset_page_of_mentors(sql_variant, expected, serializer, is_usual):
    at = At.of_read(expected)
    after_key = MentorStatus.select().where(MentorStatus.mentor_id > AFTER)
    found = filtering.apply_filters(after_key, filtering.MENTOR_KEYSET_FILTERS, sql_variant, at).alias("found")
    in_order = Select([found], [pages.EVERY_ROW]).order_by(found.c.mentor_id)
    page = pages.cut_after_key(in_order, is_usual).alias("page")
    return mentors_with_current_pause(serializer, at, page).order_by(page.c.mentor_id)


@statement
def page_of_mentors(sql_variant, sort, expected, is_usual, past_the_end=False):
    """Select a page of mentors, each row with the total; of all mentors in a quicker way, if it is not past the end."""
    at, key = At.of_read(expected), MentorStatus.mentor_id
    order = partial(filtering.order, sort, filtering.MENTOR_ORDERS, "mentor_id")
    found = MentorStatus.select(key, MentorStatus.last_updated)
    found = filtering.apply_filters(found, filtering.MENTOR_FILTERS, sql_variant, at)
    is_shared = "updated_since" in dict(sql_variant)  # found once, for the page and for the total
    found = found.cte("found", materialized=True) if is_shared else found.alias("found")
    others = (found,) if is_shared else ()
    columns = [pages.EVERY_ROW] if is_usual else [found.c.mentor_id]  # an index has all that a deep page skips
    page = pages.cut(Select([found], columns).order_by(*order(found)), is_usual)
    mentors = (page if is_usual else MentorStatus.select().where(key.in_(page))).alias("mentors")
    page = mentors_with_current_pause(MENTOR_STATUS_IN_LIST, at, mentors)  # cut before it is joined
    if not (sql_variant or past_the_end):
        return page.select_extend(Tally.select(Tally.mentors)).order_by(*order(mentors))
    if sql_variant in (ACTIVE_VARIANT, PAUSED_VARIANT):
        counting = at.count_paused(PauseRecord), at.instant, at.next_change(PauseRecord)
        # The active are all but the paused.
        out_of = None if sql_variant == PAUSED_VARIANT else Tally.select(Tally.mentors)
        *others, total = kept_counts.total_unless_kept(*counting, out_of)
        return pages.select_total(total, page, MENTOR_STATUS_IN_LIST.names, order, *others, totals=kept_counts.TOTAL)
    total = Select([found], [fn.COUNT(pages.EVERY_ROW)]) if sql_variant else Tally.select(Tally.mentors)
    return pages.select_total(pages.total_cte(total), page, MENTOR_STATUS_IN_LIST.names, order, *others)


@statement
def deep_page_of_mentors(expected, has_usual_limit):
    """Select a page far down the list of all mentors, as page_of_mentors() does, from a kept place before it."""
    at, key = At.of_read(expected), MentorStatus.mentor_id
    keys, state, *others = kept_places.cut(MentorStatus.select(key).order_by(key), key, has_usual_limit)
    page = mentors_with_current_pause(MENTOR_STATUS_IN_LIST, at).where(key.in_(keys)).order_by(key)
    return page.select_extend(Tally.select(Tally.mentors), state).with_cte(*others)


@connected
def get_mentor_status(mentor_id, at, expected, serializer=MENTOR_STATUS):
    """Return the mentor at the instant, or None."""
    row = one_mentor(expected).row(mentor_id=mentor_id, at=at)
    return row and serializer.represent_one(row)


def list_mentor_statuses(filters, page, sort, at, expected, *, serializer=MENTOR_STATUS_IN_LIST):  # noqa: PLR0913
    """Return one page of mentors, as Listed. A counted page takes only serializers with the keys of the default one."""
    sql_variant = filtering.sql_variant(filtering.MENTOR_FILTERS, filters)
    values = {"at": at, **filtering.parameters(filters)}
    is_usual = page.is_usual and sql_variant in ((), ACTIVE_VARIANT, PAUSED_VARIANT)
    with pages.slow_read_where(sql_variant, page):
        if page.is_keyset:
            query = keyset_page_of_mentors(sql_variant, expected, serializer, is_usual)
            values["after"] = page.after
            return pages.fetch_keyset_page(query, serializer, page, itemgetter("mentor_id"), **values)
        quick, fetch = partial(page_of_mentors, sql_variant, sort, expected, is_usual), pages.fetch_rows
        whole = partial(quick, True)
        if sql_variant in (ACTIVE_VARIANT, PAUSED_VARIANT):
            fetch = partial(kept_counts.fetch_rows, key=("paused", expected))
        elif page.is_deep and sort == "mentor_id" and not sql_variant:
            quick = partial(deep_page_of_mentors, expected, page.limit == pages.USUAL_LIMIT)
            fetch = partial(kept_places.fetch_rows, name="mentors")
        return pages.fetch_page(quick, whole, serializer, page, fetch, **values)


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
    found = filtering.apply_filters(records, filtering.RECORD_FILTERS, sql_variant, at)
    return pages.cut_after_key(found.where(key > AFTER).order_by(key), is_usual)


@statement
def page_of_pause_records(sql_variant, sort, expected, is_usual, past_the_end=False):
    """Select a page of pause records, as page_of_mentors() does of mentors."""
    at = At.of_read(expected)

    def order(source=None, by_index=True):
        return filtering.order(sort, filtering.RECORD_ORDERS, "pause_record_id", source, by_index)

    def apply_filters(query):
        return filtering.apply_filters(query, filtering.RECORD_FILTERS, sql_variant, at)

    if sql_variant:
        total = apply_filters(PauseRecord.select(fn.COUNT(PauseRecord.id)))
    else:
        total = Tally.select(Tally.pause_records)
    found = apply_filters(select_pause_records(PAUSE_RECORD_IN_LIST, at))
    page = pages.cut(found.order_by(*order()), is_usual)
    if not (sql_variant or past_the_end):
        return page.select_extend(total)
    total = pages.total_cte(total)
    if sql_variant and not db.dialect.estimates_rows:
        page = pages.choose_by_total(total, found.order_by(*order(by_index=False)), found.order_by(*order()))
    return pages.select_total(total, page, PAUSE_RECORD_IN_LIST.names, order)


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
        query = partial(page_of_pause_records, sql_variant, sort, expected, is_usual)
        return pages.fetch_page(query, partial(query, True), serializer, page, **values)


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
    of_mentor = HistoryEntry.mentor_id == parameter("mentor_id")
    total = pages.total_cte(HistoryEntry.select(fn.COUNT(HistoryEntry.id)).where(of_mentor))
    page = history_of_mentor().offset(OFFSET)
    return pages.select_total(total, page, HISTORY_ENTRY.names, lambda source: (source.c.id.desc(),))


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
            listed = pages.fetch_page(page_of_history, page_of_history, HISTORY_ENTRY, page, mentor_id=mentor_id)
    return listed if listed.data or is_known(mentor_id, at) else None
