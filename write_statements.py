"""The SQL of the writes: each statement is written once, when the database is known."""

from zlib import crc32

from peewee import JOIN, SQL, Join, Select, fn

from db import db, parameter, statement
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of
from pauses import At, Pause

PAUSE_COLUMNS = tuple(name for name in Pause._fields if name != "number")
MENTOR_ID, NUMBER = parameter("mentor_id"), parameter("number")
# Of advisory locks: this service's own first number. The second is one of 256 buckets, since a transaction that locks a
# thousand ids may not fill the server's table of locks.
ID_LOCKS, BUCKETS = 0x6D656E74, 256


def values_of(model, *names, but=()):
    """Say for an insert or update: each of these columns, or all but a few, gets the parameter of its name."""
    columns = columns_of(model)
    return {columns[name]: parameter(name) for name in names or columns if name not in but}


def pause_columns():
    """Return the columns that make a Pause, in the order of its fields."""
    columns = columns_of(PauseRecord) | {"number": PauseRecord.id}
    return [columns[name] for name in Pause._fields]


def select_pauses():
    return PauseRecord.select(*pause_columns())


def clock():
    """Read the database's clock, or the instant `now` that a test has set."""
    return fn.COALESCE(parameter("now"), SQL(db.dialect.clock))


def bucket_of(mentor_id):
    """Return which of the buckets an id is in."""
    return crc32(mentor_id.encode()) % BUCKETS


def id_lock():
    """Lock the bucket of an id, whether or not a mentor has it, until the transaction ends (Postgres)."""
    return db.dialect.lock_number(ID_LOCKS, parameter("bucket"))


@statement
def lock_row():
    """Lock a mentor's row and read its columns, in the order of columns_of()."""
    query = MentorStatus.select(*columns_of(MentorStatus).values()).where(MentorStatus.mentor_id == MENTOR_ID)
    # An SQLite transaction is IMMEDIATE: it has locked everything.
    return db.dialect.lock_rows(query)


@statement
def lock_id():
    """Lock an id that nobody may have, on Postgres; an SQLite transaction has locked everything."""
    return Select(columns=[id_lock()]).bind(db.obj)


@statement
def insert_mentor():
    """Insert a mentor who is not there yet, with the id locked."""
    values = values_of(MentorStatus) | {MentorStatus.last_updated: db.dialect.once_locked(clock(), id_lock())}
    insert = MentorStatus.insert(values)
    return insert.on_conflict(action="nothing", conflict_target=("mentor_id",)).returning(MentorStatus.last_updated)


@statement
def clock_and_last_entry():
    """Read the clock, and when something last happened to a mentor who may have been there before."""
    entries = HistoryEntry.select(HistoryEntry.changed_at).where(HistoryEntry.mentor_id == MENTOR_ID)
    return Select(columns=[clock(), entries.order_by(HistoryEntry.id.desc()).limit(1)]).bind(db.obj)


@statement
def update_mentor():
    return MentorStatus.update(values_of(MentorStatus, but=["mentor_id"])).where(MentorStatus.mentor_id == MENTOR_ID)


@statement
def remove_mentor():
    return MentorStatus.delete().where(MentorStatus.mentor_id == MENTOR_ID)


@statement
def clock_and_pauses():
    """Read the clock, and beside it each pause of the mentor that has not ended at the instant `at`.

    The clock is read here, once the mentor is locked: in a statement that waits for a lock it may be read before.
    """
    moment = Select(columns=[clock().alias("now")]).alias("moment")
    own = (PauseRecord.mentor == MENTOR_ID) & At(parameter("at")).is_active(PauseRecord)
    return PauseRecord.select(moment.c.now, *pause_columns()).from_(Join(moment, PauseRecord, JOIN.LEFT_OUTER, own))


def pauses_that_were():
    """Find the mentor's pauses that began and have ended, without those that were cancelled before they began."""
    own = PauseRecord
    # One that was opened and ended within the same second did begin, though it ends where it starts.
    was = (own.end_date > own.start_date) | (own.created_at == own.start_date)
    return (own.mentor == MENTOR_ID) & (own.end_date <= parameter("at")) & was


@statement
def last_ended_pauses():
    last_end = PauseRecord.select(fn.MAX(PauseRecord.end_date)).where(pauses_that_were())
    return select_pauses().where(pauses_that_were() & (PauseRecord.end_date == last_end))


@statement
def pause_with():
    """Find the mentor's pause with this start and reason: an empty one stands for none."""
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
    columns = values_of(PauseRecord, *PAUSE_COLUMNS, "created_at", "last_changed")
    insert = PauseRecord.insert({PauseRecord.mentor: MENTOR_ID, **columns})
    once = ("mentor_id", "start_date", SQL("COALESCE(reason, '')"))  # as the index pause_record_once has it
    return insert.on_conflict(action="nothing", conflict_target=once).returning(PauseRecord.id)


@statement
def update_record():
    changes = values_of(PauseRecord, *PAUSE_COLUMNS, "last_changed")
    changes[PauseRecord.change_count] = PauseRecord.change_count + 1
    return PauseRecord.update(changes).where(PauseRecord.id == NUMBER)


@statement
def remove_record():
    return PauseRecord.delete().where(PauseRecord.id == NUMBER)


@statement
def insert_history():
    return HistoryEntry.insert(values_of(HistoryEntry, but=["id"])).returning(HistoryEntry.id)


def select_last_entry():
    entry = HistoryEntry
    return entry.select(entry.metadata, entry.changed_by).order_by(entry.id.desc()).limit(1)


@statement
def last_entry():
    return select_last_entry().where(HistoryEntry.mentor_id == MENTOR_ID)


@statement
def last_entry_of_record():
    of_record = HistoryEntry.pause_record_id == NUMBER
    return select_last_entry().where((HistoryEntry.mentor_id == MENTOR_ID) & of_record)


@statement
def remove_history():
    return HistoryEntry.delete().where(HistoryEntry.mentor_id == MENTOR_ID)
