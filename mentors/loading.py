"""How a write loads mentors: it locks them, and then reads them with all of their pauses and their last history entry.

The lock is a statement of its own, since a statement that waits for a lock does not see what others have committed
meanwhile. A mentor whom the lock does not find does not exist for this write, even if somebody creates them before the
read. To lock an id that no mentor has, a write inserts the row. (On SQLite, where a transaction has locked the whole
database, the same statements wait for nobody.) `caller` is a writes.Caller.

A function whose name ends in `_statement` returns a Statement; .row() and .rows() run it.
"""

from typing import NamedTuple

from peewee import JOIN, SQL, Case, Join, Select, fn

from db import db, parameter, statement
from mentors.formats import MAX_CLOCK_SKEW, pause_record_number, seconds_after
from mentors.mentor import Mentor
from mentors.pauses import Pause, at_or_now
from mentors.problems import CommandError, Problem, unknown_pause_record
from models import HistoryEntry, Installation, MentorStatus, PauseRecord

MOST_PAUSES = 100_000  # of all mentors of an upload or an undo
MOST_CHARACTERS = 30_000_000  # of the pauses in the history entries of an undo; one takes about 200
ENTRIES_TOO_LARGE = "These history entries are of too many pauses together; send fewer ids in a request."
NEWEST = HistoryEntry.alias("newest")  # for the subquery that finds the last entry


# --- one mentor


def load_mentor(caller, mentor_id):
    """Lock and return the mentor with this id, or one whose `exists` is false."""
    existed = lock_mentor_statement().row(mentor_id=mentor_id) is not None
    return read_mentor(caller, mentor_id, existed)


def insert_mentor(caller, mentor_id):
    """Insert the row of a new mentor, and return them (`exists` is false); None if a mentor has this id."""
    row = insert_mentor_statement().row(at=caller.fixed_now, mentor_id=mentor_id)
    if row is None:
        return None
    last_updated, now = row
    return Mentor(mentor_id, last_updated, now, caller.name, exists=False)


def load_or_reserve_mentor(caller, mentor_id):
    """Lock and return the mentor with this id. If no mentor has it, `exists` is false, and a row is inserted as a lock.

    save() deletes that row again, unless `exists` is true by then.
    """
    mentor_ids = db.dialect.list_parameter([mentor_id])
    existed = not insert_or_lock_mentors_statement().rows(at=caller.fixed_now, mentor_ids=mentor_ids)
    return read_mentor(caller, mentor_id, existed)


def read_mentor(caller, mentor_id, existed):
    """Return the mentor with this id. `existed` says whether the lock has found them."""
    return mentor_of_rows(caller, mentor_and_pauses_statement().rows(at=caller.fixed_now, mentor_id=mentor_id), existed)


def load_record(caller, record_id):
    """Lock the mentor of a pause record; return them, and the pause. 404 if there is no such record."""
    number = pause_record_number(record_id)
    if number is None or lock_mentor_of_record_statement().row(number=number) is None:
        raise unknown_pause_record(record_id)
    rows = mentor_and_pauses_of_record_statement().rows(at=caller.fixed_now, number=number)
    if not rows:  # it was deleted while this write waited for the lock
        raise unknown_pause_record(record_id)
    mentor = mentor_of_rows(caller, rows, existed=True)
    return mentor, mentor.pauses[number]


# --- many mentors, by id


def load_mentors(caller, mentor_ids):
    """Lock the mentors with these ids, and return a Mentor for each id; `exists` may be false.

    413 if the mentors have too many pauses together.
    """
    ids = list_of_ids(mentor_ids)
    existed = {mentor_id for (mentor_id,) in lock_mentors_statement().rows(mentor_ids=ids)}
    return read_mentors_in_list(caller, ids, existed)


