"""How mentors are locked and read for a write: by their rows, or by their ids where they are not there.

All that a rule may need is read with the lock, in one round trip. A statement sees what was committed before it began,
so what is read stands in statements of their own, after the one that may have waited for the lock. `caller` says who
writes, see writes.Caller.
"""

from zlib import crc32

from peewee import JOIN, SQL, Join, Select, fn

from db import db, parameter, run_together, statement
from formats import MAX_CLOCK_SKEW, pause_record_number, seconds_after
from locked_mentor import LockedMentor
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of
from pauses import At, Pause
from problems import clock_behind
from serializers import mentor_status, pause_record

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
MENTOR_ID, NUMBER, START = parameter("mentor_id"), parameter("number"), parameter("start")  # of one
MENTOR_IDS, NUMBERS, STARTS = parameter("mentor_ids"), parameter("numbers"), parameter("starts")  # of many
# Whom a statement asks for: a mentor, the mentor of a pause record, or many mentors. Postgres would plan a list anew
# each time, which takes longer than to run it; one value it does not.
ONE, OWNER, MANY = "one", "owner", "many"
# Of advisory locks: this service's own first number. The second is one of 256 buckets, since a transaction that locks a
# thousand ids may not fill the server's table of locks.
ID_LOCKS, BUCKETS = 0x6D656E74, 256


def lock_mentor(caller, mentor_id, sent, with_id=False):
    """Lock the mentor whom a body is about; return them, or None if they are not there; 412 by the conditions.

    `with_id` locks their id, too, so that nobody creates them while they are not there.
    """
    start = sent.get("pause_start_date") or sent.get("start_date")
    values = {"mentor_id": mentor_id, "number": None, "start": start, "now": caller.clock()}
    may_repeat_an_end = sent.get("paused") is False
    calls = [(lock_rows(ONE), values), (clock_and_pauses(ONE, may_repeat_an_end), values)]
    if sent.get("metadata") is not None:
        calls.append((last_entry(), values))
    rows, pauses, *found_entries = lock_and_read([mentor_id] if with_id else [], *calls)
    mentor = locked_mentors(caller, rows, pauses).get(mentor_id)
    if mentor:
        mentor.last_entry = last_entry_of(found_entries)
        if caller.check:
            shown = mentor.columns, mentor.pauses.values()
            mentor.stale = caller.check([mentor_status(*shown, at) for at in mentor.instants_shown()])
    return mentor


def lock_record(caller, record_id, sent):
    """Lock the mentor of a pause record; return them and the pause, or None twice if it is not there; 412 likewise."""
    number = pause_record_number(record_id)
    if number is None:
        return None, None
    values = {"number": number, "start": sent.get("start_date"), "now": caller.clock()}
    calls = [(lock_rows(OWNER), values), (clock_and_pauses(OWNER), values)]
    if sent.get("metadata") is not None:
        calls.append((last_entry_of_record(), values))
    rows, pauses, *found_entries = run_together(*calls)
    for mentor in locked_mentors(caller, rows, pauses).values():
        pause = mentor.pauses.get(number)
        mentor.last_entry = last_entry_of(found_entries)
        if pause and caller.check:
            shown = [pause_record(mentor.mentor_id, pause, at) for at in mentor.instants_shown()]
            mentor.stale = caller.check(shown)
        return mentor, pause
    return None, None


def lock_mentors(caller, mentor_ids, starts=(), numbers=(), with_ids=False):
    """Lock many mentors in the order of their ids, and return those who are there, by id; without their last entries.

    With the pauses that start at one of `starts`, or have one of `numbers`, or had not ended when the mentor was last
    updated. `with_ids` locks the ids, too.
    """
    values = {"mentor_ids": mentor_ids, "starts": list(starts), "numbers": list(numbers)}
    values = {name: db.dialect.list_value(listed) for name, listed in values.items()} | {"now": caller.clock()}
    calls = (lock_rows(MANY), values), (clock_and_pauses(MANY, True), values)
    return locked_mentors(caller, *lock_and_read(mentor_ids if with_ids else [], *calls))


