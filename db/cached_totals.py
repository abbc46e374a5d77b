"""Cached totals of lists: the database counts the rows again only if the total may have changed.

Each statement of a list has one cached total, which is sent with the statement. The database itself decides whether it
is still true, in the snapshot in which it reads the rows: so a total always fits the rows beside it. A cached total is
true if both of these hold:

- **Nobody has written since.** `dialect.state` is an SQL expression whose value changes with each commit. On SQLite it
  counts the commits of other connections and the rows that this connection has changed, so each connection has a cache
  of its own. On Postgres it names the server, its last start and the transactions that the snapshot sees. On a standby
  it is null, and nothing is cached, since the snapshot of a standby does not name all transactions.
- **The clock has changed nothing since.** With the total, the database returns the instant of the read, and the next
  one at which the total may change by itself. The total is true from the first instant until just before the second.
"""

from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from peewee import SQL, Case, Select

from db.database import db
from db.statements import parameter
from db.transactions import on_connection

MOST_TOTALS = 100  # of a cache; each limit and order of a list has a statement of its own
caches = WeakKeyDictionary()  # {connection (SQLite) or pool (Postgres): {SQL of a statement: CachedTotal}}


class CachedTotal(NamedTuple):
    """A total, and when it is true: in one state of the database, at the instants from `since` up to `until`."""

    total: int | None = None
    state: str | None = None
    since: str | None = None
    until: str | None = None


def total_unless_cached(count, instant, next_change):
    """Return a query of one value: null if the cached total is still true, else a new CachedTotal as JSON.

    `count` is an expression, and so are the instant of the read and the next one at which the count may change by
    itself.
    """
    columns = ["state", "instant"]
    now = Select(columns=[SQL(db.dialect.state), instant]).cte("now", materialized=True, columns=columns)
    is_still_true = (
        (now.c.state == parameter("cached_state"))
        & (now.c.instant >= parameter("cached_since"))
        & (now.c.instant < parameter("cached_until"))
    )
    new = db.dialect.json_array(count, now.c.state, now.c.instant, next_change)
    return Select([now], [Case(None, [(is_still_true, SQL("NULL"))], new)]).with_cte(now)


def cache_of_connection():
    """Return the cache of this thread's connection (on SQLite, where each has a state of its own), or of the pool."""
    return caches.setdefault(db.connection() if db.dialect.name == "sqlite" else db.obj, {})


@on_connection
def read_rows_and_total(statement, values):
    """Run the statement of a counted page, whose last column is the total. Return its rows, and the total.

    Without a row, the total is 0.
    """
    has_cached_total = "cached_state" in statement.parameters
    # A transaction sees its own writes, and the state does not show them.
    cache = cache_of_connection() if has_cached_total and not db.in_transaction() else {}
    cached = cache.get(statement.sql) or CachedTotal()
    conditions = {"cached_state": cached.state, "cached_since": cached.since, "cached_until": cached.until}
    rows = statement.rows(**values, **conditions)
    if not rows:
        return rows, 0
    last_column = rows[0][-1]
    if not has_cached_total:
        return rows, last_column
    if last_column is None:
        return rows, cached.total
    counted = CachedTotal(*orjson.loads(last_column))
    if counted.state is not None:
        cache.pop(statement.sql, None)
        cache[statement.sql] = counted  # the last one is the newest
        for sql in list(cache)[:-MOST_TOTALS]:
            cache.pop(sql, None)  # another thread may have done so
    return rows, counted.total
