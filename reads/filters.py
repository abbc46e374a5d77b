"""What lists share: which filters a query has, what decides the SQL of a page, and in which order its rows come.

Each resource has its conditions: a function for each filter in schemas.py. It gets the PauseSQL of the read and the
value of the filter, and returns what it adds to WHERE.
"""

from typing import NamedTuple

from peewee import OP, SQL, Expression, NodeList, Ordering, Value, fn

from db import db, parameter
from db.paging import USUAL_LIMIT

# The filters with SQL of its own for each value. The value of any other one is a parameter of the SQL, under its name.
SQL_PER_VALUE = {"status", "phase", "is_active"}


class Variant(NamedTuple):
    """What decides the SQL of a page; the rest of a request is in the parameters of the SQL.

    `filters` are pairs of a name and a value, which is None if it is a parameter. The columns are those of the
    serializer; if `with_mentors` is true, those of each record's mentor follow.
    """

    filters: tuple = ()
    expected: bool = False
    sort: str = ""
    limit: int = USUAL_LIMIT
    is_first: bool = True
    serializer: object = None
    with_mentors: bool = False

    @property
    def may_read_many(self):
        """Whether the database may have to look at very many rows: there are filters, but not that of mentor ids."""
        names = {name for name, _value in self.filters}
        return bool(names) and "mentor_id" not in names


def values_of(query, conditions):
    """Return the values of the filters of a query by name, as the database takes them."""
    values = {name: query[name] for name in conditions if name in query}
    if "mentor_id" in values:
        values["mentor_id"] = db.dialect.list_parameter(values["mentor_id"])
    return values


def filters_of(values):
    """Return the filters with these values as pairs of a name and a value, which is None if it is a parameter."""
    return tuple((name, value if name in SQL_PER_VALUE else None) for name, value in values.items())


def variant_of(query, values, key, serializer, with_mentors=False):
    """Return the Variant that a query asks for, whose filters have these values. `key` is the usual order."""
    page, sort = query["page"], query.get("sort", key)
    return Variant(filters_of(values), query["expected"], sort, page.limit, page.is_first, serializer, with_mentors)


def apply_filters(select, conditions, filters, pause_sql):
    """Return the SQL query with the condition of each filter, as filters_of() returns them."""
    for name, value in filters:
        select = select.where(conditions[name](pause_sql, parameter(name) if value is None else value))
    return select


def contains(mentor_id, part):
    """The id has this text somewhere in it, in whatever case. (ILIKE is LIKE on SQLite, which ignores case, too.)"""
    # For LIKE, `_` would stand for any character. No id has the `!`.
    pattern = Value("%").concat(fn.REPLACE(part, "_", "!_")).concat("%")
    return Expression(mentor_id, OP.ILIKE, NodeList((pattern, SQL("ESCAPE '!'"))))


def count_of_all(table):
    return table.select(fn.COUNT(SQL("*")))


def order(sort, orders, key, table):
    """Order by the name in `sort` (after `-`: descending), nulls last in either direction, ties by the ascending key.

    `orders` has the column of each name. `table` is the table, or the columns of a subquery of it.
    """
    name = sort.removeprefix("-")
    field = orders[name]
    direction = "DESC" if sort.startswith("-") else "ASC"
    by = Ordering(getattr(table, field.name), direction, nulls="LAST" if field.null else None)
    return (by,) if name == key else (by, getattr(table, orders[key].name).asc())
