"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

from peewee import Delete, Insert, SelectBase, Update, Value

from db.database import db

VARIANTS_KEPT = 100  # of a query with many filters there are tens of thousands


class Parameter(str):
    """The name of a value that a statement is given when it runs."""


def parameter(name):
    """Return the place in a query where the value called `name` goes."""
    return Value(Parameter(name), converter=False)


class Statement:
    """A query as the SQL of the database that `db` stands for, to be run many times with named parameters."""

    def __init__(self, sql, parameters, is_write=False, width=None):
        """`width` is the number of columns, if the rows are read as dialect.rows_sql() says."""
        self.parameters, self.is_write, self.is_wrapped = parameters, is_write, width is not None
        self.sql = sql if width is None else db.dialect.rows_sql(sql, width)

    @classmethod
    def of(cls, query):
        """Return a query as a Statement."""
        width = len(query.selected_columns) if isinstance(query, SelectBase) else None
        return cls(*query.sql(), isinstance(query, Insert | Update | Delete), width)

    def rows(self, **values):
        """Run it on the connection of this thread and return its rows, as tuples or lists."""
        database, filled = db.obj, self.fill(values)
        if self.is_write:
            cursor = database.execute_sql(self.sql, filled)
        else:
            cursor = database.run_unless_dead(lambda: database.execute_sql(self.sql, filled))
        return database.dialect.fetch_rows(cursor) if self.is_wrapped else cursor.fetchall()

    def row(self, **values):
        """Run it on the connection of this thread and return its first row, or None."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def fill(self, values):
        """Return the values in the order of their places in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


class Changes:
    """Queries, by name, that change tables together.

    SQLite runs one after the other. Postgres takes them as one statement, in which each is a common table expression of
    its name: it does not see what the others change, but may read what they return.
    """

    def __init__(self, queries, result=None):
        """`result` is the query of what Postgres returns; SQLite returns what the queries do."""
        if db.dialect.locks_all:
            self.statements = [Statement.of(query) for query in queries.values()]
        else:
            self.statements = [as_one_statement(queries, result)]

    def run(self, **values):
        """Run them on the connection of this thread and return their rows."""
        return [row for statement in self.statements for row in statement.rows(**values)]


def as_one_statement(queries, result):
    """Return queries, by name, as common table expressions of one Statement, which ends with the query `result`."""
    parts = {name: query.sql() for name, query in queries.items()}
    ctes = ", ".join(f"{name} AS ({sql})" for name, (sql, _parameters) in parts.items())
    sql, parameters = result.sql()
    parameters = [*(each for _sql, listed in parts.values() for each in listed), *parameters]
    return Statement(f"WITH {ctes} {sql}", parameters, is_write=True)


def statement(build):
    """Decorate a function that builds a query, or Changes: called, it gives a Statement, or these Changes.

    One without arguments is written by init_db(). One whose arguments choose its SQL (which filters, which order) is
    written at the first request for it; of the many variants, those used last are kept.
    """

    def write(*variant):
        query = build(*variant)
        return query if isinstance(query, Changes) else Statement.of(query)

    get = functools.lru_cache(VARIANTS_KEPT)(write)

    def write_anew(_database):
        get.cache_clear()
        if not inspect.signature(build).parameters:
            get()

    db.attach_callback(write_anew)
    return get
