"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

import orjson
from peewee import CTE, SQL, Select, SelectBase, Value

from db.database import db
from db.transactions import connected

VARIANTS_KEPT = 100  # a query with many filters has tens of thousands of variants


class Parameter(str):
    """The name of a value that a statement gets when it runs."""


def parameter(name):
    """Return the placeholder, in a query, for the value called `name`."""
    return Value(Parameter(name), converter=False)


class OneRow(Select):
    """A query of one row, which is not wrapped in JSON: see `dialect.sends_rows_as_json`."""


def rows_as_json(query, names):
    """Return the query of one value: all rows of a query in JSON; `names` are for its columns."""
    listed = query.cte("listed", columns=names)
    return Select([listed], [db.dialect.json_of_rows([SQL(name) for name in names])]).with_cte(listed)


class Statement:
    """The SQL of a query, in the dialect of `db`, to be run many times with named parameters."""

    def __init__(self, query, is_write=False):
        """Build the SQL. `is_write` says that a SELECT writes by its common table expressions."""
        is_select = isinstance(query, SelectBase)
        self.is_write = is_write or not is_select
        # Whether it returns all rows as one, in JSON: see `dialect.sends_rows_as_json`.
        self.has_json = is_select and not isinstance(query, OneRow) and db.dialect.sends_rows_as_json
        if self.has_json:
            query = rows_as_json(query, [f"c{number}" for number in range(len(query.selected_columns))]).bind(db)
        self.sql, self.parameters = query.sql()

    @connected
    def rows(self, **values):
        """Run it and return its rows, as tuples or lists."""
        execute = functools.partial(db.execute_sql, self.sql, self.fill(values))
        cursor = execute() if self.is_write else db.run_unless_dead(execute)
        return orjson.loads(cursor.fetchone()[0]) if self.has_json else cursor.fetchall()

    def row(self, **values):
        """Run it and return its first row, or None."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def fill(self, values):
        """Return the values in the order of their placeholders in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


class Changes:
    """Queries, by name, that change tables together.

    SQLite runs them one after the other. Postgres runs them as one statement. In it each query is a common table
    expression with its name: it does not see what the others change, but may read what they return.
    """

    def __init__(self, queries, result):
        """Postgres returns the rows of the query `result`; SQLite returns the rows that all of `queries` return."""
        if db.dialect.locks_database:
            self.statements = [Statement(query) for query in queries.values()]
        else:
            in_one = result.with_cte(*(CTE(name, query) for name, query in queries.items())).bind(db)
            self.statements = [Statement(in_one, is_write=True)]

    def run(self, **values):
        """Run them and return their rows."""
        return [row for statement in self.statements for row in statement.rows(**values)]


def statement(build):
    """Decorate a function that builds a query, or Changes: it then returns a Statement, or the Changes, and caches it.

    If it needs no arguments, init_db() calls it, so that a query that Peewee cannot build stops the start. Arguments
    choose the SQL (which filters, which order); the first request for a variant builds it. Of many variants, those that
    were used last stay in the cache.
    """

    def build_statement(*variant):
        query = build(*variant)
        return query if isinstance(query, Changes) else Statement(query)

    get = functools.lru_cache(VARIANTS_KEPT)(build_statement)

    def build_anew(_database):
        get.cache_clear()
        defaults = [each.default for each in inspect.signature(build).parameters.values()]
        if inspect.Parameter.empty not in defaults:
            get(*defaults)

    db.attach_callback(build_anew)
    return get
