"""How what has changed of mentors is written: all of it or nothing, on Postgres as one statement.

On Postgres that statement first locks the mentors whose version is still the one that was read, and passes over those
whom another write holds, so that it never waits for them. All else that it changes belongs to the mentors `written`. On
SQLite a transaction locks the whole database, so that nobody else can have changed anything.
"""

from peewee import JOIN, SQL, Join, Select, Table, fn

from db import ChangedMeanwhile, Changes, db, parameter, statement
from mentors.formats import HIGHEST_NUMBER
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
DATES_AND_REASON = ("start_date", "expected_return_date", "end_date", "reason")  # what a write may change of a record
NEW_RECORD_COLUMNS = ("mentor_id", *DATES_AND_REASON, "created_at", "last_changed")
ENTRY_COLUMNS = tuple(name for name in columns_of(HistoryEntry) if name != "id")
# The changes of mentors' rows, to which all others belong.
OF_MENTORS = ("new_mentors", "free", "changed_mentors", "removed_mentors")


def save(mentors):
    """Write what has changed of mentors; their new pauses then have their numbers.

    Raises ChangedMeanwhile if somebody else has changed one of them since they were read. If it was the only one,
    nothing was written; else the transaction must be rolled back.
    """
    mentors = sorted((each for each in mentors if each.is_changed()), key=lambda each: each.mentor_id)
    if not mentors:
        return
    rows = {name: listed for name, listed in rows_to_write(mentors).items() if listed}
    parts = [(name, len(listed) == 1) for name, listed in rows.items()]
    values = {name: db.dialect.rows_value(listed) for name, listed in rows.items()}
    returned = changes(*parts).run(**values)
    if not db.dialect.locks_all and len({mentor_id for mentor_id, *_record in returned}) < len(mentors):
        raise ChangedMeanwhile("Somebody else has changed a mentor since they were read.")
    numbers = {tuple(key): number for *key, number in returned}
    for mentor in mentors:
        for pause in mentor.new_pauses():
            del mentor.pauses[pause.number]
            number = numbers[mentor.mentor_id, pause.start_date, pause.reason]
            mentor.pauses[number] = pause._replace(number=number)


def delete_history(mentor_id):
    """Delete the history of somebody who is no mentor any more. Raises ChangedMeanwhile if they are one again."""
    if not history_of_nobody().rows(mentor_id=mentor_id):
        raise ChangedMeanwhile("Somebody else has created the mentor, or has deleted the history.")


def rows_to_write(mentors):
    """Return the rows of each change, as dicts, by the name of the change; SQLite makes the changes in this order."""
    new, existing = [[each for each in mentors if each.exists is exists] for exists in (False, True)]
    return {
        "new_mentors": [mentor.columns | {"last_entry_id": mentor.last_entry_id} for mentor in new],
        "free": [{"mentor_id": mentor.mentor_id, "version": mentor.version} for mentor in existing if mentor.version],
        "changed_mentors": [mentor.columns for mentor in existing if not mentor.is_deleted],
        "removed_mentors": [mentor.columns for mentor in existing if mentor.is_deleted],
        "new_records": [record_row(mentor, pause) for mentor in mentors for pause in mentor.new_pauses()],
        "changed_records": [record_row(mentor, pause) for mentor in mentors for pause in mentor.changed_pauses()],
        "removed_records": [record_row(mentor, pause) for mentor in mentors for pause in mentor.removed],
        "new_entries": [entry_row(mentor, entry) for mentor in mentors for entry in mentor.entries],
        "erased_histories": [mentor.columns for mentor in mentors if mentor.is_erased],
    }


def record_row(mentor, pause):
    """Return the row of a pause of a mentor."""
    return pause._asdict() | {"mentor_id": mentor.mentor_id, "last_changed": mentor.now}


def entry_row(mentor, entry):
    """Return the row of a history entry; a new pause, which has no number yet, is found by its start and reason."""
    number = entry["pause_record_id"]
    if number is None or number <= HIGHEST_NUMBER:
        return entry
    pause = mentor.pauses[number]
    return entry | {"pause_record_id": None, "new_start": pause.start_date, "new_reason": pause.reason or ""}


# --- statements


