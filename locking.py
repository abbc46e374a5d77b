"""How a mentor is locked: by their row, or by their id where they are not there; and the instant of a write."""

from collections.abc import Callable
from dataclasses import dataclass

import queries
import write_statements
from formats import MAX_CLOCK_SKEW, pause_record_number, seconds_after
from locked_mentor import LockedMentor
from models import MentorStatus, columns_of
from pauses import Pause
from problems import Problem, clock_behind, unknown_pause_record
from serializers import mentor_status

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))


@dataclass(frozen=True)
class Caller:
    """Who writes, by which clock, and on which conditions.

    `clock` returns the instant that a test has set, else None: then the database's clock counts. `check` is None where
    there are no conditions. It is called with the representations of the target, and returns the Problem (412) to raise
    only if the write changes anything, or None; for `If-None-Match: *` it raises at once.
    """

    clock: Callable[[], str | None]
    check: Callable[[list[dict]], Problem | None] | None = None
    name: str | None = None


def lock(caller, mentor_id):
    """Lock a mentor until the transaction ends; return them, the clock's now, and the pauses that may not have ended.

    None if the mentor is not there.
    """
    row = write_statements.lock_row().run(mentor_id=mentor_id).fetchone()
    if row is None:
        return None
    columns = dict(zip(MENTOR_COLUMNS, row, strict=True))
    last_updated = columns["last_updated"]
    # Where the clock is behind the last change, GET still shows what has ended since.
    ended_after = seconds_after(last_updated, -MAX_CLOCK_SKEW)
    rows = write_statements.clock_and_pauses().rows(mentor_id=mentor_id, at=ended_after, now=caller.clock())
    clock, pauses = rows[0][0], [Pause(*columns) for _clock, *columns in rows if columns[0] is not None]
    mentor = LockedMentor(columns, instant_of_write(clock, last_updated), caller.name)
    for pause in pauses:
        mentor.track(pause)
    return mentor, clock, pauses


def lock_mentor(caller, mentor_id):
    """Lock the mentor and return them, or None if they are not there; 412 as the conditions have it."""
    found = lock(caller, mentor_id)
    if found is None:
        return None
    mentor, clock, pauses = found
    if caller.check:
        shown = [mentor.representation()]
        if clock < mentor.now:
            shown.insert(0, mentor_status(mentor.columns, pauses, clock))
        mentor.stale = caller.check(shown)
    return mentor


def lock_record(caller, record_id):
    """Lock the mentor of a pause record and return them and the pause; 404 if there is none, 412 by the conditions."""
    number = pause_record_number(record_id)
    owner = write_statements.mentor_of_record().run(number=number).fetchone() if number else None
    if owner is None:
        raise unknown_pause_record(record_id)
    (mentor_id,) = owner
    found = lock(caller, mentor_id)
    # It is read once the mentor is locked: until then another write may change or delete it.
    row = write_statements.one_pause().run(number=number).fetchone()
    if found is None or row is None:
        raise unknown_pause_record(record_id)
    mentor, clock, _pauses = found
    if caller.check:
        instants = [clock, mentor.now] if clock < mentor.now else [mentor.now]
        mentor.stale = caller.check([queries.get_pause_record(record_id, at) for at in instants])
    return mentor, Pause(*row)


def add_mentor(caller, mentor_id, values):
    """Insert a mentor, who then is locked; None if they are there already.

    `values` are those of their own columns, by name; the columns without one are null.
    """
    columns = dict.fromkeys(MENTOR_COLUMNS) | values | {"mentor_id": mentor_id}
    bucket = write_statements.bucket_of(mentor_id)
    row = write_statements.insert_mentor().run(**columns, bucket=bucket, now=caller.clock()).fetchone()
    if row is None:
        return None
    (columns["last_updated"],) = row
    # In a statement of its own: the one that inserts may have waited for somebody who deletes the mentor.
    clock, last_change = write_statements.clock_and_last_entry().run(mentor_id=mentor_id, now=caller.clock()).fetchone()
    return LockedMentor(columns, instant_of_write(clock, last_change), caller.name)


def instant_of_write(clock, last_change):
    """Return the instant of a write: what the clock says, but never before the last change.

    Raises a Problem (503) where that is more than 15 seconds ahead.
    """
    if last_change is None or last_change <= clock:
        return clock
    if last_change > seconds_after(clock, MAX_CLOCK_SKEW):
        raise clock_behind(clock, last_change)
    return last_change
