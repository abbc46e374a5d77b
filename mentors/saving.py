"""How a write saves the mentors that it has loaded and changed, in the same transaction.

There is one statement for each kind of change. A pause record that has changed is deleted, and inserted again with its
number. All deletions come before the insertions, since a record may have the start and the reason that another one has
given up. (An erased history goes last, with whatever the write has appended.)
"""

import orjson

from db import parameter, statement
from mentors.pauses import DATES_AND_REASON
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

ENTRY_COLUMNS = [name for name in columns_of(HistoryEntry) if name != "id"]


def save(mentors):
    """Save what has changed of mentors. Their new pauses and history entries then have the ids that they were given.

    A mentor who does not exist has no row after it; a write that locks an id may have inserted one.
    """
    mentors = sorted(mentors, key=lambda mentor: mentor.mentor_id)
    gone = [mentor for mentor in mentors if not mentor.exists]
    changed = [mentor for mentor in mentors if mentor.exists and mentor.is_changed()]
    # The pauses of a deleted mentor are deleted with them, by the foreign key.
    deletion_of_mentor().run_each([{"mentor_id": mentor.mentor_id} for mentor in gone])
    update_of_mentor().run_each(
        [mentor_row(each) for each in changed if each.last_updated != each.last_updated_as_read]
    )
    deletion_of_record().run_each([{"id": pause.number} for mentor in changed for pause in mentor.outdated_pauses()])
    unsaved = [(mentor, pause) for mentor in changed for pause in mentor.unsaved_pauses()]
    known = [(mentor, pause) for mentor, pause in unsaved if not pause.is_new]
    insertion_of_known_record().run_each([record_row(mentor, pause) for mentor, pause in known])
    new = [(mentor, pause) for mentor, pause in unsaved if pause.is_new]
    numbers = insertion_of_record().run_each([record_row(mentor, pause) for mentor, pause in new])
    for (mentor, pause), (number,) in zip(new, numbers, strict=True):
        mentor.give_number(pause, number)
    entries = [entry for mentor in mentors for entry in mentor.entries]
    for entry, (entry_id,) in zip(entries, insertion_of_entry().run_each(list(map(entry_row, entries))), strict=True):
        entry["id"] = entry_id
    deletion_of_history().run_each([{"mentor_id": mentor.mentor_id} for mentor in gone if mentor.is_erased])


def mentor_row(mentor):
    return {"mentor_id": mentor.mentor_id, "last_updated": mentor.last_updated}


def record_row(mentor, pause):
    """Return a pause of a mentor as a row of the table."""
    return pause._asdict() | {"id": pause.number, "mentor_id": mentor.mentor_id}


def entry_row(entry):
    """Return an entry of Mentor.entries as a row of the table."""
    metadata = entry["metadata"]
    return entry | {
        "pause_records": orjson.dumps(entry["pause_records"]).decode(),
        "metadata": None if metadata is None else orjson.dumps(metadata).decode(),
    }


# --- statements, whose parameters have the names of the columns


def parameters(table, names):
    """Return a parameter for each of these columns of a table."""
    columns = columns_of(table)
    return {columns[name]: parameter(name) for name in names}


@statement
def deletion_of_mentor():
    return MentorStatus.delete().where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def update_of_mentor():
    update = MentorStatus.update({MentorStatus.last_updated: parameter("last_updated")})
    return update.where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def deletion_of_record():
    return PauseRecord.delete().where(PauseRecord.id == parameter("id"))


RECORD_COLUMNS = ("mentor_id", *DATES_AND_REASON, "created_at", "last_changed", "change_count")


@statement
def insertion_of_record():
    return PauseRecord.insert(parameters(PauseRecord, RECORD_COLUMNS)).returning(PauseRecord.id)


@statement
def insertion_of_known_record():
    return PauseRecord.insert(parameters(PauseRecord, ("id", *RECORD_COLUMNS))).returning()  # nothing


@statement
def insertion_of_entry():
    return HistoryEntry.insert(parameters(HistoryEntry, ENTRY_COLUMNS)).returning(HistoryEntry.id)


@statement
def deletion_of_history():
    return HistoryEntry.delete().where(HistoryEntry.mentor_id == parameter("mentor_id"))