@statement
def history_of_nobody():
    """Delete a history, unless there is a mentor: it sees a new mentor with their entry `created`, or neither."""
    is_mentor = fn.EXISTS(MentorStatus.select(SQL("1")).where(MentorStatus.mentor_id == HistoryEntry.mentor_id))
    deleted = HistoryEntry.delete().where((HistoryEntry.mentor_id == parameter("mentor_id")) & ~is_mentor)
    return deleted.returning(HistoryEntry.mentor_id)


@statement
def changes(*parts):
    """Build some of the changes that rows_to_write() names, each of as many rows as its parameter, which has its name.

    `parts` are pairs of a name and whether it is one row.
    """
    builders = {
        "new_mentors": insert_mentors,
        "free": lock_free_mentors,
        "changed_mentors": update_mentors,
        "removed_mentors": delete_mentors,
        "new_records": insert_records,
        "changed_records": update_records,
        "removed_records": delete_records,
        "new_entries": insert_entries_of_new_records if "new_records" in dict(parts) else insert_entries,
        "erased_histories": delete_histories,
    }
    of_mentors = {name: builders[name](name, is_one) for name, is_one in parts if name in OF_MENTORS}
    of_others = {name: builders[name](name, is_one) for name, is_one in parts if name not in OF_MENTORS}
    if db.dialect.locks_all:
        return Changes(of_mentors | of_others)
    written = {"written": ids_written([name for name in of_mentors if name != "free"])}
    return Changes(of_mentors | written | of_others, written_mentors_and_new_records("new_records" in of_others))


def rows_given(model, columns, name, is_one, **more):
    """Return the rows of the parameter `name` as a subquery: some columns of a model, and `more` by their types."""
    types = {column: columns_of(model)[column].field_type for column in columns}
    return db.dialect.rows_of(parameter(name), types | more, is_one).alias("given")


def insert(model, values, given):
    """Insert the given rows of mentors that are written, in the order of ids; `values` are by the model's columns."""
    fields = [columns_of(model)[column] for column in values]
    rows = Select([given], list(values.values())).where(is_written(given)).order_by(given.c.mentor_id)
    return model.insert_from(rows, fields).returning()


def ids_in(name):
    """Return the ids of mentors that a common table expression has."""
    ids = Table(name, ("mentor_id",))
    return ids.select(ids.mentor_id)


def is_written(given):
    """Return the condition that the statement changes the mentor of a row; on SQLite it does in any case."""
    return SQL("TRUE") if db.dialect.locks_all else given.c.mentor_id.in_(ids_in("written"))


# --- mentors


def lock_free_mentors(name, is_one):
    """Find the mentors whose version is still this one, and lock those of them whom no other write holds (Postgres)."""
    given = rows_given(MentorStatus, ["mentor_id"], name, is_one, version="TEXT")
    is_current = db.dialect.version(MentorStatus) == given.c.version
    found = MentorStatus.select(MentorStatus.mentor_id).join(given, on=MentorStatus.mentor_id == given.c.mentor_id)
    return found.where(is_current).for_update(of=MentorStatus, skip_locked=True)


def is_free(given):
    """Return the condition that the mentor of a row may be changed; on SQLite every mentor may."""
    return SQL("TRUE") if db.dialect.locks_all else given.c.mentor_id.in_(ids_in("free"))


def insert_mentors(name, is_one):
    """Insert mentors; on Postgres not those who are there by now, and not those to whom anything has happened since."""
    given = rows_given(MentorStatus, MENTOR_COLUMNS, name, is_one, last_entry_id="BIGINT")
    rows = Select([given], [getattr(given.c, column) for column in MENTOR_COLUMNS]).order_by(given.c.mentor_id)
    fields = [columns_of(MentorStatus)[column] for column in MENTOR_COLUMNS]
    if db.dialect.locks_all:
        return MentorStatus.insert_from(rows, fields).returning()
    is_newer = (HistoryEntry.mentor_id == given.c.mentor_id) & (HistoryEntry.id > fn.COALESCE(given.c.last_entry_id, 0))
    rows = rows.where(~fn.EXISTS(HistoryEntry.select(SQL("1")).where(is_newer)))
    return MentorStatus.insert_from(rows, fields).on_conflict_ignore().returning(MentorStatus.mentor_id)


