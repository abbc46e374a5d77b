"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

from peewee import SelectBase, Value

from db.database import db

VARIANTS_KEPT = 100  # of a query with many filters there are tens of thousands


class Parameter(str):
    """The name of a value that a statement is given when it runs."""


def parameter(name):
    """Return the place in a query where the value called `name` goes."""
    return Value(Parameter(name), converter=False)


class Statement:
    """A query as the SQL of the database that `db` stands for, to be run many times with named parameters."""

    def __init__(self, sql, parameters, columns=None):
        """`columns` is how many a query has that only reads."""
        self.parameters, self.is_read = parameters, columns is not None
        self.sql = db.dialect.rows_sql(sql, columns) if self.is_read else sql

    @classmethod
    def of(cls, query):
        """Return a query as a Statement."""
        return cls(*query.sql(), len(query.selected_columns) if isinstance(query, SelectBase) else None)

    def rows(self, **values):
        """Run it on the connection of this thread and return its rows, as tuples or lists."""
        return db.obj.run_together([(self, self.fill(values))])[0]

    def row(self, **values):
        """Run it on the connection of this thread and return its first row, or None."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def fill(self, values):
        """Return the values in the order of their places in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


class Changes:
    """Groups of queries that change tables, to be run together as the end of a transaction; a group is a dict of them.

    SQLite runs one query after the other. Postgres takes a group as one statement, in which each query is a common
    table expression of its name: it does not see what the others of its group change, but may read what they return
    (`dialect.sees_changes`).
    """

    def __init__(self, groups):
        if db.dialect.sees_changes:
            self.statements = [Statement.of(query) for group in groups for query in group.values()]
        else:
            self.statements = [combined(group) for group in groups if group]

    def run(self, **values):
        """Run them and commit, on Postgres in one round trip; return the rows of the one that returns any."""
        calls = [(statement, statement.fill(values)) for statement in self.statements]
        return [row for rows in db.obj.run_together(calls, commit=True) for row in rows]


def combined(queries):
    """Return queries, by name, as one Statement of common table expressions; it returns what one of them returns."""
    statements = {name: Statement.of(query) for name, query in queries.items()}
    ctes = ", ".join(f"{name} AS ({each.sql})" for name, each in statements.items())
    returned = [name for name, each in statements.items() if " RETURNING " in each.sql]
    result = f"TABLE {returned[0]}" if returned else "SELECT 1 WHERE FALSE"
    return Statement(f"WITH {ctes} {result}", [item for each in statements.values() for item in each.parameters])


def run_together(*calls):
    """Run statements on the connection of this thread, on Postgres in one round trip; return the rows of each.

    A call is a Statement and its values by name.
    """
    return db.obj.run_together([(each, each.fill(values)) for each, values in calls])


def statement(build):
    """Decorate a function that builds a query, or groups of them as a list: called, it gives a Statement, or Changes.

    One without arguments is written by init_db(). One whose arguments choose its SQL (which filters, which order) is
    written at the first request for it; of the many variants, those used last are kept.
    """

    def write(*variant):
        query = build(*variant)
        return Changes(query) if isinstance(query, list) else Statement.of(query)

    get = functools.lru_cache(VARIANTS_KEPT)(write)

    def write_anew(_database):
        get.cache_clear()
        if not inspect.signature(build).parameters:
            get()

    db.attach_callback(write_anew)
    return get
