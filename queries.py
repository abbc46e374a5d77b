"""The reads: what they ask the database, its SQL written once for each shape.

A list is asked for by its filters, its page, its order and whether open pauses end when expected; it returns the data
and what lies beyond: the total, or in a walk the key to go on after (None at the end).

A counted page and its total come from one statement: two of them would see what others write in between.
"""

from functools import partial

from peewee import JOIN, Select, fn

import filters as filtering
from db import connected, db, parameter, statement
from db.pages import EVERY_ROW, LIMIT, OFFSET, counting, fetch_page, fetch_walk, one_of, with_total
from formats import pause_record_number
from models import HistoryEntry, MentorStatus, PauseRecord, Tally
from pauses import At
from serializers import history_entry, mentor_status, pause_record, pause_record_in_list, without_reason

AFTER = parameter("after")
NEWEST = 2**62  # beyond the number of any history entry


@statement
def no_row_of_any_table():
    tables = MentorStatus, PauseRecord, HistoryEntry, Tally
    return MentorStatus.select(*tables).from_(*tables).limit(0)


@connected
def check_tables():
    """Ask for every column of every table; raises Peewee's error where one is missing."""
    no_row_of_any_table().run().fetchall()


# --- mentors

MENTOR_COLUMNS = ("mentor_id", "last_updated", "start_date", "expected_return_date", "reason", "read_at")
CHANGED = ("updated_since", None)


def mentors_with_current_pause(at):
    """Select mentors, each with their current pause, if there is one, and the instant of the read."""
    own, current, mentor = PauseRecord.alias("own"), PauseRecord.alias("current"), MentorStatus
    un_ended = (own.mentor == mentor.mentor_id) & at.is_active(own)
    current_id = own.select(own.id).where(un_ended).order_by(*at.current_first(own)).limit(1)
    expected_return = at.expected_return(current).alias("expected_return_date")
    shown = current.start_date, expected_return, current.reason, at.instant.alias("read_at")
    columns = mentor.mentor_id, mentor.last_updated, *shown
    return mentor.select(*columns).join(current, JOIN.LEFT_OUTER, current.id == current_id)


@statement
def one_mentor(expected):
    return mentors_with_current_pause(At.of_read(expected)).where(MentorStatus.mentor_id == parameter("mentor_id"))


def found_mentors(shape, at, walking=False):
    """Select the id and last_updated of the mentors that the filters find; in a walk, of those after a key."""
    key, others = MentorStatus.mentor_id, tuple(item for item in shape if item != CHANGED)
    found = MentorStatus.select(key, MentorStatus.last_updated)
    filters = filtering.WALK_FILTERS if walking else filtering.MENTOR_FILTERS
    found = filtering.apply_filters(found, filters, others, at)
    if walking:
        found = found.where(key > AFTER)
    if CHANGED not in shape:
        return found
    written, turned = filtering.changed_since(at)
    return found.where(written).union_all(found.where(turned))


@statement
def walk_of_mentors(shape, expected):
    at, key = At.of_read(expected), MentorStatus.mentor_id
    found = found_mentors(shape, at, walking=True).alias("found")
    page = Select([found], [found.c.mentor_id]).order_by(found.c.mentor_id).limit(LIMIT)
    return mentors_with_current_pause(at).where(key.in_(page)).order_by(key)


@statement
def page_of_mentors(shape, sort, expected, past_the_end=False):
    """Select a page of mentors, each row with the total; of all mentors in a quicker way, if it is not past the end."""
    at, key, others = At.of_read(expected), MentorStatus.mentor_id, ()

    def order(source):
        return filtering.order(sort, filtering.MENTOR_ORDERS, key, source)

    found = found_mentors(shape, at)
    if CHANGED in shape:  # found once, for the page and for the total
        found = found.cte("found", materialized=True)
        others = (found,)
    else:
        found = found.alias("found")
    # Keys alone, so that an index has all that is skipped on the way to a deep page; and cut before the joins.
    keys = Select([found], [found.c.mentor_id]).order_by(*order(found)).limit(LIMIT).offset(OFFSET)
    page = mentors_with_current_pause(at).where(key.in_(keys))
    if not (shape or past_the_end):
        return page.select_extend(Tally.select(Tally.mentors)).order_by(*order(None))
    return with_total(counting(total_of_mentors(shape, at, found)), page, MENTOR_COLUMNS, order, *others)


def total_of_mentors(shape, at, found):
    """Select how many mentors the filters find; the active are all but the paused, which an index counts."""
    if shape in ((), (("status", "active"),), (("status", "paused"),)):
        mentor = filtering.not_by_index(PauseRecord.mentor)
        each = PauseRecord.select(mentor).where(at.in_force(PauseRecord)).distinct()
        paused = PauseRecord.select(fn.COUNT(EVERY_ROW)).from_(each.alias("paused"))
        if shape == (("status", "paused"),):
            return paused
        return Tally.select(Tally.mentors - paused if shape else Tally.mentors)
    return Select([found], [fn.COUNT(EVERY_ROW)])


@connected
def get_mentor_status(mentor_id, at, expected=False):
    """Return the mentor at the instant, or None."""
    row = one_mentor(expected).run(mentor_id=mentor_id, at=at).fetchone()
    return row and mentor_status(row[:-1], row[-1])


