"""The fields of bodies and queries: which values each takes, and how the API description says so."""

import re
from datetime import UTC, datetime

import orjson
from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from mentors.days import zone
from mentors.formats import MENTOR_ID, instant

# A date or a timestamp. (datetime says whether there is such a day.)
TIMESTAMP = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
YEARS = range(1970, 2200)
LARGEST_EXACT = 2**53 - 1  # every JSON reader keeps whole numbers up to this one exact (RFC 8259 section 6)
METADATA_BYTES = 16 * 1024
METADATA_DEPTH = 8

TIMESTAMP_SCHEMA = {
    "title": "Timestamp",
    "description": (
        "RFC 3339, with a capital T and Z; or, by `time_zone` of GET /, without an offset, or a date (its start). In "
        "UTC, the year is from 1970 to 2199. A fraction of a second is cut. In a query, + is written %2B."
    ),
    "type": "string",
    "pattern": f"^{TIMESTAMP.pattern}$",
}

# For character classes of patterns: the blanks that str.strip() cuts, and the control characters.
BLANK = r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
CONTROL = r"\x00-\x1f\x7f-\x9f"
TEXT_SCHEMA = {
    "title": "Text",
    "description": "1 to 200 characters without the blanks around them, which are cut; no control characters.",
    "type": "string",
    "pattern": f"^[{BLANK}]*[^{BLANK}{CONTROL}]([^{CONTROL}]{{0,198}}[^{BLANK}{CONTROL}])?[{BLANK}]*$",
}

METADATA_SCHEMA = {
    "title": "Metadata",
    "description": "At most 16 KiB and 8 deep; numbers that every JSON reader keeps exact, and no NUL in a text.",
    "type": "object",
    "additionalProperties": {},
}


class Described(fields.Field):
    """A field with a `description`, which marshmallow expects in the metadata.

    In the API description, all fields with the same `component` share the schema of this name.
    """

    component = component_schema = None

    def __init__(self, *, description=None, metadata=None, **kwargs):
        metadata = (metadata or {}) | ({"description": description} if description else {})
        super().__init__(metadata=metadata, **kwargs)


class Timestamp(Described, fields.String):
    """An instant: RFC 3339, also without an offset, or a date (both by the zone); becomes `YYYY-MM-DDTHH:MM:SSZ`."""

    component, component_schema = "Timestamp", TIMESTAMP_SCHEMA
    default_error_messages = {
        "invalid": (
            "It must be a date that exists, such as 2026-05-01, or a timestamp, such as 2026-05-01T09:30:00Z "
            "(in a query, write + as %2B)."
        ),
        "range": "Its year must be from 1970 to 2199.",
    }

    def _deserialize(self, value, attr, data, **kwargs):
        if not (isinstance(value, str) and TIMESTAMP.fullmatch(value)):
            raise self.make_error("invalid")
        try:
            moment = datetime.fromisoformat(value)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone.info)).astimezone(UTC)
        except ValueError:  # there is no such day
            raise self.make_error("invalid") from None
        except OverflowError:  # the offset moves it out of the years 1 to 9999
            raise self.make_error("range") from None
        if moment.year not in YEARS:
            raise self.make_error("range")
        return instant(moment)


