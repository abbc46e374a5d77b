"""What has changed of the mentors since a cursor, for a mirror that must not miss anything.

A mirror takes a cursor that begins now, walks the list once, and then asks what has changed since, again and again.
What an item shows is read when it is sent. Nothing can be missed, because

1. the list is made of the rows of two tables and of the clock;
2. a trigger on each table gives the mentor of each row that a write touches the number of that write;
3. a mark says which writes are visible to one snapshot, so what was not visible to a poll is news to the next one,
   however late it was committed: its number is above the mark, or among those in progress (order.py);
4. the mark of a round of pages is taken with its first page, and the next round begins there. What is written again
   during the round gets another number, and comes in the next one;
5. a mentor changes by the clock only when a pause begins or ends, which the indexes of these dates find; the instants
   asked for begin before those of the last poll, by as much as a clock may step back;
6. what breaks the order (a copy, a restored backup, a standby that took over) has another identity, and the cursor is
   then gone.

So an item may come twice, but none is missed.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b

from peewee import SQL, Tuple

from db import connected, db, parameter, statement
from db.pages import LIMIT
from feeds.cursor import Cursor, Mark, NoCursorError, Place, decode
from feeds.order import in_progress, newest, order
from mentors import queries
from mentors.formats import MAX_CLOCK_SKEW, seconds_after, seconds_between
from mentors.pauses import At
from mentors.problems import cursor_gone, invalid
from mentors.serializers import MENTOR_STATUS_IN_LIST
from models import Installation, MentorChange, MentorStatus, PauseRecord

LONGEST_IDLE = 3600  # seconds; a mirror that hears no news gets a new cursor then, lest its own becomes too old
OLDEST = 30 * 24 * 3600  # seconds; as long as the mark of an erasure is kept
ONE = SQL("1")  # not a parameter: Postgres would expect many rows, and plan the statement anew each time
NO_CURSOR = "It is not a cursor of this service; send the value of pagination.next, or leave it out to begin."
ITEM_KEYS = MENTOR_STATUS_IN_LIST.keys


@dataclass(frozen=True)
class Changes:
    """The items of one page, the cursor to ask with next, and whether there are more of this round."""

    data: list[dict]
    cursor: Cursor
    more: bool


@dataclass(frozen=True)
class Source:
    """Where changes are found: rows of a table under a condition, in the order of a position, then of the mentor.

    `position` is the column as an index has it, `shown` what a cursor keeps of it; `place` turns that back into a
    position.
    """

    mentor_id: object
    condition: object
    position: object
    shown: object
    place: object


def sources():
    """Return the sources of what is news since a mark, up to another: writes, pauses that began, and that ended."""
    by_write, changed_in, place = order(), MentorChange.changed_in, parameter("position")
    found = []
    for condition in by_write.news(changed_in):
        within, shown = condition & by_write.up_to(changed_in), by_write.as_number(changed_in)
        found.append(Source(MentorChange.mentor_id, within, changed_in, shown, by_write.as_position(place)))
    for instant in clock_columns():
        within = (instant > parameter("after")) & (instant <= parameter("until_instant"))
        found.append(Source(PauseRecord.mentor, within, instant, instant, place))
    return found


def state_columns():
    """Return the identity of the database, `purged_before`, which writes are visible, and the instant."""
    return order().identity, Installation.purged_before, order().state, At.of_read().instant


@statement
def state():
    return Installation.select(*state_columns())


@statement
def state_and_first_changes():
    """Read the state, and the first instants after a mark at which a pause begins, and ends.

    What there is first is read off an index, however many there are; whether there is any might not be.
    """
    after = parameter("after")
    firsts = [
        PauseRecord.select(instant).where(instant > after).order_by(instant).limit(ONE) for instant in clock_columns()
    ]
    return Installation.select(*state_columns(), *firsts)


@statement
def any_in_progress():
    """Look for a write that was in progress at a mark, and is visible now (Postgres)."""
    return MentorChange.select(ONE).where(order().news(MentorChange.changed_in)[0]).limit(ONE)


def clock_columns():
    """Return the instants at which a mentor changes by the clock: a pause begins, or ends.

    Those of a pause that was cancelled before it began are among them: the mentor comes once more, as they were.
    """
    return PauseRecord.start_date, At(None).end(PauseRecord)


@statement
def changed_mentors(number, is_after):
    """Select a page of mentors from a source; with `is_after`, those after a place."""
    source = sources()[number]
    query = source.mentor_id.model.select(source.shown, source.mentor_id).where(source.condition)
    if is_after:
        query = query.where(Tuple(source.position, source.mentor_id) > Tuple(source.place, parameter("mentor_id")))
    return query.order_by(source.position, source.mentor_id).limit(LIMIT)


@statement
def mentors_as_listed():
    mentors = queries.mentors_with_current_pause(MENTOR_STATUS_IN_LIST, At.of_read())
    return mentors.where(db.dialect.is_in_list(MentorStatus.mentor_id, parameter("mentor_ids")))


@connected
def read_changes(since, limit, at, serializer=MENTOR_STATUS_IN_LIST):
    """Return what has changed since a cursor (text; None to begin now), at most `limit` items, as Changes.

    Raises a Problem: 422 for what is no cursor, 410 for one that has no place in this database any more.
    """
    if since is None:
        identity, _purged_before, visible, now = state().rows(at=at)[0]
        writes, _frontier = order().read(visible)
        return Changes([], Cursor(digest(identity), Mark(writes, now)), False)
    cursor = read_cursor(since)
    values = {"after": seconds_after(cursor.since.instant, -MAX_CLOCK_SKEW), "at": at}
    identity, purged_before, visible, now, *firsts = state_and_first_changes().rows(**values)[0]
    writes, frontier = order().read(visible)
    refuse_gone(cursor, digest(identity), purged_before, frontier, now)
    if not cursor.place:
        if not (any(first and first <= now for first in firsts) or has_written(cursor.since, writes)):
            return Changes([], idle_cursor(cursor, Mark(writes, now)), False)
        cursor = replace(cursor, until=Mark(writes, now))
    values |= order().values(cursor.since.writes, cursor.until.writes)
    found = places_after(cursor, limit + 1, values)
    more = len(found) > limit
    following = replace(cursor, place=found[limit - 1]) if more else Cursor(cursor.database, cursor.until)
    return Changes(items([place.mentor_id for place in found[:limit]], at, serializer), following, more)


def read_cursor(text):
    """Return the cursor that a text is; 422 if it is none."""
    try:
        cursor = decode(text)
        if cursor.place:
            is_write = cursor.place.source < order().news_conditions
            if cursor.place.source >= order().news_conditions + 2 or isinstance(cursor.place.position, str) == is_write:
                raise NoCursorError
    except NoCursorError:
        raise invalid({"since": [NO_CURSOR]}) from None
    return cursor


def has_written(since, writes):
    """Say whether a write is visible now (at the mark `writes`) that was not visible at the mark `since`."""
    if newest(writes) > newest(since.writes):
        return True
    return in_progress(since.writes) and bool(any_in_progress().rows(**order().values(since.writes, writes)))


def idle_cursor(cursor, now):
    """Return the cursor for a poll without news: the same, so that the next poll is a 304, but for once an hour."""
    is_fresh = seconds_between(cursor.since.instant, now.instant) < LONGEST_IDLE
    return cursor if is_fresh else Cursor(cursor.database, now)


def places_after(cursor, limit, values):
    """Return at most so many places where something has changed, after that of the cursor."""
    found, first = [], cursor.place.source if cursor.place else 0
    values |= {"until_instant": cursor.until.instant}
    for number in range(first, order().news_conditions + 2):
        is_after = cursor.place is not None and number == first
        if is_after:
            values |= {"position": cursor.place.position, "mentor_id": cursor.place.mentor_id}
        rows = changed_mentors(number, is_after).rows(limit=limit - len(found), **values)
        found += [Place(number, position, mentor_id) for position, mentor_id in rows]
        if len(found) == limit:
            break
    return found


def items(mentor_ids, at, serializer):
    """Return each mentor as the list shows them now, once; one who is not there any more is `deleted`."""
    mentor_ids = list(dict.fromkeys(mentor_ids))
    rows = mentors_as_listed().rows(mentor_ids=db.dialect.list_value(mentor_ids), at=at)
    listed = {each["mentor_id"]: each for each in serializer.represent(rows)}
    absent = dict.fromkeys(ITEM_KEYS)
    return [
        listed[mentor_id] | {"deleted": False}
        if mentor_id in listed
        else absent | {"mentor_id": mentor_id, "deleted": True}
        for mentor_id in mentor_ids
    ]


def refuse_gone(cursor, database, purged_before, frontier, now):
    """Raise the 410 for a cursor of another database, one that is ahead of this one, and one that is too old."""
    marks = [cursor.since, *([cursor.until] if cursor.until else [])]
    is_ahead = any(
        newest(mark.writes) > frontier or seconds_between(now, mark.instant) > MAX_CLOCK_SKEW for mark in marks
    )
    since = cursor.since.instant
    is_too_old = seconds_between(since, now) > OLDEST or since < (purged_before or "")
    if cursor.database != database or is_ahead or is_too_old:
        raise cursor_gone()


def digest(identity):
    """Return the identity of a database as a cursor has it."""
    return blake2b(identity.encode(), digest_size=8).hexdigest()
