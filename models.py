"""The tables. A mentor's status is not stored: pauses.py reads it from the dates of their pause records."""

from peewee import BigAutoField, BigIntegerField, BooleanField, Field, ForeignKeyField, IntegerField, Model, TextField

from db import db

EVENTS = (
    "created",
    "updated",
    "pause_opened",
    "pause_updated",
    "pause_ended",
    "pause_reopened",
    "pause_deleted",
    "deleted",
)


class UTCField(Field):
    """An instant: TEXT on SQLite, TIMESTAMPTZ on Postgres."""

    field_type = "UTC"


class BaseModel(Model):
    class Meta:
        database = db
        legacy_table_names = False


class MentorStatus(BaseModel):
    """A mentor of the programme; their pause records say whether they are paused."""

    mentor_id = TextField(primary_key=True)
    last_updated = UTCField()


class PauseRecord(BaseModel):
    """One pause of one mentor; `end_date` is null while it is open.

    `last_changed` is the instant of the last write that changed the record.
    """

    id = BigAutoField()
    mentor = ForeignKeyField(MentorStatus, column_name="mentor_id", on_delete="CASCADE")
    start_date = UTCField()
    expected_return_date = UTCField(null=True)
    end_date = UTCField(null=True)
    reason = TextField(null=True)
    created_at = UTCField()
    last_changed = UTCField()


class HistoryEntry(BaseModel):
    """One write, and the mentor as they were after it. (An undo has an entry for each one that it takes back.)

    There are no foreign keys: the history outlives the mentor.

    `pause_records` is JSON: what the write did to each pause record, as the API shows it, but with the record's number,
    and with its `created_at`. `undoes` is the id of the entry that this one takes back.
    """

    id = BigAutoField()
    mentor_id = TextField()
    changed_at = UTCField()
    event = TextField()
    undoes = BigIntegerField(null=True)
    pause_record_id = BigIntegerField(null=True)
    is_paused = BooleanField(null=True)
    pause_start_date = UTCField(null=True)
    expected_return_date = UTCField(null=True)
    pause_end_date = UTCField(null=True)
    pause_reason = TextField(null=True)
    pause_records = TextField()
    changed_by = TextField(null=True)
    metadata = TextField(null=True)


class Installation(BaseModel):
    """What is known of this installation: one row.

    `installation_id` is for calendars, and an export carries it. `purged_before` is the date of the latest purge.
    `last_id_at_purge_end` is the highest id that a history entry had when that purge ended; null until it has ended.
    (An instant would not do: entries are of whole seconds, and one may be ahead of the clock.)
    """

    id = IntegerField(primary_key=True)
    installation_id = TextField()
    purged_before = UTCField(null=True)
    last_id_at_purge_end = BigIntegerField(null=True)


def fields_of(table):
    """Return the columns of a table by name."""
    return {field.column_name: field for field in table._meta.sorted_fields}
