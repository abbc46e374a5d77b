"""How a row becomes a representation, with the keys of its answer schema in their order; and the bytes of it."""

import orjson
from marshmallow import fields

import answers
from formats import pause_record_id
from models import MentorStatus, columns_of

ACTIVE, PAUSED = answers.STATUSES


def status_of(is_paused):
    """Return the status of a mentor in one word."""
    return PAUSED if is_paused else ACTIVE


# What the database keeps otherwise than the API shows it, by the field of the answer schema; null stays null.
CONVERSIONS = {
    answers.AnswerPauseRecordId: pause_record_id,  # kept as a number
    answers.AnswerStatus: status_of,  # read as the flag is_paused
    answers.AnswerMetadata: orjson.Fragment,  # kept as JSON
    fields.Boolean: bool,  # in SQLite, 0 or 1
}


class Serializer:
    """Makes of the columns of a row the dict that an answer schema declares.

    `names` are the columns to select, in order: one for each key, then the `hidden` ones, which are read with a row but
    not shown.
    """

    def __init__(self, schema, *hidden):
        declared = schema().fields
        self.schema_name, self.keys, self.hidden = schema.__name__, tuple(declared), hidden
        self.names = (*self.keys, *hidden)
        self.conversions = [
            (key, CONVERSIONS[type(field)]) for key, field in declared.items() if type(field) in CONVERSIONS
        ]

    def columns(self, expressions):
        """Return the columns to select, each under its name; raises LookupError if a key has no expression."""
        missing = [name for name in self.names if name not in expressions]
        if missing:
            raise LookupError(f"No query reads {', '.join(missing)} of the answer {self.schema_name}.")
        return [expressions[name].alias(name) for name in self.names]

    def represent(self, values):
        """Return the representation of a row; what follows the columns of `names` is left out."""
        row = dict(zip(self.names, values, strict=False))
        for key, convert in self.conversions:
            if row[key] is not None:
                row[key] = convert(row[key])
        for name in self.hidden:
            del row[name]
        return row

    def pick(self, values):
        """Return the keys of this representation, in their order, out of a dict that has more of them."""
        return {key: values[key] for key in self.keys}


MENTOR_STATUS = Serializer(answers.MentorStatus)
MENTOR_STATUS_IN_LIST = Serializer(answers.MentorStatusInList)
PAUSE_RECORD = Serializer(answers.PauseRecord)
PAUSE_RECORD_IN_LIST = Serializer(answers.PauseRecordInList, "created_at")  # a list may be in its order
PAUSE_RECORD_UPDATED = Serializer(answers.PauseRecordUpdated)
HISTORY_ENTRY = Serializer(answers.HistoryEntry, "id")  # the key of a keyset page


def mentor_status(columns, pause, at):
    """Represent a mentor as GET one shows them at an instant.

    `columns` are those of the mentor's row by name, `pause` is the current one, or None.
    """
    is_paused = pause is not None and pause.start_date <= at
    values = columns | {
        "status": is_paused,
        "is_paused": is_paused,
        "pause_start_date": pause and pause.start_date,
        "expected_return_date": pause and pause.expected_return,
        "pause_reason": pause and pause.reason,
    }
    return MENTOR_STATUS.represent([values[key] for key in MENTOR_STATUS.keys])


def check_mentor_status():
    """Raise LookupError if the answer of GET mentor has a key that mentor_status() does not know."""
    mentor_status(columns_of(MentorStatus), None, "")


def encode(representation):
    """Return the bytes of a representation: JSON, ended by a line break."""
    return orjson.dumps(representation, option=orjson.OPT_APPEND_NEWLINE)
