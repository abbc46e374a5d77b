"""A count that is kept from one answer to the next, with what proves that it is still true.

To count very many rows takes long, and most counts come out as the one before. So each is kept, and given to the next
statement that would count the same. That statement uses it if both of these hold within its own snapshot, else it
counts; either way, what it answers is true of the rows that it reads.

- **Nothing was written since.** `dialect.state` is SQL that has the same value twice only if what is committed is the
  same. On SQLite it is what tells one connection that others have committed (`PRAGMA data_version`), with the number of
  rows that it has changed itself, so that each connection keeps its own counts. On Postgres it is the snapshot: the
  ids of the transactions that it sees. An id never comes again within one run of a server, so that the count is also of
  this server (its address), this run (its start), and no crash since (each ends in a checkpoint). On a standby the
  snapshot does not name all transactions, and nothing is kept.
- **The clock changed nothing.** A count is kept with the instant it is of, and the next one at which what was written
  makes it another. From the one up to, but not including, the other it stays the same.

For each thing to count, and so in bounded memory, only the last count is kept.
"""

from typing import NamedTuple

from peewee import SQL, Case, Select

from db.database import db
from db.statements import parameter
from db.transactions import connected


class KeptCount(NamedTuple):
    """A count, and when it holds: in one state of the database, for the instants from `since` up to `until`."""

    kept_state: str | None = None
    kept_since: str | None = None
    kept_until: str | None = None
    kept_count: int | None = None


COLUMNS = KeptCount._fields
UNKNOWN = KeptCount()


def count_unless_kept(count, instant, next_change):
    """Return common table expressions, the last of which is one row with the COLUMNS.

    `kept_count` is the count, and the others are null if it is the one that was kept. `count` is the query that counts
    at the instant, an expression; `next_change` that of the next instant at which the clock changes the count.
    """
    state, since, until, kept = (parameter(name) for name in COLUMNS)
    now = Select(columns=[SQL(db.dialect.state), instant]).cte("now", materialized=True, columns=("state", "instant"))
    still_true = (now.c.state == state) & (now.c.instant >= since) & (now.c.instant < until)
    known = Select([now], [now.c.state, now.c.instant, still_true])
    known = known.cte("known", materialized=True, columns=("state", "instant", "still_true"))
    if_known_or_not = (None, known.c.state), (None, known.c.instant), (None, next_change), (kept, count)
    columns = [Case(None, [(known.c.still_true, if_known)], if_not) for if_known, if_not in if_known_or_not]
    return now, known, Select([known], columns).cte("counted", materialized=True, columns=COLUMNS)


@connected
def fetch_rows(statement, values, key):
    """Return the rows of a statement whose last columns are those of count_unless_kept(), and keep the count if new.

    `key` names what is counted.
    """
    database = db.obj
    # A transaction sees what it has written, which no state tells.
    kept_counts = {} if database.in_transaction() else database.dialect.kept_counts()
    rows = statement.rows(**values, **kept_counts.get(key, UNKNOWN)._asdict())
    new = KeptCount(*rows[0][-len(COLUMNS) :])
    if new.kept_state is not None:
        kept_counts[key] = new
    return rows
