"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

from peewee import Value

from db.database import db

VARIANTS_KEPT = 100  # of a query with many filters there are tens of thousands


class Parameter(str):
    """The name of a value that a statement is given when it runs."""


def parameter(name):
    """Return the place in a query where the value called `name` goes."""
    return Value(Parameter(name), converter=False)


class Statement:
    """A query as the SQL of the database that `db` stands for, to be run many times with named parameters."""

    def __init__(self, query):
        self.sql, self.parameters = query.sql()
        self.rows_sql = db.dialect.rows_sql(self.sql, len(getattr(query, "selected_columns", ())))

    def run(self, **values):
        """Run it on the connection of this thread and return the cursor; each row is a tuple."""
        return db.obj.execute_sql(self.sql, self.fill(values))

    def change(self, **values):
        """Run it on the connection of this thread and return how many rows it has changed."""
        return db.rows_affected(self.run(**values))

    def rows(self, **values):
        """Run it on the connection of this thread and return its rows."""
        database = db.obj
        return database.dialect.fetch_rows(database.execute_sql(self.rows_sql, self.fill(values)))

    def fill(self, values):
        """Return the values in the order of their places in the SQL."""
        return [values[item] if type(item) is Parameter else item for item in self.parameters]


def statement(build):
    """Decorate a function that builds a query: called, it gives the Statement, whose SQL is written once.

    One without arguments is written by init_db(). One whose arguments choose its SQL (which filters, which order) is
    written at the first request for it; of the many variants, those used last are kept.
    """
    get = functools.lru_cache(VARIANTS_KEPT)(lambda *variant: Statement(build(*variant)))

    def write_anew(_database):
        get.cache_clear()
        if not inspect.signature(build).parameters:
            get()

    db.attach_callback(write_anew)
    return get
