"""What may come in, and what goes out: marshmallow schemas, built once.

What a body or a query shows to be wrong by itself is refused here, without a clock and before anything is looked up;
what takes the clock or the database to see is refused in rules.py.
"""

import re
import unicodedata
from datetime import UTC, datetime

import orjson
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema
from marshmallow.validate import Length

from models import instant
from paging import Page

MENTOR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:@-]{0,63}", re.ASCII)
TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:T(?P<time>(?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
YEARS = range(1970, 2200)
EXACT = 2**53 - 1  # the largest whole number that every JSON reader keeps exact (RFC 8259 section 6)
METADATA_BYTES = 16 * 1024
METADATA_DEPTH = 8


# --- fields


class Timestamp(fields.String):
    """An instant: RFC 3339, or a plain date (midnight), or without an offset (UTC); becomes `YYYY-MM-DDTHH:MM:SSZ`."""

    default_error_messages = {
        "invalid": "Write a timestamp as 2026-05-01T00:00:00Z (in a query, + is written %2B) or a date as 2026-05-01.",
        "range": "Write a year from 1970 to 2199.",
    }

    def _deserialize(self, value, attr, data, **kwargs):
        match = TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
        if not match:
            raise self.make_error("invalid")
        offset = match["offset"] or "Z"
        try:
            moment = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00:00'}{offset}").astimezone(UTC)
        except ValueError:  # no such day, minute or offset
            raise self.make_error("invalid") from None
        except OverflowError:  # a year that no calendar has once the offset is taken off
            raise self.make_error("range") from None
        if moment.year not in YEARS:
            raise self.make_error("range")
        return instant(moment)


class Text(fields.String):
    """Text as a person writes it: trimmed, not empty, no control characters, no lone surrogates."""

    default_error_messages = {
        "characters": "Leave out control characters, line breaks and lone surrogates.",
        "empty": "Write some text, or leave the field out.",
    }

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise self.make_error("characters")
        if not text.strip():
            raise self.make_error("empty")
        return text.strip()


class MentorId(fields.String):
    """A mentor's id: 1 to 64 characters, ASCII; case counts."""

    default_error_messages = {
        "form": "Write 1 to 64 of A-Z a-z 0-9 . _ ~ : @ - and begin with a letter or a digit.",
    }

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if not MENTOR_ID.fullmatch(text):
            raise self.make_error("form")
        return text


class Flag(fields.Boolean):
    """true or false and nothing that resembles them."""

    default_error_messages = {"invalid": "Write true or false."}

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Status(fields.String):
    """A mentor's status."""

    default_error_messages = {"choice": "Write active or paused."}

    def _deserialize(self, value, attr, data, **kwargs):
        if value not in ("active", "paused"):
            raise self.make_error("choice")
        return value


class WholeNumber(fields.Integer):
    """A whole number in a query, in plain digits."""

    def __init__(self, lowest, highest, **kwargs):
        super().__init__(**kwargs)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value, attr, data, **kwargs):
        if re.fullmatch("0|[1-9][0-9]{0,9}", value) and self.lowest <= int(value) <= self.highest:
            return int(value)
        raise ValidationError(f"Write a whole number from {self.lowest} to {self.highest}.")


class Metadata(fields.Dict):
    """An object kept as it is in the history: at most 16 KiB, 8 deep, numbers that every JSON reader keeps exact."""

    default_error_messages = {
        "size": "Keep it under 16 KiB.",
        "depth": "Nest it at most 8 deep.",
        "number": "Write whole numbers within ±(2^53 - 1), larger ones as text.",
        "text": "Leave out NUL and lone surrogates.",
    }

    def _deserialize(self, value, attr, data, **kwargs):
        metadata = super()._deserialize(value, attr, data, **kwargs)
        self._check(metadata, 1)
        if len(orjson.dumps(metadata)) > METADATA_BYTES:
            raise self.make_error("size")
        return metadata

    def _check(self, value, depth):
        if isinstance(value, dict | list):
            if depth > METADATA_DEPTH:
                raise self.make_error("depth")
            for item in value:
                self._check(item, depth + 1)
            if isinstance(value, dict):
                self._check(list(value.values()), depth)
        elif isinstance(value, str):
            if "\0" in value:
                raise self.make_error("text")
        elif isinstance(value, int | float) and abs(value) > EXACT:
            raise self.make_error("number")


class Choice(fields.Boolean):
    """true or false in a query."""

    default_error_messages = {"invalid": "Write true or false."}

    def _deserialize(self, value, attr, data, **kwargs):
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return value == "true"


# --- bodies


class Strict(Schema):
    """A schema that refuses what it does not know, and says what it knows."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        known = ", ".join(name for name, field in self.fields.items() if not field.dump_only)
        self.error_messages["unknown"] = f"Not known here; known are: {known or 'none'}."
        self.error_messages["type"] = "Write a JSON object."


class Body(Strict):
    """A body: its read-only fields are ignored, so that what GET returned can be sent back."""

    @pre_load
    def ignore_read_only(self, sent, **kwargs):
        if not isinstance(sent, dict):
            return sent
        read_only = {name for name, field in self.fields.items() if field.dump_only}
        return {name: value for name, value in sent.items() if name not in read_only}


def refuse_before(later, earlier, sent):
    """Refuse a date that is before the one it follows, where the body has both."""
    if sent.get(later) and sent.get(earlier) and sent[later] < sent[earlier]:
        raise ValidationError({later: [f"It is before {earlier}; change one of the two."]})


class MentorStatusUpdate(Body):
    """The body of PUT mentor: every field may be left out."""

    mentor_id = MentorId(dump_only=True)
    status = Status()
    is_paused = Flag()
    pause_start_date = Timestamp(allow_none=True)
    expected_return_date = Timestamp(allow_none=True)
    pause_reason = Text(allow_none=True, validate=Length(max=200))
    metadata = Metadata(allow_none=True)
    last_updated = Timestamp(dump_only=True)

    @validates_schema
    def check_agreement(self, sent, **kwargs):
        if "status" in sent and "is_paused" in sent and (sent["status"] == "paused") != sent["is_paused"]:
            refusal = ["status and is_paused contradict each other; change both, or leave one out."]
            raise ValidationError({"status": refusal, "is_paused": refusal})
        refuse_before("expected_return_date", "pause_start_date", sent)

    @post_load
    def read_flag(self, sent, **kwargs):
        """Say once, as `paused`, what either flag says; without a flag it is not there."""
        if "is_paused" in sent or "status" in sent:
            sent["paused"] = sent.pop("is_paused", None) or sent.pop("status", None) == "paused"
        return sent


class MentorStatusCreate(MentorStatusUpdate):
    """The body of POST mentor."""

    mentor_id = MentorId(required=True)

    @validates_schema
    def check_pause_data(self, sent, **kwargs):
        paused = sent.get("is_paused") or sent.get("status") == "paused" or sent.get("pause_start_date")
        stray = [name for name in ("expected_return_date", "pause_reason") if sent.get(name)]
        if stray and not paused:
            raise ValidationError(
                {name: ["An active mentor has no pause; say paused, or leave it out."] for name in stray}
            )


class PauseRecordBody(Body):
    """What POST and PUT of a pause record share."""

    pause_record_id = fields.String(dump_only=True)
    mentor_id = MentorId()
    start_date = Timestamp()
    expected_return_date = Timestamp(allow_none=True)
    end_date = Timestamp(allow_none=True)
    is_active = Flag()
    reason = Text(allow_none=True, validate=Length(max=200))
    metadata = Metadata(allow_none=True)
    created_at = Timestamp(dump_only=True)

    @validates_schema
    def check_dates(self, sent, **kwargs):
        refuse_before("expected_return_date", "start_date", sent)
        refuse_before("end_date", "start_date", sent)
        if sent.get("is_active") and sent.get("end_date") and sent["end_date"] == sent.get("start_date"):
            refusal = "A pause that ends where it starts is never active; change is_active and end_date, or send one."
            raise ValidationError({"end_date": [refusal]})


class PauseRecordUpdate(PauseRecordBody):
    """The body of PUT pause record: every field may be left out."""


class PauseRecordCreate(PauseRecordBody):
    """The body of POST pause record."""

    mentor_id = MentorId(required=True)
    start_date = Timestamp(required=True)
    is_active = Flag(allow_none=True)
    reason = Text(required=True, validate=Length(max=200))

    @validates_schema
    def check_end(self, sent, **kwargs):
        if sent.get("is_active") is False and not sent.get("end_date"):
            raise ValidationError(
                {"end_date": ["A pause that is not active has ended; say when, or leave is_active out."]}
            )

    @post_load
    def drop_nulls(self, sent, **kwargs):
        """A null is as if not sent."""
        return {name: value for name, value in sent.items() if value is not None}


# --- queries


class NoQuery(Strict):
    """A query string without parameters."""


class PageQuery(Strict):
    """Which page of a list."""

    page = WholeNumber(1, 999_999_999, load_default=1)
    limit = WholeNumber(1, 1000, load_default=20)

    @post_load
    def make_page(self, sent, **kwargs):
        sent["page"] = Page(sent.pop("page"), sent.pop("limit"))
        return sent


class DeleteMentorQuery(Strict):
    """Whether her history goes too."""

    erase = Choice(load_default=False)
