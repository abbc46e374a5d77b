"""The tables, and what the dates in them mean.

A mentor's status is not stored. It is read from her pause records at an instant `at`: a record covers
`[start_date, end_date)`, and every flag the API shows is derived from those two dates, as defined here.
"""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    Case,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
    fn,
)

from db import db, parameter


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
    pause_end_date = UTCField(null=True)
    pause_reason = TextField(null=True)
    changed_by = TextField(null=True)
    metadata = TextField(null=True)


class Tally(Table):
    """How many rows there are: one row, kept by triggers."""

    id = IntegerField(primary_key=True)
    mentors = IntegerField()
    pause_records = IntegerField()


NEVER = SQL("'9999-12-31T23:59:59Z'")  # a literal: an index is on the same expression


class At:
    """What the dates of a pause record say at an instant, as SQL conditions.

    `instant` is an SQL expression. With `expected`, an open pause is read as ending on its expected_return_date.
    """

    def __init__(self, instant, expected=False):
        self.instant, self.expected = instant, expected

    @classmethod
    def of_read(cls, expected=False):
        """Return the instant of a read: the parameter `at`, or if that is null the database's now, to the second."""
        # Not clock_timestamp(), which may change within a statement, and so no index is used for it.
        now = "date_trunc('second', now())" if db.for_update else db.clock
        return cls(fn.COALESCE(parameter("at"), SQL(now)), expected)

    def days_later(self, days):
        """The instant so many times 24 hours after this one."""
        if db.for_update:
            return self.instant + days * SQL("interval '24 hours'")  # '1 day' would follow the session's time zone
        return fn.strftime("%Y-%m-%dT%H:%M:%SZ", self.instant, days.concat(" days"))

    def end(self, record):
        """The first instant after the pause."""
        if self.expected:
            return fn.COALESCE(record.end_date, record.expected_return_date, NEVER)
        return fn.COALESCE(record.end_date, NEVER)

    def ended(self, record):
        """Its end is reached, or it ended where it started and so never was."""
        never_was = (record.start_date > self.instant) & (self.end(record) == record.start_date)
        return (self.end(record) <= self.instant) | never_was

    def is_active(self, record):
        """Not ended: in force or scheduled."""
        return (self.end(record) > self.instant) & (self.end(record) != record.start_date)

    def in_force(self, record):
        """Begun, and not ended. (What has begun and ends later cannot have ended where it started.)"""
        return (self.end(record) > self.instant) & (record.start_date <= self.instant)

    def scheduled(self, record):
        """Not begun, and not ended."""
        return (record.start_date > self.instant) & (self.end(record) != record.start_date)

    def overdue(self, record):
        """In force and open, though the mentor was expected back: a pause with an end ends by itself."""
        return self.in_force(record) & record.end_date.is_null() & (record.expected_return_date < self.instant)

    def expected_return(self, record):
        """When the mentor is expected back: at the end of the pause where it has one."""
        return fn.COALESCE(record.end_date, record.expected_return_date)

    def due(self, record, days):
        """Not ended, and the mentor is expected back at most so many days ahead."""
        expected_return = At(self.instant, expected=True).end(record)  # which an index has
        return self.is_active(record) & (expected_return <= self.days_later(days))

    def current_first(self, record):
        """Order a mentor's un-ended records so that her current pause is the first.

        Of those in force the one recorded last; if none is in force, the next scheduled one (of several, that recorded
        last).
        """
        ahead = Case(None, [(record.start_date > self.instant, record.start_date)])
        return ahead.asc(nulls="FIRST"), record.id.desc()
