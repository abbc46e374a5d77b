"""One page of a list: a counted page, with its total from the same statement, or a keyset page, which follows a key."""

from contextlib import nullcontext
from dataclasses import dataclass

from peewee import SQL

from db import cached_totals, db, parameter
from db.statements import OneRow, wrap_in_json

LIMIT = parameter("limit")
OFFSET = parameter("offset")
AFTER = parameter("after")
USUAL_LIMIT = 20
SKIP_LIMIT = 1000  # rows; a page that skips more is a slow read


@dataclass(frozen=True)
class Page:
    """The page that a request asks for: `page` counts from 1, `limit` is its size.

    With `after` it is a keyset page: the rows after this key. The empty key is before all others.
    """

    page: int = 1
    limit: int = USUAL_LIMIT
    after: str | None = None

    @property
    def is_keyset(self):
        return self.after is not None

    @property
    def is_usual(self):
        """Say whether it is the page that clients ask for most: the first or a keyset page, of the usual size."""
        return self.page == 1 and self.limit == USUAL_LIMIT

    @property
    def offset(self):
        return (self.page - 1) * self.limit


@dataclass
class FetchedPage:
    """What one page shows, and its total; of a keyset page the key of the next page, or None."""

    data: list
    total: int | None = None
    next_key: str | None = None


def cut(query, is_usual):
    """Return the query cut to one counted page; the usual one begins at the first row.

    If LIMIT is a parameter, Postgres plans the statement each time, which takes longer than to run it. So the usual
    limit is a number in the SQL. (With a filter the new plan is worth its time: the value decides which index is best.)
    """
    return query.limit(SQL(str(USUAL_LIMIT))) if is_usual else query.limit(LIMIT).offset(OFFSET)


def cut_after_key(query, is_usual):
    """Return the query cut to one keyset page and the row after it; fetch_keyset_page() adds this row to the limit."""
    return query.limit(SQL(str(USUAL_LIMIT + 1)) if is_usual else LIMIT)


def counted_page(total, page, matching=None):
    """Return the query of a counted page: one row with the total, and the rows of the page as JSON.

    `total` is a query of one value, and `page` a query of rows. With `matching`, a query of all rows that the filters
    match, both read from a table of this name, so that the database finds these rows only once.
    """
    data = wrap_in_json(page)
    query = OneRow(columns=[total.alias("total"), data.alias("data")]).bind(db)
    return query.with_cte(matching.cte("matching", materialized=True)) if matching is not None else query


def slow_read_if(may_read_many, page):
    """Return the context of a slow read (`db.slow_read_turns`) if the database may have to look at very many rows."""
    return db.slow_read_turns if may_read_many or page.offset > SKIP_LIMIT else nullcontext()


def fetch_page(statement, page, serializer, **values):
    """Return a counted page by the statement of counted_page(), represented by a serializer."""
    values |= {"limit": page.limit, "offset": page.offset}
    total, data = cached_totals.read_total_and_page(statement, values)
    return FetchedPage(serializer.represent(db.dialect.parse_rows(data, serializer.instants)), total)


def fetch_keyset_page(statement, page, serializer, key_of, **values):
    """Return a keyset page by its statement, represented by a serializer; `key_of` returns the key of a row."""
    rows = statement.rows(limit=page.limit + 1, **values)
    next_key = None
    if len(rows) > page.limit:  # the one row more says that others follow
        rows.pop()
        next_key = key_of(rows[-1])
    return FetchedPage(serializer.represent(rows), next_key=next_key)
