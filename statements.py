"""The SQL of the writes: each statement is written once, when the database is known."""

from peewee import SQL, fn

from database import db, parameter, statement
from models import At, HistoryEntry, MentorStatus, PauseRecord

PAUSE_COLUMNS = ("start_date", "expected_return_date", "end_date", "reason")
MENTOR_ID, NUMBER = parameter("mentor_id"), parameter("number")


def values_of(model, *names):
    """Say for an insert or update: each of these columns gets the parameter of its name."""
    return {getattr(model, name): parameter(name) for name in names}


def select_pauses():
    own = PauseRecord
    return own.select(own.id, own.start_date, own.expected_return_date, own.end_date, own.reason)


@statement
def lock_row():
    query = MentorStatus.select(MentorStatus.last_updated).where(MentorStatus.mentor_id == MENTOR_ID)
    return (
        query.for_update() if db.for_update else query
    )  # an SQLite transaction is IMMEDIATE: it has locked everything


@statement
def insert_mentor():
    return MentorStatus.insert(values_of(MentorStatus, "mentor_id", "last_updated"))


@statement
def touch_mentor():
    return MentorStatus.update(values_of(MentorStatus, "last_updated")).where(MentorStatus.mentor_id == MENTOR_ID)


@statement
def remove_mentor():
    return MentorStatus.delete().where(MentorStatus.mentor_id == MENTOR_ID)


@statement
def active_pauses_of():
    return select_pauses().where((PauseRecord.mentor == MENTOR_ID) & At(parameter("at")).is_active(PauseRecord))


@statement
def same_pause():
    own = PauseRecord
    same_reason = fn.COALESCE(own.reason, "") == parameter("reason")
    return select_pauses().where((own.mentor == MENTOR_ID) & (own.start_date == parameter("start_date")) & same_reason)


@statement
def mentor_of_record():
    return PauseRecord.select(PauseRecord.mentor).where(PauseRecord.id == NUMBER)


@statement
def one_pause():
    return select_pauses().where(PauseRecord.id == NUMBER)


@statement
def insert_record():
    columns = values_of(PauseRecord, *PAUSE_COLUMNS, "created_at")
    insert = PauseRecord.insert({PauseRecord.mentor: MENTOR_ID, **columns})
    once = ("mentor_id", "start_date", SQL("COALESCE(reason, '')"))  # as the index pause_record_once has it
    return insert.on_conflict(action="nothing", conflict_target=once).returning(PauseRecord.id)


@statement
def update_record():
    return PauseRecord.update(values_of(PauseRecord, *PAUSE_COLUMNS)).where(PauseRecord.id == NUMBER)


@statement
def remove_record():
    return PauseRecord.delete().where(PauseRecord.id == NUMBER)


@statement
def insert_history():
    return HistoryEntry.insert(values_of(HistoryEntry, *HistoryEntry._meta.sorted_field_names[1:]))


@statement
def remove_history():
    return HistoryEntry.delete().where(HistoryEntry.mentor_id == MENTOR_ID)
