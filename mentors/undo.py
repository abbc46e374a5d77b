"""Undo (rule 8): takes entries of the history back, each one whole or not at all.

What counts are states. An entry is taken back if its mentor, and the pause records that it touched, are now as the
entry left them. What was changed and changed back since does not stand in the way.
"""

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
CHANGED_SINCE = "It is no longer as this entry left it; GET the mentor, and send a write that corrects the pause."
CHANGED_BY_LATER_ENTRY = "Entry {} has changed it since; undo that one first, or send a write that corrects the pause."


class Outcome(NamedTuple):
    """What became of an entry.

    `undoing_entry` is the item of Mentor.entries that takes it back. If it is refused, `code` and `detail` say why, and
    `later_entry` is the LaterEntry that stands in the way, if there is one.
    """

    entry_id: int
    mentor_id: str | None
    outcome: str
    undoing_entry: dict | None = None
    code: str | None = None
    detail: str | None = None
    later_entry: tuple | None = None


class LaterEntry(NamedTuple):
    """The newest entry that has changed what differs from what an entry left."""

    number: int
    changed_at: str
    changed_by: str | None
    event: str


class ChangedSince(Stale):
    """Something is not as an entry left it: the records with these numbers, or, without any, whether a mentor exists.

    If a purge has deleted a record, no later entry stands in the way.
    """

    def __init__(self, numbers=(), purged=None):
        super().__init__(PURGED.format(pause_record_id(purged)) if purged else CHANGED_SINCE)
        self.numbers, self.purged = numbers, purged


def take_entries_back(mentors, entries, purged_before, metadata):
    """Take entries back in memory, the newest first, and return the Outcome of each by its id.

    `mentors` and `entries` are by id, as load_entries() returns them.
    """
    outcomes, changed_since = {}, {}
    for entry_id in sorted(entries, reverse=True):
        entry = entries[entry_id]
        mentor = mentors[entry.mentor_id]
        entries_before = len(mentor.entries)
        try:
            take_back(mentor, entry, purged_before, metadata)
        except Problem as refusal:
            outcomes[entry_id] = Outcome(entry_id, mentor.mentor_id, REFUSED, None, refusal.code, refusal.detail)
            if isinstance(refusal, ChangedSince) and not refusal.purged:
                changed_since[entry_id] = refusal.numbers
        else:
            new = mentor.entries[entries_before:]
            outcomes[entry_id] = Outcome(entry_id, mentor.mentor_id, UNDONE if new else UNCHANGED, *new)
    undone = [entry_id for entry_id, each in outcomes.items() if each.outcome == UNDONE]
    for entry_id, later in find_later_entries(entries, changed_since, undone).items():
        detail = CHANGED_BY_LATER_ENTRY.format(later.number)
        outcomes[entry_id] = outcomes[entry_id]._replace(detail=detail, later_entry=later)
    return outcomes


def not_found(entry_id):
    """Return the Outcome of an entry that is not there."""
    return Outcome(entry_id, None, REFUSED, code="not_found", detail=NOT_FOUND)


# --- one entry


def take_back(mentor, entry, purged_before, metadata):
    """Take an entry back, unless everything is as it was before (the table of rule 8).

    Raises Unavailable, ChangedSince or Conflict.
    """
    mentor.refuse_if_far_ahead()
    before, left = states_around(entry)
    # A pause that a purge would have deleted does not come back.
    wanted = {number: None if is_purged(pause, purged_before) else pause for number, pause in before.items()}
    lost = [number for number in left if is_purged(left[number], purged_before) and number not in mentor.pauses]
    existed, is_there_after = entry.event != "created", entry.event != "deleted"
    is_unchanged = mentor.exists == existed and not numbers_that_differ(mentor, wanted)
    if is_unchanged and not any(before[number] for number in lost):
        return
    if mentor.exists != is_there_after:
        raise ChangedSince()
    if lost:
        raise ChangedSince(purged=lost[0])
    numbers = numbers_that_differ(mentor, left)
    if not existed:
        numbers += mentor.pauses.keys() - left.keys()
    if numbers:
        raise ChangedSince(numbers)
    refuse_conflict(mentor, wanted)
    if not existed:
        mentor.delete(metadata, undoes=entry.number)
        return
    for number in numbers_that_differ(mentor, wanted):
        put_back(mentor, number, wanted[number])
    mentor.exists = True
    mentor.add_to_history(metadata, None if is_there_after else "created", undoes=entry.number)


def states_around(entry):
    """Return the pauses that an entry has touched, by number: as before it, and as it left them (None: not there)."""

    def pause(record, values):
        dates_and_reason = (values[name] for name in DATES_AND_REASON)
        return Pause(record["pause_record_id"], *dates_and_reason, created_at=record["created_at"])

    before, left = {}, {}
    for record in orjson.loads(entry.pause_records):
        number = record["pause_record_id"]
        before[number] = record["before"] and pause(record, record["before"])
        left[number] = None if record["event"] == "pause_deleted" else pause(record, record)
    return before, left


def is_purged(pause, purged_before):
    """Say whether a pause ended before the date of the latest purge."""
    return bool(purged_before and pause and pause.end_date and pause.end_date < purged_before)


def numbers_that_differ(mentor, pauses):
    """Return the numbers of the pauses (None: not there) whose dates or reason are not those that the mentor has."""
    return [number for number, pause in pauses.items() if content(mentor.pauses.get(number)) != content(pause)]


def content(pause):
    return pause and pause.dates_and_reason()


def refuse_conflict(mentor, pauses):
    """Refuse (409) pauses that shall come back if a pause that is not among them has the start and reason of one."""
    for pause in filter(None, pauses.values()):
        same = mentor.find_same(pause.start_date, pause.reason)
        if same and same.number not in pauses:
            raise Conflict(same)


def put_back(mentor, number, pause):
    """Make a pause as it was before; None: remove it.

    One that was deleted counts its changes on from a number that it has never had: each change adds one, or makes the
    count that number, and each has a later entry with a higher id.
    """
    if pause:
        now = mentor.pauses.get(number)
        change_count = now.change_count + 1 if now else (mentor.last_entry_id or 0) + len(mentor.entries) + 1
        pause = pause._replace(change_count=change_count)
    mentor.set_pause(number, pause)


# --- the entry that stands in the way


def find_later_entries(entries, changed_since, undone):
    """Return the LaterEntry of each entry that was refused with ChangedSince, if there is one, by its id.

    `changed_since` are the numbers of the records that differ, by the ids of the entries. `undone` are the ids of
    entries that this request takes back: these do not stand in the way.
    """
    asked = [
        {
            "entry_id": entry_id,
            "mentor_id": entries[entry_id].mentor_id,
            "undone": db.dialect.list_parameter(undone),
            "names": db.dialect.list_parameter([f'"pause_record_id":{number},' for number in numbers]),
            "events": db.dialect.list_parameter([] if numbers else ["created", "deleted"]),
        }
        for entry_id, numbers in changed_since.items()
    ]
    return {entry_id: LaterEntry(*row) for entry_id, *row in newest_later_entry().run_each(asked)}


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
