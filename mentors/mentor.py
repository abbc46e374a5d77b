"""A mentor in hand: what a write does to their pauses, and the history entry at its end; all of it in memory.

reading.py reads such a mentor, a rule changes them, and saving.py writes what has changed.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import orjson

from mentors.formats import HIGHEST_NUMBER, pause_record_id
from mentors.pauses import Pause, current_of
from mentors.problems import Problem, invalid, same_pause_exists
from mentors.serializers import mentor_status

# Metadata as JSON text with its keys in order: as objects, 1, 1.0 and true would be equal.
canonical = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


@dataclass
class Mentor:
    """A mentor as a write has read them, with all of their pauses; or an id that no mentor has (`exists` is false).

    `columns` are those of their row by name, `version` that of the row (None on SQLite), `clock` is what the database's
    clock says, `now` the instant of the write, `caller_name` the name of the token that makes it. `pauses` are by
    number; a new one has a number above all others until it is saved. `last_entry_id` is that of the last entry of the
    history, `last_entry` its metadata and changed_by, if the write has metadata; for a write of a pause record, both
    are of the last entry about that record. `stale` is the Problem to raise if the write changes anything.

    What is to be saved: `is_deleted`, `is_erased` (with the history), `changed` (numbers of pauses), `removed`
    (pauses), `entries` (of the history, as their columns by name). `events` say what the write under way has done to
    each pause, by number.
    """

    columns: dict[str, object]
    clock: str
    now: str
    caller_name: str | None
    exists: bool = True
    version: str | None = None
    pauses: dict[int, Pause] = field(default_factory=dict)
    last_entry_id: int | None = None
    last_entry: tuple = ()
    stale: Problem | None = None
    is_deleted: bool = False
    is_erased: bool = False
    has_new_columns: bool = False
    changed: set[int] = field(default_factory=set)
    removed: list[Pause] = field(default_factory=list)
    entries: list[dict] = field(default_factory=list)
    events: dict[int, str] = field(default_factory=dict)

    @property
    def mentor_id(self):
        return self.columns["mentor_id"]

    def has_changes(self):
        """Say whether the write under way has done anything."""
        return bool(self.events) or self.has_new_columns

    def is_changed(self):
        """Say whether there is anything to save."""
        return bool(self.entries) or self.is_deleted

    def new_pauses(self):
        """Return the pauses that are not saved yet."""
        return [pause for pause in self.pauses.values() if pause.number > HIGHEST_NUMBER]

    def changed_pauses(self):
        """Return the pauses that were there and have changed."""
        return [self.pauses[number] for number in self.changed if number in self.pauses and number <= HIGHEST_NUMBER]

    def un_ended_pauses(self):
        """Return the pauses that are in force or scheduled."""
        return [pause for pause in self.pauses.values() if not pause.has_ended(self.now)]

    def pauses_in_force(self):
        """Return the pauses that have begun and not ended."""
        return [pause for pause in self.un_ended_pauses() if pause.start_date <= self.now]

    def current_pause(self):
        """Return the pause that the mentor shows: the one in force, else the next scheduled; None without any."""
        return current_of(self.un_ended_pauses(), self.now)

    def instants_shown(self):
        """Return the instants whose view GET may show: the clock's now, and that of the write where it is later."""
        return sorted({self.clock, self.now})

    def representation(self):
        """Represent the mentor as GET one would, after what the write has done so far."""
        return mentor_status(self.columns, self.pauses.values(), self.now)

    def change_columns(self, values):
        """Change columns of the mentor's row, given by name."""
        if any(self.columns[name] != value for name, value in values.items()):
            self.columns |= values
            self.has_new_columns = True

    @contextmanager
    def conditional(self):
        """Raise the 412 of a stale write if the block changes anything, or if a rule refuses it."""
        before = len(self.entries)
        try:
            yield
        except Problem:
            if self.stale:
                raise self.stale from None
            raise
        if self.stale and len(self.entries) > before:
            raise self.stale

    # --- pauses

    def find_same(self, start_date, reason):
        """Return the mentor's pause with this start and reason, ended or not, or None."""
        same = (pause for pause in self.pauses.values() if (pause.start_date, pause.reason) == (start_date, reason))
        return next(same, None)

    def find_last_ended(self):
        """Return the pauses that ended last: several, if they did so at the same instant; none that was cancelled."""
        ended = [pause for pause in self.pauses.values() if pause.end_date and pause.end_date <= self.now]
        ended = [pause for pause in ended if pause.did_begin()]
        last_end = max((pause.end_date for pause in ended), default=None)
        return [pause for pause in ended if pause.end_date == last_end]

    def open_pause(self, start_date, data):
        """Open a pause; 409 if one of the mentor has this start and reason, 422 on a return before its start."""
        same = self.insert_pause(start_date, data.get("reason"), data.get("expected_return_date"))
        if same:
            raise same_pause_exists(pause_record_id(same.number))

    def open_pause_now(self, data):
        """Open a pause that starts now; one that was opened and ended within this very second is opened again."""
        expected_return_date = data.get("expected_return_date")
        same = self.insert_pause(self.now, data.get("reason"), expected_return_date)
        if same:
            self.change_pause(same, {"end_date": None, "expected_return_date": expected_return_date})

    def update_pause_starting_at(self, start_date, data):
        """Update the un-ended pause that starts then (of several, the one recorded last), or open one."""
        named = [pause for pause in self.un_ended_pauses() if pause.start_date == start_date]
        if named:
            self.update_pause(max(named, key=lambda pause: pause.number), data)
        else:
            self.open_pause(start_date, data)

    def update_pause(self, pause, data):
        """Change the return date and the reason of an un-ended pause; 422 on another return date than its end."""
        if pause.end_date is not None and "expected_return_date" in data:
            if data["expected_return_date"] != pause.end_date:
                path = f"/api/v1/pause-records/{pause_record_id(pause.number)}"
                refusal = f"The pause ends by itself at its end_date, {pause.end_date}; PUT another end_date to {path}."
                raise invalid({"expected_return_date": [refusal]})
            data = {name: value for name, value in data.items() if name != "expected_return_date"}
        self.change_pause(pause, data)

    def end_pauses(self, changes=None):
        """End every pause in force now, with further changes to some of them, by their numbers.

        One that would have ended later keeps that as its expected return, which GET has shown: so the same write sent
        again is recognised.
        """
        for pause in self.pauses_in_force():
            ends = {"end_date": self.now, "expected_return_date": pause.expected_return}
            self.change_pause(pause, ends | (changes or {}).get(pause.number, {}))

    def insert_pause(self, start_date, reason, expected_return_date=None, end_date=None):
        """Add a pause, unless one of the mentor has this start and reason: return that one, else None.

        422 on a date before its start.
        """
        number = max(HIGHEST_NUMBER, *self.pauses, 0) + 1  # until the database gives it one
        pause = Pause(number, start_date, expected_return_date, end_date, reason, self.now)
        pause.refuse_dates()
        same = self.find_same(start_date, reason)
        if not same:
            self.pauses[number], self.events[number] = pause, "pause_opened"
        return same

    def change_pause(self, pause, changes):
        """Change columns of a pause record; nothing is written if they have these values already.

        409 if another one of the mentor has its new start and reason, 422 on a date before its start.
        """
        changed = pause._replace(**changes)
        if changed == pause:
            return
        self.refuse_same(pause, changed)
        changed.refuse_dates()
        self.pauses[pause.number] = changed
        self.changed.add(pause.number)
        flips = {(False, True): "pause_ended", (True, False): "pause_reopened"}
        flip = pause.has_ended(self.now), changed.has_ended(self.now)
        self.events[pause.number] = flips.get(flip, "pause_updated")

    def refuse_same(self, pause, changed):
        """Refuse (409) to give a pause the start and reason of another one of the mentor."""
        same = self.find_same(changed.start_date, changed.reason)
        if same and same.number != pause.number:
            raise same_pause_exists(pause_record_id(same.number))

    def remove_pause(self, pause):
        """Delete a pause record."""
        del self.pauses[pause.number]
        self.removed.append(pause)
        self.events[pause.number] = "pause_deleted"

    # --- the end of a write

    def delete(self, erase):
        """Delete the mentor; with `erase` their history goes, too, else it ends in `deleted`, with all state null."""
        self.is_deleted, self.is_erased = True, erase
        self.pauses = {}
        if not erase:
            self.append_entry("deleted", None, None)

    def record(self, metadata, event=None, number=None):
        """Append the write to the history, if it did anything, and set `last_updated`.

        The entry's event is `event` if given; else what happened to the one record touched; else `updated`. It is about
        that record, else that with the `number`. Metadata that the last entry has, by the same caller, changes nothing.
        """
        changed = self.has_changes() or event
        if not changed and (metadata is None or self.repeats_last_entry(metadata)):
            return
        if len(self.events) == 1:
            ((number, touched),) = self.events.items()
            event = event or touched
        self.columns["last_updated"] = self.now
        self.append_entry(event or "updated", number, metadata)
        self.events, self.has_new_columns = {}, False

    def append_entry(self, event, number, metadata):
        """Append one entry to the history, with the mentor as they are after the write."""
        shown = self.current_pause()
        self.entries.append(
            {
                "mentor_id": self.mentor_id,
                "changed_at": self.now,
                "event": event,
                "pause_record_id": number,
                "is_paused": None if self.is_deleted else bool(self.pauses_in_force()),
                "pause_start_date": shown and shown.start_date,
                "expected_return_date": shown and shown.expected_return_date,
                "pause_end_date": shown and shown.end_date,
                "pause_reason": shown and shown.reason,
                "changed_by": self.changed_by(metadata),
                "metadata": None if metadata is None else orjson.dumps(metadata).decode(),
            }
        )

    def changed_by(self, metadata):
        """Return who makes the write: the name of the token, else `initiated_by` of the metadata where it is text."""
        initiated_by = metadata.get("initiated_by") if metadata else None
        return self.caller_name or (initiated_by if isinstance(initiated_by, str) else None)

    def repeats_last_entry(self, metadata):
        """Say whether the last entry has the same metadata and changed_by."""
        last_metadata, last_changed_by = self.last_entry or (None, None)
        if last_metadata is None:
            return False
        is_same = canonical(orjson.loads(last_metadata)) == canonical(metadata)
        return is_same and last_changed_by == self.changed_by(metadata)