def load_or_reserve_mentors(caller, mentor_ids):
    """Do as load_mentors(), and insert a row for each id that no mentor has, as load_or_reserve_mentor() does."""
    ids = list_of_ids(mentor_ids)
    inserted = insert_or_lock_mentors_statement().rows(at=caller.fixed_now, mentor_ids=ids)
    existed = set(mentor_ids).difference(mentor_id for (mentor_id,) in inserted)
    return read_mentors_in_list(caller, ids, existed)


def read_mentors(caller, mentor_ids):
    """Return what load_mentors() does, without a lock: for a dry run."""
    return read_mentors_in_list(caller, list_of_ids(mentor_ids), set(mentor_ids))


def lock_mentors(mentor_ids):
    """Lock the mentors with these ids, until the transaction ends."""
    lock_mentors_statement().rows(mentor_ids=db.dialect.list_parameter(mentor_ids))


def list_of_ids(mentor_ids):
    """Return the ids as a parameter of a statement. 413 if the mentors have too many pauses together."""
    ids = db.dialect.list_parameter(mentor_ids)
    if count_pauses_statement().row(mentor_ids=ids)[0] > MOST_PAUSES:
        detail = f"These mentors have more than {MOST_PAUSES:,} pause records together; send the request in parts."
        raise Problem(413, "too_large", detail)
    return ids


def read_mentors_in_list(caller, ids, existed):
    """Return the mentors of a list of ids, by id. `existed` is the set of ids whose mentors the lock has found."""
    rows_by_id = {}
    for row in mentors_and_pauses_statement().rows(at=caller.fixed_now, mentor_ids=ids):
        mentor_id = row[MentorRow._fields.index("mentor_id")]
        rows_by_id.setdefault(mentor_id, []).append(row)
    return {mentor_id: mentor_of_rows(caller, rows, mentor_id in existed) for mentor_id, rows in rows_by_id.items()}


def lock_empty_database():
    """Keep others from writing until the transaction ends. Raises CommandError if there is a mentor or a history."""
    db.dialect.lock_table("mentor_status")  # in an empty database, each write begins by adding a mentor
    if MentorStatus.select().exists() or HistoryEntry.select().exists():
        raise CommandError("the database is not empty; nothing was written.")


# --- the mentors of history entries


def load_entries(caller, entry_ids):
    """Lock the mentors of history entries; return them by id, and the EntryRows of each, by the mentor's id.

    The EntryRows begin with the oldest of `entry_ids`, and go on to the newest one. They are read after the lock, since
    an erasure may have come before it. Until the transaction ends, no purge begins. A row is inserted for each mentor
    who does not exist, as load_or_reserve_mentor() does. 413 if there are too many pauses.
    """
    ids = db.dialect.list_parameter(entry_ids)
    found = mentors_of_entries_statement().rows(entry_ids=ids)
    if sum(length for _mentor_id, length in found) > MOST_CHARACTERS:
        raise Problem(413, "too_large", ENTRIES_TOO_LARGE)
    mentors = load_or_reserve_mentors(caller, [mentor_id for mentor_id, _length in found])
    mentor_ids = db.dialect.list_parameter(list(mentors))
    rows = entries_since_statement().rows(mentor_ids=mentor_ids, first=min(entry_ids), entry_ids=ids)
    entries = {mentor_id: [] for mentor_id in mentors}
    for row in rows:
        entry = EntryRow(*row)
        entries[entry.mentor_id].append(entry)
    return mentors, entries


class EntryRow(NamedTuple):
    """What an undo reads of a history entry.

    `purged_before` is the date of the latest purge; null if there was none, or it had ended before the entry was
    written: so all that the entry touched was there after the purge.
    `pause_records` is JSON, see models.HistoryEntry; null if the undo has not asked for this entry.
    """

    id: int
    mentor_id: str
    changed_at: str
    changed_by: str | None
    event: str
    undoes: int | None
    pause_records: str | None
    purged_before: str | None


# --- from rows to a mentor


