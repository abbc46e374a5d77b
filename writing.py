"""What every write is made of: lock the mentor, open or change her pauses, append to her history."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from werkzeug.datastructures import ETags

import queries
import statements
from conditional import refuse_stale
from instants import now
from models import has_ended
from problems import conflict, invalid, unknown_mentor, unknown_pause_record
from representations import pause_record_id, pause_record_number


@dataclass(frozen=True)
class Caller:
    """Who writes, by which clock, and on which condition (If-Match, as Werkzeug parsed it)."""

    clock: Callable[[], str] = now
    if_match: ETags | None = None
    name: str | None = None


@dataclass
class Write:
    """A write under way: the mentor it has locked, its instant, and the event of each pause record it has touched."""

    mentor_id: str
    now: str
    caller_name: str | None
    events: dict[int, str] = field(default_factory=dict)


class Pause(NamedTuple):
    """The dates and the reason of one pause record, by its number."""

    number: int
    start_date: str
    expected_return_date: str | None
    end_date: str | None
    reason: str | None


def lock_mentor(caller, mentor_id):
    """Lock the mentor until the transaction ends and return the write; its instant is read under the lock."""
    if statements.lock_row().run(mentor_id=mentor_id).fetchone() is None:
        raise unknown_mentor(mentor_id)
    write = Write(mentor_id, caller.clock(), caller.name)
    if caller.if_match is not None:
        refuse_stale(caller.if_match, queries.get_mentor_status(mentor_id, write.now))
    return write


def lock_record(caller, record_id):
    """Lock the mentor of a pause record and return the write and the pause, read under the lock."""
    number = pause_record_number(record_id)
    found = number and statements.mentor_of_record().run(number=number).fetchone()
    if not found or statements.lock_row().run(mentor_id=found[0]).fetchone() is None:
        raise unknown_pause_record(record_id)
    row = statements.one_pause().run(number=number).fetchone()
    if row is None:
        raise unknown_pause_record(record_id)
    write = Write(found[0], caller.clock(), caller.name)
    if caller.if_match is not None:
        refuse_stale(caller.if_match, queries.get_pause_record(record_id, write.now))
    return write, Pause(*row)


def active_pauses(write):
    """Return the mentor's un-ended pauses, the current one first."""
    return [
        Pause(*row) for row in statements.active_pauses_of().run(mentor_id=write.mentor_id, at=write.now).fetchall()
    ]


def find_same(write, start_date, reason):
    """Return her pause with this start and reason, ended or not, or None."""
    row = statements.same_pause().run(mentor_id=write.mentor_id, start_date=start_date, reason=reason or "").fetchone()
    return row and Pause(*row)


def refuse_same(write, pause, changed):
    """Refuse a start and reason that another pause record of hers has (409 naming it)."""
    if (changed.start_date, changed.reason) != (pause.start_date, pause.reason):
        same = find_same(write, changed.start_date, changed.reason)
        if same and same.number != pause.number:
            record_id = pause_record_id(same.number)
            raise conflict(record_id, f"has this start and reason; PUT /api/v1/pause-records/{record_id} changes it.")


def refuse_dates(pause):
    """Refuse dates before the start (rule 7)."""
    for name in ("expected_return_date", "end_date"):
        date = getattr(pause, name)
        if date is not None and date < pause.start_date:
            raise invalid({name: [f"It is before the start of the pause, {pause.start_date}; change one of the two."]})


def name_pause(write, pauses, start_date, data):
    """Change the un-ended pause that starts then (of several, the one recorded last), or open one."""
    named = [pause for pause in pauses if pause.start_date == start_date]
    if named:
        change_pause(write, max(named), data)
    else:
        open_pause(write, start_date, data)


def open_pause(write, start_date, data):
    """Open a pause; 409 if a pause record of hers has this start and reason."""
    pause = Pause(None, start_date, data.get("expected_return_date"), None, data.get("reason"))
    refuse_same(write, Pause(None, None, None, None, None), pause)
    insert_pause(write, pause)


def open_pause_now(write, data):
    """Open a pause that starts now; one that was opened and ended within this very second is opened again."""
    same = find_same(write, write.now, data.get("reason"))
    if same:
        change_pause(write, same, {"end_date": None, "expected_return_date": data.get("expected_return_date")})
    else:
        open_pause(write, write.now, data)


def insert_pause(write, pause):
    """Insert a pause record and return its number; 422 on a date before its start."""
    refuse_dates(pause)
    columns = pause._asdict()
    del columns["number"]
    (number,) = statements.insert_record().run(mentor_id=write.mentor_id, created_at=write.now, **columns).fetchone()
    write.events[number] = "pause_opened"
    return number


def change_pause(write, pause, changes):
    """Change columns of a pause record; nothing is written if they have these values already."""
    changed = pause._replace(**changes)
    if changed == pause:
        return
    refuse_same(write, pause, changed)
    refuse_dates(changed)
    statements.update_record().run(**changed._asdict())
    was_ended = has_ended(pause.start_date, pause.end_date, write.now)
    is_ended = has_ended(changed.start_date, changed.end_date, write.now)
    flips = {(False, True): "pause_ended", (True, False): "pause_reopened"}
    write.events[pause.number] = flips.get((was_ended, is_ended), "pause_updated")


def finish(write, metadata, event=None, number=None):
    """Append the write to the history, if it did anything, and return the mentor as she is after it.

    One record touched: its event and number. Several, or none but metadata: `updated`; `number` is the record it is
    about, if it is about one.
    """
    if not (write.events or event or metadata is not None):
        return queries.get_mentor_status(write.mentor_id, write.now)
    if len(write.events) == 1:
        ((number, touched),) = write.events.items()
        event = event or touched
    statements.touch_mentor().run(mentor_id=write.mentor_id, last_updated=write.now)
    mentor = queries.get_mentor_status(write.mentor_id, write.now)
    append_history(write, event or "updated", number, mentor, metadata)
    return mentor


def append_history(write, event, number, mentor, metadata):
    """Insert one history entry; `mentor` is her representation after the write, empty if she is gone."""
    initiated_by = metadata.get("initiated_by") if metadata else None
    said = initiated_by if isinstance(initiated_by, str) else None
    statements.insert_history().run(
        mentor_id=write.mentor_id,
        changed_at=write.now,
        event=event,
        pause_record_id=number,
        is_paused=mentor.get("is_paused"),
        pause_start_date=mentor.get("pause_start_date"),
        expected_return_date=mentor.get("expected_return_date"),
        pause_reason=mentor.get("pause_reason"),
        changed_by=write.caller_name or said,
        metadata=orjson.dumps(metadata).decode() if metadata is not None else None,
    )
