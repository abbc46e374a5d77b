"""What has changed of the mentors since a cursor, for a mirror that must not miss anything.

A mirror takes a cursor that begins now, walks the list once, and then asks what has changed since, again and again. A
round is a poll: its first page, and further ones up to the one whose `more` is false. Each item shows its mentor as of
the read of its page. Nothing can be missed, because

1. the list is made of the rows of two tables and of the clock;
2. if a write touches a row of these tables, a trigger gives the mentor of the row the number of the write;
3. a snapshot says which writes a poll could see. The next poll finds all others, however late they were committed:
   their numbers are above the newest visible one, or among those in progress (order.py);
4. the snapshot of a round is taken with its first page, and the next round begins there. What is written again during
   the round gets another number, and comes in the next round;
5. a mentor changes by the clock only when a pause begins or ends, and indexes find these dates. A round looks for those
   after the last snapshot, and up to 15 seconds before it, since a clock may step back by so much;
6. whatever breaks the order (a copy, a restored backup, a standby that took over) changes the identity of the database,
   and a cursor with another identity is refused (410).

So an item may come twice, but none is missed.
"""

from hashlib import blake2b
from typing import NamedTuple

from peewee import SQL, Tuple

from db import connected, db, parameter, statement
from db.pages import LIMIT
from feeds.cursor import Cursor, Position, Snapshot, decode
from feeds.order import IndexRange, order
from mentors import queries
from mentors.formats import MAX_CLOCK_SKEW, seconds_after, seconds_between
from mentors.pauses import At
from mentors.problems import Problem, invalid
from mentors.serializers import MENTOR_STATUS_IN_LIST
from models import Installation, MentorStatus, PauseRecord

LONGEST_IDLE = 3600  # seconds; after that, a poll without news gets a new cursor, before the old one is too old
# Seconds. The database remembers which mentors were erased for a day longer, since an erasure whose COMMIT waits may be
# visible much later than its instant.
OLDEST = 29 * 24 * 3600
NO_CURSOR = "It is not a cursor of this service; send the last value of pagination.next, or leave it out to begin."
CURSOR_GONE = (
    "The service no longer knows what has changed since this cursor. Begin again: "
    "leave since out to get a new cursor, then read all mentors, then use the new cursor."
)
# The instants at which a mentor changes by the clock: a pause begins, or ends. (They find a cancelled pause, too; its
# mentor comes once more, unchanged. At(None): without `expected`, an end does not depend on the instant.)
CLOCK_COLUMNS = (PauseRecord.start_date, At(None).end(PauseRecord))


class PageOfChanges(NamedTuple):
    """The items of one page, the cursor to ask with next, and whether there are more of this round."""

    data: list[dict]
    cursor: Cursor
    more: bool


@statement
def snapshot_and_next_instants():
    """Select the identity of the database, `purged_before`, the visible writes, the instant, and the next instants.

    These are the first after `since_instant` in each of CLOCK_COLUMNS. An index finds them at once.
    """
    since = parameter("since_instant")
    one = SQL("1")  # if it were a parameter, Postgres would expect many rows, and plan the statement each time
    next_instants = [
        PauseRecord.select(instant).where(instant > since).order_by(instant).limit(one) for instant in CLOCK_COLUMNS
    ]
    snapshot = order().snapshot, At.of_read().instant
    return Installation.select(order().identity, Installation.purged_before, *snapshot, *next_instants)


def index_ranges():
    """Return the ranges that a round reads, in this order: writes, pauses that began, and pauses that ended."""
    ranges = order().ranges()
    for instant in CLOCK_COLUMNS:
        between = (instant > parameter("since_instant")) & (instant <= parameter("until_instant"))
        ranges.append(IndexRange(PauseRecord.mentor, instant, between, instant, parameter("value")))
    return ranges


@statement
def changed_mentors(range_number, is_after_position):
    """Select the values and the mentors of an index range, or only those after a position."""
    rows = index_ranges()[range_number]
    query = rows.mentor_id.model.select(rows.value, rows.mentor_id).where(rows.condition)
    if is_after_position:
        position = Tuple(rows.last_value, parameter("mentor_id"))
        query = query.where(Tuple(rows.column, rows.mentor_id) > position)
    return query.order_by(rows.column, rows.mentor_id).limit(LIMIT)


@statement
def mentors_as_listed():
    mentors = queries.mentors_with_current_pause(MENTOR_STATUS_IN_LIST, At.of_read())
    return mentors.where(db.dialect.is_in_list(MentorStatus.mentor_id, parameter("mentor_ids")))