class MentorRow(NamedTuple):
    """The first columns of each row of a mentor; after them come those of a Pause, or nulls.

    A mentor has a row for each pause, or one row without a pause. If no mentor has the id, `last_updated` is null.
    `entry_id` to `metadata` are of the last entry in the history of the id. The metadata is in the first row alone: it
    may have 16 KiB, and a mentor many pauses.
    """

    clock: str  # of the database
    mentor_id: str
    last_updated: str | None
    entry_id: int | None
    changed_by: str | None
    metadata: str | None


def mentor_of_rows(caller, rows, existed):
    """Return the mentor of these rows, as rows_of_mentors() selects them.

    `existed` says whether the lock has found the mentor: one created since does not exist for this write.
    """
    first_of_pause = len(MentorRow._fields)
    row = MentorRow(*rows[0][:first_of_pause])
    exists = existed and row.last_updated is not None
    of_pauses = [columns[first_of_pause:] for columns in rows] if exists else []
    pauses = [Pause(*columns) for columns in of_pauses if columns[0] is not None]  # null: the mentor has no pause
    return Mentor(
        row.mentor_id,
        row.last_updated,
        instant_of_write(row.clock, row.last_updated if exists else None),
        caller.name,
        exists,
        pauses={pause.number: pause for pause in pauses},
        has_history=row.entry_id is not None,
        last_metadata=row.metadata,
        last_changed_by=row.changed_by,
    )


def instant_of_write(clock, last_updated):
    """Return the instant of a write: the clock's, or `last_updated` if that is later, by at most 15 seconds.

    If it were the clock's, a PUT that is sent again after the clock was set back would open a second pause.
    """
    if last_updated is None or last_updated <= clock:
        return clock
    return min(last_updated, seconds_after(clock, MAX_CLOCK_SKEW))


# --- locks, in the order of ids: so two writes that lock many do not deadlock


def locking_query(ids):
    """Return the query that locks the rows of the mentors whose ids a query selects."""
    key = MentorStatus.mentor_id
    return db.dialect.for_update(MentorStatus.select(key).where(key.in_(ids)).order_by(key))


@statement
def lock_mentor_statement():
    return locking_query(one_id())


@statement
def lock_mentor_of_record_statement():
    return locking_query(id_of_record())


@statement
def lock_mentors_statement():
    return locking_query(ids_in_list())


@statement
def insert_mentor_statement():
    """Insert a mentor's row, unless it is there; return its `last_updated`, and now, read after a wait for others."""
    row = {MentorStatus.mentor_id: parameter("mentor_id"), MentorStatus.last_updated: at_or_now()}
    # at_or_now() is the clock before the wait; save() then writes this later instant into the row.
    now = fn.COALESCE(parameter("at"), SQL(db.dialect.clock_after_wait))
    return MentorStatus.insert(row).on_conflict_ignore().returning(MentorStatus.last_updated, now)


@statement
def insert_or_lock_mentors_statement():
    """Insert a row for each id that no mentor has, and lock the other rows, in the order of ids; return the new ids."""
    ids = ids_in_list().alias("asked")
    key, last_updated = MentorStatus.mentor_id, MentorStatus.last_updated
    rows = Select([ids], [ids.c.value, at_or_now()])
    # Without WHERE, SQLite would read ON CONFLICT as the condition of a join.
    rows = rows.where(SQL("TRUE")).order_by(ids.c.value)
    # DO UPDATE locks a row even if its WHERE keeps it from being updated; DO NOTHING would not.
    insertion = MentorStatus.insert_from(rows, [key, last_updated])
    locked = insertion.on_conflict(conflict_target=[key], update={last_updated: last_updated}, where=SQL("FALSE"))
    return locked.returning(key)


# --- reads


def one_id():
    """Query one id. (Not as a list of one: Postgres plans a list anew each time, which takes longer than to run it.)"""
    return Select(columns=[parameter("mentor_id").cast("text").alias("value")])


