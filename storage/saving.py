"""How what has changed of locked mentors is written: with COMMIT in one round trip, on Postgres as one statement."""

from peewee import Select, Table, fn

from db import db, parameter, statement
from formats import HIGHEST_NUMBER
from models import HistoryEntry, MentorStatus, PauseRecord, columns_of

MENTOR_COLUMNS = tuple(columns_of(MentorStatus))
DATES_AND_REASON = ("start_date", "expected_return_date", "end_date", "reason")  # what a write may change of a record
NEW_RECORD_COLUMNS = ("mentor_id", *DATES_AND_REASON, "created_at")
ENTRY_COLUMNS = tuple(name for name in columns_of(HistoryEntry) if name != "id")


def save(mentors):
    """Write what has changed of locked mentors and end the transaction; their new pauses then have their numbers."""
    kept = [mentor for mentor in mentors if not mentor.is_deleted]
    rows = {
        "new_mentors": [mentor.columns for mentor in kept if mentor.is_new],
        "changed_mentors": [mentor.columns for mentor in kept if mentor.entries and not mentor.is_new],
        "new_records": [row for mentor in kept for row in new_records(mentor)],
        "changed_records": [row for mentor in kept for row in changed_records(mentor)],
        "removed_records": [{"number": number} for mentor in kept for number in mentor.removed],
        "removed_mentors": [mentor.columns for mentor in mentors if mentor.is_deleted],
        "erased_histories": [mentor.columns for mentor in mentors if mentor.is_erased],
        "new_entries": [entry_row(mentor, entry) for mentor in mentors for entry in mentor.entries],
    }
    written = {name: listed for name, listed in rows.items() if listed}
    if not written:
        return
    values = {name: db.dialect.rows_value(listed) for name, listed in written.items()}
    parts = [(name, len(listed) == 1) for name, listed in written.items()]
    numbers = {tuple(key): number for number, *key in changes(*parts).run(**values)}
    for mentor in kept:
        for pause in [pause for pause in mentor.pauses.values() if pause.number > HIGHEST_NUMBER]:
            del mentor.pauses[pause.number]
            number = numbers[mentor.mentor_id, pause.start_date, pause.reason]
            mentor.pauses[number] = pause._replace(number=number)


def delete_history(mentor_id):
    """Delete the history of a mentor who is gone, and say whether there was any."""
    return bool(history_of_one().rows(mentor_id=mentor_id))


def new_records(mentor):
    """Return the rows of a mentor's new pauses."""
    new = (pause for pause in mentor.pauses.values() if pause.number > HIGHEST_NUMBER)
    return [pause._asdict() | {"mentor_id": mentor.mentor_id} for pause in new]


def changed_records(mentor):
    """Return the rows of a mentor's changed pauses."""
    return [mentor.pauses[number]._asdict() | {"last_changed": mentor.now} for number in mentor.changed]


def entry_row(mentor, entry):
    """Return the row of a history entry; a new pause, which has no number yet, is found by its start and reason."""
    number = entry["pause_record_id"]
    if number is None or number <= HIGHEST_NUMBER:
        return entry
    pause = mentor.pauses[number]
    return entry | {"pause_record_id": None, "new_start": pause.start_date, "new_reason": pause.reason or ""}


# --- statements


@statement
def changes(*parts):
    """Build some of the changes that save() names, each of as many rows as its parameter, which has its name.

    `parts` are pairs of a name and whether it is one row. Where they are run one after the other, it is in their order:
    a record needs its mentor, and an entry its record.
    """
    builders = {
        "new_mentors": insert_mentors,
        "changed_mentors": update_mentors,
        "new_records": insert_records,
        "changed_records": update_records,
        "removed_records": delete_records,
        "removed_mentors": delete_mentors,
        "erased_histories": delete_histories,
        "new_entries": insert_entries_of_new_records if "new_records" in dict(parts) else insert_entries,
    }
    queries = {name: builders[name](name, is_one) for name, is_one in parts}
    # The tables' triggers are to see that the mentor is gone when the history goes.
    last = {name: queries.pop(name) for name in ("erased_histories",) if name in queries}
    return [queries, last]


