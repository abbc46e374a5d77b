"""The tables, and what the dates in them mean.

A mentor's status is not stored. It is read from her pause records at an instant `at`: a record covers
`[start_date, end_date)`, and every flag the API shows is derived from those two dates, as defined here.

An instant is everywhere the text that the API prints, `YYYY-MM-DDTHH:MM:SSZ`: whole seconds, UTC, and of fixed width,
so that the order of the text is the order of time. SQLite keeps that text; Postgres keeps a timestamptz.
"""

from datetime import UTC, datetime

from peewee import BigAutoField, BigIntegerField, BooleanField, Case, Field, ForeignKeyField, Model, TextField

from database import db


class UTCField(Field):
    """An instant: TEXT on SQLite, TIMESTAMPTZ on Postgres."""

    field_type = "UTC"


class Table(Model):
    class Meta:
        database = db
        legacy_table_names = False


class MentorStatus(Table):
    """A mentor that the programme knows. What she is today stands in her pause records."""

    mentor_id = TextField(primary_key=True)
    last_updated = UTCField()


class PauseRecord(Table):
    """One pause of one mentor; `end_date` is null while it is open."""

    id = BigAutoField()
    mentor = ForeignKeyField(MentorStatus, column_name="mentor_id", on_delete="CASCADE")
    start_date = UTCField()
    expected_return_date = UTCField(null=True)
    end_date = UTCField(null=True)
    reason = TextField(null=True)
    created_at = UTCField()


class HistoryEntry(Table):
    """One write, and the mentor as she was after it. No foreign keys: history outlives what it tells of."""

    id = BigAutoField()
    mentor_id = TextField()
    changed_at = UTCField()
    event = TextField()
    pause_record_id = BigIntegerField(null=True)
    is_paused = BooleanField(null=True)
    pause_start_date = UTCField(null=True)
    expected_return_date = UTCField(null=True)
    pause_reason = TextField(null=True)
    changed_by = TextField(null=True)
    metadata = TextField(null=True)


def now():
    """Return the present instant."""
    return instant(datetime.now(UTC))


def instant(moment):
    """Return an aware datetime as an instant; a fraction of a second is cut."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ended(record, at):
    """Ended: its end is reached, or it ended where it started and so never was. SQL, as all that follows."""
    return record.end_date.is_null(False) & ((record.end_date <= at) | (record.end_date == record.start_date))


def is_active(record, at):
    """Not ended: in force or scheduled."""
    return ~ended(record, at)


def in_force(record, at):
    """Begun, and not ended. (What has begun and ends later cannot have ended where it started.)"""
    return (record.start_date <= at) & (record.end_date.is_null() | (record.end_date > at))


def current_first(record, at):
    """Order a mentor's un-ended records so that her current pause is the first.

    Of those in force the one recorded last; if none is in force, the next scheduled one (of several, that recorded
    last).
    """
    return Case(None, [(record.start_date > at, record.start_date)]).asc(nulls="FIRST"), record.id.desc()


def has_ended(start_date, end_date, at):
    """Say of dates in hand, as ended() says of a row, whether a pause has ended."""
    return end_date is not None and (end_date <= at or end_date == start_date)
