"""A mentor in memory: what a write does to their pauses, and the history entry that it appends.

loading.py reads such a mentor, a rule changes them, and saving.py writes what has changed.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import orjson

from mentors.formats import HIGHEST_NUMBER, MAX_CLOCK_SKEW, pause_record_id, seconds_after
from mentors.pauses import Pause, is_paused, pause_shown
from mentors.problems import Conflict, Problem, Stale, Unavailable, invalid

# Metadata is compared as JSON text with sorted keys: as values of Python, 1, 1.0 and True are equal.
canonical = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


@dataclass
class Mentor:
    """A mentor as a write has read them, with all of their pauses; or an id that no mentor has (`exists` is false).

    `read_at` is what the database's clock said when they were read, and `written_at` the instant of the write.
    `caller_name` is the name of the token that was sent. `pauses` are by number.
    `last_entry_id`, `last_metadata` and `last_changed_by` are those of the last entry in the mentor's history; in a
    write to a pause record, of the last entry about this record. (An upload does not read `last_metadata`.)
    `unmet_condition` is the 412 of a condition of the write, see conditional().

    The rest is what the write has done: `entries` are the new rows of the history, as dicts. `changed_pauses`
    are those that have changed since the last of these entries, as they were before, by number; None for a new one.
    """

    mentor_id: str
    last_updated: str | None
    read_at: str
    written_at: str
    caller_name: str | None
    exists: bool
    pauses: dict[int, Pause] = field(default_factory=dict)
    last_entry_id: int | None = None
    last_metadata: str | None = None
    last_changed_by: str | None = None
    unmet_condition: Stale | None = None
    is_erased: bool = False
    entries: list[dict] = field(default_factory=list)
    changed_pauses: dict[int, Pause | None] = field(default_factory=dict)

    def __post_init__(self):
        self.last_updated_as_read = self.last_updated
        self.pauses_as_read = self.pauses.copy()

    def refuse_if_far_ahead(self):
        """Refuse (503) a write if the last change, and so its instant, is more than 15 seconds ahead of the clock.

        Every rule but those of DELETE begins with this. The client is not told when to try again: it may take years.
        """
        if self.written_at > seconds_after(self.read_at, MAX_CLOCK_SKEW):
            reason = f"the database's clock says {self.read_at}, far behind the last change, {self.written_at}"
            detail = (
                f"Mentor '{self.mentor_id}' was last changed at {self.written_at}, by a clock that was ahead: it is "
                f"now {self.read_at}. Until then only a DELETE is done, and it does not help to send this again. Tell "
                'the operator, whose guide says how to set it right: docs/monitoring.md, "A clock that was ahead".'
            )
            raise Unavailable(reason, detail, headers=None)

    def has_unrecorded_changes(self):
        """Say whether anything has changed since the last of the new history entries."""
        return bool(self.changed_pauses)

    def pauses_in_force(self):
        """Return the pauses that have begun and not ended."""
        return [pause for pause in self.pauses.values() if pause.is_in_force(self.written_at)]

    def pause_shown(self, start_date=None, at=None):
        """Return the pause that GET shows `at` an instant, else at that of the write; None if it shows none.

        With a start, it is the one of those that start then.
        """
        pauses = [pause for pause in self.pauses.values() if start_date in (None, pause.start_date)]
        return pause_shown(pauses, at or self.written_at)

    @contextmanager
    def conditional(self):
        """Raise the 412 of an unmet condition if the block adds a history entry, or if a rule refuses the write.

        If the block changes nothing, an old If-Match is no failure: the write was done before (RFC 9110, 13.1.1).
        """
        unmet = self.unmet_condition
        entries_before = len(self.entries)
        try:
            yield
        except Problem:
            if unmet:
                raise unmet from None
            raise
        if unmet and (unmet.even_if_unchanged or len(self.entries) > entries_before):
            raise unmet

    # --- pauses

    def find_same(self, start_date, reason):
        """Return the mentor's pause with this start and reason, ended or not, or None."""
        same = (pause for pause in self.pauses.values() if (pause.start_date, pause.reason) == (start_date, reason))
        return next(same, None)

    def find_last_ended(self):
        """Return the pauses that ended last: several if they ended at the same instant. Cancelled ones do not count."""
        ended = [pause for pause in self.pauses.values() if pause.has_ended(self.written_at) and pause.did_begin()]
        last_end = max((pause.end_date for pause in ended), default=None)
        return [pause for pause in ended if pause.end_date == last_end]

    def open_pause(self, start_date, data):
        """Open a pause; `data` has its other columns by name. A column that is left out is null.

        422 if a date would be before the start, 409 if another pause has this start and reason.
        """
        number = max([HIGHEST_NUMBER, *self.pauses]) + 1
        others = {name: data.get(name) for name in ("expected_return_date", "end_date", "reason")}
        pause = Pause(number, start_date, created_at=self.written_at, is_new=True, **others)
        pause.refuse_dates()
        self.refuse_same(pause)
        self.set_pause(number, pause)

    def open_pause_now(self, data):
        """Open a pause that starts now, if none is in force. If one was ended in this very second, reopen it."""
        same = self.find_same(self.written_at, data.get("reason"))
        if same:
            self.change_pause(same, {"end_date": None, "expected_return_date": data.get("expected_return_date")})
        else:
            self.open_pause(self.written_at, data)

    def put_data_on_start(self, start_date, data):
        """Put the data of rule 2 on the un-ended pause with this start (the one that ends last), or open one."""
        if not self.put_data_on_shown(data, start_date):
            self.open_pause(start_date, data)

    def put_data_on_shown(self, data, start_date=None, at=None):
        """Put the data of rule 2 on the pause_shown() with these arguments; return whether there is one.

        422 if another pause is shown after that: the same write, sent again, would change that other pause.
        """
        pause = self.pause_shown(start_date, at)
        if pause is None:
            return False
        self.put_data(pause, data)
        shown_after = self.pause_shown(start_date, at)
        if shown_after.number != pause.number:
            changed_id, shown_id = pause_record_id(pause.number), pause_record_id(shown_after.number)
            refusal = (
                f"With this date {shown_id} would be the pause shown, and the same PUT sent again would change "
                f"{shown_id}; send the date in a PUT to /api/v1/pause-records/{changed_id}."
            )
            raise invalid({"expected_return_date": [refusal]})
        return True

    def put_data(self, pause, data):
        """Put the data of rule 2, a return date and a reason, on an un-ended pause.

        If the pause has an end, the mentor is back then: 422 on any other return date.
        """
        if pause.end_date is not None and "expected_return_date" in data:
            data = data.copy()
            expected_return_date = data.pop("expected_return_date")
            self.refuse_same(pause._replace(**data))  # the 409 comes before the 422
            if expected_return_date != pause.end_date:
                path = f"/api/v1/pause-records/{pause_record_id(pause.number)}"
                refusal = f"The pause ends by itself at its end_date, {pause.end_date}; PUT another end_date to {path}."
                raise invalid({"expected_return_date": [refusal]})
        self.change_pause(pause, data)

    def end_pauses(self, more_values=None):
        """End, now, every pause in force. `more_values[number]` are more columns to change of that pause.

        The old end becomes the return date, as GET showed it: rules.repeats_last_end() knows the same write by it.
        """
        for pause in self.pauses_in_force():
            ends = {"end_date": self.written_at, "expected_return_date": pause.expected_return}
            self.change_pause(pause, ends | (more_values or {}).get(pause.number, {}))

    def change_pause(self, pause, values):
        """Change columns of a pause record; `values` are by name.

        422 if a date would be before the start, 409 if another pause has the new start and reason.
        """
        changed = pause._replace(**values)
        if changed == pause:
            return
        self.refuse_same(changed)
        changed.refuse_dates()
        self.set_pause(pause.number, changed._replace(change_count=pause.change_count + 1))

    def refuse_same(self, pause):
        """Refuse (409) a new or changed pause if another pause of the mentor has its start and reason."""
        same = self.find_same(pause.start_date, pause.reason)
        if same and same.number != pause.number:
            raise Conflict(same)

    def remove_pause(self, pause):
        self.set_pause(pause.number, None)

    def set_pause(self, number, pause):
        """Put a pause in the place of the one with this number, if there is one; with None, remove that one."""
        self.changed_pauses.setdefault(number, self.pauses.pop(number, None))
        if pause:
            self.pauses[number] = pause._replace(last_changed=self.written_at)

    # --- the end of a write

    def delete(self, metadata, undoes=None):
        """Delete the mentor with their pauses; the history ends in `deleted`, with all state null."""
        for pause in list(self.pauses.values()):
            self.remove_pause(pause)
        self.exists = False
        self.append_entry("deleted", None, metadata, undoes)

    def erase(self):
        """Delete the mentor with their pauses and their history."""
        self.exists = False
        self.is_erased = True

    def add_to_history(self, metadata, event=None, number=None, undoes=None):
        """Append the write to the history and set `last_updated`, unless the write did nothing.

        New metadata counts as a change; with an `event`, there is an entry in any case. The entry names the one pause
        record that the write touched, else the record `number`. Its event is `event`, else what happened to that one
        record, else `updated`.
        """
        is_new_metadata = metadata is not None and not self.repeats_last_entry(metadata)
        if not (self.has_unrecorded_changes() or event or is_new_metadata):
            return
        if len(self.changed_pauses) == 1:
            [number] = self.changed_pauses
            event = event or self.event_of(number)
        self.last_updated = self.written_at
        self.append_entry(event or "updated", number, metadata, undoes)

    def append_entry(self, event, number, metadata, undoes=None):
        """Append one entry to the history, with the mentor as they are after the write.

        `undoes` is the id of the entry that the write takes back. The entry gets its own id when it is saved.
        """
        pause = self.pause_shown()
        self.entries.append(
            {
                "id": None,
                "mentor_id": self.mentor_id,
                "changed_at": self.written_at,
                "event": event,
                "undoes": undoes,
                "pause_record_id": number,
                "is_paused": is_paused(pause, self.written_at) if self.exists else None,
                "pause_start_date": pause and pause.start_date,
                "expected_return_date": pause and pause.expected_return_date,  # as recorded, beside the end
                "pause_end_date": pause and pause.end_date,
                "pause_reason": pause and pause.reason,
                "pause_records": self.touched_records(),
                "changed_by": self.changed_by(metadata),
                "metadata": metadata,
            }
        )
        self.changed_pauses = {}

    def touched_records(self):
        """Return what the write did to each pause record since the last entry; `pause_record_id` is the number.

        `before` is what the record was before. Of one that was deleted, its dates and its reason say that. The API does
        not show `created_at`; undo.py needs it.
        """
        records = []
        for number, before in sorted(self.changed_pauses.items()):
            pause = self.pauses.get(number) or before
            record = {"pause_record_id": number, "event": self.event_of(number)} | pause.dates_and_reason()
            if number in self.pauses:
                record["before"] = before and before.dates_and_reason()
            records.append(record | {"created_at": pause.created_at})
        return records

    def event_of(self, number):
        """Say what has happened to a pause since the last entry."""
        before, after = self.changed_pauses[number], self.pauses.get(number)
        if before is None:
            return "pause_opened"
        if after is None:
            return "pause_deleted"
        events = {(False, True): "pause_ended", (True, False): "pause_reopened"}
        ended_before_and_after = before.has_ended(self.written_at), after.has_ended(self.written_at)
        return events.get(ended_before_and_after, "pause_updated")

    def changed_by(self, metadata):
        """Return the name of the token; without one, `initiated_by` of the metadata, if that is text."""
        initiated_by = metadata.get("initiated_by") if metadata else None
        return self.caller_name or (initiated_by if isinstance(initiated_by, str) else None)

    def repeats_last_entry(self, metadata):
        """Say whether the last entry has the same metadata and changed_by."""
        if self.last_metadata is None or self.last_changed_by != self.changed_by(metadata):
            return False
        return canonical(orjson.loads(self.last_metadata)) == canonical(metadata)

    # --- what is to be saved

    def is_changed(self):
        return bool(self.entries)

    def outdated_pauses(self):
        """Return the pauses that were read, and that the write has changed or removed."""
        return [pause for number, pause in self.pauses_as_read.items() if self.pauses.get(number) != pause]

    def unsaved_pauses(self):
        """Return the pauses that are new or changed, as they are now."""
        return [pause for number, pause in self.pauses.items() if self.pauses_as_read.get(number) != pause]

    def give_number(self, pause, number):
        """Give a new pause the number that the database has given it, also in the history entries about it."""
        del self.pauses[pause.number]
        self.pauses[number] = pause._replace(number=number, is_new=False)
        for entry in self.entries:
            for named in (entry, *entry["pause_records"]):
                if named["pause_record_id"] == pause.number:
                    named["pause_record_id"] = number
