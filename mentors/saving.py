"""How changed mentors are saved: all of it or nothing, on Postgres by one statement.

On Postgres, this statement locks the mentors whose version is still the one that was read (`free_mentors`). It skips
mentors whom another write has locked, so it does not wait for their rows. `written` are the ids of the mentors whose
rows it then inserts, changes or deletes, and everything else that it changes belongs to one of them. On SQLite there
are several statements, one after the other, in a transaction that has locked the whole database. If the mentors were
read in it, nobody else has changed them. If they were read before it, as an upload reads them, refuse_changed()
compares their versions first.
"""

from functools import reduce

from peewee import SQL, Case, Select, Table, fn

from db import ChangedMeanwhile, Changes, db, parameter, statement
from mentors.loading import version
from mentors.pauses import DATES_AND_REASON
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

ENTRY_COLUMNS = tuple(name for name in columns_of(HistoryEntry) if name != "id")


def types_of(table):
    return {name: field.field_type for name, field in columns_of(table).items()}


CHANGED = "Somebody else has changed a mentor since they were read."
# The types of what the rows of rows_to_save() hold, by name.
VERSION_TYPES = {"mentor_id": "TEXT", "version": "TEXT"}
MENTOR_TYPES = types_of(MentorStatus) | {"version": "TEXT", "last_entry_id": "BIGINT"}
RECORD_TYPES = types_of(PauseRecord)
ENTRY_TYPES = types_of(HistoryEntry) | {"new_start": "UTC", "new_reason": "TEXT", "new_number": "BIGINT"}
# What stands before the number of a record in the JSON of an entry. No reason contains it: JSON escapes quotes.
RECORD_ID_KEY = SQL("""'"pause_record_id":'""")


def save(mentors):
    """Save what has changed of mentors. Their new pauses then have the numbers that the database gave them.

    Raises ChangedMeanwhile if somebody else has changed one of the mentors since they were read. The transaction must
    then be rolled back, unless there was only one mentor to save: nothing was saved then.
    """
    mentors = [mentor for mentor in mentors if mentor.entries or mentor.is_deleted]
    mentors.sort(key=lambda mentor: mentor.mentor_id)
    if not mentors:
        return
    rows = {name: listed for name, listed in rows_to_save(mentors).items() if listed}
    parts = [(name, len(listed) == 1) for name, listed in rows.items()]
    returned = changes(*parts).run(**{name: db.dialect.rows_value(listed) for name, listed in rows.items()})
    # The row of a new pause: mentor_id, start_date, reason, number. That of a mentor: the id, alone or with nulls.
    numbers = {tuple(key): number for *key, number in returned if key and number is not None}
    mentors_written = len(returned) - len(numbers)  # each other row is of a new pause
    if mentors_written < len(mentors):
        raise ChangedMeanwhile(CHANGED)
    for mentor in mentors:
        for pause in new_pauses(mentor):
            del mentor.pauses[pause.number]
            number = numbers[mentor.mentor_id, pause.start_date, pause.reason]
            mentor.pauses[number] = pause._replace(number=number)


def delete_history(mentor_id):
    """Delete the history of a former mentor. Raises ChangedMeanwhile if the mentor exists again."""
    if not deletion_of_history().rows(mentor_id=mentor_id):
        raise ChangedMeanwhile("Somebody else has created the mentor, or has deleted the history.")


def refuse_changed(mentors):
    """Raise ChangedMeanwhile if somebody else has changed one of the mentors since they were read.

    Call it in a transaction, before save(), if the mentors were read before this transaction. On Postgres save() sees
    that itself.
    """
    if db.dialect.locks_database:
        versions = [{"mentor_id": mentor.mentor_id, "version": mentor.version} for mentor in mentors]
        if changed_since_read().rows(mentors=db.dialect.rows_value(versions)):
            raise ChangedMeanwhile(CHANGED)


def rows_to_save(mentors):
    """Return the rows of each change, as dicts, by the names under which changes() knows them."""
    new = [mentor_row(mentor) for mentor in mentors if not mentor.exists]
    deleted = [mentor_row(mentor) for mentor in mentors if mentor.is_deleted]
    changed = [mentor_row(mentor) for mentor in mentors if mentor.exists and not mentor.is_deleted]
    new_records = [record_row(mentor, pause) for mentor in mentors for pause in new_pauses(mentor)]
    entries = [entry_row(mentor, entry) for mentor in mentors for entry in mentor.entries]
    return {
        "new_mentors": new,
        "free_mentors": [] if db.dialect.locks_database else changed + deleted,
        "changed_mentors": changed,
        "deleted_mentors": deleted,
        "new_records": new_records,
        "changed_records": [record_row(mentor, pause) for mentor in mentors for pause in changed_pauses(mentor)],
        "deleted_records": [record_row(mentor, pause) for mentor in mentors for pause in deleted_pauses(mentor)],
        "entries_with_new_records" if new_records else "new_entries": entries,
        "erased_histories": [{"mentor_id": mentor.mentor_id} for mentor in mentors if mentor.is_erased],
    }


