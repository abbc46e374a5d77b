"""One page of a list: a keyset page, which follows a key, or a counted page, for which see counted_pages.py."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from peewee import SQL

from db import db, parameter

KEY = parameter("key")
USUAL_LIMIT = 20
MOST_SKIPPED = 1000  # rows; a page that skips more is a slow read


@dataclass(frozen=True)
class Page:
    """The page that a request asks for: `number` counts from 1, `limit` is its size.

    With `after` it is a keyset page: the rows after this key. The empty key is before all others.
    """

    number: int = 1
    limit: int = USUAL_LIMIT
    after: str | None = None

    @property
    def is_keyset(self):
        return self.after is not None

    @property
    def is_first(self):
        return self.number == 1

    @property
    def offset(self):
        return (self.number - 1) * self.limit


class FetchedPage(NamedTuple):
    """The rows of one page, and its total; of a keyset page the key of the next page, or None."""

    rows: list
    total: int | None = None
    next_key: str | None = None


def cut_with_one_more(query, limit):
    """Return the query cut to one keyset page, and the row after it, which says that another page follows."""
    return query.limit(SQL(str(limit + 1)))


def slow_read_if(may_read_many, page):
    """Return the context of a slow read (`db.slow_read_turns`) if the database may have to look at very many rows."""
    return db.slow_read_turns if may_read_many or page.offset > MOST_SKIPPED else nullcontext()


def fetch_keyset_page(statement, values, page, key_of):
    """Return a keyset page by its statement; `values` are its parameters, and `key_of` returns the key of a row."""
    rows = statement.rows(**values)
    if len(rows) <= page.limit:
        return FetchedPage(rows)
    return FetchedPage(rows[: page.limit], next_key=key_of(rows[page.limit - 1]))
