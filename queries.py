"""The reads: what they ask the database, its SQL written once for each shape.

A list is asked for by its filters, its page, its order and whether open pauses end when expected; it returns the data
and what lies beyond: the total, or in a walk the key to go on after (None at the end).
"""

import functools

from peewee import JOIN, SQL, fn

import filters as filtering
from database import connected, parameter, statement
from models import At, HistoryEntry, MentorStatus, PauseRecord, Tally
from representations import (
    history_entry,
    mentor_status,
    pause_record,
    pause_record_in_list,
    pause_record_number,
    without_reason,
)

AT, AFTER = parameter("at"), parameter("after")
TALLY = Tally.alias("tally")
NEWEST = 2**62  # beyond the number of any history entry


@statement
def no_row_of_any_table():
    tables = MentorStatus, PauseRecord, HistoryEntry, Tally
    return MentorStatus.select(*tables).from_(*tables).limit(0)


@connected
def check_tables():
    """Ask for every column of every table; raises Peewee's error where one is missing."""
    no_row_of_any_table().run().fetchall()


# --- what every list has


def narrowed(query, condition, shape, at):
    """Return the query with the conditions of the filters."""
    for name, choice in shape:
        query = query.where(condition(name, choice, at))
    return query


def cut(query, beyond, walking):
    """Return the query for one page of a walk (the rows beyond a key), or one counted page."""
    page = query.where(beyond) if walking else query.offset(parameter("offset"))
    return page.limit(parameter("limit"))


def with_total(query, column, tells_total):
    """Have each row of an unfiltered, counted list tell the tally's total as its last value: one statement less."""
    return query.select_extend(TALLY.select(column)) if tells_total else query


def without_total(rows, count):
    """Return the rows without that last value, and the total; `count` asks for it where no row tells it."""
    return [row[:-1] for row in rows], rows[0][-1] if rows else count()


def few(total):
    """Say whether a list is so short that its rows are better found by its filters and sorted; unknown in a walk."""
    return total is not None and total <= filtering.FEW


def fetch(statement, page, **values):
    """Return the rows of a page and whether more follow; of a walk, one row more is read to know that."""
    if not page.walking:
        return statement.rows(limit=page.limit, offset=page.offset, **values), None
    rows = statement.rows(limit=page.limit + 1, **values)
    return rows[: page.limit], len(rows) > page.limit


# --- mentors


def mentors_with_current_pause(at):
    """Select mentors, each with her current pause, if she has one."""
    own, current, mentor = PauseRecord.alias("own"), PauseRecord.alias("current"), MentorStatus
    of_hers = (own.mentor == mentor.mentor_id) & at.is_active(own)
    current_id = own.select(own.id).where(of_hers).order_by(*at.current_first(own)).limit(1)
    back = fn.COALESCE(current.end_date, current.expected_return_date)
    columns = mentor.mentor_id, mentor.last_updated, current.start_date, back, current.reason
    return mentor.select(*columns).join(current, JOIN.LEFT_OUTER, current.id == current_id)


@statement
def one_mentor(expected):
    return mentors_with_current_pause(At(AT, expected)).where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def page_of_mentors(shape, sort, walking, expected, few):
    at, key = At(AT, expected), MentorStatus.mentor_id
    condition = functools.partial(filtering.mentor_condition, few=few)
    found = narrowed(MentorStatus.select(key), condition, shape, at)
    ordered = found.order_by(*filtering.order(sort, filtering.MENTOR_ORDERS, key))
    # Keys alone, so that an index has all that is skipped on the way to a deep page; and cut before the joins.
    page = cut(ordered, key > AFTER, walking)
    wanted = mentors_with_current_pause(at).where(key.in_(page))
    wanted = with_total(wanted, TALLY.mentors, not (shape or walking))
    return wanted.order_by(*filtering.order(sort, filtering.MENTOR_ORDERS, key))


@statement
def total_of_mentors(shape, expected):
    at = At(AT, expected)
    if not shape:
        return TALLY.select(TALLY.mentors)
    if shape == (("status", "paused"),):
        mentor = filtering.not_by_index(PauseRecord.mentor)
        paused = PauseRecord.select(mentor).where(at.in_force(PauseRecord)).distinct()
        return PauseRecord.select(fn.COUNT(SQL("*"))).from_(paused.alias("paused"))
    every = MentorStatus.select(fn.COUNT(MentorStatus.mentor_id))
    return narrowed(every, filtering.mentor_condition, shape, at)


@connected
def get_mentor_status(mentor_id, at, expected=False):
    """Return the mentor at the instant, or None."""
    row = one_mentor(expected).run(mentor_id=mentor_id, at=at).fetchone()
    return row and mentor_status(row, at)


