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

from peewee import OP, SQL, Case, Expression, Select

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
TOTAL = ("total", *COLUMNS)
UNKNOWN = KeptCount()


def total_unless_kept(count, instant, next_change, out_of=None):
    """Return common table expressions, the last of which is one row with the columns TOTAL.

    `count` is the query that counts at the instant, an expression; `next_change` selects the next instant at which the
    count may change by itself. If the kept count was used, the other columns are null. The total is the count, or where
    `out_of` is given, the query of a number, that number less the count.
    """
    state, since, until, kept = (parameter(name) for name in COLUMNS)
    now = Select(columns=[SQL(db.dialect.state), instant]).cte("now", materialized=True, columns=("state", "instant"))
    still_true = (now.c.state == state) & (now.c.instant >= since) & (now.c.instant < until)
    known = Select([now], [now.c.state, now.c.instant, still_true])
    known = known.cte("known", materialized=True, columns=("state", "instant", "still_true"))
    if_true = KeptCount(kept_count=kept)
    if_not = KeptCount(kept_state=known.c.state, kept_since=known.c.instant, kept_until=next_change, kept_count=count)
    columns = [Case(None, [(known.c.still_true, old)], new) for old, new in zip(if_true, if_not, strict=True)]
    counted = Select([known], columns).cte("counted", materialized=True, columns=COLUMNS)
    columns = [getattr(counted.c, name) for name in COLUMNS]
    total = counted.c.kept_count if out_of is None else Expression(out_of, OP.SUB, counted.c.kept_count)
    return now, known, counted, Select([counted], [total, *columns]).cte("total", columns=TOTAL)


@connected
def fetch_rows(statement, values, key):
    """Return the rows of a statement whose last columns are those of total_unless_kept(), and keep the count if new.

    `key` names what is counted.
    """
    database = db.obj
    # A transaction sees what it has written, which no state tells.
    kept = {} if database.in_transaction() else database.dialect.kept()
    rows = statement.rows(**values, **kept.get(key, UNKNOWN)._asdict())
    new = KeptCount(*rows[0][-len(COLUMNS) :])
    if new.kept_state is not None:
        kept[key] = new
    return rows
