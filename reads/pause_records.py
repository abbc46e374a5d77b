"""The pause records as the API lists and shows them: filters, orders, a page, one record.

A row's columns have the names of the keys of its answer schema. After create_app(),
`print(page_of_pause_records().sql)` shows a query.
"""

from peewee import Join, Select

from db import db, paging, parameter, statement
from db.paging import KEY
from mentors.formats import pause_record_id, pause_record_number
from mentors.pauses import NEVER, PHASES, Meaning, day_parameters
from mentors.problems import unknown_pause_record
from models import MentorStatus, PauseRecord, columns_of
from reads import filters
from reads.filters import Variant
from reads.mentor_statuses import join_pause_shown
from reads.serializers import MENTOR_STATUS, PAUSE_RECORD, PAUSE_RECORD_AND_ID, PAUSE_RECORD_IN_LIST

# --- filters and orders


def not_cancelled(meaning):
    """Return the condition that a pause does not end at its start. (A pause that does is never in force.)"""
    return meaning.end(PauseRecord) != PauseRecord.start_date


FILTERS = {
    "mentor_id": lambda _meaning, ids: db.dialect.is_in_list(PauseRecord.mentor, ids),
    "mentor_id_contains": lambda _meaning, part: filters.contains(PauseRecord.mentor, part),
    "reason": lambda _meaning, reason: PauseRecord.reason == reason,
    "is_active": lambda meaning, is_active: meaning.is_active(PauseRecord) if is_active else meaning.ended(PauseRecord),
    "phase": lambda meaning, phase: PHASES[phase](meaning, PauseRecord),
    "from": lambda meaning, start: (meaning.end(PauseRecord) > start) & not_cancelled(meaning),
    "to": lambda meaning, end: (PauseRecord.start_date < end) & not_cancelled(meaning),
    "due_within_days": lambda meaning, _days: meaning.due(PauseRecord),
}
ORDERS = {
    "pause_record_id": PauseRecord.id,
    "start_date": PauseRecord.start_date,
    "expected_return_date": PauseRecord.expected_return_date,
    "end_date": PauseRecord.end_date,
    "created_at": PauseRecord.created_at,
}
FIRST_PAGE = Variant(sort="pause_record_id", serializer=PAUSE_RECORD_IN_LIST)


# --- a page


def list_pause_records(query, at, serializer=PAUSE_RECORD_IN_LIST):
    """Return the page of pause records that a query asks for, at an instant."""
    fetched = fetch_page(query, at, serializer)
    return fetched._replace(rows=serializer.represent(fetched.rows))


def list_pause_records_with_mentors(query, at):
    """Return the same page with pairs as its rows: what GET one shows of the record, and of its mentor."""
    fetched = fetch_page(query, at, PAUSE_RECORD_AND_ID, with_mentors=True)
    of_mentors = [row[len(PAUSE_RECORD.names) :] for row in fetched.rows]
    pairs = zip(PAUSE_RECORD.represent(fetched.rows), MENTOR_STATUS.represent(of_mentors), strict=True)
    return fetched._replace(rows=list(pairs))


def fetch_page(query, at, serializer, with_mentors=False):
    """Return the page that a query asks for, with the rows as the database returns them."""
    page = query["page"]
    values = filters.values_of(query, FILTERS)
    variant = filters.variant_of(query, values, "pause_record_id", serializer, with_mentors)
    records = keyset_page_of_pause_records(variant) if page.is_keyset else page_of_pause_records(variant)
    with paging.slow_read_if(variant.may_read_many, page):
        if records.takes("today", "day_after"):
            # Due within 0 days is who is expected today: before the day that begins one day after.
            values |= day_parameters(at, query.get("due_within_days", 0) + 1)
        else:
            values["at"] = at
        if page.is_keyset:
            values["key"] = pause_record_number(page.after) or 0  # of the empty key
            return paging.fetch_keyset_page(records, values, page, key_of=lambda row: pause_record_id(row[0]))
        return paging.fetch_counted_page(records, values, page)


@statement
def page_of_pause_records(variant=FIRST_PAGE):
    """Select a counted page."""
    meaning = Meaning.of_read(variant.expected)
    total = filters.apply_filters(filters.count_of_all(PauseRecord), FILTERS, variant.filters, meaning)
    if not variant.filters:
        total = paging.column_of_cached_total(total, meaning.instant, NEVER)
    records = select_pause_records(variant.serializer, meaning, total.alias("total"))
    records = filters.apply_filters(records, FILTERS, variant.filters, meaning).order_by(*order(variant, PauseRecord))
    page = paging.cut(records, variant.limit, variant.is_first)
    return join_mentors(page, variant, meaning, "total") if variant.with_mentors else page


@statement
def keyset_page_of_pause_records(variant):
    meaning = Meaning.of_read(variant.expected)
    records = select_pause_records(variant.serializer, meaning).where(PauseRecord.id > KEY).order_by(PauseRecord.id)
    page = paging.cut_with_one_more(filters.apply_filters(records, FILTERS, variant.filters, meaning), variant.limit)
    return join_mentors(page, variant, meaning) if variant.with_mentors else page


def order(variant, record):
    return filters.order(variant.sort, ORDERS, "pause_record_id", record)


def select_pause_records(serializer, meaning, *more_columns):
    return PauseRecord.select(*serializer.columns(record_expressions(meaning, PauseRecord)), *more_columns)


def record_expressions(meaning, record):
    """Return the expressions of a pause record's keys; `record` is the table, or the columns of a subquery of it."""
    columns = {name: getattr(record, name) for name in columns_of(PauseRecord)}
    return columns | {"pause_record_id": record.id, "is_active": meaning.is_active(record)}


def join_mentors(page, variant, meaning, *more_names):
    """Select the records of a page, each with the columns of its mentor, and then those that have more names."""
    page = page.alias("page")
    source = Join(page, MentorStatus, on=page.c.mentor_id == MentorStatus.mentor_id)
    joined, of_mentor = join_pause_shown(MENTOR_STATUS, meaning, source, MentorStatus)
    of_record = [getattr(page.c, name) for name in PAUSE_RECORD.names]
    more_columns = [getattr(page.c, name) for name in more_names]
    return Select([joined], [*of_record, *of_mentor, *more_columns]).order_by(*order(variant, page.c))


# --- one record


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
