"""A mentor in memory: their pauses, what a write changes of them, and the history entries that it appends.

loading.py reads such a mentor, a rule changes the mentor, and saving.py writes what has changed.
"""

from dataclasses import dataclass, field
from functools import partial

import orjson

from mentors.formats import HIGHEST_NUMBER
from mentors.pauses import DATES_AND_REASON, NO_PAUSE, Pause, choose_pause_shown, is_paused
from mentors.problems import Conflict

# Metadata is compared as JSON text with sorted keys: as values of Python, 1, 1.0 and True are equal.
canonical = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


@dataclass
class Mentor:
    """A mentor as a write has read them, with all of their pauses; or an id that no mentor has (`exists` is false).

    `now` is the instant of the write: everything that it compares, and everything that it records, is by this instant.
    `caller_name` is the name of the token that was sent. `pauses` are by number.
    `has_history` says whether there are history entries of this id. `last_metadata` and `last_changed_by` are those of
    the last entry; in a write to a pause record, of the last entry about this record. (None in an upload, where
    metadata alone is no change.)

    The rest is what the write has done: `entries` are the new rows of the history, as dicts. `pauses_before` has, by
    number, each pause that has changed since the last of these entries, as it was before; None for a new one.
    (`pauses_as_read` are those before the write, with which saving.py compares.)
    """

    mentor_id: str
    last_updated: str | None
    now: str
    caller_name: str | None
    exists: bool
    pauses: dict[int, Pause] = field(default_factory=dict)
    has_history: bool = False
    last_metadata: str | None = None
    last_changed_by: str | None = None
    is_erased: bool = False
    entries: list[dict] = field(default_factory=list)
    pauses_before: dict[int, Pause | None] = field(default_factory=dict)

    def __post_init__(self):
        self.last_updated_as_read = self.last_updated
        self.pauses_as_read = self.pauses.copy()
        # An upload may have 1,000 lines about a mentor with thousands of pauses, so no line looks at all of them.
        self.un_ended = {number: pause for number, pause in self.pauses.items() if not pause.has_ended(self.now)}
        self.number_of = {(pause.start_date, pause.reason): number for number, pause in self.pauses.items()}
        self.last_temporary_number = HIGHEST_NUMBER  # a new pause has a higher one until give_numbers()

    # --- pauses

    def pauses_in_force(self):
        """Return the pauses that have begun and not ended."""
        return [pause for pause in self.un_ended.values() if pause.start_date <= self.now]

    def pause_shown(self, start_date=None):
        """Return the pause that GET shows, or None. With a start, it is the one of those that start then."""
        pauses = self.un_ended.values()
        if start_date is not None:
            pauses = [pause for pause in pauses if pause.start_date == start_date]
        return choose_pause_shown(pauses, self.now)

    def find_same(self, start_date, reason):
        """Return the mentor's pause with this start and reason, ended or not, or None."""
        number = self.number_of.get((start_date, reason))
        return self.pauses.get(number)

    def find_last_ended(self):
        """Return the pauses that ended last: several if they ended at the same instant. Cancelled ones do not count."""
        ended = [pause for pause in self.pauses.values() if pause.has_ended(self.now) and pause.did_begin()]
        last_end = max((pause.end_date for pause in ended), default=None)
        return [pause for pause in ended if pause.end_date == last_end]

    def open_pause(self, start_date, data):
        """Open a pause; `data` has its other columns by name. A column that is left out is null.

        422 if a date would be before the start, 409 if another pause has this start and reason.
        """
        self.last_temporary_number += 1
        others = {name: data.get(name) for name in DATES_AND_REASON if name != "start_date"}
        pause = Pause(self.last_temporary_number, start_date, created_at=self.now, is_new=True, **others)
        self.refuse_same(pause)  # the 409 comes before the 422
        pause.refuse_dates()
        self.set_pause(pause.number, pause)

    def change_pause(self, pause, values):
        """Change columns of a pause record; `values` are by name.

        422 if a date would be before the start, 409 if another pause has the new start and reason.
        """
        changed = pause._replace(**values)
        if changed == pause:
            return
        self.refuse_same(changed)  # the 409 comes before the 422
        changed.refuse_dates()
        self.set_pause(pause.number, changed)

    def refuse_same(self, pause):
        """Refuse (409) a new or changed pause if another pause of the mentor has its start and reason."""
        same = self.find_same(pause.start_date, pause.reason)
        if same and same.number != pause.number:
            raise Conflict(same)

    def remove_pause(self, pause):
        self.set_pause(pause.number, None)

    def set_pause(self, number, pause):
        """Put a pause in the place of the one with this number, if there is one; with None, remove that one."""
        self.pauses_before.setdefault(number, self.pauses.get(number))
        self.reindex_pause(number, pause and pause._replace(last_changed=self.now))

    def reindex_pause(self, number, pause):
        """Put a pause (None: remove it) into `pauses` and both indexes; set_pause() also notes the change."""
        before = self.pauses.pop(number, None)
        self.un_ended.pop(number, None)
        # Not if another pause has them by now: two pauses may exchange their starts and reasons.
        if before and self.number_of[before.start_date, before.reason] == number:
            del self.number_of[before.start_date, before.reason]
        if pause:
            self.pauses[number] = pause
            self.number_of[pause.start_date, pause.reason] = number
            if not pause.has_ended(self.now):
                self.un_ended[number] = pause

    # --- the end of a write

    def has_unrecorded_changes(self):
        """Say whether anything has changed since the last of the new history entries."""
        return bool(self.pauses_before)

    def discard_unrecorded_changes(self):
        """Make the pauses as they were when the last of the new history entries was appended."""
        for number, before in self.pauses_before.items():
            self.reindex_pause(number, before)
        self.pauses_before = {}

    def delete(self, metadata, undoes=None):
        """Delete the mentor with their pauses; the history ends in `deleted`, with all state null."""
        for pause in list(self.pauses.values()):
            self.remove_pause(pause)
        self.exists = False
        self.append_entry("deleted", None, metadata, undoes)

    def erase(self):
        """Mark the mentor as one whom save() deletes, with their pauses and their history."""
        self.exists = False
        self.is_erased = True

    def add_to_history(self, metadata, event=None, record_number=None, undoes=None):
        """Append the write to the history and set `last_updated`, unless the write did nothing.

        New metadata counts as a change; with an `event`, there is an entry in any case. If exactly one pause record has
        changed, the entry names it; else the one with `record_number`. Its event is `event`, else what happened to that
        one record, else `updated`.
        """
        is_new_metadata = metadata is not None and not self.repeats_last_entry(metadata)
        if not (self.has_unrecorded_changes() or event or is_new_metadata):
            return
        if len(self.pauses_before) == 1:
            [only_number] = self.pauses_before
            self.append_entry(event or self.event_of(only_number), only_number, metadata, undoes)
        else:
            self.append_entry(event or "updated", record_number, metadata, undoes)
        self.last_updated = self.now

    def append_entry(self, event, record_number, metadata, undoes=None):
        """Append one entry to the history, with the mentor as they are after the write.

        `undoes` is the id of the entry that the write takes back. The entry gets its own id when it is saved.
        """
        shown = self.pause_shown()
        pause = shown or NO_PAUSE
        self.entries.append(
            {
                "id": None,
                "mentor_id": self.mentor_id,
                "changed_at": self.now,
                "event": event,
                "undoes": undoes,
                "pause_record_id": record_number,
                "is_paused": is_paused(shown, self.now) if self.exists else None,
                "pause_start_date": pause.start_date,
                "expected_return_date": pause.expected_return_date,  # as recorded, beside the end
                "pause_end_date": pause.end_date,
                "pause_reason": pause.reason,
                "pause_records": self.touched_records(),
                "changed_by": self.changed_by(metadata),
                "metadata": metadata,
            }
        )
        self.pauses_before = {}

    def touched_records(self):
        """Return the pause records that have changed since the last entry, as the history stores them.

        Each has its number as `pause_record_id`, and says what it is now and what it was `before` (None: it is new). A
        deleted record says what it was, and has no `before`. `created_at` is for undo.py; the API does not show it.
        """
        records = []
        for number, before in sorted(self.pauses_before.items()):
            pause = self.pauses.get(number) or before
            record = {"pause_record_id": number, "event": self.event_of(number)} | pause.dates_and_reason()
            if number in self.pauses:
                record["before"] = before and before.dates_and_reason()
            records.append(record | {"created_at": pause.created_at})
        return records

    def event_of(self, number):
        """Say what has happened to a pause since the last entry."""
        before, after = self.pauses_before[number], self.pauses.get(number)
        if before is None:
            return "pause_opened"
        if after is None:
            return "pause_deleted"
        events = {(False, True): "pause_ended", (True, False): "pause_reopened"}
        return events.get((before.has_ended(self.now), after.has_ended(self.now)), "pause_updated")

    def changed_by(self, metadata):
        """Return the name of the token; without one, `initiated_by` of the metadata, if that is text."""
        initiated_by = metadata.get("initiated_by") if metadata else None
        return self.caller_name or (initiated_by if isinstance(initiated_by, str) else None)

    def repeats_last_entry(self, metadata):
        """Say whether the last entry has the same metadata and changed_by."""
        if self.last_metadata is None or self.last_changed_by != self.changed_by(metadata):
            return False
        return canonical(orjson.loads(self.last_metadata)) == canonical(metadata)

    def has_new_entries(self):
        """Say whether the write has appended to the history: what changes anything does."""
        return bool(self.entries)

    def give_numbers(self, numbers):
        """Give new pauses the numbers that the database has given them, also in the history entries about them."""
        if not numbers:
            return
        for temporary, number in numbers.items():
            pause = self.pauses[temporary]
            self.reindex_pause(temporary, None)
            self.reindex_pause(number, pause._replace(number=number, is_new=False))
        for entry in self.entries:
            for named in (entry, *entry["pause_records"]):  # an entry and its records have the same key
                named["pause_record_id"] = numbers.get(named["pause_record_id"], named["pause_record_id"])
