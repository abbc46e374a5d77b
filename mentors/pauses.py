"""What the dates of a pause mean at an instant: in Python for a Pause, in SQL for a row.

A mentor's status is not stored. It is read from the pause records at an instant `at`. A record covers
`[start_date, end_date)`; without an end it is open. Every flag that the API shows follows from these two dates. (In a
read with `expected=true`, an open pause ends on its expected_return_date.)
"""

from typing import NamedTuple

from peewee import JOIN, SQL, Case, Join, fn

from db import db, parameter, read_clock
from mentors.days import zone
from mentors.problems import invalid

DATES_AND_REASON = ("start_date", "expected_return_date", "end_date", "reason")
STATUSES = ("active", "paused")  # of a mentor
BEFORE_START = "It is before {}; send a later date{}."  # of rule 7: of which date, and the other way out
LAST_INSTANT = "9999-12-31T23:59:59Z"
NEVER = SQL(f"'{LAST_INSTANT}'")  # a literal: the index pause_record_ends is on an expression with it


class Pause(NamedTuple):
    """The dates and the reason of one pause record, by its number."""

    number: int
    start_date: str
    expected_return_date: str | None
    end_date: str | None
    reason: str | None
    # None if a read has left them out.
    created_at: str | None = None
    last_changed: str | None = None
    is_new: bool = False  # not saved yet: the number is a temporary one, of Mentor.open_pause()

    @property
    def expected_return(self):
        """When the mentor is expected back: at the end of the pause, if it has one."""
        return expected_return(self.end_date, self.expected_return_date)

    def has_ended(self, at):
        """Say whether the end is reached, or the pause was cancelled (it ends where it starts)."""
        return self.end_date is not None and (self.end_date <= at or self.end_date == self.start_date)

    def is_in_force(self, at):
        """Say whether the pause has begun and not ended."""
        return self.start_date <= at and not self.has_ended(at)

    def is_overdue(self, start_of_today):
        """Say whether the pause is open, and the mentor was expected back before the day that begins then.

        Such a pause is in force: no return date is before the start (rule 7).
        """
        expected = self.expected_return_date
        return self.end_date is None and expected is not None and expected < start_of_today

    def shown_rank(self):
        """Return what pauses are compared by: of several pauses in force, the one with the highest rank is shown.

        It is the pause with the latest expected return, since the mentor is back then. A pause without a return date
        counts as the latest. Of equal returns, it is the pause that was recorded last.
        """
        return self.expected_return or LAST_INSTANT, self.number

    def dates_and_reason(self):
        return {name: getattr(self, name) for name in DATES_AND_REASON}

    def name_of_difference(self, sent, at):
        """Return the name of the first field of a body that the pause has otherwise, or None.

        `is_active` differs only if it is true, and the pause has ended.
        """
        for name in DATES_AND_REASON:
            if name in sent and sent[name] != getattr(self, name):
                return name
        return "is_active" if sent.get("is_active") and self.has_ended(at) else None

    def did_begin(self):
        """Say whether this pause, which has ended, ever began. One that was cancelled before its start did not.

        That one ends where it starts, but so does a pause that was ended in the second in which it began. The latter
        was recorded, or last changed, in that very second. (A later change loses this fact.)
        """
        return self.end_date > self.start_date or self.start_date in (self.created_at, self.last_changed)

    def refuse_dates(self):
        """Refuse (422) a date before the start (rule 7)."""
        for name in ("expected_return_date", "end_date"):
            date = getattr(self, name)
            if date is not None and date < self.start_date:
                raise invalid({name: [BEFORE_START.format(f"the start of the pause, {self.start_date}", "")]})

    def requested_end(self, start_date, sent, now):
        """Return the end that the body `sent` gives the pause, which shall start at `start_date`: a row of rule 4."""
        end_date, is_active = sent.get("end_date"), sent.get("is_active")
        if end_date:
            return end_date  # row 1: the date that is sent
        if "end_date" in sent and is_active is not False:
            return None  # row 2: a null opens the pause
        is_cancelled = self.end_date == self.start_date
        kept_end = start_date if is_cancelled else self.end_date  # the end of a cancelled pause moves with its start
        with_new_start = self._replace(start_date=start_date, end_date=kept_end)
        if is_active is False and not with_new_start.has_ended(now):
            return max(now, start_date)  # row 3, in force: now; row 4, scheduled: its start, so it is cancelled
        if is_active and self.has_ended(now):  # by its old dates, wherever its start moves
            return None  # row 5: it is reopened
        return kept_end  # row 6


NO_PAUSE = Pause(None, None, None, None, None)  # what is shown of a mentor without a pause: nulls


def expected_return(end_date, expected_return_date):
    """Return when a mentor is expected back: at the end of the pause, if it has one; None if it has neither date."""
    return end_date or expected_return_date


def choose_pause_shown(pauses, at):
    """Return the pause, of a mentor's `pauses`, that GET shows: of those in force, the one that ends last.

    If none is in force, it is the next scheduled one (of several with its start, the one that ends last), or None.
    """
    un_ended = [pause for pause in pauses if not pause.has_ended(at)]
    candidates = [pause for pause in un_ended if pause.start_date <= at]
    if not candidates:
        next_start = min((pause.start_date for pause in un_ended), default=None)
        candidates = [pause for pause in un_ended if pause.start_date == next_start]
    return max(candidates, key=Pause.shown_rank, default=None)


