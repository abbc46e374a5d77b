"""What the digest takes, and what it answers."""

from marshmallow import fields

from mentors.fields import Timestamp, WholeNumber
from reads.answers import Answer, AnswerInstant, Count, PauseRecordInList
from schemas import Strict


class DigestQuery(Strict):
    days = WholeNumber(1, 366, load_default=7, description="How many days it looks back, and ahead from `as_of` on.")
    as_of = Timestamp(description="Read as of this instant, in the past or ahead, instead of now.")


class DigestSection(Answer):
    """The first 100 pauses of a section, and how many it has."""

    total = Count()
    data = fields.List(fields.Nested(PauseRecordInList))


class DigestSchema(Answer):
    """The sections of the digest. `purged_before` is the date of the latest purge, if that is after the first day."""

    as_of = AnswerInstant()
    purged_before = AnswerInstant(allow_none=True)
    days = Count()
    overdue = fields.Nested(DigestSection)
    due = fields.Nested(DigestSection)
    beginning = fields.Nested(DigestSection)
    begun = fields.Nested(DigestSection)
    ended = fields.Nested(DigestSection)
    undated = fields.Nested(DigestSection)
