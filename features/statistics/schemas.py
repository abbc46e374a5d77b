"""What the statistics take, and what they answer."""

from marshmallow import fields
from marshmallow.validate import Range

from features.csv_file import EXCEL
from mentors.fields import Choice, Timestamp
from reads.answers import Answer, AnswerInstant, Count
from schemas import WindowQuery

MOST_PERIODS = 400


class StatisticsQuery(WindowQuery):
    from_ = Timestamp(data_key="from", attribute="from", required=True, description="The instant at which it begins.")
    to = Timestamp(required=True, description="The instant at which it ends; it is after `from`.")
    by = Choice(
        "StatisticsUnit",
        ("day", "week", "month"),
        load_default="month",
        description="The periods: days, weeks from Monday, or months. The first and the last are cut at `from` "
        f"and `to`. There are at most {MOST_PERIODS}.",
    )


StatisticsTableQuery = StatisticsQuery.from_dict({"excel": EXCEL}, name="StatisticsTableQuery")


class Period(Answer):
    """The counts of a period. If `expected`, it ends after now, so open pauses are read by their return dates."""

    from_ = AnswerInstant(data_key="from")
    to = AnswerInstant()
    expected = fields.Boolean()
    paused = Count()
    overdue = Count()
    begun = Count()
    ended = Count()
    late = Count()
    median_days = fields.Float(allow_none=True, validate=Range(min=0))


class ReasonCounts(Answer):
    """The pauses with a reason that began in the window, and the median length of those that have ended by now."""

    reason = fields.String(allow_none=True)
    pauses = Count()
    median_days = fields.Float(allow_none=True, validate=Range(min=0))


class Statistics(Answer):
    """The counts by period, and by reason (the 100 most frequent).

    `purged_before` is the date of the latest purge; null if there was none.
    """

    data = fields.List(fields.Nested(Period))
    reasons = fields.List(fields.Nested(ReasonCounts))
    purged_before = AnswerInstant(allow_none=True)