def is_paused(shown, at):
    """Say whether the pause shown of a mentor (or None) has begun: then the mentor is paused."""
    return shown is not None and shown.start_date <= at


def sql_of_expected_return(record, *otherwise):
    """Return the SQL of expected_return(); `otherwise` is what it is if the record has neither date."""
    return fn.COALESCE(record.end_date, record.expected_return_date, *otherwise)


def at_or_now():
    """Return the SQL of an instant: the parameter `at`, or if that is null the database's now, to the second."""
    return fn.COALESCE(parameter("at"), SQL(db.dialect.clock))


def day_parameters(at, days=1):
    """Return the parameters of a read by days: `at`, the first instant of its day, and of the day `days` later."""
    at = at or read_clock()
    return {"at": at, "start_of_today": zone.start_of_day(at), "end_of_days": zone.start_of_day(at, days)}


class PauseSQL:
    """What the dates of a pause record mean at an instant, in SQL. A method returns a condition, or a query.

    `instant` is an SQL expression. With `expected`, an open pause is read as ending on its expected_return_date.
    """

    def __init__(self, instant, expected=False):
        self.instant, self.expected = instant, expected

    @classmethod
    def of_read(cls, expected=False):
        """Return the PauseSQL for the instant of a read."""
        return cls(at_or_now(), expected)

    def end(self, record):
        """Return the first instant after the pause."""
        if self.expected:
            return sql_of_expected_return(record, NEVER)
        return fn.COALESCE(record.end_date, NEVER)

    def ended(self, record):
        """The end is reached, or the pause was cancelled (it ends where it starts)."""
        # Any other cancelled pause has reached its end.
        cancelled_ahead = (record.start_date > self.instant) & (self.end(record) == record.start_date)
        return (self.end(record) <= self.instant) | cancelled_ahead

    def not_ended(self, record):
        """Not ended: in force or scheduled."""
        return (self.end(record) > self.instant) & (self.end(record) != record.start_date)

    def in_force(self, record):
        """Begun, and not ended. (A pause that has begun and ends later was not cancelled.)"""
        return (self.end(record) > self.instant) & (record.start_date <= self.instant)

    def scheduled(self, record):
        """Not begun, and not ended."""
        return (record.start_date > self.instant) & (self.end(record) != record.start_date)

    def overdue(self, record):
        """In force and open, and the day on which the mentor was expected back is over."""
        return (
            self.in_force(record)
            & record.end_date.is_null()
            & (record.expected_return_date < parameter("start_of_today"))
        )

    def undated(self, record):
        """In force and open, without a date on which the mentor is expected back."""
        return self.in_force(record) & record.end_date.is_null() & record.expected_return_date.is_null()

    def due(self, record):
        """Not ended, and the mentor is expected back before the instant `end_of_days`."""
        return self.not_ended(record) & (sql_of_expected_return(record, NEVER) < parameter("end_of_days"))

    def due_later(self, record):
        """Due, and not overdue."""
        return self.due(record) & ~self.overdue(record)

    def join_shown(self, mentors, mentor_id, record):
        """Join mentors with the pause shown of each, if there is one; return the join, and the pause's columns.

        The order is that of choose_pause_shown().
        """
        pause = record.alias("pause")
        un_ended = pause.select().where((pause.mentor == mentor_id) & self.not_ended(pause))
        # Null for a pause in force: those come first, the latest return first; then the scheduled ones, by their start.
        future_start = Case(None, [(pause.start_date > self.instant, pause.start_date)])
        latest_return = sql_of_expected_return(pause, NEVER).desc()
        one_shown = un_ended.order_by(future_start.asc(nulls="FIRST"), latest_return, pause.id.desc()).limit(1)
        if db.dialect.has_lateral:
            shown = one_shown.alias("shown")
            return Join(mentors, shown, JOIN.LEFT_LATERAL, SQL("TRUE")), shown.c
        # For SQLite, which has no LATERAL. Postgres would take five times as long for this join.
        shown = record.alias("shown")
        return Join(mentors, shown, JOIN.LEFT_OUTER, shown.id == one_shown.select(pause.id)), shown

    def is_paused(self, shown):
        """SQL of is_paused(): the pause shown of a mentor has begun. Its columns are null if there is none."""
        return fn.COALESCE(shown.start_date <= self.instant, SQL("FALSE"))

    def count_paused(self, record):
        """Count the mentors with a pause in force."""
        return record.select(fn.COUNT(fn.DISTINCT(record.mentor))).where(self.in_force(record))

    def next_change(self, record):
        """Return the next instant at which any pause begins or ends, or NEVER."""
        # What begins later ends later, but only with this condition does the database use the index.
        ends_later = self.end(record) > self.instant
        begins = record.select(fn.MIN(record.start_date)).where(ends_later & (record.start_date > self.instant))
        ends = record.select(fn.MIN(self.end(record))).where(ends_later)
        return db.dialect.least(fn.COALESCE(begins, NEVER), fn.COALESCE(ends, NEVER))


PHASES = {  # each a method of PauseSQL, called with a PauseSQL and the record
    "scheduled": PauseSQL.scheduled,
    "current": PauseSQL.in_force,
    "overdue": PauseSQL.overdue,
    "undated": PauseSQL.undated,
    "ended": PauseSQL.ended,
}