def new_pauses(mentor):
    return [pause for number, pause in mentor.pauses.items() if number not in mentor.pauses_as_read]


def changed_pauses(mentor):
    read = mentor.pauses_as_read
    return [pause for number, pause in mentor.pauses.items() if number in read and pause != read[number]]


def deleted_pauses(mentor):
    return [pause for number, pause in mentor.pauses_as_read.items() if number not in mentor.pauses]


def mentor_row(mentor):
    return mentor.columns | {"version": mentor.version, "last_entry_id": mentor.last_entry_id}


def record_row(mentor, pause):
    return pause._asdict() | {"id": pause.number, "mentor_id": mentor.mentor_id, "last_changed": mentor.now}


def entry_row(mentor, entry):
    """Return the row of a history entry, with the start and reason by which the save finds a new pause's number."""
    pause = mentor.pauses.get(entry["new_number"])
    if pause is None:
        return entry
    return entry | {"new_start": pause.start_date, "new_reason": pause.reason or ""}  # in SQL, no null equals another


# --- statements


@statement
def deletion_of_history():
    """Delete a history, unless the mentor exists. So it never deletes the entry `created` of a new mentor."""
    is_mentor = fn.EXISTS(MentorStatus.select(SQL("1")).where(MentorStatus.mentor_id == HistoryEntry.mentor_id))
    deleted = HistoryEntry.delete().where((HistoryEntry.mentor_id == parameter("mentor_id")) & ~is_mentor)
    return deleted.returning(HistoryEntry.mentor_id)


@statement
def changed_since_read():
    """Find a mentor whose version is not the one sent (SQLite), also if the mentor was created or deleted since."""
    sent = db.dialect.rows_of(parameter("mentors"), VERSION_TYPES, has_one_row=False).alias("sent")
    return Select([sent], [sent.c.mentor_id]).where(version(sent.c.mentor_id) != sent.c.version).limit(SQL("1"))


@statement
def changes(*parts):
    """Build some of the changes that rows_to_save() names. Each takes its rows from the parameter with its name.

    `parts` are pairs: a name, and whether there is one row. (If Postgres knows that, it makes twice as many writes a
    second at 2,000 mentors.) The changes return a row for each mentor written, with their id, and a row for each new
    pause record, with the mentor's id, its start, reason and id.
    """
    have_one_row = dict(parts)
    queries = {}

    def build(types, *builders):
        for builder in builders:
            name = builder.__name__  # that of its change in rows_to_save()
            if name in have_one_row:
                queries[name] = builder(db.dialect.rows_of(parameter(name), types, have_one_row[name]).alias("sent"))

    build(MENTOR_TYPES, new_mentors, free_mentors, changed_mentors, deleted_mentors)
    if not db.dialect.locks_database:
        written = [ids_of(name) for name in queries if name != "free_mentors"]
        queries["written"] = reduce(Select.union_all, written)
    build(RECORD_TYPES, new_records, changed_records, deleted_records)
    build(ENTRY_TYPES, new_entries, entries_with_new_records, erased_histories)
    return Changes(queries, written_mentors_and_new_records() if "new_records" in queries else ids_of("written"))


def ids_of(name):
    """Query the ids of the mentors that a change returns."""
    ids = Table(name, ("mentor_id",))
    return ids.select(ids.mentor_id)


def is_in(name, sent):
    """Return the condition that the mentor of a row sent is one of those that a change returns.

    It is true on SQLite, where all mentors are as they were read.
    """
    return SQL("TRUE") if db.dialect.locks_database else sent.c.mentor_id.in_(ids_of(name))


def written_mentors_and_new_records():
    written, nothing = Table("written", ("mentor_id",)), SQL("NULL")
    new = Table("new_records", ("mentor_id", "start_date", "reason", "id"))
    mentors = written.select(written.mentor_id, nothing, nothing, nothing)
    return mentors.union_all(new.select(new.mentor_id, new.start_date, new.reason, new.id))


