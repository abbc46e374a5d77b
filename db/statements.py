"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

import orjson
from peewee import SQL, Select, SelectBase, Value

from db.database import db, on_connection

VARIANTS_KEPT = 100  # a query with many filters has tens of thousands of variants


class Parameter(str):
    """The name of a value that a statement gets when it runs."""


def parameter(name):
    """Return the placeholder, in a query, for the value called `name`, which Statement.fill() puts there."""
    # The name stands among the values of the query until then. Without False, a column's converter would change it.
    return Value(Parameter(name), converter=False)


def pack_rows(sql, column_count):
    """Return the SQL that reads all rows of a query as one value: a JSON array of arrays."""
    names = ", ".join(f"c{number}" for number in range(column_count))
    return f"WITH packed ({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM packed"  # noqa: S608 (our own SQL)


class Statement:
    """The SQL of a query, in the dialect of `db`, to be run many times with named parameters."""

    def __init__(self, query):
        is_select = isinstance(query, SelectBase)
        self.is_packed = is_select and db.dialect.packs_rows  # see dialect.py
        self.sql, self.parameters = query.bind(db).sql()
        if self.is_packed:
            self.sql = pack_rows(self.sql, len(query.selected_columns))
        self.returns_rows = is_select or " RETURNING " in self.sql

    @on_connection
    def rows(self, **values):
        """Run it and return its rows, as tuples or lists."""
        cursor = db.execute_sql(self.sql, self.fill(values))
        if not self.returns_rows:
            return []
        return orjson.loads(cursor.fetchone()[0]) if self.is_packed else cursor.fetchall()

    def row(self, **values):
        """Run it and return its first row, or None."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def run_each(self, rows):
        """Run it (no SELECT) for each of the rows (dicts of values) within a transaction; return what they return."""
        if len(rows) > 1:
            return db.execute_many(self.sql, [self.fill(values) for values in rows])
        return self.rows(**rows[0]) if rows else []

    def takes(self, *names):
        """Say whether any of these is a parameter of it."""
        return any(type(item) is Parameter and item in names for item in self.parameters)

    def fill(self, values):
        """Return the values in the order of their placeholders in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


def statement(build):
    """Decorate a function that builds a query: the function then returns its Statement, which is built once.

    Run it with .rows(), .row() or .run_each(). There is one Statement for each set of arguments, which choose the SQL
    (which filters, which order); the first request for one builds it. What needs no argument is built with the pool, so
    that the start fails if Peewee cannot build it. (A default argument is there for that alone.)
    """

    @functools.lru_cache(VARIANTS_KEPT)
    def statement_of(*arguments):
        return Statement(build(*arguments))

    needs_arguments = any(each.default is each.empty for each in inspect.signature(build).parameters.values())

    def build_for_pool(_pool):  # in its dialect
        statement_of.cache_clear()
        if not needs_arguments:
            statement_of()

    db.attach_callback(build_for_pool)
    return statement_of


@statement
def clock_statement():
    return Select(columns=[SQL(db.dialect.clock)])


def read_clock():
    """Return the present instant, by the database's clock."""
    return clock_statement().row()[0]
