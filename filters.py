"""The filters and the orders of both lists, as parts of a query.

A filter is asked for as `(name, choice)`: the choice is its value where the value decides the SQL (`status`, `phase`,
`is_active`), else None, and the value is then a parameter of the filter's name.
"""

import orjson
from peewee import OP, SQL, Expression, NodeList, Ordering, fn

from database import db, parameter
from instants import days_after
from models import At, MentorStatus, PauseRecord

CHOICES = ("status", "is_active", "phase")


def shape(filters):
    """Return what of the filters decides the SQL, in an order of its own."""
    return tuple(sorted((name, value if name in CHOICES else None) for name, value in filters.items()))


def values(filters, at):
    """Return the parameters that the filters need, as the database takes them; `at` is the instant of the read."""
    given = {name: value for name, value in filters.items() if name not in CHOICES}
    if "mentor_id" in given and not db.for_update:
        given["mentor_id"] = orjson.dumps(given["mentor_id"]).decode()
    if "due_within_days" in given:
        given["due_within_days"] = days_after(at, given["due_within_days"])
    return given


def is_one_of(column, name):
    """Find a column's value in a list that is one parameter: an array on Postgres, a JSON array on SQLite."""
    if db.for_update:
        return column == fn.ANY(parameter(name))
    return column.in_(NodeList((SQL("(SELECT value FROM json_each("), parameter(name), SQL("))")), glue=""))


# --- mentors


def mentor_condition(name, choice, at, few=False):
    """Return the condition of one filter of the list of mentors; `few`: hardly any are paused, so begin with those."""
    match name:
        case "mentor_id":
            return is_one_of(MentorStatus.mentor_id, name)
        case "updated_since":
            return MentorStatus.mentor_id.in_(touched_mentors(at))
        case "status" if few and choice == "paused":
            return MentorStatus.mentor_id.in_(PauseRecord.select(PauseRecord.mentor).where(at.in_force(PauseRecord)))
        case "status":
            own = PauseRecord.alias("own_pause")
            in_force = (own.mentor == MentorStatus.mentor_id) & at.in_force(own)
            # Not EXISTS, which Postgres would join: it must be asked of each mentor, as many as a page takes.
            pause = own.select(own.id).where(in_force).limit(1)
            return Expression(pause, OP.IS_NOT if choice == "paused" else OP.IS, None)


def touched_mentors(at):
    """Select the mentors who were written since, or of whom a pause began or ended since: what a mirror must read."""
    record, since = PauseRecord, parameter("updated_since")
    written = MentorStatus.select(MentorStatus.mentor_id).where(MentorStatus.last_updated >= since)
    began = record.select(record.mentor).where(record.start_date.between(since, at.instant))
    ended = record.select(record.mentor).where(record.end_date.between(since, at.instant))
    if not at.expected:
        return written + began + ended  # UNION ALL: SQLite would merge sorted ones, and for that walk all mentors
    returned = record.end_date.is_null() & record.expected_return_date.between(since, at.instant)
    return written + began + ended + record.select(record.mentor).where(returned)


# --- pause records

PHASES = {"scheduled": At.scheduled, "current": At.in_force, "overdue": At.overdue, "ended": At.ended}


def record_condition(name, choice, at):  # noqa: PLR0911 one line a filter
    """Return the condition of one filter of the list of pause records."""
    record, end = PauseRecord, at.end(PauseRecord)
    was = end != record.start_date  # a pause that never was overlaps no window
    match name:
        case "mentor_id":
            return is_one_of(record.mentor, name)
        case "reason":
            return record.reason == parameter(name)
        case "is_active":
            return at.is_active(record) if choice else at.ended(record)
        case "phase":
            return PHASES[choice](at, record)
        case "from":
            return (end > parameter(name)) & was
        case "to":
            return (record.start_date < parameter(name)) & was
        case "due_within_days":
            return at.is_active(record) & (record.expected_return_date <= parameter(name))


# --- orders

FEW = 1000  # so many rows are found and sorted sooner than a whole list is walked in order


def not_by_index(column):
    """Keep SQLite, which knows nothing of how many rows a condition finds, from walking all in this column's order."""
    return column if db.for_update else NodeList((SQL("+"), column), glue="")


MENTOR_ORDERS = {"mentor_id": MentorStatus.mentor_id, "last_updated": MentorStatus.last_updated}
RECORD_ORDERS = {
    "pause_record_id": PauseRecord.id,
    "start_date": PauseRecord.start_date,
    "expected_return_date": PauseRecord.expected_return_date,
    "end_date": PauseRecord.end_date,
    "created_at": PauseRecord.created_at,
}


def order(sort, columns, key, few=False):
    """Order by a column's name (after `-`: descending), nulls last in either direction, ties by the ascending key.

    `few`: there are so few rows to sort that the order must not choose the index.
    """
    column = columns[sort.removeprefix("-")]
    nulls = "LAST" if getattr(column, "null", False) else None
    by = Ordering(not_by_index(column) if few else column, "DESC" if sort.startswith("-") else "ASC", nulls=nulls)
    return (by,) if column is key else (by, key.asc())
