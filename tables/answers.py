"""The answer to an upload, as schemas: how many lines were created, updated and unchanged, and each line."""

from marshmallow import fields
from marshmallow.validate import Range

from mentors.answers import Answer, AnswerMentorId, AnswerPauseRecordId, Count
from mentors.fields import Choice

CREATED, UPDATED, UNCHANGED = OUTCOMES = ("created", "updated", "unchanged")

LINE = "The number of its row in a spreadsheet: the header is line 1, and a line break within a cell does not count."


class MentorStatusUploaded(Answer):
    """What a line of a table of mentors did."""

    line = fields.Integer(validate=Range(min=2), metadata={"description": LINE})
    outcome = Choice("Outcome", OUTCOMES)
    mentor_id = AnswerMentorId()


class PauseRecordUploaded(MentorStatusUploaded):
    """What a line of a table of pause records did. If a dry run would create the record, its id is null."""

    pause_record_id = AnswerPauseRecordId(allow_none=True)


class Uploaded(Answer):
    """What an upload did. The answer for each table adds `data`."""

    created = Count()
    updated = Count()
    unchanged = Count()
    dry_run = fields.Boolean()


class MentorStatusesUploaded(Uploaded):
    """What the upload of a table of mentors did."""

    data = fields.List(fields.Nested(MentorStatusUploaded))


class PauseRecordsUploaded(Uploaded):
    """What the upload of a table of pause records did."""

    data = fields.List(fields.Nested(PauseRecordUploaded))
