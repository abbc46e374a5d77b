"""One page of a list: counted, with its total from the same statement, or after a key (keyset pagination)."""

from contextlib import nullcontext
from dataclasses import dataclass

from peewee import JOIN, SQL, Case, Select

from db import connected, db, parameter, slow_read

LIMIT, OFFSET, AFTER = parameter("limit"), parameter("offset"), parameter("after")
USUAL_LIMIT = 20
EVERY_ROW = SQL("*")
SORT_LIMIT = 1000  # rows; so many are found and sorted sooner than a whole list is read in the order of an index
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


def limit_of(has_usual_limit):
    """Return how many rows a page has, as an expression: if it is the usual limit, as a number in the SQL.

    For a LIMIT that is a parameter, Postgres plans anew each time: for page 1 of 100,000 rows, 0.26 of 0.46 ms.
    """
    return SQL(str(USUAL_LIMIT)) if has_usual_limit else LIMIT


def cut(query, is_usual):
    """Return the query cut to one counted page; the usual one begins at the first row."""
    page = query.limit(limit_of(is_usual))
    return page if is_usual else page.offset(OFFSET)


def cut_after_key(query, is_usual):
    """Return the query cut to one keyset page and the row after it; LIMIT is then one more than the page has."""
    return query.limit(SQL(str(USUAL_LIMIT + 1)) if is_usual else LIMIT)


def total_cte(query):
    """Return the query of a total as a common table expression with the one column `total`."""
    return query.cte("total", columns=("total",))


def select_total(total, page, names, order, *others, totals=("total",)):
    """Select the rows of a page, each with the total; past the last page, one row that has nothing but the total.

    `names` are those of the page's columns; `order(subquery)` returns the order of the page, given as a subquery;
    `others` are further common table expressions, `totals` the columns of `total`.
    """
    page = page.alias("page")
    columns = [*(getattr(page.c, name) for name in names), *(getattr(total.c, name) for name in totals)]
    joined = Select([total.join(page, JOIN.LEFT_OUTER, on=SQL("TRUE"))], columns)
    return joined.order_by(*order(page)).with_cte(*others, total).bind(db)


def choose_by_total(total, few, many):
    """Select the rows of the query `few` if the total is small, else those of `many`; the other one does nothing.

    SQLite cannot know how many rows a condition finds. A few are better found and sorted; of many, the first in an
    order are better found by an index of that order.
    """
    is_few = Select([total], [total.c.total]) <= SORT_LIMIT
    few = few.limit(Case(None, [(is_few, LIMIT)], 0)).offset(OFFSET).alias("few")
    many = many.limit(Case(None, [(is_few, 0)], LIMIT)).offset(OFFSET).alias("many")
    return Select([few], [EVERY_ROW]).union_all(Select([many], [EVERY_ROW]))


def slow_read_where(is_filtered, page):
    """Wait among the slow reads where very many rows may have to be looked at.

    Raises MaxConnectionsExceeded if the turn does not come in time.
    """
    return slow_read() if is_filtered or page.is_deep else nullcontext()


@connected
def fetch_rows(statement, values):
    """Return the rows of a statement."""
    return statement.rows(**values)


def fetch_page(quick, whole, serializer, page, fetch_quick=fetch_rows, **values):
    """Return a counted page, as Listed.

    `quick` and `whole` return statements whose columns are the serializer's `names` and the total. `quick`, which
    `fetch_quick` asks, returns no row past the end; then `whole` is asked, whose single row there has only the total.
    """
    values |= {"limit": page.limit, "offset": page.offset}
    rows = fetch_quick(quick(), values) or fetch_rows(whole(), values)
    first = dict(zip((*serializer.names, "total"), rows[0]))  # noqa: B905 (what a kept count needs comes after these)
    is_past_the_end = first[serializer.names[0]] is None  # which no row of a table has null
    return Listed([] if is_past_the_end else serializer.represent(rows), first["total"])


def fetch_keyset_page(statement, serializer, page, key_of, **values):
    """Return the page after the key `after`, as Listed; `key_of` takes the key out of the dict of a row."""
    rows, next_key = fetch_rows(statement, values | {"limit": page.limit + 1}), None
    if len(rows) > page.limit:  # one row more is read, to know whether others follow
        rows.pop()
        next_key = key_of(dict(zip(serializer.names, rows[-1], strict=True)))
    return Listed(serializer.represent(rows), next_key=next_key)