def lock_new_mentor(caller, mentor_id):
    """Lock an id, and return the mentor to create with it, or None if there is one."""
    values = {"mentor_id": mentor_id, "now": caller.clock()}
    return new_mentors(caller, *lock_and_read([mentor_id], (clock_and_last_change(ONE), values))).get(mentor_id)


def lock_new_mentors(caller, mentor_ids):
    """Lock ids, and return the mentor to create with each that no mentor has, by id."""
    values = {"mentor_ids": db.dialect.list_value(mentor_ids), "now": caller.clock()}
    return new_mentors(caller, *lock_and_read(mentor_ids, (clock_and_last_change(MANY), values)))


def lock_and_read(mentor_ids, *calls):
    """Lock ids, whoever has them, and run what reads, in one round trip; return the rows of each call."""
    if not mentor_ids or db.dialect.locks_all:
        return run_together(*calls)
    buckets = sorted({crc32(mentor_id.encode()) % BUCKETS for mentor_id in mentor_ids})
    lock = lock_buckets(), {"buckets": db.dialect.list_value(buckets)}
    return run_together(lock, *calls)[1:]


def last_entry_of(found_entries):
    """Return the row of the last entry; None if it was not asked for (no list of rows), or not found (no row)."""
    return next((row for rows in found_entries for row in rows), None)


def locked_mentors(caller, rows, pauses):
    """Return the mentors of the rows that lock_rows() and clock_and_pauses() have read, by id."""
    clock, mentors = pauses[0][0], {}
    for row in rows:
        columns = dict(zip(MENTOR_COLUMNS, row, strict=True))
        now = instant_of_write(clock, columns["last_updated"])
        mentors[columns["mentor_id"]] = LockedMentor(columns, clock, now, caller.name)
    for _clock, mentor_id, *columns in pauses:
        if mentor_id in mentors:
            pause = Pause(*columns)
            mentors[mentor_id].pauses[pause.number] = pause
    return mentors


def new_mentors(caller, found):
    """Return the mentors to create of the rows that clock_and_last_change() has read, by id."""
    mentors = {}
    for clock, mentor_id, last_change, is_there in found:
        if not is_there:
            columns = dict.fromkeys(MENTOR_COLUMNS) | {"mentor_id": mentor_id}
            now = instant_of_write(clock, last_change)
            mentors[mentor_id] = LockedMentor(columns, clock, now, caller.name, is_new=True)
    return mentors


def instant_of_write(clock, last_change):
    """Return the instant of a write: what the clock says, but never before the last change.

    Raises a Problem (503) where that is more than 15 seconds ahead.
    """
    if last_change is None or last_change <= clock:
        return clock
    if last_change > seconds_after(clock, MAX_CLOCK_SKEW):
        raise clock_behind(clock, last_change)
    return last_change


# --- statements


def clock():
    """Read the database's clock, or the instant `now` that a test has set."""
    return Select(columns=[fn.COALESCE(parameter("now"), SQL(db.dialect.clock)).alias("now")]).alias("moment")


def is_of(column, asked_for):
    """Return the condition that a mentor's id is the one asked for, or among them."""
    if asked_for == MANY:
        return db.dialect.is_in_list(column, MENTOR_IDS)
    record = PauseRecord.alias("record")
    return column == (MENTOR_ID if asked_for == ONE else record.select(record.mentor).where(record.id == NUMBER))


@statement
def lock_buckets():
    return db.dialect.lock_numbers(ID_LOCKS, parameter("buckets"))


@statement
def lock_rows(asked_for):
    """Lock the mentors' rows and read their columns, in the order of MENTOR_COLUMNS."""
    mentors = MentorStatus.select(*columns_of(MentorStatus).values()).where(is_of(MentorStatus.mentor_id, asked_for))
    # An SQLite transaction is IMMEDIATE: it has locked everything.
    return db.dialect.lock_rows(mentors.order_by(MentorStatus.mentor_id) if asked_for == MANY else mentors)


