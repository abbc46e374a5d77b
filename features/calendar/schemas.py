"""What the calendar takes, and what it answers."""

from marshmallow import fields

from mentors.fields import QueryFlag
from reads.answers import Answer
from schemas import Strict


class CalendarQuery(Strict):
    reasons = QueryFlag(load_default=False, description="Show the reasons. Not with a token in the query.")
    token = fields.String(
        metadata={
            "description": "A token of the role feed, or the one that GET /api/v1/calendar-address shows, for programs "
            "that send no header. Ignored without tokens."
        }
    )


class CalendarAddress(Answer):
    """The path and the query of the calendar, in the spelling of the request."""

    path = fields.String()
