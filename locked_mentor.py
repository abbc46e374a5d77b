"""A mentor under lock: what a write does to their pauses, and the history entry at its end."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import orjson

import write_statements
from formats import HIGHEST_NUMBER, pause_record_id
from pauses import Pause, current_of
from problems import Problem, exhausted, invalid, same_pause_exists
from serializers import mentor_status

# Metadata as JSON text with its keys in order: as objects, 1, 1.0 and true would be equal.
canonical = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


@dataclass
class LockedMentor:
    """A mentor who is locked until the transaction ends.

    `columns` are those of their row by name, `now` is the instant of the write, `caller_name` the name of the token
    that makes it, `pauses` the mentor's un-ended pauses by number, `events` what the write has done to each pause
    record, and `stale` the Problem to raise if it changes anything.
    """

    columns: dict[str, object]
    now: str
    caller_name: str | None
    pauses: dict[int, Pause] = field(default_factory=dict)
    events: dict[int, str] = field(default_factory=dict)
    stale: Problem | None = None
    has_new_columns: bool = False
    is_changed: bool = False

    @property
    def mentor_id(self):
        return self.columns["mentor_id"]

    def current_pause(self):
        """Return the pause that the mentor shows: the one in force, else the next scheduled; None without any."""
        return current_of(self.pauses.values(), self.now)

    def pauses_in_force(self):
        """Return the pauses that have begun."""
        return [pause for pause in self.pauses.values() if pause.start_date <= self.now]

    def representation(self):
        """Represent the mentor as GET one would, after what the write has done so far."""
        return mentor_status(self.columns, self.pauses.values(), self.now)

    def change_columns(self, values):
        """Change columns of the mentor's row, given by name."""
        if any(self.columns[name] != value for name, value in values.items()):
            self.columns |= values
            self.has_new_columns = True

    def track(self, pause):
        """Keep a pause among the un-ended ones if it is one, else drop it."""
        self.pauses.pop(pause.number, None)
        if not pause.has_ended(self.now):
            self.pauses[pause.number] = pause

    @contextmanager
    def conditional(self):
        """Raise the 412 of a stale write if the block changes anything, or if a rule refuses it."""
        try:
            yield
        except Problem:
            if self.stale:
                raise self.stale from None
            raise
        if self.stale and self.is_changed:
            raise self.stale

    # --- pauses

    def find_same(self, start_date, reason):
        """Return the mentor's pause with this start and reason, ended or not, or None."""
        values = {"mentor_id": self.mentor_id, "start_date": start_date, "reason": reason or ""}
        row = write_statements.pause_with().run(**values).fetchone()
        return row and Pause(*row)

    def find_last_ended(self):
        """Return the pauses that ended last: several, if they did so at the same instant."""
        return [Pause(*row) for row in write_statements.last_ended_pauses().rows(mentor_id=self.mentor_id, at=self.now)]

    def repeats_last_end(self, start, data):
        """Say whether pause data is that of the pause that ended last, in the fields sent: a PUT that is sent again.

        Several may have ended last, at the same instant. Without a start, nulls are ignored.
        The return date may be the end of a pause that has ended by itself since.
        """
        named = {name: value for name, value in data.items() if start or value}
        if not (start or named):
            return True
        for pause in self.find_last_ended():
            known = {"expected_return_date": {pause.expected_return_date, pause.end_date}, "reason": {pause.reason}}
            if start in (None, pause.start_date) and all(value in known[name] for name, value in named.items()):
                return True
        return False

    def open_pause(self, start_date, data):
        """Open a pause; 409 if one of the mentor has this start and reason, 422 on a return before its start."""
        pause = Pause(None, start_date, data.get("expected_return_date"), None, data.get("reason"))
        if not self.insert_pause(pause):
            raise same_pause_exists(pause_record_id(self.find_same(start_date, pause.reason).number))

    def open_pause_now(self, data):
        """Open a pause that starts now; one that was opened and ended within this very second is opened again."""
        pause = Pause(None, self.now, data.get("expected_return_date"), None, data.get("reason"))
        if not self.insert_pause(pause):
            same = self.find_same(self.now, pause.reason)
            self.change_pause(same, {"end_date": None, "expected_return_date": pause.expected_return_date})

    def update_pause_starting_at(self, start_date, data):
        """Update the un-ended pause that starts then (of several, the one recorded last), or open one."""
        named = [pause for pause in self.pauses.values() if pause.start_date == start_date]
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

    def insert_pause(self, pause):
        """Insert a pause record and return its number; None if one of the mentor has this start and reason.

        422 on a date before its start, 503 where the numbers are used up.
        """
        pause.refuse_dates()
        columns = pause._asdict() | {"created_at": self.now, "last_changed": self.now}
        del columns["number"]
        row = write_statements.insert_record().run(mentor_id=self.mentor_id, **columns).fetchone()
        if row is None:
            return None
        (number,) = row
        if number > HIGHEST_NUMBER:
            raise exhausted("pause records")
        self.events[number] = "pause_opened"
        self.track(pause._replace(number=number))
        return number

    def change_pause(self, pause, changes):
        """Change columns of a pause record; nothing is written if they have these values already.

        409 if another one of the mentor has its new start and reason, 422 on a date before its start.
        """
        changed = pause._replace(**changes)
        if changed == pause:
            return
        self.refuse_same(pause, changed)
        changed.refuse_dates()
        write_statements.update_record().run(**changed._asdict(), last_changed=self.now)
        self.track(changed)
        flips = {(False, True): "pause_ended", (True, False): "pause_reopened"}
        flip = pause.has_ended(self.now), changed.has_ended(self.now)
        self.events[pause.number] = flips.get(flip, "pause_updated")

    def refuse_same(self, pause, changed):
        """Refuse (409) to give a pause the start and reason of another one of the mentor."""
        if (changed.start_date, changed.reason) != (pause.start_date, pause.reason):
            same = self.find_same(changed.start_date, changed.reason)
            if same and same.number != pause.number:
                raise same_pause_exists(pause_record_id(same.number))

    def remove_pause(self, pause):
        """Delete a pause record."""
        write_statements.remove_record().run(number=pause.number)
        self.pauses.pop(pause.number, None)
        self.events[pause.number] = "pause_deleted"

    # --- the end of a write

    def record(self, metadata, event=None, number=None):
        """Append the write to the history, if it did anything, and set `last_updated`.

        One pause record touched: its event and number. Several, or none: `updated`; `number` is the record it is about,
        if it is about one. Metadata that the last entry has already, by the same caller, changes nothing.
        """
        changed = self.events or self.has_new_columns or event
        if not changed and (metadata is None or self.repeats_last_entry(number, metadata)):
            return
        if len(self.events) == 1:
            ((number, touched),) = self.events.items()
            event = event or touched
        self.is_changed = True
        if self.has_new_columns or self.columns["last_updated"] != self.now:
            self.columns["last_updated"] = self.now
            write_statements.update_mentor().run(**self.columns)
        self.append_entry(event or "updated", number, metadata)

    def append_entry(self, event, number, metadata):
        """Insert one history entry, with the mentor as they are after the write; all null once they are deleted.

        Raises a Problem (503) where the numbers are used up.
        """
        deleted = event == "deleted"
        shown = None if deleted else self.current_pause()
        entry = write_statements.insert_history().run(
            mentor_id=self.mentor_id,
            changed_at=self.now,
            event=event,
            pause_record_id=number,
            is_paused=None if deleted else bool(self.pauses_in_force()),
            pause_start_date=shown and shown.start_date,
            expected_return_date=shown and shown.expected_return_date,
            pause_end_date=shown and shown.end_date,
            pause_reason=shown and shown.reason,
            changed_by=self.changed_by(metadata),
            metadata=None if metadata is None else orjson.dumps(metadata).decode(),
        )
        if entry.fetchone()[0] > HIGHEST_NUMBER:
            raise exhausted("history entries")

    def changed_by(self, metadata):
        """Return who makes the write: the name of the token, else `initiated_by` of the metadata where it is text."""
        initiated_by = metadata.get("initiated_by") if metadata else None
        return self.caller_name or (initiated_by if isinstance(initiated_by, str) else None)

    def repeats_last_entry(self, number, metadata):
        """Say whether the last entry has the same metadata and changed_by; with `number`, that of this pause record."""
        if number is None:
            row = write_statements.last_entry().run(mentor_id=self.mentor_id).fetchone()
        else:
            row = write_statements.last_entry_of_record().run(mentor_id=self.mentor_id, number=number).fetchone()
        if row is None or row[0] is None:
            return False
        kept, kept_by = row
        return canonical(orjson.loads(kept)) == canonical(metadata) and kept_by == self.changed_by(metadata)
