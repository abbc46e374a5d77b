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
    """A mentor as a write has read them, with all of their pauses; or an id that no mentor has (`exists` is false)."""

    # --- what was read
    mentor_id: str
    last_updated: str | None
    now: str  # the instant of the write: all that it compares, and all that it records, is by this instant
    caller_name: str | None  # of the token
    exists: bool
    pauses: dict[int, Pause] = field(default_factory=dict)  # by number
    has_history: bool = False  # whether there are history entries of this id
    # Of the last history entry; in a write to a pause record, of the last one about this record. (None in an upload,
    # where metadata alone is no change.)
    last_metadata: str | None = None
    last_changed_by: str | None = None

    # --- what the write has done
    is_erased: bool = field(default=False, init=False)
    entries: list[dict] = field(default_factory=list, init=False)  # the new rows of the history
    # Each pause that has changed since the last of these entries, as it was before; None for a new one.
    before_this_entry: dict[int, Pause | None] = field(default_factory=dict, init=False)
    # With these saving.py compares.
    before_this_write: dict[int, Pause] = field(init=False)
    last_updated_before: str | None = field(init=False)
    last_temporary_number: int = field(default=HIGHEST_NUMBER, init=False)  # of a new pause, until give_numbers()

    # --- indexes of `pauses`: an upload may have 1,000 lines about a mentor with thousands of pauses
    un_ended: dict[int, Pause] = field(init=False)
    number_by_start_and_reason: dict[tuple, int] = field(init=False)

    def __post_init__(self):
        pauses = self.pauses
        self.last_updated_before = self.last_updated
        self.before_this_write = pauses.copy()
        self.un_ended = {number: pause for number, pause in pauses.items() if not pause.has_ended(self.now)}
        self.number_by_start_and_reason = {(each.start_date, each.reason): each.number for each in pauses.values()}

    # --- pauses

    def pauses_in_force(self):
        """Return the pauses that have begun and not ended."""
        return [pause for pause in self.un_ended.values() if pause.start_date <= self.now]

    def pause_shown(self):
        """Return the pause that GET shows, or None."""
        return choose_pause_shown(self.un_ended.values(), self.now)

    def un_ended_pause(self, start_date):
        """Return the pause that starts then and has not ended (of several, the one that ends last), or None."""
        pauses = [pause for pause in self.un_ended.values() if pause.start_date == start_date]
        return choose_pause_shown(pauses, self.now)

    def find_by_start_and_reason(self, start_date, reason):
        """Return the mentor's pause with this start and reason, ended or not, or None."""
        number = self.number_by_start_and_reason.get((start_date, reason))
        return self.pauses.get(number)

    def pauses_ended_last(self):
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
        self.refuse_same(pause)
        pause.refuse_dates()
        self.set_pause(pause.number, pause)

    def change_pause(self, pause, values):
        """Change columns of a pause record; `values` are by name.

        422 if a date would be before the start, 409 if another pause has the new start and reason.
        """
        changed = pause._replace(**values)
        if changed == pause:
            return
        self.refuse_same(changed)
        changed.refuse_dates()
        self.set_pause(pause.number, changed)

    def refuse_same(self, pause):
        """Refuse (409) a new or changed pause if another pause of the mentor has its start and reason."""
        same = self.find_by_start_and_reason(pause.start_date, pause.reason)
        if same and same.number != pause.number:
            raise Conflict(same)

    def remove_pause(self, pause):
        self.set_pause(pause.number, None)

    def set_pause(self, number, pause):
        """Put a pause in the place of the one with this number, if there is one; with None, remove that one."""
        self.before_this_entry.setdefault(number, self.pauses.get(number))
        self.reindex_pause(number, pause and pause._replace(last_changed=self.now))

    def reindex_pause(self, number, pause):
        """Put a pause (None: remove it) into `pauses` and both indexes; set_pause() also notes the change."""
        before = self.pauses.pop(number, None)
        self.un_ended.pop(number, None)
        # Not if another pause has them by now: two pauses may exchange their starts and reasons.
        start_and_reason = before and (before.start_date, before.reason)
        if before and self.number_by_start_and_reason[start_and_reason] == number:
            del self.number_by_start_and_reason[start_and_reason]
        if pause:
            self.pauses[number] = pause
            self.number_by_start_and_reason[pause.start_date, pause.reason] = number
            if not pause.has_ended(self.now):
                self.un_ended[number] = pause

    # --- the end of a write

    def has_unrecorded_changes(self):
        """Say whether anything has changed since the last of the new history entries."""
        return bool(self.before_this_entry)

    def discard_unrecorded_changes(self):
        """Make the pauses as they were when the last of the new history entries was appended."""
        for number, before in self.before_this_entry.items():
            self.reindex_pause(number, before)
        self.before_this_entry = {}

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

    def add_to_history_if_changed(self, metadata, event=None, record_number=None, undoes=None):
        """Append the write to the history and set `last_updated`; if the write has changed nothing, do nothing.

        New metadata counts as a change; with an `event`, there is an entry in any case. If exactly one pause record has
        changed, the entry names it; else the one with `record_number`. Its event is `event`, else what happened to that
        one record, else `updated`.
        """
        is_new_metadata = metadata is not None and not self.repeats_last_metadata(metadata)
        if not (self.has_unrecorded_changes() or event or is_new_metadata):
            return
        if len(self.before_this_entry) == 1:
            [only_number] = self.before_this_entry
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
        self.before_this_entry = {}

    def touched_records(self):
        """Return the pause records that have changed since the last entry, as the history stores them.

        Each has its number as `pause_record_id`, and says what it is now and what it was `before` (None: it is new). A
        deleted record says what it was, and has no `before`. `created_at` is for undo.py; the API does not show it.
        """
        records = []
        for number, before in sorted(self.before_this_entry.items()):
            pause = self.pauses.get(number) or before
            record = {"pause_record_id": number, "event": self.event_of(number)} | pause.dates_and_reason()
            if number in self.pauses:
                record["before"] = before and before.dates_and_reason()
            records.append(record | {"created_at": pause.created_at})
        return records

    def event_of(self, number):
        """Say what has happened to a pause since the last entry."""
        before, after = self.before_this_entry[number], self.pauses.get(number)
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

    def repeats_last_metadata(self, metadata):
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
