"""Places in a list, kept so that a page far down it does not skip all the rows before: the key of the row of a number.

Postgres takes 35 ns for each row that it only skips, 1.8 ms for the 50,000 rows before page 2,500. A place stays true
as long as nothing is written, which kept_counts.py explains: the statement that reads a page begins at the last place
that is known before it, if its own snapshot is in the state of that place, else at the first row.
"""

from dataclasses import dataclass, field

from peewee import SQL, Case, Select

from db.database import db
from db.pages import OFFSET, limit_of
from db.statements import parameter
from db.transactions import connected

PLACES = 100  # at most so many of a list
LOWEST = ""  # less than every key


@dataclass(frozen=True)
class KeptPlaces:
    """The keys of some rows by their number (from 0), in one state of the database."""

    state: str | None = None
    keys: dict = field(default_factory=dict)


def cut(keys, key, has_usual_limit):
    """Return the query of keys, texts in their order, cut to one page, and what it needs beside it.

    That is the state, a column to select, and two common table expressions. `key` is the column of the key.
    """
    state, number, first = (parameter(name) for name in ("kept_state", "kept_number", "kept_key"))
    now = Select(columns=[SQL(db.dialect.state)]).cte("now", materialized=True, columns=("state",))
    is_true = now.c.state == state
    columns = now.c.state, Case(None, [(is_true, first)], LOWEST), Case(None, [(is_true, OFFSET - number)], OFFSET)
    place = Select([now], columns).cte("place", materialized=True, columns=("state", "key", "rows_to_skip"))
    from_place = keys.where(key >= Select([place], [place.c.key]))
    page = from_place.limit(limit_of(has_usual_limit)).offset(Select([place], [place.c.rows_to_skip]))
    return page, Select([place], [place.c.state]), now, place


@connected
def fetch_rows(statement, values, name):
    """Return the rows of a statement on cut(), and keep where they stand in the list that has this name.

    The statement's first column is the key, and its last one the state.
    """
    database = db.obj
    # A transaction sees what it has written, which no state tells.
    lists = {} if database.in_transaction() else database.dialect.kept()
    known = lists.get(name) or KeptPlaces()
    keys, offset = dict(known.keys), values["offset"]  # a copy, since other threads add to it
    number = max((number for number in keys if number <= offset), default=0)
    place = {"kept_state": known.state, "kept_number": number, "kept_key": keys.get(number, LOWEST)}
    rows = statement.rows(**values, **place)
    if rows and rows[0][-1] is not None:
        if rows[0][-1] != known.state or len(keys) >= PLACES:
            lists[name] = known = KeptPlaces(rows[0][-1])
        known.keys.update({offset: rows[0][0], offset + len(rows) - 1: rows[-1][0]})
    return rows
