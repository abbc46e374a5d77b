"""Answers: each representation as a marshmallow schema, with the keys in their order.

A schema is the one declaration of an answer: the API description shows it. If the answer has rows, a query reads a
column for each key, and the serializer makes a dict with these keys. Nothing is dumped through the schemas: it would
take longer than the query.
"""

from functools import partial

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Range, Regexp

from mentors import undo
from mentors.fields import Choice, MentorId, Metadata
from mentors.formats import PAUSE_RECORD_ID
from mentors.pauses import STATUSES
from mentors.problems import CODES
from models import EVENTS

# --- fields


class AnswerInstant(fields.String):
    """An instant as the API prints it: whole seconds, UTC."""

    def __init__(self, **kwargs):
        pattern = Regexp("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
        super().__init__(validate=pattern, metadata={"format": "date-time"}, **kwargs)


class AnswerPauseRecordId(fields.String):
    def __init__(self, **kwargs):
        super().__init__(validate=Regexp(f"^{PAUSE_RECORD_ID.pattern}$"), **kwargs)


class AnswerHistoryEntryId(fields.String):
    """The id of an entry, as text: the largest are no numbers of JavaScript."""

    def __init__(self, **kwargs):
        super().__init__(validate=Regexp("^[1-9][0-9]{0,17}$"), **kwargs)


class AnswerStatus(Choice):
    def __init__(self, **kwargs):
        super().__init__("Status", STATUSES, **kwargs)


Count = partial(fields.Integer, validate=Range(min=0))


# --- representations


class Answer(Schema):
    """A representation: these keys, in this order, and no others; only those in OPTIONAL may be missing."""

    OPTIONAL = ()

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name, field_obj):
        field_obj.required = field_name not in self.OPTIONAL


class MentorStatusSchema(Answer):
    """A mentor, as GET one shows them."""

    mentor_id = MentorId()
    status = AnswerStatus()
    is_paused = fields.Boolean()
    pause_start_date = AnswerInstant(allow_none=True)
    expected_return_date = AnswerInstant(allow_none=True)
    pause_reason = fields.String(allow_none=True)
    last_updated = AnswerInstant()


class MentorStatusInList(MentorStatusSchema):
    """A mentor, as lists, POST and PUT show them; in a list with `etags=true`, with the ETag of GET one."""

    OPTIONAL = ("etag",)

    class Meta(Answer.Meta):
        exclude = ("pause_reason",)

    etag = fields.String()


class PauseRecordSchema(Answer):
    """A pause record, as GET one and POST show it."""

    pause_record_id = AnswerPauseRecordId()
    mentor_id = MentorId()
    start_date = AnswerInstant()
    expected_return_date = AnswerInstant(allow_none=True)
    end_date = AnswerInstant(allow_none=True)
    is_active = fields.Boolean()
    reason = fields.String(allow_none=True)
    created_at = AnswerInstant()


class PauseRecordInList(PauseRecordSchema):
    """A pause record, as lists show it; with `etags=true`, with the ETags of GET one of the record and its mentor."""

    OPTIONAL = ("etag", "mentor_etag")

    class Meta(Answer.Meta):
        exclude = ("created_at",)

    etag = fields.String()
    mentor_etag = fields.String()


class PauseRecordUpdated(PauseRecordSchema):
    class Meta(Answer.Meta):
        exclude = ("created_at", "reason")


class RecordBefore(Answer):
    """The dates and the reason of a pause record before a write."""

    start_date = AnswerInstant()
    expected_return_date = AnswerInstant(allow_none=True)
    end_date = AnswerInstant(allow_none=True)
    reason = fields.String(allow_none=True)


class TouchedRecord(Answer):
    """A pause record as it was after a write, what the write did to it, and what it was before.

    If the write deleted the record, the dates and the reason are those before it, too. If the write made the record,
    `before` is null.
    """

    pause_record_id = AnswerPauseRecordId()
    event = Choice("Event", EVENTS)
    start_date = AnswerInstant()
    expected_return_date = AnswerInstant(allow_none=True)
    end_date = AnswerInstant(allow_none=True)
    reason = fields.String(allow_none=True)
    before = fields.Nested(RecordBefore, allow_none=True)


