"""The queries of the calendar and of the changes, and the answer with changes, as marshmallow schemas."""

from marshmallow import fields

from mentors.answers import Answer, Count, MentorStatusInList
from mentors.fields import Matching, MentorIds, QueryFlag, Text, WholeNumber
from schemas import Strict


class CalendarQuery(Strict):
    """Which pauses a calendar has, and whether it says why."""

    mentor_id = MentorIds()
    reason = Text(description="This reason, to the letter. Not with a token in the query.")
    reasons = QueryFlag(load_default=False, description="Show the reasons. Not with a token in the query.")
    token = fields.String(
        metadata={"description": "A token of the role feed, for programs that send no header. Ignored without tokens."}
    )


class ChangesQuery(Strict):
    """After which cursor to read the changes, and how many at once."""

    since = Matching(
        "[A-Za-z0-9_-]{1,8000}",
        "It is not a cursor; send the last value of pagination.next, or leave it out to begin.",
        description="The cursor of the last answer; leave it out to begin now.",
    )
    limit = WholeNumber(1, 1000, load_default=20, description="The most items of an answer.")


class ChangedMentor(MentorStatusInList):
    """A mentor, as lists show them now; once they are deleted, all else is null."""

    deleted = fields.Boolean()

    def on_bind_field(self, field_name, field_obj):
        super().on_bind_field(field_name, field_obj)
        field_obj.allow_none = field_name not in ("mentor_id", "deleted")


class ChangesPagination(Answer):
    """The cursor to ask with next, and whether to do so at once."""

    limit = Count()
    next = fields.String()
    more = fields.Boolean()


class Changes(Answer):
    """What has changed of the mentors since a cursor."""

    data = fields.List(fields.Nested(ChangedMentor))
    pagination = fields.Nested(ChangesPagination)
