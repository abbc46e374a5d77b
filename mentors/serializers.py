"""How a row becomes a representation, with the keys of its answer schema in their order; its bytes, and their tag."""

from copy import copy
from functools import cached_property
from hashlib import blake2b

import orjson
from marshmallow import fields

from mentors import answers
from mentors.formats import pause_record_id
from mentors.pauses import Pause, current_of
from models import MentorStatus, columns_of

ACTIVE, PAUSED = answers.STATUSES
PIECE = 2047  # bytes, see etag_of()
REASONS = ("pause_reason", "reason")


# What the database keeps otherwise than the API shows it, by the field of the answer schema.
CONVERSIONS = {
    answers.AnswerPauseRecordId: pause_record_id,  # kept as a number
    answers.AnswerStatus: {False: ACTIVE, True: PAUSED}.get,  # the word for is_paused
    answers.AnswerMetadata: orjson.Fragment,  # kept as JSON
    fields.Boolean: bool,  # in SQLite, 0 or 1
}


def or_null(convert, allow_none):
    """Return a conversion that leaves null as it is, where the column may be null."""
    return (lambda value: None if value is None else convert(value)) if allow_none else convert


def conversions_of(fields_by_key):
    """Return what to convert in a row: triples of a key, the key whose column it is made of, and the conversion."""
    return [
        (key, "is_paused" if isinstance(field, answers.AnswerStatus) else key, or_null(convert, field.allow_none))
        for key, field in fields_by_key.items()
        if (convert := CONVERSIONS.get(type(field)))
    ]


class Serializer:
    """Makes of the columns of a row the dict that an answer schema declares.

    `names` are the columns to select, in order: one for each key, then the `hidden` ones, which are read with a row but
    not shown.
    """

    def __init__(self, schema, *hidden):
        declared = schema().fields
        self.schema_name, self.keys, self.names = schema.__name__, tuple(declared), (*declared, *hidden)
        self.conversions = conversions_of(declared)
        instants = [key for key, field in declared.items() if isinstance(field, answers.AnswerInstant)]
        self.instants = [self.names.index(key) for key in instants]  # the numbers of the columns that have one

    def columns(self, expressions):
        """Return the columns to select, each under its name; raises LookupError if a key has no expression."""
        missing = [name for name in self.names if name not in expressions]
        if missing:
            raise LookupError(f"No query reads {', '.join(missing)} of the answer {self.schema_name}.")
        return [expressions[name].alias(name) for name in self.names]

    def represent(self, rows):
        """Return the representations of rows; the columns after those of the keys are left out."""
        representations = [dict(zip(self.keys, row, strict=False)) for row in rows]
        for key, source, convert in self.conversions:
            for each in representations:
                each[key] = convert(each[source])
        return representations

    def represent_one(self, row):
        """Return the representation of one row."""
        representation = dict(zip(self.keys, row, strict=False))
        for key, source, convert in self.conversions:
            representation[key] = convert(representation[source])
        return representation

    @cached_property
    def without_reasons(self):
        """Return this serializer with null for each reason; itself, if it shows no reasons."""
        reasons = [key for key in self.keys if key in REASONS]
        if not reasons:
            return self
        serializer = copy(self)
        serializer.conversions = [*self.conversions, *((key, key, lambda _reason: None) for key in reasons)]
        return serializer

    def pick(self, values):
        """Return the keys of this representation, in their order, out of a dict that has more of them."""
        return {key: values[key] for key in self.keys}


MENTOR_STATUS = Serializer(answers.MentorStatus)
MENTOR_STATUS_IN_LIST = Serializer(answers.MentorStatusInList)
PAUSE_RECORD = Serializer(answers.PauseRecord)
PAUSE_RECORD_IN_LIST = Serializer(answers.PauseRecordInList)
PAUSE_RECORD_UPDATED = Serializer(answers.PauseRecordUpdated)
HISTORY_ENTRY = Serializer(answers.HistoryEntry, "id")  # the key of a keyset page


def mentor_status(columns, pauses, at):
    """Represent a mentor as GET one shows them at an instant.

    `columns` are those of the mentor's row by name, `pauses` all pauses of theirs that may not have ended by then.
    """
    pause = current_of(pauses, at)
    is_paused = pause is not None and pause.start_date <= at
    values = columns | {
        "status": None,  # made of is_paused
        "is_paused": is_paused,
        "pause_start_date": pause and pause.start_date,
        "expected_return_date": pause and pause.expected_return,
        "pause_reason": pause and pause.reason,
    }
    return MENTOR_STATUS.represent_one([values[key] for key in MENTOR_STATUS.keys])


def pause_record(mentor_id, pause, at):
    """Represent a pause of a mentor as GET one shows it at an instant."""
    computed = {"pause_record_id": pause.number, "mentor_id": mentor_id, "is_active": not pause.has_ended(at)}
    values = pause._asdict() | computed
    return PAUSE_RECORD.represent_one([values[key] for key in PAUSE_RECORD.keys])


def check_representations():
    """Raise LookupError if the answer of GET one has a key that is not known here."""
    mentor_status(columns_of(MentorStatus), [], "")
    pause_record("", Pause(0, "", None, None, None, ""), "")


def encode(representation):
    """Return the bytes of a representation: JSON, ended by a line break."""
    return orjson.dumps(representation, option=orjson.OPT_APPEND_NEWLINE)


def etag_of(data):
    """Return the entity tag of the bytes of a representation (RFC 9110 section 8.8.3), without its quotes.

    For more bytes at once than PIECE, hashlib releases the GIL, and must then wait to acquire it again: with eight
    clients, 8 % fewer lists a second.
    """
    digest = blake2b(digest_size=16)
    for start in range(0, len(data), PIECE):
        digest.update(data[start : start + PIECE])
    return digest.hexdigest()
