"""How a write saves the mentors that it has loaded and changed, in the same transaction.

There is one statement for each kind of change. Deletions come before insertions, since a new pause may have the start
and the reason that another one has given up. (An erased history goes last, with whatever the write has appended.)
"""

import orjson

from db import parameter, statement
from mentors.pauses import DATES_AND_REASON
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

ENTRY_COLUMNS = tuple(name for name in columns_of(HistoryEntry) if name != "id")


def save(mentors):
    """Save what has changed of mentors. Their new pauses then have the numbers that the database gave them."""
    mentors = sorted((mentor for mentor in mentors if mentor.is_changed()), key=lambda mentor: mentor.mentor_id)
    deleted = [mentor for mentor in mentors if mentor.is_deleted]
    kept = [mentor for mentor in mentors if not mentor.is_deleted]
    # The pauses of a deleted mentor are deleted with them, by the foreign key.
    deletion_of_mentor().run_each([{"mentor_id": mentor.mentor_id} for mentor in deleted])
    deletion_of_record().run_each([{"id": pause.number} for mentor in kept for pause in mentor.deleted_pauses()])
    update_of_mentor().run_each([mentor_row(each) for each in kept if each.last_updated != each.last_updated_as_read])
    update_of_record().run_each([record_row(mentor, pause) for mentor in kept for pause in mentor.changed_pauses()])
    new = [(mentor, pause) for mentor in kept for pause in mentor.new_pauses()]
    numbers = insertion_of_record().run_each([record_row(mentor, pause) for mentor, pause in new])
    for (mentor, pause), (number,) in zip(new, numbers, strict=True):
        mentor.give_number(pause, number)
    insertion_of_entry().run_each([entry_row(entry) for mentor in mentors for entry in mentor.entries])
    deletion_of_history().run_each([{"mentor_id": mentor.mentor_id} for mentor in deleted if mentor.is_erased])


def mentor_row(mentor):
    return {"mentor_id": mentor.mentor_id, "last_updated": mentor.last_updated}


def record_row(mentor, pause):
    return pause._asdict() | {"id": pause.number, "mentor_id": mentor.mentor_id, "last_changed": mentor.written_at}


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


@statement
def update_of_record():
    values = parameters(PauseRecord, (*DATES_AND_REASON, "last_changed"))
    values[PauseRecord.change_count] = PauseRecord.change_count + 1
    return PauseRecord.update(values).where(PauseRecord.id == parameter("id"))


@statement
def insertion_of_record():
    names = "mentor_id", *DATES_AND_REASON, "created_at", "last_changed"
    return PauseRecord.insert(parameters(PauseRecord, names)).returning(PauseRecord.id)


@statement
def insertion_of_entry():
    return HistoryEntry.insert(parameters(HistoryEntry, ENTRY_COLUMNS)).returning()  # nothing; else Peewee asks for ids


@statement
def deletion_of_history():
    return HistoryEntry.delete().where(HistoryEntry.mentor_id == parameter("mentor_id"))
