"""Undo (rule 8): takes entries of the history back, each one whole or not at all.

What counts are states. An entry is taken back if its mentor, and the pause records that it touched, are now as the
entry left them. What was changed and changed back since does not stand in the way.
"""

from collections import defaultdict
from typing import NamedTuple

import orjson
from peewee import SQL, Select, fn

from db import db, parameter, statement
from mentors.formats import pause_record_id
from mentors.pauses import DATES_AND_REASON, Pause
from mentors.problems import Conflict, Problem, Stale
from models import HistoryEntry

UNDONE, UNCHANGED, REFUSED = OUTCOMES = ("undone", "unchanged", "refused")
REFUSAL_CODES = ("not_found", "stale", "conflict", "unavailable")
NOT_FOUND = "The history has no entry with this id: it was purged or erased, or never there; leave the id out."
PURGED = "A purge has deleted {}, which this entry has changed; it cannot come back."
CHANGED_SINCE = "The mentor or the pause has changed since; GET the mentor, and send another write to correct it."
CHANGED_BY_LATER_ENTRY = "Entry {0} has changed the same since; undo entry {0} first, or send another write."
PRESENCE = None  # the key, beside the numbers of pauses, under which a state says whether the mentor exists


class LaterEntry(NamedTuple):
    """The newest entry that has changed what differs from what an entry left."""

    number: int
    changed_at: str
    changed_by: str | None
    event: str


class Outcome(NamedTuple):
    """What became of an entry.

    `undoing_entry` is the item of Mentor.entries that takes it back. If it is refused, `code` and `detail` say why, and
    `later_entry` is the one that stands in the way, if there is one.
    """

    entry_id: int
    mentor_id: str | None
    outcome: str
    undoing_entry: dict | None = None
    code: str | None = None
    detail: str | None = None
    later_entry: LaterEntry | None = None


class ChangedSince(Stale):
    """Something is not as an entry left it; `keys` are the numbers of the pauses, and PRESENCE."""

    def __init__(self, keys, detail=CHANGED_SINCE):
        super().__init__(detail)
        self.keys = keys


def take_entries_back(mentors, entries, metadata):
    """Take entries back in memory, the newest first, and return the Outcome of each by its id.

    `mentors` and `entries` are by id, as load_entries() returns them.
    """
    states = {entry_id: states_around(entries[entry_id]) for entry_id in sorted(entries)}
    as_before_all = mentors_as_before_all(mentors, entries, states)
    outcomes = {}
    changed_since = {}
    for entry_id, (before, left) in reversed(states.items()):
        entry = entries[entry_id]
        mentor = mentors[entry.mentor_id]
        undoing_entry = None
        try:
            mentor.refuse_if_far_ahead()
            is_as_before = entry.mentor_id in as_before_all or not keys_that_differ(mentor, before, entry.purged_before)
            if not is_as_before or lost_pauses(mentor, entry, before, left):
                take_back(mentor, entry, before, left, metadata)
                undoing_entry = mentor.entries[-1]
        except Problem as refusal:
            outcomes[entry_id] = Outcome(entry_id, mentor.mentor_id, REFUSED, None, refusal.code, refusal.detail)
            if isinstance(refusal, ChangedSince):
                changed_since[entry_id] = refusal.keys
        else:
            outcome = UNDONE if undoing_entry else UNCHANGED
            outcomes[entry_id] = Outcome(entry_id, mentor.mentor_id, outcome, undoing_entry)
    undone = [entry_id for entry_id, each in outcomes.items() if each.outcome == UNDONE]
    for entry_id, later in find_later_entries(entries, changed_since, undone).items():
        detail = CHANGED_BY_LATER_ENTRY.format(later.number)
        outcomes[entry_id] = outcomes[entry_id]._replace(detail=detail, later_entry=later)
    return outcomes


def not_found(entry_id):
    """Return the Outcome of an entry that is not there."""
    return Outcome(entry_id, None, REFUSED, code="not_found", detail=NOT_FOUND)


# --- states


def states_around(entry):
    """Return the states before an entry and after it, of what it touched: each pause by its number (None: not there).

    Under PRESENCE, each says whether the mentor exists.
    """

    def pause(record, values):
        dates_and_reason = (values[name] for name in DATES_AND_REASON)
        return Pause(record["pause_record_id"], *dates_and_reason, created_at=record["created_at"])

    before = {PRESENCE: entry.event != "created"}
    left = {PRESENCE: entry.event != "deleted"}
    for record in orjson.loads(entry.pause_records):
        number = record["pause_record_id"]
        is_deleted = record["event"] == "pause_deleted"
        values = record if is_deleted else record["before"]
        before[number] = values and pause(record, values)
        left[number] = None if is_deleted else pause(record, record)
    return before, left


def value_now(mentor, key):
    """Return what a state of the mentor as they are now has under a key."""
    return mentor.exists if key is PRESENCE else mentor.pauses.get(key)


def content(value):
    """Return what is compared of a value of a state: of a pause, its dates and its reason."""
    return tuple(value.dates_and_reason().values()) if isinstance(value, Pause) else value


def keys_that_differ(mentor, state, purged_before=None):
    """Return the keys under which a state has something else than the mentor as they are now.

    With the date of a purge, a pause that ended before it may be there or not.
    """
    differing = [key for key, value in state.items() if content(value_now(mentor, key)) != content(value)]
    return [key for key in differing if key in mentor.pauses or not is_purged(state[key], purged_before)]


