"""Undo (rule 8): takes entries of the history back, each one whole or not at all.

What counts are states. An entry is taken back if its mentor, and the pause records that it touched, are now as the
entry left them. What was changed and changed back since does not stand in the way.
"""

from operator import itemgetter
from typing import NamedTuple

import orjson

from mentors.pauses import DATES_AND_REASON, Pause
from mentors.problems import Conflict, Stale

UNDONE, UNCHANGED, REFUSED = OUTCOMES = ("undone", "unchanged", "refused")
REFUSAL_CODES = ("not_found", "stale", "conflict")
NOT_FOUND = "The history has no entry with this id: it was purged or erased, or never there; leave the id out."
CHANGED_SINCE = "What the entry changed has been changed again since; send another write to correct it."
OLDER_ENTRY_UNDONE = (
    "This request also names an older entry of the mentor, and that one was taken back after this entry was written; "
    "send this id in a request of its own."
)


class Outcome(NamedTuple):
    """What became of an entry.

    `undoing_entry` is the entry that takes it back; its `id` is None until it is saved. If the entry is refused, `code`
    and `detail` say why, and `later_entry` is what was written since, if anything was. Both entries are dicts.
    """

    entry_id: int
    mentor_id: str | None
    outcome: str
    undoing_entry: dict | None = None
    code: str | None = None
    detail: str | None = None
    later_entry: dict | None = None


def not_found(entry_id):
    """Return the Outcome of an entry that is not there."""
    return Outcome(entry_id, None, REFUSED, code="not_found", detail=NOT_FOUND)


def take_entries_back(mentors, entries, metadata):
    """Take entries back in memory, and return the Outcome of each by its id.

    `mentors` and `entries` are as load_entries() returns them.
    """
    outcomes = {}
    for mentor_id, mentor in mentors.items():
        outcomes |= undo_of_mentor(mentor, entries[mentor_id], metadata)
    return outcomes


def undo_of_mentor(mentor, entries, metadata):
    """Take back those entries of a mentor that the request names, the newest first; return the Outcomes by id.

    `entries` are the mentor's EntryRows, oldest first; they begin with the oldest that the request names.
    """
    named = [entry for entry in entries if is_named(entry)]
    # The newest undo of each entry, since a later one takes the place of an earlier one. The loop below adds its own.
    undo_by_id = {entry.undoes: entry._asdict() for entry in entries if entry.undoes}
    once_undone = [entry.id for entry in named if entry.id in undo_by_id]
    outcomes = {}
    for entry in reversed(named):
        undo_in_effect = find_undo(entry.id, undo_by_id)
        if undo_in_effect:
            outcome = Outcome(entry.id, mentor.mentor_id, UNCHANGED, undo_in_effect)
        else:
            undo_of_older = find_later_undo(entry, once_undone, undo_by_id)
            outcome = take_back(mentor, entry, metadata, undo_of_older, newest_entry=entries[-1])
        # If this entry was itself an undo of E, then E, which comes later in this loop, is no longer taken back.
        if outcome.outcome == UNDONE:
            undo_by_id[entry.id] = outcome.undoing_entry
        outcomes[entry.id] = outcome
    return outcomes


def is_named(entry):
    """Say whether the request names an entry, and the latest purge has not deleted it."""
    return entry.pause_records is not None and entry.changed_at >= (entry.purged_before or "")


def find_undo(entry_id, undo_by_id):
    """Return the entry that takes an entry back: its newest undo, unless that has been taken back itself; or None."""
    undos = 0  # E <- U1 <- U2 <- U3: an undo, the undo of that one, and so on
    last = undo_by_id.get(entry_id)
    while last:
        undos += 1
        last = undo_by_id.get(last["id"])
    is_taken_back = undos % 2 == 1
    return undo_by_id[entry_id] if is_taken_back else None