@connected
def list_mentor_statuses(filters, page, sort, at, expected):
    """Return one page of mentors, and what lies beyond."""
    shape, values = filtering.shape(filters), filtering.values(filters, at)
    total = count_mentors(shape, expected, at=at, **values) if shape and not page.walking else None
    found = page_of_mentors(shape, sort, page.walking, expected, few(total))
    rows, more = fetch(found, page, at=at, after=page.after, **values)
    if not (shape or page.walking):
        rows, total = without_total(rows, lambda: count_mentors(shape, expected))
    data = [without_reason(mentor_status(row, at)) for row in rows]
    if page.walking:
        return data, data[-1]["mentor_id"] if more else None
    return data, total


def count_mentors(shape, expected, **values):
    """Return how many mentors the filters find. The active are all but the paused, which an index counts."""
    if ("status", "active") in shape:
        others = tuple(item for item in shape if item[0] != "status")
        paused = tuple(sorted((*others, ("status", "paused"))))
        return count_mentors(others, expected, **values) - count_mentors(paused, expected, **values)
    return total_of_mentors(shape, expected).run(**values).fetchone()[0]


# --- pause records


def select_pause_records(at):
    """Select pause records with what their representations show."""
    record = PauseRecord
    flag = at.is_active(record)
    dates = record.start_date, record.expected_return_date, record.end_date
    return record.select(record.id, record.mentor, *dates, flag, record.reason, record.created_at)


@statement
def one_pause_record(expected):
    return select_pause_records(At(AT, expected)).where(PauseRecord.id == parameter("number"))


@statement
def page_of_pause_records(shape, sort, walking, expected, few):
    at, key = At(AT, expected), PauseRecord.id
    found = narrowed(select_pause_records(at), filtering.record_condition, shape, at)
    found = with_total(found, TALLY.pause_records, not (shape or walking))
    return cut(found.order_by(*filtering.order(sort, filtering.RECORD_ORDERS, key, few)), key > AFTER, walking)


@statement
def total_of_pause_records(shape, expected):
    if not shape:
        return TALLY.select(TALLY.pause_records)
    every = PauseRecord.select(fn.COUNT(PauseRecord.id))
    return narrowed(every, filtering.record_condition, shape, At(AT, expected))


@connected
def get_pause_record(record_id, at, expected=False):
    """Return the pause record at the instant, or None."""
    number = pause_record_number(record_id)
    row = number and one_pause_record(expected).run(number=number, at=at).fetchone()
    return row and pause_record(row)


@connected
def list_pause_records(filters, page, sort, at, expected):
    """Return one page of pause records, and what lies beyond."""
    shape, values = filtering.shape(filters), filtering.values(filters, at)
    total = count_pause_records(shape, expected, at=at, **values) if shape and not page.walking else None
    found = page_of_pause_records(shape, sort, page.walking, expected, few(total))
    after = page.after and pause_record_number(page.after)
    rows, more = fetch(found, page, at=at, after=after or 0, **values)
    if not (shape or page.walking):
        rows, total = without_total(rows, lambda: count_pause_records(shape, expected))
    data = [pause_record_in_list(row) for row in rows]
    if page.walking:
        return data, data[-1]["pause_record_id"] if more else None
    return data, total


def count_pause_records(shape, expected, **values):
    """Return how many pause records the filters find."""
    return total_of_pause_records(shape, expected).run(**values).fetchone()[0]


# --- history


@statement
def page_of_history(walking):
    entry = HistoryEntry
    dates = entry.pause_start_date, entry.expected_return_date, entry.pause_end_date
    state = entry.is_paused, *dates, entry.pause_reason
    columns = entry.changed_at, entry.event, entry.pause_record_id, *state, entry.changed_by, entry.metadata, entry.id
    of_hers = entry.select(*columns).where(entry.mentor_id == parameter("mentor_id")).order_by(entry.id.desc())
    return cut(of_hers, entry.id < AFTER, walking)


@statement
def total_of_history():
    return HistoryEntry.select(fn.COUNT(HistoryEntry.id)).where(HistoryEntry.mentor_id == parameter("mentor_id"))


@connected
def list_history(mentor_id, page, at):
    """Return one page of a mentor's history, newest first, and what lies beyond; None if she was never known."""
    total = total_of_history().run(mentor_id=mentor_id).fetchone()[0]
    if not total and not get_mentor_status(mentor_id, at):
        return None
    rows, more = fetch(page_of_history(page.walking), page, mentor_id=mentor_id, after=int(page.after or NEWEST))
    data = [history_entry(row[:-1]) for row in rows]
    if page.walking:
        return data, str(rows[-1][-1]) if more else None
    return data, total
