"""How a write reads mentors: their row with its version, their pauses, and their last history entry, in one query.

In a transaction the rows are locked before that, by a statement of their own: a statement does not see what others
have committed while it waited for a lock. `caller` is a writes.Caller.
"""

from peewee import JOIN, SQL, Column, Join, Select, fn

from db import db, parameter, statement
from mentors.formats import MAX_CLOCK_SKEW, pause_record_number, seconds_after
from mentors.mentor import Mentor
from mentors.pauses import Pause
from mentors.problems import Problem, Unavailable, unknown_pause_record
from mentors.serializers import mentor_status, pause_record
from models import HistoryEntry, MentorChange, MentorStatus, PauseRecord, UTCField, columns_of

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
INSTANTS_OF_PAUSE = [
    number for number, name in enumerate(Pause._fields) if isinstance(columns_of(PauseRecord).get(name), UTCField)
]
MOST_PAUSES = 100_000  # of all mentors of an upload


def read_mentor(caller, mentor_id):
    """Return the mentor with this id, or one whose `exists` is false.

    `stale` of the mentor is the 412 if what GET shows does not meet the caller's conditions, else None.
    """
    (mentor,) = read(caller, id_of_one_mentor, mentor_id=mentor_id)
    if caller.check:
        instants = mentor.instants_shown() if mentor.exists else []
        mentor.stale = caller.check([mentor_status(mentor.columns, mentor.pauses.values(), at) for at in instants])
    return mentor


def read_record(caller, record_id):
    """Return the mentor of a pause record, and the pause. Raises a Problem (404) if there is no such record.

    `stale` of the mentor is the 412 if what GET shows of the record does not meet the caller's conditions, else None.
    """
    number = pause_record_number(record_id)
    mentors = [] if number is None else read(caller, mentor_id_of_record, number=number)
    if not mentors:
        raise unknown_pause_record(record_id)
    (mentor,) = mentors
    pause = mentor.pauses[number]
    if caller.check:
        mentor.stale = caller.check([pause_record(mentor.mentor_id, pause, at) for at in mentor.instants_shown()])
    return mentor, pause


def read_mentors(caller, mentor_ids):
    """Return the mentors with these ids, by id; `exists` may be false, and `stale` is not set.

    413 if they have too many pauses together.
    """
    listed = db.dialect.list_value(mentor_ids)
    if count_pauses().row(mentor_ids=listed)[0] > MOST_PAUSES:
        detail = f"The mentors of this table have more than {MOST_PAUSES:,} pause records together; send it in parts."
        raise Problem(413, "too_large", detail)
    return {mentor.mentor_id: mentor for mentor in read(caller, ids_in_list, mentor_ids=listed)}


def read(caller, select_ids, **values):
    """Return the mentors whose ids a query selects; `select_ids` returns it, and `values` are its parameters."""
    lock(select_ids, **values)
    return [mentor_of_row(caller, row) for row in mentors_with_pauses(select_ids).rows(now=caller.clock(), **values)]


def lock(select_ids, **values):
    """Lock the mentors whose ids a query selects until the transaction ends; outside of one, do nothing.

    On SQLite the transaction has locked everything already.
    """
    if db.in_transaction() and not db.dialect.locks_database:
        lock_mentors(select_ids).rows(**values)


def mentor_of_row(caller, row):
    """Return a row of mentors_with_pauses() as a Mentor."""
    clock, mentor_id, exists, version, pauses, entry_id, changed_at, metadata, changed_by, *values = row
    columns = dict(zip(MENTOR_COLUMNS, values, strict=True))
    last_change = columns["last_updated"] if exists else changed_at
    return Mentor(
        columns | {"mentor_id": mentor_id},
        clock,
        instant_of_write(clock, last_change),
        caller.name,
        exists=bool(exists),
        version=version,
        pauses={pause[0]: Pause(*pause) for pause in db.dialect.rows_of_json(pauses, INSTANTS_OF_PAUSE)},
        last_entry_id=entry_id,
        last_metadata=metadata,
        last_changed_by=changed_by,
    )


def instant_of_write(clock, last_change):
    """Return the instant of a write: what the clock says, but never before the last change.

    Raises a Problem (503) if the last change is more than 15 seconds ahead of the clock.
    """
    if last_change is None or last_change <= clock:
        return clock
    if last_change > seconds_after(clock, MAX_CLOCK_SKEW):
        raise Unavailable(f"the database's clock says {clock}, far behind the last change, {last_change}")
    return last_change


# --- ids: each function returns a query of the ids of some mentors, as the column `value`


def id_of_one_mentor():
    """Query one id. (Postgres would plan a list of one anew each time, which takes longer than to run it.)"""
    return Select(columns=[parameter("mentor_id").cast("text").alias("value")])


def mentor_id_of_record():
    """Query the id of the mentor whose pause record has a number."""
    return PauseRecord.select(PauseRecord.mentor.alias("value")).where(PauseRecord.id == parameter("number"))


def ids_in_list():
    """Query the ids of a list."""
    return db.dialect.list_rows(parameter("mentor_ids"))


# --- statements


def version(mentor_id):
    """Return the expression of a mentor's version, as text: each write to the mentor changes it.

    On SQLite it is the number of the last write to the mentor with this id, on Postgres `xmin` of the row in the query.
    """
    if db.dialect.locks_database:
        number = MentorChange.select(MentorChange.changed_in).where(MentorChange.mentor_id == mentor_id)
        return fn.COALESCE(number, 0).cast("text")
    return Column(MentorStatus._meta.table, "xmin").cast("text")


@statement
def lock_mentors(select_ids):
    """Lock the mentors' rows, in the order of their ids, so that two writes that lock many do not deadlock."""
    key = MentorStatus.mentor_id
    return MentorStatus.select(key).where(key.in_(select_ids())).order_by(key).for_update()


@statement
def count_pauses():
    ids = Select([ids_in_list().alias("asked")], [SQL("value")])
    return PauseRecord.select(fn.COUNT(SQL("*"))).where(PauseRecord.mentor.in_(ids))


@statement
def mentors_with_pauses(select_ids):
    """Read the clock (or `now`, if a test has set it), and for each id the mentor, if they exist, with all pauses.

    The last entry of their history comes with them; with mentor_id_of_record(), it is the last entry about this record.
    With ids_in_list(), the metadata is not read: it may be 16 KiB for each mentor.
    """
    mentor, record, entry, newest = MentorStatus, PauseRecord, HistoryEntry, HistoryEntry.alias("newest")
    asked = select_ids().alias("asked")
    mentor_id = asked.c.value
    columns = columns_of(record) | {"number": record.id}
    pauses = record.select(db.dialect.json_of_rows([columns[name] for name in Pause._fields]))
    newest_id = newest.select(fn.MAX(newest.id)).where(newest.mentor_id == mentor_id)
    if select_ids is mentor_id_of_record:
        newest_id = newest_id.where(newest.pause_record_id == parameter("number"))
    mentors = Join(asked, mentor, JOIN.LEFT_OUTER, mentor.mentor_id == mentor_id)
    return Select(
        [Join(mentors, entry, JOIN.LEFT_OUTER, entry.id == newest_id)],
        [
            fn.COALESCE(parameter("now"), SQL(db.dialect.clock)),
            mentor_id,
            mentor.mentor_id.is_null(False),
            version(mentor_id),
            pauses.where(record.mentor == mentor_id),
            entry.id,
            entry.changed_at,
            SQL("NULL") if select_ids is ids_in_list else entry.metadata,
            entry.changed_by,
            *columns_of(mentor).values(),
        ],
    ).bind(db)