def find_later_undo(entry, once_undone, undo_by_id):
    """Return the newest undo in effect that is newer than `entry`, of an older entry that the request names; or None.

    `once_undone` are the ids of the named entries that have an undo, in effect or not.
    E1 (old) was undone by U, and E2 was written between the two. A request [E1, E2], sent again, would find E1 undone,
    and might now take E2 back. So E2 is refused, and U named, unless all is as it was before E2.
    """
    undos = [find_undo(each, undo_by_id) for each in once_undone if each < entry.id]
    newer = [each for each in undos if each and each["id"] > entry.id]
    return max(newer, key=itemgetter("id"), default=None)


def refused(entry, problem, later_entry=None):
    return Outcome(entry.id, entry.mentor_id, REFUSED, None, problem.code, problem.detail, later_entry)


# --- one entry


def take_back(mentor, entry, metadata, undo_of_older, newest_entry):
    """Take an entry back, if everything is as it left it (the table of rule 8); return the Outcome.

    `undo_of_older` is what find_later_undo() has for it. `newest_entry` is the newest one of the
    mentor that this request has not written; it may be the entry itself.
    """
    before, after = states_around(entry)
    existed_before, existed_after = entry.event != "created", entry.event != "deleted"
    if mentor.exists == existed_before and has_pauses(mentor, before):
        return Outcome(entry.id, mentor.mentor_id, UNCHANGED)
    if undo_of_older:
        return refused(entry, Stale(OLDER_ENTRY_UNDONE), undo_of_older)
    is_as_left = mentor.exists == existed_after and has_pauses(mentor, after)
    if entry.event == "created":  # its undo deletes the mentor, so there must be no other pause
        is_as_left = is_as_left and mentor.pauses.keys() == after.keys()
    if not is_as_left:
        return refused(entry, Stale(CHANGED_SINCE), newest_entry._asdict() if newest_entry is not entry else None)
    if entry.event == "created":
        mentor.delete(metadata, undoes=entry.id)
        return Outcome(entry.id, mentor.mentor_id, UNDONE, mentor.entries[-1])
    for pause in filter(None, before.values()):
        same = mentor.find_by_start_and_reason(pause.start_date, pause.reason)
        if same and same.number not in before:
            return refused(entry, Conflict(same))
    for number, pause in before.items():
        if dates_and_reason(mentor.pauses.get(number)) != dates_and_reason(pause):
            mentor.set_pause(number, pause)
    mentor.exists = True
    mentor.add_to_history_if_changed(metadata, "created" if entry.event == "deleted" else None, undoes=entry.id)
    return Outcome(entry.id, mentor.mentor_id, UNDONE, mentor.entries[-1])


def states_around(entry):
    """Return the pauses that an entry touched, as they were before it and after it, by number; None: not there.

    A pause that ended before `purged_before` stays deleted: so before the entry, it was not there.
    """
    before, after = {}, {}
    for record in orjson.loads(entry.pause_records):
        number = record["pause_record_id"]
        is_deleted = record["event"] == "pause_deleted"
        before[number] = pause_of(record, record if is_deleted else record["before"])  # see Mentor.touched_records()
        after[number] = None if is_deleted else pause_of(record, record)
        # If both are purged, the record is gone, `after` no longer fits, and the entry is stale.
        if is_purged(before[number], entry) and not is_purged(after[number], entry):
            before[number] = None
    return before, after


def pause_of(record, values):
    """Return the Pause of a record with these dates and this reason; None without them."""
    if values is None:
        return None
    columns = {name: values[name] for name in DATES_AND_REASON}
    return Pause(record["pause_record_id"], created_at=record["created_at"], **columns)


def is_purged(pause, entry):
    """Say whether a pause is one that the latest purge deletes: it ended before the date."""
    return bool(pause and pause.end_date and pause.end_date < (entry.purged_before or ""))


def has_pauses(mentor, pauses):
    """Say whether the mentor has these pauses, by number, with their dates and reasons; None: no such pause."""
    return all(dates_and_reason(mentor.pauses.get(number)) == dates_and_reason(each) for number, each in pauses.items())


def dates_and_reason(pause):
    return pause and pause.dates_and_reason()