@statement
def clock_and_pauses(asked_for, with_last_ended=False):
    """Read the clock, and beside it the pauses that a rule may need, each with its mentor.

    They are those that have not ended, those asked for, those that start when one of these does, or now, or at a start
    that is asked for (a new one may conflict with them), and those that ended last. The write may take place later
    than the clock says, see instant_of_write().
    """
    moment, own, other, ended = clock(), PauseRecord, PauseRecord.alias("other"), PauseRecord.alias("ended")
    at = At(moment.c.now)
    # What many mentors are locked for may be held against all that GET has shown since they were last updated.
    mentor = MentorStatus
    updated = mentor.select(db.dialect.seconds_later(mentor.last_updated, -MAX_CLOCK_SKEW))
    since = At(updated.where(mentor.mentor_id == own.mentor)) if asked_for == MANY else at

    def is_asked_for(record):
        if asked_for == MANY:
            return db.dialect.is_in_list(record.id, NUMBERS)
        return record.id == NUMBER

    not_ended = since.is_active(own)
    starts_now = own.start_date.between(moment.c.now, db.dialect.seconds_later(moment.c.now, MAX_CLOCK_SKEW))
    starts_when_asked = db.dialect.is_in_list(own.start_date, STARTS) if asked_for == MANY else own.start_date == START
    beside = (other.mentor == own.mentor) & (other.start_date == own.start_date)
    beside_one_of_these = other.select(SQL("1")).where(beside & (at.is_active(other) | is_asked_for(other)))
    starts_beside_one_of_these = fn.EXISTS(beside_one_of_these)
    has_ended = (ended.mentor == own.mentor) & (ended.end_date <= moment.c.now) & At.did_begin(ended)
    ended_last = own.end_date == ended.select(fn.MAX(ended.end_date)).where(has_ended)
    is_read = not_ended | starts_now | starts_when_asked | starts_beside_one_of_these
    if with_last_ended:
        is_read |= ended_last
    columns = columns_of(PauseRecord) | {"number": own.id}
    read = own.select(moment.c.now, own.mentor, *(columns[name] for name in Pause._fields))
    return read.from_(Join(moment, own, JOIN.LEFT_OUTER, is_of(own.mentor, asked_for) & is_read))


@statement
def last_entry():
    """Read metadata and changed_by of the last entry in a mentor's history."""
    entry = HistoryEntry
    newest = entry.select(entry.metadata, entry.changed_by).order_by(entry.id.desc()).limit(1)
    return newest.where(entry.mentor_id == MENTOR_ID)


@statement
def last_entry_of_record():
    """Read metadata and changed_by of the last entry about a pause record."""
    entry = HistoryEntry
    newest = entry.select(entry.metadata, entry.changed_by).order_by(entry.id.desc()).limit(1)
    return newest.where(is_of(entry.mentor_id, OWNER) & (entry.pause_record_id == NUMBER))


@statement
def clock_and_last_change(asked_for):
    """Read the clock, and of an id when something last happened to a mentor who had it, and whether one has it."""
    moment, given = clock(), db.dialect.list_rows(MENTOR_IDS).alias("given")
    mentor_id, sources = (given.c.value, [moment, given]) if asked_for == MANY else (MENTOR_ID, [moment])
    entries = HistoryEntry.select(HistoryEntry.changed_at).where(HistoryEntry.mentor_id == mentor_id)
    last_change = entries.order_by(HistoryEntry.id.desc()).limit(1)
    there = fn.EXISTS(MentorStatus.select(SQL("1")).where(MentorStatus.mentor_id == mentor_id))
    shown = given.c.value if asked_for == MANY else MENTOR_ID.cast("text")
    return Select(sources, [moment.c.now, shown, last_change, there]).bind(db.obj)
