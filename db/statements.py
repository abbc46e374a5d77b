"""Statements whose SQL is built once and run many times, with named parameters."""

import functools
import inspect

import orjson
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
        columns = ", ".join(f"c{number}" for number in range(len(getattr(query, "selected_columns", ()))))
        in_one = f"SELECT json_group_array(json_array({columns})) FROM found"  # noqa: S608 (our own names)
        self.rows_in_one = f"WITH found ({columns}) AS ({self.sql}) {in_one}"

    def run(self, **values):
        """Run it on the connection of this thread and return the cursor; each row is a tuple."""
        return db.obj.execute_sql(self.sql, self.fill(values))

    def change(self, **values):
        """Run it on the connection of this thread and return how many rows it has changed."""
        return db.rows_affected(self.run(**values))

    def rows(self, **values):
        """Run it on the connection of this thread and return its rows.

        From SQLite they come as one, in JSON: Python gives its lock away for each row, and then must queue for it.
        """
        if db.for_update:
            return self.run(**values).fetchall()
        return orjson.loads(db.execute_sql(self.rows_in_one, self.fill(values)).fetchone()[0])

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