def list_mentor_statuses(filters, page, sort, at, expected):
    """Return one page of mentors, and what lies beyond."""
    shape, values = filtering.shape(filters), {"at": at, **filtering.values(filters)}
    if page.walking:
        rows, more = fetch_walk(walk_of_mentors(shape, expected), page, shape, page.after, **values)
        data = [without_reason(mentor_status(row[:-1], row[-1])) for row in rows]
        return data, data[-1]["mentor_id"] if more else None
    query = partial(page_of_mentors, shape, sort, expected)
    rows, total = fetch_page(query, partial(query, True), page, shape, **values)
    return [without_reason(mentor_status(row[:-1], row[-1])) for row in rows], total


# --- pause records

DATES = ("start_date", "expected_return_date", "end_date")
RECORD_COLUMNS = ("id", "mentor_id", *DATES, "is_active", "reason", "created_at")


def select_pause_records(at):
    """Select pause records with what their representations show."""
    record = PauseRecord
    flag = at.is_active(record).alias("is_active")
    dates = record.start_date, record.expected_return_date, record.end_date
    return record.select(record.id, record.mentor, *dates, flag, record.reason, record.created_at)


@statement
def one_pause_record(expected):
    return select_pause_records(At.of_read(expected)).where(PauseRecord.id == parameter("number"))


@statement
def walk_of_pause_records(shape, expected):
    at, key = At.of_read(expected), PauseRecord.id
    found = filtering.apply_filters(select_pause_records(at), filtering.RECORD_FILTERS, shape, at)
    return found.where(key > AFTER).order_by(key).limit(LIMIT)


@statement
def page_of_pause_records(shape, sort, expected, past_the_end=False):
    """Select a page of pause records, as page_of_mentors() does of mentors."""
    at, key = At.of_read(expected), PauseRecord.id

    def order(source=None, by_index=True):
        return filtering.order(sort, filtering.RECORD_ORDERS, key, source, by_index)

    def apply_filters(query):
        return filtering.apply_filters(query, filtering.RECORD_FILTERS, shape, at)

    total = Tally.select(Tally.pause_records) if not shape else apply_filters(PauseRecord.select(fn.COUNT(key)))
    found = apply_filters(select_pause_records(at))
    page = found.order_by(*order()).limit(LIMIT).offset(OFFSET)
    if not (shape or past_the_end):
        return page.select_extend(total)
    total = counting(total)
    if shape and not db.for_update:
        page = one_of(total, found.order_by(*order(by_index=False)), found.order_by(*order()))
    return with_total(total, page, RECORD_COLUMNS, order)


@connected
def get_pause_record(record_id, at, expected=False):
    """Return the pause record at the instant, or None."""
    number = pause_record_number(record_id)
    row = number and one_pause_record(expected).run(number=number, at=at).fetchone()
    return row and pause_record(row)


def list_pause_records(filters, page, sort, at, expected):
    """Return one page of pause records, and what lies beyond."""
    shape, values = filtering.shape(filters), {"at": at, **filtering.values(filters)}
    if page.walking:
        after = (page.after and pause_record_number(page.after)) or 0
        rows, more = fetch_walk(walk_of_pause_records(shape, expected), page, shape, after, **values)
        data = [pause_record_in_list(row) for row in rows]
        return data, data[-1]["pause_record_id"] if more else None
    query = partial(page_of_pause_records, shape, sort, expected)
    rows, total = fetch_page(query, partial(query, True), page, shape, **values)
    return [pause_record_in_list(row) for row in rows], total


# --- history

HISTORY_COLUMNS = (
    *("changed_at", "event", "pause_record_id", "is_paused", "pause_start_date", "expected_return_date"),
    *("pause_end_date", "pause_reason", "changed_by", "metadata", "id"),
)


def history_of_mentor():
    """Select a mentor's history, newest first."""
    columns = [getattr(HistoryEntry, name) for name in HISTORY_COLUMNS]
    of_mentor = HistoryEntry.select(*columns).where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return of_mentor.order_by(HistoryEntry.id.desc()).limit(LIMIT)


@statement
def walk_of_history():
    return history_of_mentor().where(HistoryEntry.id < AFTER)


@statement
def page_of_history():
    of_mentor = HistoryEntry.mentor_id == parameter("mentor_id")
    total = counting(HistoryEntry.select(fn.COUNT(HistoryEntry.id)).where(of_mentor))
    page = history_of_mentor().offset(OFFSET)
    return with_total(total, page, HISTORY_COLUMNS, lambda source: (source.c.id.desc(),))


@statement
def any_history():
    return HistoryEntry.select(HistoryEntry.id).where(HistoryEntry.mentor_id == parameter("mentor_id")).limit(1)


@connected
def is_known(mentor_id, at):
    """Say whether there is, or was, a mentor with this id."""
    return bool(any_history().run(mentor_id=mentor_id).fetchone() or get_mentor_status(mentor_id, at))


def list_history(mentor_id, page, at):
    """Return one page of a mentor's history, newest first, and what lies beyond; None if nothing was ever known."""
    if page.walking:
        rows, beyond = fetch_walk(walk_of_history(), page, (), int(page.after or NEWEST), mentor_id=mentor_id)
    else:
        rows, beyond = fetch_page(page_of_history, page_of_history, page, (), mentor_id=mentor_id)
    if not (rows or beyond) and not is_known(mentor_id, at):
        return None
    data = [history_entry(row[:-1]) for row in rows]
    if page.walking:
        return data, str(rows[-1][-1]) if beyond else None
    return data, beyond
