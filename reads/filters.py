"""The filters and the orders of lists, as parts of a query: one function for each filter in schemas.py.

A filter's function gets the Meaning of the read and the value of the filter, and returns what it adds to WHERE.
The SQL of a list depends on the variant of its filters: a pair `(name, value)` for each filter of the request. The
value is None if it is a parameter of the SQL.
"""

from typing import NamedTuple

from peewee import OP, SQL, Expression, NodeList, Ordering, Value, fn

from db import db, parameter
from mentors.pauses import PHASES
from models import HistoryEntry, MentorStatus, PauseRecord

# The filters with SQL of its own for each value. The value of any other one is a parameter of the SQL, under its name.
SQL_PER_VALUE = {"status", "phase", "is_active"}
# What a variant has if its SQL has the borders of days as parameters: those of pauses.day_parameters().
GO_BY_DAYS = {("phase", "overdue"), ("due_within_days", None)}


class Selection(NamedTuple):
    """The filters of a request: `variant` decides the SQL, `values` are the parameters, as the database takes them."""

    variant: tuple
    values: dict

    @property
    def may_read_many(self):
        """Whether the database may have to look at very many rows: there are filters, but not that of mentor ids."""
        return bool(self.values) and "mentor_id" not in self.values

    @property
    def goes_by_days(self):
        """Whether a filter needs the borders of days."""
        return not GO_BY_DAYS.isdisjoint(self.variant)


def selection(request_query, conditions):
    """Return the Selection of a request's query; `conditions` are those of its list, such as MENTOR_FILTERS."""
    values = {name: request_query[name] for name in conditions if name in request_query}
    variant = tuple((name, value if name in SQL_PER_VALUE else None) for name, value in values.items())
    id_lists = {name: db.dialect.list_parameter(value) for name, value in values.items() if isinstance(value, list)}
    return Selection(variant, values | id_lists)


def apply_filters(select, conditions, variant, meaning):
    """Return the SQL query with the condition of each filter of a variant."""
    for name, value in variant:
        select = select.where(conditions[name](meaning, parameter(name) if value is None else value))
    return select


def contains(mentor_id, part):
    """The id has this text somewhere in it, in whatever case. (ILIKE is LIKE on SQLite, which ignores case, too.)"""
    # For LIKE, `_` would stand for any character. No id has the `!`.
    pattern = Value("%").concat(fn.REPLACE(part, "_", "!_")).concat("%")
    return Expression(mentor_id, OP.ILIKE, NodeList((pattern, SQL("ESCAPE '!'"))))


# --- mentors


def by_status(meaning, status):
    pause = PauseRecord.alias("pause")
    pauses_in_force = pause.select(SQL("1")).where((pause.mentor == MentorStatus.mentor_id) & meaning.in_force(pause))
    # Without LIMIT, SQLite after ANALYZE joins all pauses, which takes ten times as long. Postgres ignores the LIMIT,
    # since it is a literal.
    in_force = fn.EXISTS(pauses_in_force.limit(SQL("1")))
    return in_force if status == "paused" else ~in_force


def by_status_one_by_one(meaning, status):
    """Look at one mentor after the other until the page is full: with EXISTS, Postgres would join all mentors first."""
    pause = PauseRecord.alias("pause")
    in_force = pause.select(pause.id).where((pause.mentor == MentorStatus.mentor_id) & meaning.in_force(pause)).limit(1)
    return Expression(in_force, OP.IS_NOT if status == "paused" else OP.IS, None)  # its id IS NULL if there is none


MENTOR_FILTERS = {
    "mentor_id": lambda _meaning, ids: db.dialect.is_in_list(MentorStatus.mentor_id, ids),
    "mentor_id_contains": lambda _meaning, part: contains(MentorStatus.mentor_id, part),
    "status": by_status,
}
MENTOR_KEYSET_FILTERS = MENTOR_FILTERS | {"status": by_status_one_by_one}


# --- pause records


def not_cancelled(meaning):
    """Return the condition that a pause does not end at its start. (A pause that does is never in force.)"""
    return meaning.end(PauseRecord) != PauseRecord.start_date


RECORD_FILTERS = {
    "mentor_id": lambda _meaning, ids: db.dialect.is_in_list(PauseRecord.mentor, ids),
    "mentor_id_contains": lambda _meaning, part: contains(PauseRecord.mentor, part),
    "reason": lambda _meaning, reason: PauseRecord.reason == reason,
    "is_active": lambda meaning, is_active: meaning.is_active(PauseRecord) if is_active else meaning.ended(PauseRecord),
    "phase": lambda meaning, phase: PHASES[phase](meaning, PauseRecord),
    "from": lambda meaning, start: (meaning.end(PauseRecord) > start) & not_cancelled(meaning),
    "to": lambda meaning, end: (PauseRecord.start_date < end) & not_cancelled(meaning),
    "due_within_days": lambda meaning, _days: meaning.due(PauseRecord),
}


# --- the history of everybody

HISTORY_FILTERS = {
    "mentor_id": lambda _meaning, ids: db.dialect.is_in_list(HistoryEntry.mentor_id, ids),
    "changed_by": lambda _meaning, name: HistoryEntry.changed_by == name,
    "event": lambda _meaning, event: HistoryEntry.event == event,
    "since": lambda _meaning, since: HistoryEntry.changed_at >= since,
    "until": lambda _meaning, until: HistoryEntry.changed_at < until,
}


# --- orders

MENTOR_ORDERS = {"mentor_id": MentorStatus.mentor_id, "last_updated": MentorStatus.last_updated}
RECORD_ORDERS = {
    "pause_record_id": PauseRecord.id,
    "start_date": PauseRecord.start_date,
    "expected_return_date": PauseRecord.expected_return_date,
    "end_date": PauseRecord.end_date,
    "created_at": PauseRecord.created_at,
}


def order(sort, orders, key, table):
    """Order by the name in `sort` (after `-`: descending), nulls last in either direction, ties by the ascending key.

    `table` is the table, or the columns of a subquery of it.
    """
    name = sort.removeprefix("-")
    field = orders[name]
    direction = "DESC" if sort.startswith("-") else "ASC"
    by = Ordering(getattr(table, field.name), direction, nulls="LAST" if field.null else None)
    return (by,) if name == key else (by, getattr(table, orders[key].name).asc())