class EntryOfEverybody(Answer):
    """A write, and its mentor as they were after it, in the history of everybody.

    If the write was an undo, `undoes` is the id of the entry that it has taken back.
    """

    history_entry_id = AnswerHistoryEntryId()
    mentor_id = MentorId()
    changed_at = AnswerInstant()
    event = Choice("Event", EVENTS)
    undoes = AnswerHistoryEntryId(allow_none=True)
    pause_record_id = AnswerPauseRecordId(allow_none=True)
    status = AnswerStatus(allow_none=True)
    is_paused = fields.Boolean(allow_none=True)
    pause_start_date = AnswerInstant(allow_none=True)
    expected_return_date = AnswerInstant(allow_none=True)
    pause_end_date = AnswerInstant(allow_none=True)
    pause_reason = fields.String(allow_none=True)
    pause_records = fields.List(fields.Nested(TouchedRecord))
    changed_by = fields.String(allow_none=True)
    metadata = Metadata(allow_none=True)


class HistoryEntrySchema(EntryOfEverybody):
    """A write, and the mentor as they were after it, in the history of one mentor."""

    class Meta(Answer.Meta):
        exclude = ("mentor_id",)


class LaterEntrySchema(Answer):
    """The entry that a refused undo names; it may be about another pause, or be the undo of an older entry."""

    history_entry_id = AnswerHistoryEntryId()
    changed_at = AnswerInstant()
    changed_by = fields.String(allow_none=True)
    event = Choice("Event", EVENTS)


class UndoneEntry(Answer):
    """What became of an entry: `undone_by` is the entry that takes it back.

    If it was refused, `code` and `detail` say why, and `later_entry` is one that was written since, if there is one.
    If the history has no entry with this id, `mentor_id` is null.
    """

    history_entry_id = AnswerHistoryEntryId()
    mentor_id = MentorId(allow_none=True)
    outcome = Choice("UndoOutcome", undo.OUTCOMES)
    undone_by = AnswerHistoryEntryId(allow_none=True)
    code = Choice("UndoRefusal", undo.REFUSAL_CODES, allow_none=True)
    detail = fields.String(allow_none=True)
    later_entry = fields.Nested(LaterEntrySchema, allow_none=True)


class Undone(Answer):
    """What became of the entries, in the order in which they were sent."""

    undone = Count()
    unchanged = Count()
    refused = Count()
    data = fields.List(fields.Nested(UndoneEntry))


class MentorStatusDeleted(Answer):
    deleted = fields.Constant(True)
    mentor_id = MentorId()


class PauseRecordDeleted(Answer):
    deleted = fields.Constant(True)
    pause_record_id = AnswerPauseRecordId()


class Service(Answer):
    """The name, the version and the links of the service, a mentor's address outside of it, and the zone of all days.

    In this address, `{mentor_id}` stands for the id, percent-encoded; null if none is set.
    """

    name = fields.String()
    version = fields.String()
    links = fields.Dict(values=fields.String())
    mentor_url = fields.String(allow_none=True)
    time_zone = fields.String()


class Health(Answer):
    status = fields.Constant("ok")


class ProblemSchema(Answer):
    """An error (RFC 9457)."""

    OPTIONAL = ("errors",)

    type = fields.Constant("about:blank")
    title = fields.String()
    status = fields.Integer(validate=Range(400, 599))
    detail = fields.String()
    code = Choice("ProblemCode", CODES)
    errors = fields.Dict(values=fields.List(fields.String(), metadata={"minItems": 1}))
    request_id = fields.String()


# --- lists


class Pagination(Answer):
    """A counted page has `page` and `total`, a keyset page `next`."""

    OPTIONAL = ("page", "total", "next")

    page = Count(metadata={"description": "Not with `after`."})
    limit = Count()
    total = Count(metadata={"description": "Not with `after`."})
    next = fields.String(
        allow_none=True, metadata={"description": "With `after` alone: its value for the next page; null at the end."}
    )


class MentorStatuses(Answer):
    data = fields.List(fields.Nested(MentorStatusInList))
    pagination = fields.Nested(Pagination)


class PauseRecords(Answer):
    data = fields.List(fields.Nested(PauseRecordInList))
    pagination = fields.Nested(Pagination)


class History(Answer):
    """A page of a history. `purged_before` is the date of the latest purge; null if there was none."""

    data = fields.List(fields.Nested(HistoryEntrySchema))
    pagination = fields.Nested(Pagination)
    purged_before = AnswerInstant(allow_none=True)


class HistoryOfEverybody(History):
    data = fields.List(fields.Nested(EntryOfEverybody))
