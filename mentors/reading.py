"""How a write reads mentors: their row and its version, all of their pauses, and their last history entry, at once.

In a transaction, the rows are locked first. What is read then stands in a statement of its own, since a statement sees
what was committed before it began, and not before the lock that it waited for. `caller` says who writes, see
writes.Caller.
"""

from peewee import JOIN, SQL, Join, Select, fn

from db import db, parameter, statement
from mentors.formats import MAX_CLOCK_SKEW, pause_record_number, seconds_after
from mentors.mentor import Mentor
from mentors.pauses import Pause
from mentors.problems import Problem, clock_behind
from mentors.serializers import mentor_status, pause_record
from models import HistoryEntry, MentorStatus, PauseRecord, UTCField, columns_of

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
INSTANTS_OF_PAUSE = [
    number for number, name in enumerate(Pause._fields) if isinstance(columns_of(PauseRecord).get(name), UTCField)
]
MOST_PAUSES = 100_000  # of all mentors of an upload
# Whom a statement reads: a mentor, the mentor of a pause record, or a list of mentors. (A list of one would do for the
# first, but Postgres would plan it anew each time, which takes longer than to run it.)
ONE, OWNER, MANY = "one", "owner", "many"


def read_mentor(caller, mentor_id, metadata=None):
    """Return the mentor with this id, who may not exist; with the 412 that the caller's conditions make of them.

    With metadata, the last history entry is read, too, which may have the same.
    """
    (mentor,) = read(caller, ONE, metadata is not None, mentor_id=mentor_id, number=None)
    if mentor.exists and caller.check:
        shown = mentor.columns, mentor.pauses.values()
        mentor.stale = caller.check([mentor_status(*shown, at) for at in mentor.instants_shown()])
    return mentor


def read_record(caller, record_id, metadata=None):
    """Return the mentor of a pause record, and the pause; None twice if there is no such record. 412 likewise."""
    number = pause_record_number(record_id)
    if number is None:
        return None, None
    for mentor in read(caller, OWNER, metadata is not None, number=number):
        pause = mentor.pauses[number]
        if caller.check:
            shown = [pause_record(mentor.mentor_id, pause, at) for at in mentor.instants_shown()]
            mentor.stale = caller.check(shown)
        return mentor, pause
    return None, None


def read_mentors(caller, mentor_ids):
    """Return the mentors with these ids, who may not exist, by id. 413 if they have too many pauses together."""
    listed = db.dialect.list_value(mentor_ids)
    if count_pauses().row(mentor_ids=listed)[0] > MOST_PAUSES:
        detail = f"The mentors of this table have more than {MOST_PAUSES:,} pause records together; send it in parts."
        raise Problem(413, "too_large", detail)
    return {mentor.mentor_id: mentor for mentor in read(caller, MANY, False, mentor_ids=listed)}


def read(caller, whom, with_metadata, **asked):
    """Return the mentors that a statement finds, each as a Mentor."""
    if db.in_transaction() and not db.dialect.locks_all:
        lock_mentors(whom).rows(**asked)
    rows = mentors_with_pauses(whom, with_metadata).rows(now=caller.clock(), **asked)
    return [mentor_of_row(caller, row) for row in rows]


def mentor_of_row(caller, row):
    """Return a row of mentors_with_pauses() as a Mentor."""
    clock, mentor_id, exists, version, pauses, entry_id, changed_at, *others = row
    columns = dict(zip(MENTOR_COLUMNS, others, strict=False))
    last_change = columns["last_updated"] if exists else changed_at
    return Mentor(
        columns | {"mentor_id": mentor_id},
        clock,
        instant_of_write(clock, last_change),
        caller.name,
        exists=bool(exists),
        version=version,
        pauses={row[0]: Pause(*row) for row in db.dialect.rows_of_json(pauses, INSTANTS_OF_PAUSE)},
        last_entry_id=entry_id,
        last_entry=tuple(others[len(MENTOR_COLUMNS) :]),
    )


def instant_of_write(clock, last_change):
    """Return the instant of a write: what the clock says, but never before the last change.

    Raises a Problem (503) if that is more than 15 seconds ahead.
    """
    if last_change is None or last_change <= clock:
        return clock
    if last_change > seconds_after(clock, MAX_CLOCK_SKEW):
        raise clock_behind(clock, last_change)
    return last_change


# --- statements


def ids_asked_for(whom):
    """Return the query of the ids that a statement is about, as the column `mentor_id`."""
    if whom == MANY:
        return db.dialect.list_rows(parameter("mentor_ids"))
    if whom == OWNER:
        return PauseRecord.select(PauseRecord.mentor.alias("value")).where(PauseRecord.id == parameter("number"))
    return Select(columns=[parameter("mentor_id").cast("text").alias("value")])


@statement
def lock_mentors(whom):
    """Lock the mentors' rows, in the order of their ids, so that two writes that lock many do not deadlock."""
    key = MentorStatus.mentor_id
    return MentorStatus.select(key).where(key.in_(ids_asked_for(whom))).order_by(key).for_update()


@statement
def count_pauses():
    ids = Select([ids_asked_for(MANY).alias("asked")], [SQL("value")])
    return PauseRecord.select(fn.COUNT(SQL("*"))).where(PauseRecord.mentor.in_(ids))


@statement
def mentors_with_pauses(whom, with_metadata):
    """Read the clock, or the instant `now` that a test has set, and each mentor asked for, who may not exist.

    With them come their pauses, and the last entry of their history; for the mentor of a record, the last entry about
    that record. With `with_metadata` its metadata and changed_by come, too.
    """
    mentor, record, entry, newest = MentorStatus, PauseRecord, HistoryEntry, HistoryEntry.alias("newest")
    asked = ids_asked_for(whom).alias("asked")
    clock = fn.COALESCE(parameter("now"), SQL(db.dialect.clock))
    columns = columns_of(record) | {"number": record.id}
    pauses = record.select(db.dialect.json_of_rows([columns[name] for name in Pause._fields]))
    newest_id = newest.select(fn.MAX(newest.id)).where(newest.mentor_id == asked.c.value)
    if whom == OWNER:
        newest_id = newest_id.where(newest.pause_record_id == parameter("number"))
    mentors = Join(asked, mentor, JOIN.LEFT_OUTER, mentor.mentor_id == asked.c.value)
    return Select(
        [Join(mentors, entry, JOIN.LEFT_OUTER, entry.id == newest_id)],
        [
            clock,
            asked.c.value,
            mentor.mentor_id.is_null(False),
            db.dialect.version(mentor),
            pauses.where(record.mentor == asked.c.value),
            entry.id,
            entry.changed_at,
            *columns_of(mentor).values(),
            *([entry.metadata, entry.changed_by] if with_metadata else []),
        ],
    ).bind(db.obj)
