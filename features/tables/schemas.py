"""What a table takes, and what an upload answers."""

from marshmallow import fields
from marshmallow.validate import Range

from features.csv_file import EXCEL
from mentors.fields import Choice, MentorId, QueryFlag
from reads.answers import Answer, AnswerHistoryEntryId, AnswerPauseRecordId, Count, TouchedRecord
from schemas import MentorStatusesFilters, PauseRecordsFilters, Strict

MentorStatusesTableQuery = MentorStatusesFilters.from_dict({"excel": EXCEL}, name="MentorStatusesTableQuery")
PauseRecordsTableQuery = PauseRecordsFilters.from_dict({"excel": EXCEL}, name="PauseRecordsTableQuery")


class UploadQuery(Strict):
    dry_run = QueryFlag(load_default=False, description="Answer as if the table were written, and write nothing.")


CREATED, UPDATED, UNCHANGED = OUTCOMES = ("created", "updated", "unchanged")

LINE = "The number of its row in a spreadsheet: the header is line 1, and a line break within a cell does not count."


class RecordOfUpload(TouchedRecord):
    """A pause record that a line has changed; its id is null if a dry run would create the record."""

    pause_record_id = AnswerPauseRecordId(allow_none=True)


class LineUploaded(Answer):
    line = fields.Integer(validate=Range(min=2), metadata={"description": LINE})
    outcome = Choice("Outcome", OUTCOMES)
    mentor_id = MentorId()
    history_entry_id = AnswerHistoryEntryId(
        allow_none=True, metadata={"description": "The history entry of the line; null if it has written nothing."}
    )


class MentorStatusUploaded(LineUploaded):
    """What a line of a table of mentors did. `pause_records` are those of its history entry."""

    pause_records = fields.List(fields.Nested(RecordOfUpload))


class PauseRecordUploaded(LineUploaded):
    """What a line of a table of pause records did. `pause_records` are those of its history entry.

    If a dry run would create the record, its id is null.
    """

    pause_record_id = AnswerPauseRecordId(allow_none=True)
    pause_records = fields.List(fields.Nested(RecordOfUpload))


class Uploaded(Answer):
    created = Count()
    updated = Count()
    unchanged = Count()
    dry_run = fields.Boolean()


class MentorStatusesUploaded(Uploaded):
    data = fields.List(fields.Nested(MentorStatusUploaded))


class PauseRecordsUploaded(Uploaded):
    data = fields.List(fields.Nested(PauseRecordUploaded))
