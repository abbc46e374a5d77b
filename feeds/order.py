"""The order of writes, and how it differs between SQLite and Postgres.

Each write has a number, but on Postgres transactions become visible in another order. So two things say which writes a
snapshot shows: the number of the newest visible write, and the lower numbers of writes still in progress. As text, the
*visible writes* are the newest number, a colon, and the numbers in progress with commas between them, such as `7:5,6`.

The snapshot of Postgres itself (xmin:xmax:xip) is not enough. It counts numbers that are not on the disk yet, and
Postgres uses those again after a crash. The newest visible write is on the disk.
"""

from typing import NamedTuple

from peewee import SQL, Node, fn

from db import db, parameter
from models import Installation, MentorChange


class IndexRange(NamedTuple):
    """Rows that changed between two snapshots, as an index finds them: in the order of `column`, then of `mentor_id`.

    `value` is the column as a cursor has it; `last_value` is the value of the last item sent, in the column's type.
    """

    mentor_id: Node
    column: Node
    condition: Node
    value: Node
    last_value: Node


class SqliteOrder:
    """Only one transaction writes at a time, and a counter numbers the writes."""

    identity = Installation.database_id  # says which database it is
    snapshot = SQL("(SELECT last FROM change_counter)")
    write_range_count = 1

    def parse(self, snapshot):
        """Return the visible writes of a snapshot, and the highest number that this database has used."""
        return f"{snapshot}:", snapshot

    def ranges(self):
        """Return the ranges of the writes that the snapshot `until` shows and the snapshot `since` does not."""
        number = MentorChange.changed_in
        between = (number > parameter("since")) & (number <= parameter("until"))
        return [IndexRange(MentorChange.mentor_id, number, between, number, parameter("value"))]


class PostgresOrder:
    """The number of a write is that of its transaction."""

    # Whatever breaks the order changes the identity: a copy of the rows, another cluster or database, or a standby that
    # took over and may lack writes of its primary (pg_control_checkpoint() would show the old timeline for a while).
    identity = fn.concat_ws(
        "/",
        Installation.database_id,
        SQL("(SELECT system_identifier FROM pg_control_system())"),
        SQL("(SELECT oid FROM pg_database WHERE datname = current_database())"),
        SQL(
            "CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"
        ),
    )
    snapshot = SQL(
        "concat(COALESCE((SELECT changed_in FROM mentor_change ORDER BY changed_in DESC LIMIT 1), '0'), ':',"
        " pg_current_snapshot())"
    )
    write_range_count = 2

    def parse(self, snapshot):
        # After the newest write comes the text of Postgres, xmin:xmax:xip,xip, with the numbers in progress last.
        newest, xmin, xmax, in_progress = snapshot.split(":")
        # A standby names no number in progress: any from xmin on may be, so it is left for a later round. (On a primary
        # with none in progress, xmin is above the newest.)
        if not in_progress:
            newest = min(int(newest), int(xmin) - 1)
        older = [number for number in in_progress.split(",") if number and int(number) < int(newest)]
        return f"{newest}:{','.join(older)}", int(xmax) - 1

    def ranges(self):
        # These ranges also have writes that were in progress at `until`; such a write comes again in the next round.
        transaction = MentorChange.changed_in
        were_in_progress = transaction == fn.ANY(parameter("in_progress").cast("xid8[]"))
        return [
            IndexRange(
                MentorChange.mentor_id,
                transaction,
                condition & (transaction <= as_transaction("until")),
                transaction.cast("text").cast("bigint"),
                as_transaction("value"),
            )
            for condition in (were_in_progress, transaction > as_transaction("since"))
        ]


def as_transaction(name):
    """Return a parameter that is a number, in Postgres' type for transactions."""
    return parameter(name).cast("text").cast("xid8")


ORDERS = {"sqlite": SqliteOrder(), "postgres": PostgresOrder()}


def order():
    return ORDERS[db.dialect.name]