class Text(Described, fields.String):
    """Text that a person writes: trimmed, 1 to 200 characters, no control characters."""

    component, component_schema = "Text", TEXT_SCHEMA
    default_error_messages = {
        "invalid": "It must be text, in quotes.",
        "characters": "It must not have control characters or line breaks; leave them out.",
        "empty": "It is empty; write some text.",
        "empty_or_null": "It is empty; write some text, or send null for none.",
    }

    def __init__(self, **kwargs):
        super().__init__(validate=Length(max=200, error="It is too long; write at most {max} characters."), **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if re.search(f"[{CONTROL}]", text):
            raise self.make_error("characters")
        if not text.strip():
            raise self.make_error("empty_or_null" if self.allow_none else "empty")
        return text.strip()


class Choice(Described, fields.String):
    """One of a few words; `component` is their name in the API description."""

    def __init__(self, component, words, **kwargs):
        self.component, self.component_schema = component, {"type": "string", "enum": list(words)}
        error = f"It must be one of: {', '.join(words)}."
        super().__init__(validate=OneOf(words, error=error), error_messages={"invalid": error}, **kwargs)


class Matching(Described, fields.String):
    """Text that a pattern matches from its first character to its last."""

    def __init__(self, pattern, error, **kwargs):
        super().__init__(metadata={"pattern": f"^{pattern}$"}, error_messages={"invalid": error}, **kwargs)
        self.pattern = re.compile(pattern)

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self.pattern.fullmatch(text):
            raise self.make_error("invalid")
        return text


class MentorId(Matching):
    """A mentor's id; case counts."""

    def __init__(self, **kwargs):
        error = "It must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : @ - and begin with a letter or a digit."
        super().__init__(MENTOR_ID.pattern, error, **kwargs)


class MentorIds(Matching):
    """Mentor ids with commas between them; becomes a list."""

    def __init__(self, **kwargs):
        pattern = f"{MENTOR_ID.pattern}(?:,{MENTOR_ID.pattern}){{0,99}}"
        error = "It must be 1 to 100 mentor ids with commas between them, without spaces."
        description = "These mentors: up to 100 ids with commas between them."
        super().__init__(pattern, error, description=description, **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        return super()._deserialize(value, attr, data, **kwargs).split(",")


class TextList(fields.List):
    """A list of 1 to `most` texts that a pattern matches; `words` say what each is."""

    default_error_messages = {"invalid": "It must be a list, in brackets."}

    def __init__(self, pattern, most, words, **kwargs):
        length = Length(1, most, error="It must have {min} to {max} items.")
        text = Matching(pattern, f"It must be {words}.")
        text.error_messages["null"] = text.error_messages["invalid"]
        super().__init__(text, validate=length, **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            number, messages = min(error.messages.items())
            raise ValidationError([f"Item {number + 1}: {' '.join(messages)}"]) from None


class Flag(Described, fields.Boolean):
    """true or false in a body; marshmallow's own field also takes words such as "yes", and 0 and 1."""

    default_error_messages = {"invalid": "It must be true or false, without quotes."}

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class QueryFlag(Described, fields.Boolean):
    """true or false in a query."""

    truthy, falsy = {"true"}, {"false"}
    default_error_messages = {"invalid": "It must be true or false."}


class WholeNumber(Described, fields.Integer):
    """A whole number in a query; marshmallow's own field also takes `+1`, `1_0` and digits of other scripts."""

    def __init__(self, lowest, highest, **kwargs):
        error = f"It must be a whole number from {lowest} to {highest}."
        super().__init__(validate=Range(lowest, highest, error=error), error_messages={"invalid": error}, **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        if not re.fullmatch("0|[1-9][0-9]{0,9}", value):
            raise self.make_error("invalid")
        return int(value)


class Metadata(Described, fields.Dict):
    """An object that the history keeps: at most 16 KiB, 8 deep, numbers that every JSON reader keeps exact."""

    component, component_schema = "Metadata", METADATA_SCHEMA
    default_error_messages = {
        "invalid": "It must be a JSON object, in braces.",
        "size": "It is too large; send at most 16 KiB.",
        "depth": "It is nested too deep; use at most 8 levels.",
        "number": "A number in it is beyond ±(2^53 - 1), so not every JSON reader keeps it exact; write it as text.",
        "text": "A text in it has a NUL character; leave the character out.",
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
            items = [*value.keys(), *value.values()] if isinstance(value, dict) else value
            for item in items:
                self._check(item, depth + 1)
        elif isinstance(value, str):
            if "\0" in value:
                raise self.make_error("text")
        elif isinstance(value, int | float) and abs(value) > LARGEST_EXACT:
            raise self.make_error("number")
