"""How a row becomes a representation, with the keys of its answer schema in their order."""

from copy import copy
from functools import cached_property

import orjson

from mentors.formats import pause_record_id
from mentors.pauses import DATES_AND_REASON
from mentors.representations import etag_of, history_entry_id
from reads import answers

REASONS = ("pause_reason", "reason")


TOUCHED_RECORD_KEYS = tuple(answers.TouchedRecord().fields)


def touched_records(text):
    """Return the pause records of a history entry from their JSON."""
    return [touched_record(record) for record in orjson.loads(text)]


def touched_record(record):
    """Return a pause record of a history entry, in which its id is a number, as the API shows it.

    A deleted record has no `before` there, and gets its own dates and reason.
    """
    before = {"before": {name: record[name] for name in DATES_AND_REASON}}
    shown = before | record | {"pause_record_id": pause_record_id(record["pause_record_id"])}
    return {key: shown[key] for key in TOUCHED_RECORD_KEYS}


# How to convert what a query reads into what the API shows, by key.
CONVERSIONS = {
    "pause_record_id": pause_record_id,  # from a number, as the other ids
    "history_entry_id": str,
    "undoes": str,
    "status": {False: "active", True: "paused"}.get,  # from is_paused
    "is_paused": bool,  # SQLite has 0 and 1
    "is_active": bool,
    "metadata": orjson.Fragment,  # it is JSON already
    "pause_records": touched_records,
}


def or_null(convert):
    return lambda value: None if value is None else convert(value)


class Serializer:
    """Turns the columns of a row into the dict that an answer schema declares, without its optional keys.

    `names` are the columns to select, in order: one for each key, then the `hidden` ones, which the API does not show.
    `conversions` are pairs of a key and a function.
    """

    def __init__(self, schema, *hidden):
        declared = {key: field for key, field in schema().fields.items() if field.required}
        self.schema_name = schema.__name__
        self.keys = tuple(declared)
        self.names = (*declared, *hidden)
        self.conversions = [
            (key, or_null(convert) if field.allow_none else convert)
            for key, field in declared.items()
            if (convert := CONVERSIONS.get(key))
        ]

    def columns(self, expressions):
        """Return the columns to select, each under its name; raises LookupError if a key has no expression."""
        missing = [name for name in self.names if name not in expressions]
        if missing:
            raise LookupError(f"No query reads {', '.join(missing)} of the answer {self.schema_name}.")
        return [expressions[name].alias(name) for name in self.names]

    def represent(self, rows):
        """Return the representations of rows, without the hidden columns."""
        representations = [dict(zip(self.keys, row, strict=False)) for row in rows]
        for key, convert in self.conversions:
            for representation in representations:
                representation[key] = convert(representation[key])
        return representations

    def represent_one(self, row):
        return self.represent([row])[0]

    @cached_property
    def with_null_reasons(self):
        """Return a serializer with null for each reason; this one, if it shows no reasons."""
        reasons = [key for key in self.keys if key in REASONS]
        if not reasons:
            return self
        serializer = copy(self)
        serializer.conversions = [*self.conversions, *((key, lambda _reason: None) for key in reasons)]
        return serializer

    def pick(self, values):
        """Return a dict with only the keys of this representation, in their order."""
        return {key: values[key] for key in self.keys}


MENTOR_STATUS = Serializer(answers.MentorStatusSchema)
MENTOR_STATUS_IN_LIST = Serializer(answers.MentorStatusInList)
PAUSE_RECORD = Serializer(answers.PauseRecordSchema)
PAUSE_RECORD_AND_ID = Serializer(answers.PauseRecordSchema, "id")
PAUSE_RECORD_IN_LIST = Serializer(answers.PauseRecordInList)
HISTORY_ENTRY = Serializer(answers.HistoryEntrySchema, "size")
ENTRY_OF_EVERYBODY = Serializer(answers.EntryOfEverybody, "size")


def with_etags(item, **representations):
    """Return an item of a list with the ETags of representations, under their names, with their quotes."""
    return item | {name: f'"{etag_of(each)}"' for name, each in representations.items()}


def undo_outcome(outcome):
    """Represent an undo.Outcome."""
    later = outcome.later_entry
    return {
        "history_entry_id": str(outcome.entry_id),
        "mentor_id": outcome.mentor_id,
        "outcome": outcome.outcome,
        "undone_by": history_entry_id(outcome.undoing_entry),
        "code": outcome.code,
        "detail": outcome.detail,
        "later_entry": later
        and {
            "history_entry_id": history_entry_id(later),
            "changed_at": later["changed_at"],
            "changed_by": later["changed_by"],
            "event": later["event"],
        },
    }