def id_of_record():
    """Query the id of the mentor whose pause record has a number."""
    return PauseRecord.select(PauseRecord.mentor.alias("value")).where(PauseRecord.id == parameter("number"))


def ids_in_list():
    return db.dialect.rows_of_list(parameter("mentor_ids"))


@statement
def mentor_and_pauses_statement():
    return rows_of_mentors(one_id(), METADATA_IN_FIRST_ROW).order_by(PauseRecord.id)


@statement
def mentor_and_pauses_of_record_statement():
    """Read the mentor of a record; the last history entry is the last one about this record."""
    is_about_record = NEWEST.pause_record_id == parameter("number")
    return rows_of_mentors(id_of_record(), METADATA_IN_FIRST_ROW, is_about_record).order_by(PauseRecord.id)


@statement
def mentors_and_pauses_statement():
    """Read the mentors of a list, without the metadata of their last history entries."""
    return rows_of_mentors(ids_in_list(), SQL("NULL"))


# Of one mentor's rows, the one of the first pause has the metadata, and the others have null (see MentorRow).
METADATA_IN_FIRST_ROW = Case(None, [(fn.ROW_NUMBER().over(order_by=[PauseRecord.id]) == 1, HistoryEntry.metadata)])


def rows_of_mentors(ids, metadata, *conditions):
    """Select the columns of MentorRow and of Pause for the ids of a query.

    `conditions` say which history entries may be the last one.
    """
    mentor, entry, pause = MentorStatus, HistoryEntry, PauseRecord
    asked = ids.alias("asked")
    mentor_id = asked.c.value
    last_entry = NEWEST.select(fn.MAX(NEWEST.id)).where(NEWEST.mentor_id == mentor_id, *conditions)
    joined = Join(asked, mentor, JOIN.LEFT_OUTER, mentor.mentor_id == mentor_id)
    joined = Join(joined, entry, JOIN.LEFT_OUTER, entry.id == last_entry)
    joined = Join(joined, pause, JOIN.LEFT_OUTER, pause.mentor == mentor_id)
    of_mentor = at_or_now(), mentor_id, mentor.last_updated, entry.id, entry.changed_by
    _number, *of_pause, _is_new = Pause._fields
    return Select([joined], [*of_mentor, metadata, pause.id, *(getattr(pause, name) for name in of_pause)])


@statement
def count_pauses_statement():
    return PauseRecord.select(fn.COUNT(SQL("*"))).where(PauseRecord.mentor.in_(ids_in_list()))


@statement
def mentors_of_entries_statement():
    """Select the mentors of a list of history entries, and how many characters the pauses of these entries take."""
    entry = HistoryEntry
    length = fn.SUM(fn.LENGTH(entry.pause_records)).cast("bigint")
    is_asked = db.dialect.is_in_list(entry.id, parameter("entry_ids"))
    return entry.select(entry.mentor_id, length).where(is_asked).group_by(entry.mentor_id)


@statement
def entries_since_statement():
    """Read the EntryRows of mentors from one on, oldest first.

    Only those in the list of entries come with their `pause_records`. The installation's row is locked until the
    transaction ends: a purge writes that row first, so it waits.
    """
    entry = HistoryEntry
    pause_records = Case(None, [(db.dialect.is_in_list(entry.id, parameter("entry_ids")), entry.pause_records)])
    is_within_purge = entry.id <= fn.COALESCE(Installation.last_id_at_purge_end, entry.id)
    purged_before = Case(None, [(is_within_purge, Installation.purged_before)])
    of_entry = entry.id, entry.mentor_id, entry.changed_at, entry.changed_by, entry.event, entry.undoes
    entries = entry.select(*of_entry, pause_records, purged_before)
    entries = entries.join(Installation, on=(Installation.id == 1)).order_by(entry.id)
    entries = entries.where(entry.mentor_id.in_(ids_in_list()) & (entry.id >= parameter("first")))
    return db.dialect.for_share(entries, Installation)
