"""How a write saves the mentors that it has loaded and changed, in the same transaction.

There is one statement for each kind of change. A pause record that has changed is updated. If another record takes the
start and reason that it had, it is deleted first, and inserted again with its number: so no update meets the unique
index.
"""

from collections import defaultdict

import orjson

from db import parameter, statement
from mentors.pauses import DATES_AND_REASON
from models import HistoryEntry, MentorStatus, PauseRecord, fields_of

ENTRY_COLUMNS = [name for name in fields_of(HistoryEntry) if name != "id"]


def save(mentors):
    """Save what has changed of mentors. Their new pauses and history entries then have the ids that they were given.

    A mentor without a new history entry is not saved: each change needs one (Mentor.add_to_history_if_changed).
    Afterwards a mentor who does not exist has no row: one that was inserted as a lock is deleted, too.
    """
    mentors = sorted(mentors, key=lambda mentor: mentor.mentor_id)
    # Their rows are this write's to delete: inserted as locks, or locked before a deletion. Else it has raised before.
    gone = [mentor for mentor in mentors if not mentor.exists]
    changed = [mentor for mentor in mentors if mentor.exists and mentor.has_new_entries()]
    # The pauses of a deleted mentor are deleted with them, by the foreign key.
    delete_mentor_statement().run_each([{"mentor_id": mentor.mentor_id} for mentor in gone])
    update_mentor_statement().run_each(
        [mentor_row(mentor) for mentor in changed if mentor.last_updated != mentor.last_updated_before]
    )
    save_pauses(changed)
    entries = [entry for mentor in mentors for entry in mentor.entries]
    ids = insert_entry_statement().run_each([entry_row(entry) for entry in entries])
    for entry, (entry_id,) in zip(entries, ids, strict=True):
        entry["id"] = entry_id
    delete_history_statement().run_each([{"mentor_id": mentor.mentor_id} for mentor in gone if mentor.is_erased])


def save_pauses(mentors):
    """Save what has changed of the mentors' pauses; the new ones get their numbers."""
    deletions, updates, insertions, new = [], [], [], []
    for mentor in mentors:
        deleted = {number for number, before in mentor.before_this_write.items() if must_be_deleted(mentor, before)}
        deletions += [{"id": number} for number in deleted]
        for number, pause in mentor.pauses.items():
            if pause.is_new:
                new.append((mentor, pause))
            elif (
                number in deleted or number not in mentor.before_this_write
            ):  # not as read: an undo has brought it back
                insertions.append(record_row(mentor, pause))
            elif pause != mentor.before_this_write[number]:
                updates.append(record_row(mentor, pause))
    delete_record_statement().run_each(deletions)
    update_record_statement().run_each(updates)
    insert_known_record_statement().run_each(insertions)
    numbers = insert_record_statement().run_each([record_row(mentor, pause) for mentor, pause in new])
    numbers_by_mentor = defaultdict(dict)  # {mentor_id: {temporary number: number}}
    for (mentor, pause), (number,) in zip(new, numbers, strict=True):
        numbers_by_mentor[mentor.mentor_id][pause.number] = number
    for mentor in mentors:
        mentor.give_numbers(numbers_by_mentor[mentor.mentor_id])


def must_be_deleted(mentor, before):
    """Say whether the row of a pause, as it was read, must be deleted before the others are saved."""
    if before.number not in mentor.pauses:
        return True  # the write has removed it
    same = mentor.find_by_start_and_reason(before.start_date, before.reason)
    return same is not None and same.number != before.number  # another pause has its start and reason now


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


def parameter_by_column(table, names):
    """Return a parameter for each of these columns of a table."""
    columns = fields_of(table)
    return {columns[name]: parameter(name) for name in names}


@statement
def delete_mentor_statement():
    return MentorStatus.delete().where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def update_mentor_statement():
    update = MentorStatus.update({MentorStatus.last_updated: parameter("last_updated")})
    return update.where(MentorStatus.mentor_id == parameter("mentor_id"))


@statement
def delete_record_statement():
    return PauseRecord.delete().where(PauseRecord.id == parameter("id"))


@statement
def update_record_statement():
    update = PauseRecord.update(parameter_by_column(PauseRecord, (*DATES_AND_REASON, "last_changed")))
    return update.where(PauseRecord.id == parameter("id"))


RECORD_COLUMNS = ("mentor_id", *DATES_AND_REASON, "created_at", "last_changed")


@statement
def insert_record_statement():
    return PauseRecord.insert(parameter_by_column(PauseRecord, RECORD_COLUMNS)).returning(PauseRecord.id)


@statement
def insert_known_record_statement():
    # returning() without columns, since Peewee returns the id by itself.
    return PauseRecord.insert(parameter_by_column(PauseRecord, ("id", *RECORD_COLUMNS))).returning()


@statement
def insert_entry_statement():
    return HistoryEntry.insert(parameter_by_column(HistoryEntry, ENTRY_COLUMNS)).returning(HistoryEntry.id)


@statement
def delete_history_statement():
    return HistoryEntry.delete().where(HistoryEntry.mentor_id == parameter("mentor_id"))