def mentors_as_before_all(mentors, entries, states):
    """Return the ids of the mentors of whom all that the entries touched is as it was before the oldest of them.

    So the same request, sent again, changes nothing.
    """
    first = defaultdict(dict)
    for entry_id in sorted(entries, reverse=True):
        before, _left = states[entry_id]
        first[entries[entry_id].mentor_id] |= before  # that of an older entry takes the place of that of a newer one
    purged_before = max((entry.purged_before or "" for entry in entries.values()), default="")
    return {each for each, state in first.items() if not keys_that_differ(mentors[each], state, purged_before)}


def is_purged(value, purged_before):
    """Say whether a value of a state is a pause that ended before the date of the latest purge."""
    end_date = value.end_date if isinstance(value, Pause) else None
    return bool(purged_before and end_date and end_date < purged_before)


def lost_pauses(mentor, entry, before, left):
    """Return the numbers of the pauses that were there before an entry and after it, and that a purge has deleted."""
    purged = [key for key, value in left.items() if is_purged(value, entry.purged_before)]
    return [number for number in purged if before[number] and number not in mentor.pauses]


# --- one entry


def take_back(mentor, entry, before, left, metadata):
    """Take an entry back, if everything is as it left it (the table of rule 8). Raises ChangedSince or Conflict."""
    keys = keys_that_differ(mentor, left)
    if PRESENCE in keys:
        raise ChangedSince([PRESENCE])
    if lost := lost_pauses(mentor, entry, before, left):
        raise ChangedSince(lost, PURGED.format(pause_record_id(lost[0])))
    is_creation = entry.event == "created"
    if is_creation:
        keys += mentor.pauses.keys() - left.keys()
    if keys:
        raise ChangedSince(keys)
    if is_creation:
        mentor.delete(metadata, undoes=entry.number)
        return
    refuse_conflict(mentor, before)
    for number in before.keys() - {PRESENCE}:
        put_back(mentor, number, before[number], entry.purged_before)
    mentor.exists = True
    mentor.add_to_history(metadata, "created" if entry.event == "deleted" else None, undoes=entry.number)


def refuse_conflict(mentor, before):
    """Refuse (409) if another pause of the mentor has the start and reason of one that would come back."""
    for pause in before.values():
        same = isinstance(pause, Pause) and mentor.find_same(pause.start_date, pause.reason)
        if same and same.number not in before:
            raise Conflict(same)


def put_back(mentor, number, pause, purged_before):
    """Make a pause as it was before; None: remove it. One that a purge would have deleted does not come back.

    A pause that was deleted gets a higher count of changes than it ever had: no pause has a count above the id of the
    last entry about it.
    """
    now = mentor.pauses.get(number)
    if is_purged(pause, purged_before) and not is_purged(now, purged_before):
        pause = None
    if content(now) == content(pause):
        return
    count = now.change_count if now else mentor.last_entry_id + len(mentor.entries)
    mentor.set_pause(number, pause and pause._replace(change_count=count + 1))


# --- the entry that stands in the way


def find_later_entries(entries, changed_since, undone):
    """Return the LaterEntry of each entry that was refused with ChangedSince, if there is one, by its id.

    `changed_since` are the keys that differ, by the ids of the entries. `undone` are the ids of entries that this
    request takes back: these do not stand in the way.
    """
    # For all entries of a mentor with the same keys, it is the same one: so each is looked up once.
    oldest = {}
    for entry_id in sorted(changed_since):
        oldest.setdefault((entries[entry_id].mentor_id, tuple(changed_since[entry_id])), entry_id)
    asked = [
        {
            "entry_id": entry_id,
            "mentor_id": mentor_id,
            "undone": db.dialect.list_parameter(undone),
            # As orjson writes the beginning of an item of pause_records; within a text, the quotes would be escaped.
            "names": db.dialect.list_parameter([f'"pause_record_id":{key},' for key in keys if key is not PRESENCE]),
            "events": db.dialect.list_parameter(["created", "deleted"] if PRESENCE in keys else []),
        }
        for (mentor_id, keys), entry_id in oldest.items()
    ]
    newest = {entry_id: LaterEntry(*row) for entry_id, *row in newest_later_entry().run_each(asked)}
    found = {}
    for entry_id, keys in changed_since.items():
        later = newest.get(oldest[entries[entry_id].mentor_id, tuple(keys)])
        if later and later.number > entry_id:
            found[entry_id] = later
    return found


@statement
def newest_later_entry():
    """Select the newest entry after one that names one of the records, or has one of the events."""
    entry = HistoryEntry
    name = db.dialect.rows_of_list(parameter("names")).alias("name")
    names_record = fn.EXISTS(Select([name], [SQL("1")]).where(entry.pause_records.contains(name.c.value)))
    has_event = entry.event.in_(db.dialect.rows_of_list(parameter("events")))
    asked = parameter("entry_id").cast("bigint")
    later = entry.select(asked, entry.id, entry.changed_at, entry.changed_by, entry.event)
    later = later.where((entry.mentor_id == parameter("mentor_id")) & (entry.id > asked) & (names_record | has_event))
    return later.where(~db.dialect.is_in_list(entry.id, parameter("undone"))).order_by(entry.id.desc()).limit(1)
