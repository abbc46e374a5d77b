"""Totals that are cached from one answer to the next, each with a proof that it is still true.

Counting very many rows takes long, and most totals are the same as the one before. So each total is cached, and the
next statement that needs it gets its proof. If both of these hold in its own snapshot of the database, the statement
skips the counting. In either case the total is true for the rows that the statement reads.

- **Nothing was written since.** `dialect.state` is SQL that has the same value twice only if nothing was committed in
  between. On SQLite it is two numbers: `PRAGMA data_version`, which changes if another connection commits, and how many
  rows this connection has changed itself; so each connection has its own totals. On Postgres it is the snapshot: the
  ids of the transactions that it sees. An id never comes again within one run of a server. The server may be another
  one, behind a pooler or after a lost connection, so the state also has its address, the start of its run, and its last
  checkpoint (each crash ends in one). The snapshot of a standby does not name all transactions, so its state is null,
  and nothing is cached.
- **The clock changed nothing.** A total is cached with the instant of its read, and with the next instant at which the
  clock may change it. It is true from the first up to, but not including, the second.

The cache has only the last total of each statement. Fewer than a hundred statements use it, so the memory is bounded.
"""

from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from peewee import SQL, Case, Select

from db.database import db
from db.statements import parameter
from db.transactions import connected

caches = WeakKeyDictionary()  # by the connection (SQLite) or the pool (Postgres): the totals, by their statements' SQL


class CachedTotal(NamedTuple):
    """A total, and when it is true: in one state of the database, at the instants from `since` up to `until`."""

    total: int | None = None
    state: str | None = None
    since: str | None = None
    until: str | None = None


def total_unless_cached(count, instant, next_change):
    """Return a query of one value: null if the cached total is still true, else a new CachedTotal as JSON.

    All three are expressions: the count, the instant of the read, and the next one at which the count may change by
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
    """Return the cache that this thread uses: on SQLite that of its connection, on Postgres that of the pool."""
    return caches.setdefault(db.connection() if db.dialect.name == "sqlite" else db.obj, {})


@connected
def read_total_and_page(statement, values):
    """Run a statement of one row: a total, which may be a cached one, and a page. Return both."""
    if "cached_state" not in statement.parameters:  # its total is not that of total_unless_cached()
        return statement.row(**values)
    # A transaction sees its own writes, and the state does not show them.
    cache = {} if db.in_transaction() else cache_of_connection()
    cached = cache.get(statement.sql) or CachedTotal()
    proof = {"cached_state": cached.state, "cached_since": cached.since, "cached_until": cached.until}
    counted, page = statement.row(**values, **proof)
    if counted is None:
        return cached.total, page
    new = CachedTotal(*orjson.loads(counted))
    if new.state is not None:
        cache[statement.sql] = new
    return new.total, page