@connected
def read_changes(since, limit, at, serializer):
    """Return at most `limit` changes since a cursor, as PageOfChanges. `since` is its text, or None to begin now.

    Raises a Problem: 422 if the text is no cursor, 410 if the cursor means nothing in this database any more.
    """
    cursor = None if since is None else read_cursor(since)
    since_instant = cursor and instant_before(cursor.since)
    row = snapshot_and_next_instants().row(since_instant=since_instant, at=at)
    identity, purged_before, database_snapshot, now, *next_instants = row
    database = short_identity(identity)
    writes, highest_number = order().parse(database_snapshot)
    snapshot = Snapshot(writes, now)
    if cursor is None:
        return PageOfChanges([], Cursor(database, snapshot), more=False)
    refuse_gone(cursor, database, purged_before, highest_number, now)
    if cursor.position:
        return next_page(cursor, limit, at, serializer)
    if may_have_changes(cursor.since, snapshot, next_instants):
        page = next_page(cursor._replace(until=snapshot), limit, at, serializer)
        if page.data:
            return page
    is_fresh = seconds_between(cursor.since.instant, now) < LONGEST_IDLE
    # With the same cursor, the next poll is a 304.
    return PageOfChanges([], cursor if is_fresh else Cursor(cursor.database, snapshot), more=False)


def read_cursor(text):
    """Return the cursor that a text encodes. Raises a Problem (422) if it encodes none for this kind of database."""
    try:
        cursor = decode(text)
        if position := cursor.position:
            is_of_writes = position.range_number < order().write_range_count  # its value is a number, else an instant
            if position.range_number >= range_count() or isinstance(position.value, str) == is_of_writes:
                raise ValueError
    except ValueError:
        raise invalid({"since": [NO_CURSOR]}) from None
    return cursor


def range_count():
    return order().write_range_count + len(CLOCK_COLUMNS)


def refuse_gone(cursor, database, purged_before, highest_number, now):
    """Raise a Problem (410) if a cursor is of another database, ahead of this one, or too old."""
    is_ahead = any(
        snapshot.newest_write > highest_number or seconds_between(now, snapshot.instant) > MAX_CLOCK_SKEW
        for snapshot in (cursor.since, cursor.until)
        if snapshot
    )
    since = cursor.since.instant
    is_too_old = seconds_between(since, now) > OLDEST or since < (purged_before or "")
    if cursor.database != database or is_ahead or is_too_old:
        raise Problem(410, "cursor_gone", CURSOR_GONE)


def short_identity(identity):
    """Return the identity of a database, shortened as in a cursor."""
    return blake2b(identity.encode(), digest_size=8).hexdigest()


def instant_before(snapshot):
    """Return the instant of a snapshot, less what a clock may step back: pauses that begin or end later may be news."""
    return seconds_after(snapshot.instant, -MAX_CLOCK_SKEW)


def may_have_changes(since, until, next_instants):
    """Say whether anything can have changed between two snapshots. If not, the poll takes only one statement."""
    if until.newest_write > since.newest_write or since.in_progress:
        return True
    return any(instant and instant <= until.instant for instant in next_instants)


def next_page(cursor, limit, at, serializer):
    """Return the page after the position of a cursor, or without a position the first page of its round."""
    positions = positions_after(cursor, limit + 1)
    more = len(positions) > limit
    positions = positions[:limit]
    next_cursor = cursor._replace(position=positions[-1]) if more else Cursor(cursor.database, cursor.until)
    mentor_ids = [position.mentor_id for position in positions]
    return PageOfChanges(items(mentor_ids, at, serializer), next_cursor, more)


def positions_after(cursor, limit):
    """Return the positions of the next changes in a round, after the position of the cursor, at most `limit`."""
    last = cursor.position
    values = {
        "since": cursor.since.newest_write,
        "in_progress": f"{{{cursor.since.in_progress}}}",  # an array, as Postgres reads it
        "until": cursor.until.newest_write,
        "since_instant": instant_before(cursor.since),
        "until_instant": cursor.until.instant,
        **(last._asdict() if last else {}),  # the position, for the range in which it is
    }
    positions = []
    for number in range(last.range_number if last else 0, range_count()):
        is_after_position = last is not None and number == last.range_number
        rows = changed_mentors(number, is_after_position).rows(limit=limit - len(positions), **values)
        positions += [Position(number, value, mentor_id) for value, mentor_id in rows]
        if len(positions) == limit:
            break
    return positions


def items(mentor_ids, at, serializer):
    """Return each mentor once, as lists show them now, or as `deleted` if the mentor is not there any more."""
    mentor_ids = list(dict.fromkeys(mentor_ids))
    rows = mentors_as_listed().rows(mentor_ids=db.dialect.list_value(mentor_ids), at=at)
    listed = {each["mentor_id"]: each | {"deleted": False} for each in serializer.represent(rows)}
    deleted = dict.fromkeys(serializer.keys) | {"deleted": True}
    return [listed.get(mentor_id) or deleted | {"mentor_id": mentor_id} for mentor_id in mentor_ids]
