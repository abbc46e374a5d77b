"""How a write loads mentors: it locks them, and then reads them with all of their pauses and their last history entry.

The lock is a statement of its own, since a statement that waits for a lock does not see what others have committed
meanwhile. A mentor whom the lock does not find does not exist for this write, even if somebody creates them before the
read. To lock an id that no mentor has, a write inserts the row. (On SQLite, where a transaction has locked the whole
database, the same statements wait for nobody.) `caller` is a writes.Caller.
"""

from peewee import JOIN, SQL, Join, Select, fn

from db import db, parameter, statement
from mentors.formats import pause_record_number
from mentors.mentor import Mentor
from mentors.pauses import At, Pause
from mentors.problems import Problem, unknown_pause_record
from models import HistoryEntry, MentorStatus, PauseRecord, UTCField, columns_of

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
INSTANTS_OF_PAUSE = [  # their places in a Pause, for dialect.parse_rows()
    index for index, name in enumerate(Pause._fields) if isinstance(columns_of(PauseRecord).get(name), UTCField)
]
MOST_PAUSES = 100_000  # of all mentors of an upload


def load_mentor(caller, mentor_id, inserts=False):
    """Lock and return the mentor with this id, or one whose `exists` is false; see load() for `inserts`."""
    (mentor,) = load(caller, id_of_one_mentor, inserts, mentor_id=mentor_id)
    if caller.check:
        mentor.unmet_condition = caller.check(mentor)
    return mentor


def load_record(caller, record_id):
    """Lock the mentor of a pause record; return them, and the pause. 404 if there is no such record."""
    number = pause_record_number(record_id)
    mentors = load(caller, mentor_id_of_record, number=number) if number else []
    if not (mentors and mentors[0].exists):  # there is none, or it was recorded after the lock
        raise unknown_pause_record(record_id)
    mentor = mentors[0]
    pause = mentor.pauses[number]
    if caller.check:
        mentor.unmet_condition = caller.check(mentor, pause)
    return mentor, pause


def load_mentors(caller, mentor_ids, inserts=False):
    """Lock and return the mentors with these ids, by id; `exists` may be false, and `unmet_condition` is not set.

    See load() for `inserts`. 413 if the mentors have too many pauses together.
    """
    mentors = load(caller, ids_in_list, inserts, mentor_ids=list_of_ids(mentor_ids))
    return {mentor.mentor_id: mentor for mentor in mentors}


def read_mentors(caller, mentor_ids):
    """Return the mentors as load_mentors() does, but lock and insert nobody."""
    rows = mentors_with_pauses(ids_in_list).rows(at=caller.clock(), mentor_ids=list_of_ids(mentor_ids))
    index_of_own_id = -len(MENTOR_COLUMNS)  # the first column of the mentor's row: null if there is none
    return {row[1]: mentor_of_row(caller, row, exists=row[index_of_own_id] is not None) for row in rows}


def list_of_ids(mentor_ids):
    """Return the parameter of ids_in_list(). Raises a Problem (413) if the mentors have too many pauses together."""
    ids = db.dialect.list_parameter(mentor_ids)
    if count_pauses().row(mentor_ids=ids)[0] > MOST_PAUSES:
        detail = f"The mentors of this table have more than {MOST_PAUSES:,} pause records together; send it in parts."
        raise Problem(413, "too_large", detail)
    return ids


def load(caller, select_ids, inserts=False, **values):
    """Lock and return the mentors whose ids a query selects; `select_ids` returns it, and `values` are its parameters.

    With `inserts`, a row is inserted for each id that no mentor has, so that nobody else can create them. `exists` of
    such a mentor is false all the same.
    """
    if inserts:
        inserted = {mentor_id for (mentor_id,) in insertion_or_lock(select_ids).rows(at=caller.clock(), **values)}
    else:
        locked = lock(select_ids, **values)
    rows = mentors_with_pauses(select_ids).rows(at=caller.clock(), **values)
    # After the insertion every id has a row: those who were there before are the others.
    existing = ({row[1] for row in rows} - inserted) if inserts else locked
    return [mentor_of_row(caller, row, exists=row[1] in existing) for row in rows]


def lock(select_ids, **values):
    """Lock the mentors whose ids a query selects, until the transaction ends; return the ids of those who exist."""
    return {mentor_id for (mentor_id,) in lock_of_mentors(select_ids).rows(**values)}