def update_mentors(name, is_one):
    given = rows_given(MentorStatus, MENTOR_COLUMNS, name, is_one)
    own = columns_of(MentorStatus)
    values = {own[column]: getattr(given.c, column) for column in MENTOR_COLUMNS if column != "mentor_id"}
    updated = MentorStatus.update(values).from_(given)
    return updated.where((MentorStatus.mentor_id == given.c.mentor_id) & is_free(given)).returning(
        MentorStatus.mentor_id
    )


def delete_mentors(name, is_one):
    given = rows_given(MentorStatus, ["mentor_id"], name, is_one)
    ids = Select([given], [given.c.mentor_id]).where(is_free(given))
    return MentorStatus.delete().where(MentorStatus.mentor_id.in_(ids)).returning(MentorStatus.mentor_id)


def ids_written(names):
    """Return the ids that the changes of mentors with these names return."""
    first, *others = [ids_in(name) for name in names]
    for other in others:
        first = first.union_all(other)
    return first.bind(db.obj)


def written_mentors_and_new_records(has_new_records):
    """Return the query of what save() wants to know: the mentors written, with start, reason and id of new records."""
    written = Table("written", ("mentor_id",))
    if not has_new_records:
        return written.select(written.mentor_id).bind(db.obj)
    new = Table("new_records", ("mentor_id", "start_date", "reason", "id"))
    joined = Join(written, new, JOIN.LEFT_OUTER, new.mentor_id == written.mentor_id)
    return Select([joined], [written.mentor_id, new.start_date, new.reason, new.id]).bind(db.obj)


# --- pause records and the history


def insert_records(name, is_one):
    given = rows_given(PauseRecord, NEW_RECORD_COLUMNS, name, is_one)
    key = PauseRecord.mentor, PauseRecord.start_date, PauseRecord.reason, PauseRecord.id
    return insert(PauseRecord, {column: getattr(given.c, column) for column in NEW_RECORD_COLUMNS}, given).returning(
        *key
    )


def update_records(name, is_one):
    own, columns = PauseRecord, (*DATES_AND_REASON, "last_changed")
    given = rows_given(own, ("mentor_id", *columns), name, is_one, number="BIGINT")
    values = {columns_of(own)[column]: getattr(given.c, column) for column in columns}
    values[own.change_count] = own.change_count + 1
    return own.update(values).from_(given).where((own.id == given.c.number) & is_written(given))


def delete_records(name, is_one):
    given = rows_given(PauseRecord, ["mentor_id"], name, is_one, number="BIGINT")
    numbers = Select([given], [given.c.number]).where(is_written(given))
    return PauseRecord.delete().where(PauseRecord.id.in_(numbers))


def delete_histories(name, is_one):
    given = rows_given(HistoryEntry, ["mentor_id"], name, is_one)
    ids = Select([given], [given.c.mentor_id]).where(is_written(given))
    return HistoryEntry.delete().where(HistoryEntry.mentor_id.in_(ids))


def insert_entries(name, is_one):
    given = rows_given(HistoryEntry, ENTRY_COLUMNS, name, is_one)
    return insert(HistoryEntry, {column: getattr(given.c, column) for column in ENTRY_COLUMNS}, given)


def insert_entries_of_new_records(name, is_one):
    """Insert entries that may be about records which are inserted with them: these are found by start and reason."""
    given = rows_given(HistoryEntry, ENTRY_COLUMNS, name, is_one, new_start="UTC", new_reason="TEXT")
    # On Postgres the common table expression of that name; on SQLite the table itself.
    new = Table(PauseRecord._meta.table_name if db.dialect.locks_all else "new_records", alias="new")
    is_it = (new.c.mentor_id == given.c.mentor_id) & (new.c.start_date == given.c.new_start)
    number = new.select(new.c.id).where(is_it & (fn.COALESCE(new.c.reason, "") == given.c.new_reason))
    values = {column: getattr(given.c, column) for column in ENTRY_COLUMNS}
    return insert(HistoryEntry, values | {"pause_record_id": fn.COALESCE(given.c.pause_record_id, number)}, given)
