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
from models import current_of, has_ended
from problems import conflict, invalid, unknown_mentor, unknown_pause_record
from representations import mentor_status, pause_record_id, pause_record_number


@dataclass(frozen=True)
class Caller:
    """Who writes, by which clock, and on which condition (If-Match, as Werkzeug parsed it)."""

    clock: Callable[[], str] = now
    if_match: ETags | None = None
    name: str | None = None


@dataclass
class Write:
    """A write under way: the mentor it has locked, its instant, her un-ended pauses by number, and the event of each
    pause record it has touched.
    """

    mentor_id: str
    last_updated: str
    caller: Caller
    now: str = field(init=False)
    pauses: dict[int, "Pause"] = field(default_factory=dict)
    events: dict[int, str] = field(default_factory=dict)

    def __post_init__(self):
        self.now = self.caller.clock()  # read under the lock, which may have been waited for

    def current(self):
        """Return the pause that the mentor shows: the one in force, else the next scheduled; None without any."""
        return current_of(self.pauses.values(), self.now)

    def in_force(self):
        """Return her pauses that have begun."""
        return [pause for pause in self.pauses.values() if pause.start_date <= self.now]

    def mentor(self):
        """Represent the mentor as she is by now."""
        current = self.current()
        shown = (current.start_date, current.expected_return_date, current.reason) if current else (None,) * 3
        return mentor_status((self.mentor_id, self.last_updated, *shown), self.now)

    def keep(self, pause):
        """Count a pause among her un-ended ones, or no longer."""
        self.pauses.pop(pause.number, None)
        if not has_ended(pause.start_date, pause.end_date, self.now):
            self.pauses[pause.number] = pause


class Pause(NamedTuple):
    """The dates and the reason of one pause record, by its number."""

    number: int
    start_date: str
    expected_return_date: str | None
    end_date: str | None
    reason: str | None


def lock(caller, mentor_id):
    """Lock a mentor until the transaction ends and return the write, with her pauses; None if she is not there."""
    row = statements.lock_row().run(mentor_id=mentor_id).fetchone()
    if row is None:
        return None
    write = Write(mentor_id, *row, caller)
    pauses = statements.active_pauses_of().rows(mentor_id=mentor_id, at=write.now)
    write.pauses = {pause[0]: Pause(*pause) for pause in pauses}
    return write


def lock_mentor(caller, mentor_id):
    """Lock the mentor and return the write; 404 if she is not there, 412 if she is not as the caller has seen her."""
    write = lock(caller, mentor_id)
    if write is None:
        raise unknown_mentor(mentor_id)
    if caller.if_match is not None:
        refuse_stale(caller.if_match, write.mentor())
    return write


def lock_record(caller, record_id):
    """Lock the mentor of a pause record and return the write and the pause; 404 and 412 as for a mentor."""
    number = pause_record_number(record_id)
    found = number and statements.mentor_of_record().run(number=number).fetchone()
    write = lock(caller, *found) if found else None
    row = write and statements.one_pause().run(number=number).fetchone()
    if not row:
        raise unknown_pause_record(record_id)
    if caller.if_match is not None:
        refuse_stale(caller.if_match, queries.get_pause_record(record_id, write.now))
    return write, Pause(*row)


def find_same(write, start_date, reason):
    """Return her pause with this start and reason, ended or not, or None."""
    row = statements.same_pause().run(mentor_id=write.mentor_id, start_date=start_date, reason=reason or "").fetchone()
    return row and Pause(*row)


def taken(same):
    """Return the 409 for a start and reason that another pause record of hers has."""
    record_id = pause_record_id(same.number)
    return conflict(record_id, f"has this start and reason; PUT /api/v1/pause-records/{record_id} changes it.")


def refuse_same(write, pause, changed):
    """Refuse to give a pause the start and reason of another one of hers."""
    if (changed.start_date, changed.reason) != (pause.start_date, pause.reason):
        same = find_same(write, changed.start_date, changed.reason)
        if same and same.number != pause.number:
            raise taken(same)


def refuse_dates(pause):
    """Refuse dates before the start (rule 7)."""
    for name in ("expected_return_date", "end_date"):
        date = getattr(pause, name)
        if date is not None and date < pause.start_date:
            raise invalid({name: [f"It is before the start of the pause, {pause.start_date}; change one of the two."]})


def name_pause(write, start_date, data):
    """Change the un-ended pause that starts then (of several, the one recorded last), or open one."""
    named = [pause for pause in write.pauses.values() if pause.start_date == start_date]
    if named:
        change_pause(write, max(named), data)
    else:
        open_pause(write, start_date, data)


def open_pause(write, start_date, data):
    """Open a pause; 409 if a pause record of hers has this start and reason, 422 on a date before its start."""
    pause = Pause(None, start_date, data.get("expected_return_date"), None, data.get("reason"))
    if not insert_pause(write, pause):
        raise taken(find_same(write, start_date, pause.reason))


def open_pause_now(write, data):
    """Open a pause that starts now; one that was opened and ended within this very second is opened again."""
    pause = Pause(None, write.now, data.get("expected_return_date"), None, data.get("reason"))
    if not insert_pause(write, pause):
        same = find_same(write, write.now, pause.reason)
        change_pause(write, same, {"end_date": None, "expected_return_date": pause.expected_return_date})


def insert_pause(write, pause):
    """Insert a pause record and return its number; None if a pause record of hers has this start and reason.

    422 on a date before its start.
    """
    refuse_dates(pause)
    columns = pause._asdict()
    del columns["number"]
    row = statements.insert_record().run(mentor_id=write.mentor_id, created_at=write.now, **columns).fetchone()
    if row is None:
        return None
    (number,) = row
    write.events[number] = "pause_opened"
    write.keep(pause._replace(number=number))
    return number


def change_pause(write, pause, changes):
    """Change columns of a pause record; nothing is written if they have these values already."""
    changed = pause._replace(**changes)
    if changed == pause:
        return
    refuse_same(write, pause, changed)
    refuse_dates(changed)
    statements.update_record().run(**changed._asdict())
    write.keep(changed)
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
        return write.mentor()
    if len(write.events) == 1:
        ((number, touched),) = write.events.items()
        event = event or touched
    if write.last_updated != write.now:
        statements.touch_mentor().run(mentor_id=write.mentor_id, last_updated=write.now)
        write.last_updated = write.now
    mentor = write.mentor()
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
        changed_by=write.caller.name or said,
        metadata=orjson.dumps(metadata).decode() if metadata is not None else None,
    )
