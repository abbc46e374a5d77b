"""One page of a list: counted, with its total from the same statement, or after a key (keyset pagination)."""

from contextlib import nullcontext
from dataclasses import dataclass

from peewee import SQL

from db import cached_totals, connected, db, parameter, slow_read

LIMIT, OFFSET, AFTER = parameter("limit"), parameter("offset"), parameter("after")
USUAL_LIMIT = 20
SKIP_LIMIT = 1000  # rows; who skips more, or filters, may make the database look at very many


@dataclass(frozen=True)
class Page:
    """The page that a request asks for: `page` counts from 1, `limit` is its size.

    With `after`, a keyset page: the rows after this key. The empty key begins.
    """

    page: int = 1
    limit: int = USUAL_LIMIT
    after: str | None = None

    @property
    def is_keyset(self):
        return self.after is not None

    @property
    def is_usual(self):
        """What is asked for most: the first page, or one after a key, of the usual size."""
        return self.page == 1 and self.limit == USUAL_LIMIT

    @property
    def is_deep(self):
        """Many rows come before it, which the database would have to skip."""
        return self.offset > SKIP_LIMIT

    @property
    def offset(self):
        return (self.page - 1) * self.limit


@dataclass
class Listed:
    """The representations of one page, and the total; of a keyset page, the key of the next one (None at the end)."""

    data: list[dict]
    total: int | None = None
    next_key: str | None = None


def cut(query, is_usual):
    """Return the query cut to one counted page; the usual one begins at the first row.

    Its limit is a number in the SQL. If LIMIT is a parameter, Postgres plans the statement anew each time: for page 1
    of 100,000 rows, that is 0.26 of 0.46 ms.
    """
    return query.limit(SQL(str(USUAL_LIMIT))) if is_usual else query.limit(LIMIT).offset(OFFSET)


def cut_after_key(query, is_usual):
    """Return the query cut to one keyset page and the row after it; LIMIT is then one more than the page has."""
    return query.limit(SQL(str(USUAL_LIMIT + 1)) if is_usual else LIMIT)


class CountedPage:
    """A counted page as one statement with one row: the total, and the rows of the page as JSON.

    `total` is a query of one value, and `page` one of rows, with the columns that the serializer names. With
    `matching`, the query of all rows that the filters match, both read from a table of this name, so that it is run
    only once.
    """

    def __init__(self, total, page, serializer, matching=None):
        self.total, self.page, self.matching, self.columns = total, page, matching, serializer.names

    def sql(self):
        """Return the SQL and its values, as a query of Peewee does."""
        total, values_of_total = self.total.bind(db).sql()
        page, values_of_page = self.page.bind(db).sql()
        sql = f"SELECT ({total}) AS total, ({db.dialect.rows_as_json(page, self.columns)}) AS data"
        if self.matching is None:
            return sql, values_of_total + values_of_page
        matching, values_of_matching = self.matching.bind(db).sql()
        return (
            f"WITH matching AS MATERIALIZED ({matching}) {sql}",
            values_of_matching + values_of_total + values_of_page,
        )


def slow_read_where(is_filtered, page):
    """Wait among the slow reads where very many rows may have to be looked at.

    Raises MaxConnectionsExceeded if the turn does not come in time.
    """
    return slow_read() if is_filtered or page.is_deep else nullcontext()


@connected
def read_rows(statement, values):
    """Return the rows of a statement."""
    return statement.rows(**values)


@connected
def read_total_and_page(statement, values):
    """Return the one row of a CountedPage."""
    return statement.row(**values)


def fetch_page(statement, serializer, page, kind_of_total=None, **values):
    """Return a counted page, as Listed; `statement` is that of a CountedPage.

    With `kind_of_total` its total is one that is cached.
    """
    values |= {"limit": page.limit, "offset": page.offset}
    if kind_of_total:
        total, data = cached_totals.read_total_and_page(statement, kind_of_total, values)
    else:
        total, data = read_total_and_page(statement, values)
    rows = db.dialect.rows_of_json(data, serializer.instants)
    return Listed(serializer.represent(rows), total)


def fetch_keyset_page(statement, serializer, page, key_of, **values):
    """Return the page after the key `after`, as Listed; `key_of` takes the key out of the dict of a row."""
    rows, next_key = read_rows(statement, values | {"limit": page.limit + 1}), None
    if len(rows) > page.limit:  # one row more is read, to know whether others follow
        rows.pop()
        next_key = key_of(dict(zip(serializer.names, rows[-1], strict=True)))
    return Listed(serializer.represent(rows), next_key=next_key)