def rows_given(model, columns, name, is_one, **more):
    """Return the rows of the parameter `name` as a subquery: some columns of a model, and `more` by their types."""
    types = {column: columns_of(model)[column].field_type for column in columns}
    return db.dialect.rows_of(parameter(name), types | more, is_one).alias("given")


def insert(model, columns, given):
    """Insert the rows that are given: columns of theirs by the columns of the model."""
    fields = [columns_of(model)[column] for column in columns]
    return model.insert_from(Select([given], list(columns.values())), fields).returning()


def insert_mentors(name, is_one):
    given = rows_given(MentorStatus, MENTOR_COLUMNS, name, is_one)
    return insert(MentorStatus, {column: getattr(given.c, column) for column in MENTOR_COLUMNS}, given)


def update_mentors(name, is_one):
    given = rows_given(MentorStatus, MENTOR_COLUMNS, name, is_one)
    own = columns_of(MentorStatus)
    values = {own[column]: getattr(given.c, column) for column in MENTOR_COLUMNS if column != "mentor_id"}
    return MentorStatus.update(values).from_(given).where(MentorStatus.mentor_id == given.c.mentor_id)


def insert_records(name, is_one):
    given = rows_given(PauseRecord, NEW_RECORD_COLUMNS, name, is_one)
    values = {column: getattr(given.c, column) for column in NEW_RECORD_COLUMNS} | {"last_changed": given.c.created_at}
    key = PauseRecord.id, PauseRecord.mentor, PauseRecord.start_date, PauseRecord.reason
    return insert(PauseRecord, values, given).returning(*key)


def update_records(name, is_one):
    own, columns = PauseRecord, (*DATES_AND_REASON, "last_changed")
    given = rows_given(own, columns, name, is_one, number="BIGINT")
    values = {columns_of(own)[column]: getattr(given.c, column) for column in columns}
    values[own.change_count] = own.change_count + 1
    return own.update(values).from_(given).where(own.id == given.c.number)


def delete_records(name, is_one):
    given = rows_given(PauseRecord, (), name, is_one, number="BIGINT")
    return PauseRecord.delete().where(PauseRecord.id.in_(Select([given], [given.c.number])))


def delete_mentors(name, is_one):
    given = rows_given(MentorStatus, ["mentor_id"], name, is_one)
    return MentorStatus.delete().where(MentorStatus.mentor_id.in_(Select([given], [given.c.mentor_id])))


def delete_histories(name, is_one):
    given = rows_given(HistoryEntry, ["mentor_id"], name, is_one)
    return HistoryEntry.delete().where(HistoryEntry.mentor_id.in_(Select([given], [given.c.mentor_id])))


def insert_entries(name, is_one):
    given = rows_given(HistoryEntry, ENTRY_COLUMNS, name, is_one)
    return insert(HistoryEntry, {column: getattr(given.c, column) for column in ENTRY_COLUMNS}, given)


def insert_entries_of_new_records(name, is_one):
    """Insert entries that may be about records which are inserted with them: these are found by start and reason."""
    given = rows_given(HistoryEntry, ENTRY_COLUMNS, name, is_one, new_start="UTC", new_reason="TEXT")
    # On Postgres the common table expression of that name; on SQLite the table itself.
    new = Table(PauseRecord._meta.table_name if db.dialect.sees_changes else "new_records", alias="new")
    is_it = (new.c.mentor_id == given.c.mentor_id) & (new.c.start_date == given.c.new_start)
    number = new.select(new.c.id).where(is_it & (fn.COALESCE(new.c.reason, "") == given.c.new_reason))
    values = {column: getattr(given.c, column) for column in ENTRY_COLUMNS}
    return insert(HistoryEntry, values | {"pause_record_id": fn.COALESCE(given.c.pause_record_id, number)}, given)


@statement
def history_of_one():
    deleted = HistoryEntry.delete().where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return deleted.returning(HistoryEntry.mentor_id)
