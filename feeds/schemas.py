"""The queries of what others follow, as marshmallow schemas."""

from marshmallow import fields, post_load

from fields import MentorIds, QueryFlag, Text
from schemas import Strict


class CalendarQuery(Strict):
    """Which pauses a calendar has, and whether it says why."""

    mentor_id = MentorIds()
    reason = Text(description="This reason, to the letter. Not with a token in the query.")
    reasons = QueryFlag(load_default=False, description="Show the reasons. Not with a token in the query.")
    token = fields.String(
        metadata={"description": "A token of the role feed, for programs that send no header. Ignored without tokens."}
    )

    @post_load
    def drop_token(self, sent, **kwargs):
        """The token was read before, and is no filter."""
        sent.pop("token", None)
        return sent
