"""One page of a list: a keyset page, which follows a key, or a counted page, which has the total of the list."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from peewee import SQL, Case, Select

from db.database import db, on_connection
from db.statements import parameter

KEY = parameter("key")
USUAL_LIMIT = 20
MOST_SKIPPED = 1000  # rows; a page that skips more is a slow read
MOST_TOTALS = 100  # of a cache; each limit and order of a list has a statement of its own
caches = WeakKeyDictionary()  # {connection (SQLite) or pool (Postgres): {SQL of a statement: CachedTotal}}


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


# --- counted pages: rows and total come from one statement, so that both are true at one instant


class CachedTotal(NamedTuple):
    """A total, and when it is true: in one state of the database, at the instants from `since` up to `until`.

    The cached total of a statement is sent with it, and the database decides whether it is still true, in the snapshot
    in which it reads the rows. It is true if both of these hold:

    - **Nobody has written since.** `dialect.state` is an SQL expression whose value changes with each commit. On SQLite
      it counts the commits of other connections and the rows that this connection has changed, so each connection has a
      cache of its own. On Postgres it names the server, its last start and the transactions that the snapshot sees. On
      a standby it is null, and nothing is cached: its snapshot does not name all transactions.
    - **The clock has changed nothing since.** With the total, the database returns the instant of the read (`since`),
      and the next one at which the total may change by itself (`until`).
    """

    total: int | None = None
    state: str | None = None
    since: str | None = None
    until: str | None = None


def cut(query, limit, is_first):
    """Return the query cut to the rows of one page.

    The limit is a number in the SQL. If it was a parameter, Postgres would plan the statement each time, which takes
    longer than to run it.
    """
    query = query.limit(SQL(str(limit)))
    return query if is_first else query.offset(parameter("offset"))


def query_of_total_unless_cached(count, instant, next_change):
    """Return the column of a total that is cached: null if the cached one is still true, else a CachedTotal as JSON.

    `count` is an expression, and so are the instant of the read and the next one at which the count may change by
    itself.
    """
    # WITH now AS (SELECT state, instant)
    # SELECT CASE WHEN is_still_true THEN NULL ELSE json_array(count, state, instant, next_change) END FROM now
    columns = ["state", "instant"]
    now = Select(columns=[SQL(db.dialect.state), instant]).cte("now", materialized=True, columns=columns)
    is_still_true = (
        (now.c.state == parameter("cached_state"))
        & (now.c.instant >= parameter("cached_since"))
        & (now.c.instant < parameter("cached_until"))
    )
    counted = db.dialect.json_array(count, now.c.state, now.c.instant, next_change)
    return Select([now], [Case(None, [(is_still_true, SQL("NULL"))], counted)]).with_cte(now)


def fetch_counted_page(statement, values, page):
    """Return a page by its statement: its rows and the total. A value that is no parameter of it is ignored."""
    while True:
        rows, total = read_rows_and_total(statement, values | {"offset": page.offset})
        if rows or page.is_first:
            return FetchedPage(rows, total)
        # Behind the last page no row carries the total, so ask for the rows of the first page.
        _rows, total = read_rows_and_total(statement, values | {"offset": 0})
        if total <= page.offset:
            return FetchedPage([], total)
        # Somebody has written in between, and the page has rows by now: read it again.


def cache_of_totals():
    """Return the cache of this thread's connection (on SQLite, where each has a state of its own), or of the pool."""
    return caches.setdefault(db.connection() if db.dialect.name == "sqlite" else db.obj, {})


@on_connection
def read_rows_and_total(statement, values):
    """Run the statement of a page. Return its rows, and the total; without a row, that is 0."""
    has_cached_total = statement.takes("cached_state")
    # A transaction sees its own writes, and the state does not show them.
    cache = cache_of_totals() if has_cached_total and not db.in_transaction() else {}
    cached = cache.get(statement.sql) or CachedTotal()
    conditions = {"cached_state": cached.state, "cached_since": cached.since, "cached_until": cached.until}
    rows = statement.rows(**values, **conditions)
    if not rows:
        return rows, 0
    column = rows[0][-1]
    if not has_cached_total:
        return rows, column
    if column is None:  # the cached total is still true
        return rows, cached.total
    counted = CachedTotal(*orjson.loads(column))
    if counted.state is not None:
        cache[statement.sql] = counted
        for sql in list(cache)[:-MOST_TOTALS]:  # the first ones
            cache.pop(sql, None)  # another thread may have done so
    return rows, counted.total