def mentor_of_row(caller, row, exists):
    """Return a row of mentors_with_pauses(), whose columns are in this order, as a Mentor."""
    clock, mentor_id, pauses, entry_id, changed_at, metadata, changed_by, *values = row
    columns = dict(zip(MENTOR_COLUMNS, values, strict=True)) | {"mentor_id": mentor_id}  # null if there is no row
    pauses = db.dialect.parse_rows(pauses, INSTANTS_OF_PAUSE) if exists else []
    return Mentor(
        columns,
        clock,
        instant_of_write(clock, columns["last_updated"] if exists else changed_at),
        caller.name,
        exists,
        pauses={pause[0]: Pause(*pause) for pause in pauses},
        last_entry_id=entry_id,
        last_metadata=metadata,
        last_changed_by=changed_by,
    )


def instant_of_write(clock, last_change):
    """Return the instant of a write: what the clock says, but never before the last change (None: there is none).

    Mentor.refuse_if_far_ahead() raises the 503 if the last change is too far ahead.
    """
    return clock if last_change is None else max(clock, last_change)


# --- ids: each function returns a query of the ids of some mentors, as the column `value`


def id_of_one_mentor():
    """Query one id. (Not as a list of one: Postgres plans a list anew each time, which takes longer than to run it.)"""
    return Select(columns=[parameter("mentor_id").cast("text").alias("value")])


def mentor_id_of_record():
    """Query the id of the mentor whose pause record has a number."""
    return PauseRecord.select(PauseRecord.mentor.alias("value")).where(PauseRecord.id == parameter("number"))


def ids_in_list():
    return db.dialect.rows_of_list(parameter("mentor_ids"))


# --- statements


@statement
def lock_of_mentors(select_ids):
    """Lock the mentors' rows, in the order of their ids: so two writes that lock many do not deadlock."""
    key = MentorStatus.mentor_id
    return db.dialect.for_update(MentorStatus.select(key).where(key.in_(select_ids())).order_by(key))


@statement
def insertion_or_lock(select_ids):
    """Insert a row for each id that no mentor has, and lock the other rows, in the order of ids; return the new ids."""
    ids = select_ids().alias("asked")
    key, last_updated = MentorStatus.mentor_id, MentorStatus.last_updated
    rows = Select([ids], [ids.c.value, At.of_read().instant])
    # Without WHERE, SQLite would read ON CONFLICT as the condition of a join.
    rows = rows.where(SQL("TRUE")).order_by(ids.c.value)
    # DO UPDATE locks a row even if its WHERE keeps it from being updated; DO NOTHING would not.
    insertion = MentorStatus.insert_from(rows, [key, last_updated])
    locked = insertion.on_conflict(conflict_target=[key], update={last_updated: last_updated}, where=SQL("FALSE"))
    return locked.returning(key)


@statement
def count_pauses():
    return PauseRecord.select(fn.COUNT(SQL("*"))).where(PauseRecord.mentor.in_(ids_in_list()))


@statement
def mentors_with_pauses(select_ids):
    """Read the clock, and for each id the mentor's row, if they have one, with all pauses.

    The last entry of their history comes with them; with mentor_id_of_record(), it is the last entry about this record.
    With ids_in_list(), the metadata is not read: it may be 16 KiB for each mentor.
    """
    mentor, record, entry, newest = MentorStatus, PauseRecord, HistoryEntry, HistoryEntry.alias("newest")
    asked = select_ids().alias("asked")
    mentor_id = asked.c.value
    columns = columns_of(record) | {"number": record.id}
    pauses = record.select(db.dialect.aggregate_as_json([columns[name] for name in Pause._fields]))
    newest_id = newest.select(fn.MAX(newest.id)).where(newest.mentor_id == mentor_id)
    if select_ids is mentor_id_of_record:
        newest_id = newest_id.where(newest.pause_record_id == parameter("number"))
    mentors = Join(asked, mentor, JOIN.LEFT_OUTER, mentor.mentor_id == mentor_id)
    return Select(
        [Join(mentors, entry, JOIN.LEFT_OUTER, entry.id == newest_id)],
        [
            At.of_read().instant,
            mentor_id,
            pauses.where(record.mentor == mentor_id),
            entry.id,
            entry.changed_at,
            SQL("NULL") if select_ids is ids_in_list else entry.metadata,
            entry.changed_by,
            *columns_of(mentor).values(),
        ],
    ).bind(db)