def insert(table, names, sent, condition, **others):
    """Insert the rows sent that meet a condition, in the order of the mentors' ids, and of `id` where there is one.

    So two uploads do not deadlock, and what is inserted for one mentor is numbered in the order in which it happened.
    `names` are the columns that a row sent has, and `others` are the columns that an expression gives.
    """
    values = {name: getattr(sent.c, name) for name in names} | others
    columns = columns_of(table)
    order = [getattr(sent.c, name) for name in ("mentor_id", "id") if name in columns]
    rows = Select([sent], list(values.values())).where(condition).order_by(*order)
    return table.insert_from(rows, [columns[name] for name in values]).returning()  # no ids, which Peewee would ask for


def delete(key, sent, condition):
    """Delete the rows of a table whose key is in one of the rows sent that meet a condition."""
    keys = Select([sent], [getattr(sent.c, key.column_name)]).where(condition)
    return key.model.delete().where(key.in_(keys))


# --- mentors


def free_mentors(sent):
    """Lock the mentors whose version is still the one sent, except those that another write has locked (Postgres)."""
    is_current = version(sent.c.mentor_id) == sent.c.version
    found = MentorStatus.select(MentorStatus.mentor_id).join(sent, on=MentorStatus.mentor_id == sent.c.mentor_id)
    return found.where(is_current).for_update(of=MentorStatus, skip_locked=True)


def new_mentors(sent):
    """Insert mentors, except one who exists by now, or whose history has a newer entry than the one that was read."""
    is_newer = (HistoryEntry.mentor_id == sent.c.mentor_id) & (HistoryEntry.id > fn.COALESCE(sent.c.last_entry_id, 0))
    is_unchanged = ~fn.EXISTS(HistoryEntry.select(SQL("1")).where(is_newer))
    inserted = insert(MentorStatus, columns_of(MentorStatus), sent, is_unchanged).on_conflict_ignore()
    return inserted.returning(MentorStatus.mentor_id)


def changed_mentors(sent):
    values = {field: getattr(sent.c, name) for name, field in columns_of(MentorStatus).items() if name != "mentor_id"}
    is_sent = (MentorStatus.mentor_id == sent.c.mentor_id) & is_in("free_mentors", sent)
    return MentorStatus.update(values).from_(sent).where(is_sent).returning(MentorStatus.mentor_id)


def deleted_mentors(sent):
    return delete(MentorStatus.mentor_id, sent, is_in("free_mentors", sent)).returning(MentorStatus.mentor_id)


# --- pause records


def new_records(sent):
    record = PauseRecord
    names = "mentor_id", *DATES_AND_REASON, "created_at", "last_changed"
    inserted = insert(record, names, sent, is_in("written", sent))
    return inserted.returning(record.mentor, record.start_date, record.reason, record.id)


def changed_records(sent):
    columns = columns_of(PauseRecord)
    values = {columns[name]: getattr(sent.c, name) for name in (*DATES_AND_REASON, "last_changed")}
    values[PauseRecord.change_count] = PauseRecord.change_count + 1
    return PauseRecord.update(values).from_(sent).where((PauseRecord.id == sent.c.id) & is_in("written", sent))


def deleted_records(sent):
    return delete(PauseRecord.id, sent, is_in("written", sent))


# --- the history


def new_entries(sent):
    return insert(HistoryEntry, ENTRY_COLUMNS, sent, is_in("written", sent))


def entries_with_new_records(sent):
    """Insert entries. In those about a record that is inserted with them, its number replaces `new_number`."""
    # SQLite finds the number in the table. A statement of Postgres does not see in a table what it inserts itself, so
    # there the number is read from what the INSERT returns.
    new = Table("pause_record" if db.dialect.locks_database else "new_records", alias="new")
    is_it = (new.c.mentor_id == sent.c.mentor_id) & (new.c.start_date == sent.c.new_start)
    number = new.select(new.c.id).where(is_it & (fn.COALESCE(new.c.reason, "") == sent.c.new_reason))
    is_about_new = sent.c.pause_record_id == sent.c.new_number
    provisional = RECORD_ID_KEY.concat(sent.c.new_number)
    with_number = fn.REPLACE(sent.c.pause_records, provisional, RECORD_ID_KEY.concat(number))
    named = {
        "pause_record_id": Case(None, [(is_about_new, number)], sent.c.pause_record_id),
        "pause_records": fn.COALESCE(with_number, sent.c.pause_records),
    }
    return insert(HistoryEntry, ENTRY_COLUMNS, sent, is_in("written", sent), **named)


def erased_histories(sent):
    return delete(HistoryEntry.mentor_id, sent, is_in("written", sent))
