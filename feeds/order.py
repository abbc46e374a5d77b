"""The order of writes, which is not that of time: what of it differs between SQLite and Postgres.

A mark says which writes are visible: all up to the newest one, but for those that were in progress, since transactions
do not become visible in the order of their numbers. As text: the newest, a colon, those in progress with commas between
them. (Not the snapshot of Postgres itself: a number that it counts as used, but of which nothing is on the disk yet, is
given again after a crash. The newest visible write is on the disk.)
"""

import re

from peewee import SQL, fn

from db import db, parameter
from models import Installation

NUMBER = "[1-9][0-9]{0,17}"
MARK = re.compile(f"(?:0|{NUMBER}):(?:{NUMBER}(?:,{NUMBER})*)?")


class SqliteOrder:
    """One writes at a time, and a counter gives each write a number, also where it is rolled back."""

    identity = Installation.database_id  # which database it is
    state = SQL("(SELECT last FROM change_counter)")
    news_conditions = 1

    def read(self, state):
        """Return the mark of now, and the highest number that a mark of this database may have."""
        return f"{state}:", state

    def news(self, changed_in):
        """Return the conditions under which a write is news to the mark `since`, for one query each."""
        return [changed_in > parameter("since")]

    def up_to(self, changed_in):
        """Return the condition that a write is not above the mark `until`; what was in progress then may come twice."""
        return changed_in <= parameter("until")

    def as_number(self, changed_in):
        """Return when a row changed, as a number."""
        return changed_in

    def as_position(self, number):
        """Return such a number as the column has it."""
        return number

    def values(self, since, until):
        """Return the parameters of these conditions."""
        return {"since": newest(since), "until": newest(until)}


class PostgresOrder:
    """The number of a write is that of its transaction."""

    # What breaks the order has another identity: a copy of the rows, another cluster or database, and a standby that
    # took over, which may lack what its primary had (pg_control_checkpoint() would name the old timeline for a while).
    identity = fn.concat_ws(
        "/",
        Installation.database_id,
        SQL("(SELECT system_identifier FROM pg_control_system())"),
        SQL("(SELECT oid FROM pg_database WHERE datname = current_database())"),
        SQL(
            "CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"
        ),
    )
    state = SQL(
        "concat(COALESCE((SELECT changed_in FROM mentor_change ORDER BY changed_in DESC LIMIT 1), '0'), ':',"
        " pg_current_snapshot())"
    )
    news_conditions = 2

    def read(self, state):
        # The text of a snapshot is xmin:xmax:xip,xip with the numbers in progress last.
        newest, _xmin, xmax, in_progress = state.split(":")
        older = [number for number in in_progress.split(",") if number and int(number) < int(newest)]
        return f"{newest}:{','.join(older)}", int(xmax) - 1

    def news(self, changed_in):
        were_in_progress = changed_in == fn.ANY(parameter("in_progress").cast("xid8[]"))
        return [were_in_progress, changed_in > parameter("since").cast("xid8")]

    def up_to(self, changed_in):
        return changed_in <= parameter("until").cast("xid8")

    def as_number(self, changed_in):
        return changed_in.cast("text").cast("bigint")

    def as_position(self, number):
        return number.cast("text").cast("xid8")

    def values(self, since, until):
        texts = {"since": str(newest(since)), "until": str(newest(until))}
        return texts | {"in_progress": f"{{{in_progress(since)}}}"}


ORDERS = {"sqlite": SqliteOrder(), "postgres": PostgresOrder()}


def order():
    """Return the order of the database."""
    return ORDERS[db.dialect.name]


def is_mark(text):
    return isinstance(text, str) and bool(MARK.fullmatch(text))


def newest(mark):
    """Return the number of the newest write that is visible to a mark."""
    return int(mark.partition(":")[0])


def in_progress(mark):
    """Return the numbers of the writes that a mark has not seen though there is a newer one, with commas."""
    return mark.partition(":")[2]
