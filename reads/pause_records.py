"""The pause records as the API lists and shows them: filters, orders, a page, one record.

A row's columns have the names of the keys of its answer schema. After create_app(),
`print(counted_page_statement().sql)` shows a query.
"""

from peewee import Join, Select

from db import db, paging, parameter, statement
from db.paging import KEY
from mentors.formats import pause_record_id, pause_record_number
from mentors.pauses import NEVER, PHASES, PauseSQL, day_parameters
from mentors.problems import unknown_pause_record
from models import MentorStatus, PauseRecord, fields_of
from reads import filters
from reads.filters import Variant
from reads.mentor_statuses import join_pause_shown
from reads.serializers import MENTOR_STATUS, PAUSE_RECORD, PAUSE_RECORD_AND_ID, PAUSE_RECORD_IN_LIST

# --- filters and orders


def not_cancelled(pause_sql):
    """Return the condition that a pause does not end at its start. (A pause that does is never in force.)"""
    return pause_sql.end(PauseRecord) != PauseRecord.start_date


FILTERS = {
    "mentor_id": lambda _sql, ids: db.dialect.is_in_list(PauseRecord.mentor, ids),
    "mentor_id_contains": lambda _sql, part: filters.contains(PauseRecord.mentor, part),
    "reason": lambda _sql, reason: PauseRecord.reason == reason,
    "is_active": lambda sql, is_active: sql.not_ended(PauseRecord) if is_active else sql.ended(PauseRecord),
    "phase": lambda sql, phase: PHASES[phase](sql, PauseRecord),
    "from": lambda sql, start: (sql.end(PauseRecord) > start) & not_cancelled(sql),
    "to": lambda sql, end: (PauseRecord.start_date < end) & not_cancelled(sql),
    "due_within_days": lambda sql, _days: sql.due(PauseRecord),
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
    records = keyset_page_statement(variant) if page.is_keyset else counted_page_statement(variant)
    with paging.slow_read_if(variant.may_read_many, page):
        if records.takes("start_of_today", "end_of_days"):
            # Due within 0 days is who is expected today: before the day that begins one day after.
            values |= day_parameters(at, query.get("due_within_days", 0) + 1)
        else:
            values["at"] = at
        if page.is_keyset:
            values["key"] = pause_record_number(page.after) or 0  # of the empty key
            return paging.fetch_keyset_page(records, values, page, key_of=lambda row: pause_record_id(row[0]))
        return paging.fetch_counted_page(records, values, page)


@statement
def counted_page_statement(variant=FIRST_PAGE):
    """Select a counted page."""
    pause_sql = PauseSQL.of_read(variant.expected)
    total = filters.apply_filters(filters.count_of_all(PauseRecord), FILTERS, variant.filters, pause_sql)
    if not variant.filters:
        total = paging.query_of_total_unless_cached(total, pause_sql.instant, NEVER)
    records = select_pause_records(variant.serializer, pause_sql, total.alias("total"))
    records = filters.apply_filters(records, FILTERS, variant.filters, pause_sql).order_by(*order(variant, PauseRecord))
    page = paging.cut(records, variant.limit, variant.is_first)
    return join_mentors(page, variant, pause_sql, "total") if variant.with_mentors else page


@statement
def keyset_page_statement(variant):
    pause_sql = PauseSQL.of_read(variant.expected)
    records = select_pause_records(variant.serializer, pause_sql).where(PauseRecord.id > KEY).order_by(PauseRecord.id)
    page = paging.cut_with_one_more(filters.apply_filters(records, FILTERS, variant.filters, pause_sql), variant.limit)
    return join_mentors(page, variant, pause_sql) if variant.with_mentors else page


def order(variant, record):
    return filters.order(variant.sort, ORDERS, "pause_record_id", record)


def select_pause_records(serializer, pause_sql, *more_columns):
    return PauseRecord.select(*serializer.columns(record_expressions(pause_sql, PauseRecord)), *more_columns)


def record_expressions(pause_sql, record):
    """Return the expressions of a pause record's keys; `record` is the table, or the columns of a subquery of it."""
    columns = {name: getattr(record, name) for name in fields_of(PauseRecord)}
    return columns | {"pause_record_id": record.id, "is_active": pause_sql.not_ended(record)}


def join_mentors(page, variant, pause_sql, *more_names):
    """Select the records of a page, each with the columns of its mentor, and then those that have more names."""
    page = page.alias("page")
    source = Join(page, MentorStatus, on=page.c.mentor_id == MentorStatus.mentor_id)
    joined, of_mentor = join_pause_shown(MENTOR_STATUS, pause_sql, source, MentorStatus)
    of_record = [getattr(page.c, name) for name in PAUSE_RECORD.names]
    more_columns = [getattr(page.c, name) for name in more_names]
    return Select([joined], [*of_record, *of_mentor, *more_columns]).order_by(*order(variant, page.c))


# --- one record


def get_pause_record(record_id, at, expected):
    """Return the pause record at the instant; raises the 404."""
    number = pause_record_number(record_id)
    row = None if number is None else one_statement(expected).row(number=number, at=at)
    if row is None:
        raise unknown_pause_record(record_id)
    return PAUSE_RECORD.represent_one(row)


@statement
def one_statement(expected=False):
    return select_pause_records(PAUSE_RECORD, PauseSQL.of_read(expected)).where(PauseRecord.id == parameter("number"))
