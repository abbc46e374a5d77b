"""The filters and the orders of both lists, as parts of a query.

A filter is a pair `(name, choice)`: the choice is its value where the value decides the SQL (`status`, `phase`,
`is_active`), else None, and the value is then a parameter of the filter's name.
"""

import orjson
from peewee import OP, SQL, Expression, NodeList, Ordering, fn

from db import db, parameter
from models import MentorStatus, PauseRecord
from pauses import At

CHOICES = ("status", "is_active", "phase")


def shape(filters):
    """Return what of the filters decides the SQL, in an order of its own."""
    return tuple(sorted((name, value if name in CHOICES else None) for name, value in filters.items()))


def values(filters):
    """Return the parameters that the filters need, as the database takes them."""
    given = {name: value for name, value in filters.items() if name not in CHOICES}
    if "mentor_id" in given and not db.for_update:
        given["mentor_id"] = orjson.dumps(given["mentor_id"]).decode()
    return given


def apply_filters(query, filters, shape, at):
    """Return the query with the condition of each filter; a filter that is not in `filters` raises KeyError."""
    for name, choice in shape:
        query = query.where(filters[name](choice, at))
    return query


def is_one_of(column, name):
    """Find a column's value in a list that is one parameter: an array on Postgres, a JSON array on SQLite."""
    if db.for_update:
        return column == fn.ANY(parameter(name))
    return column.in_(NodeList((SQL("(SELECT value FROM json_each("), parameter(name), SQL("))")), glue=""))


# --- mentors


def by_status(choice, at):
    own = PauseRecord.alias("own_pause")
    in_force = fn.EXISTS(own.select(SQL("1")).where((own.mentor == MentorStatus.mentor_id) & at.in_force(own)))
    return in_force if choice == "paused" else ~in_force


def by_status_in_a_walk(choice, at):
    """Look at one mentor after the other, as many as a page takes: Postgres would join an EXISTS for all of them."""
    own = PauseRecord.alias("own_pause")
    pause = own.select(own.id).where((own.mentor == MentorStatus.mentor_id) & at.in_force(own)).limit(1)
    return Expression(pause, OP.IS_NOT if choice == "paused" else OP.IS, None)


def changed_since(at):
    """Return two conditions that exclude each other: the mentor was written since, or a pause of theirs turned since.

    Two queries, since with OR neither database uses the indexes that find the few who have changed.
    """
    since, older = parameter("updated_since"), MentorStatus.alias("older")
    # Where everyone was written since, nothing is left to find.
    any_older = fn.EXISTS(older.select(SQL("1")).where(older.last_updated < since))
    began = PauseRecord.select(PauseRecord.mentor).where(PauseRecord.start_date.between(since, at.instant) & any_older)
    ended = PauseRecord.select(PauseRecord.mentor).where(at.end(PauseRecord).between(since, at.instant) & any_older)
    written = MentorStatus.last_updated
    return written >= since, (written < since) & MentorStatus.mentor_id.in_(began.union_all(ended))


MENTOR_FILTERS = {
    "mentor_id": lambda _choice, _at: is_one_of(MentorStatus.mentor_id, "mentor_id"),
    "status": by_status,
}
WALK_FILTERS = MENTOR_FILTERS | {"status": by_status_in_a_walk}

# --- pause records

PHASES = {"scheduled": At.scheduled, "current": At.in_force, "overdue": At.overdue, "ended": At.ended}


def was(at):
    """Keep the pauses that were: one that ended where it started overlaps no window."""
    return at.end(PauseRecord) != PauseRecord.start_date


RECORD_FILTERS = {
    "mentor_id": lambda _choice, _at: is_one_of(PauseRecord.mentor, "mentor_id"),
    "reason": lambda _choice, _at: PauseRecord.reason == parameter("reason"),
    "is_active": lambda choice, at: at.is_active(PauseRecord) if choice else at.ended(PauseRecord),
    "phase": lambda choice, at: PHASES[choice](at, PauseRecord),
    "from": lambda _choice, at: (at.end(PauseRecord) > parameter("from")) & was(at),
    "to": lambda _choice, at: (PauseRecord.start_date < parameter("to")) & was(at),
    "due_within_days": lambda _choice, at: at.due(PauseRecord, parameter("due_within_days")),
}

# --- orders


def not_by_index(column):
    """Keep SQLite from reading all rows in this column's order."""
    return column if db.for_update else NodeList((SQL("+"), column), glue="")


MENTOR_ORDERS = {"mentor_id": MentorStatus.mentor_id, "last_updated": MentorStatus.last_updated}
RECORD_ORDERS = {
    "pause_record_id": PauseRecord.id,
    "start_date": PauseRecord.start_date,
    "expected_return_date": PauseRecord.expected_return_date,
    "end_date": PauseRecord.end_date,
    "created_at": PauseRecord.created_at,
}


def order(sort, fields, key, source=None, by_index=True):
    """Order by a field's name (after `-`: descending), nulls last in either direction, ties by the ascending key.

    `source` is a subquery whose columns to order by instead of the tables'.
    """
    field = fields[sort.removeprefix("-")]
    column, last = (one if source is None else getattr(source.c, one.column_name) for one in (field, key))
    by = Ordering(
        column if by_index else not_by_index(column),
        "DESC" if sort.startswith("-") else "ASC",
        nulls="LAST" if field.null else None,
    )
    return (by,) if field is key else (by, last.asc())
