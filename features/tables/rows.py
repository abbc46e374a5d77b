"""Read a row of a table: the body of a PUT or POST, and whether anybody has edited its cells."""

from itertools import product
from typing import NamedTuple

from marshmallow import ValidationError

import schemas
from features.tables.columns import AS_OF, ETAG
from features.tables.parsing import Errors, Row, read_table
from mentors.fields import Choice, Flag, MentorId, Timestamp
from mentors.formats import pause_record_number
from mentors.problems import invalid
from mentors.representations import etag_of
from reads.serializers import MENTOR_STATUS, PAUSE_RECORD

ANOTHER_DAY = "This table shows another day. Delete the column as_of to upload it all the same."
METADATA_KEYS = ("initiated_by", "notes")  # which have a column each
MOST_CHARACTERS = 64  # of an unknown column's name, in an answer
TO_CREATE = "To create a pause record, leave etag and pause_record_id empty."
OPEN_AS_TEXT = "A spreadsheet changes an id that looks like a number (0042 becomes 42), so open that column as text."
NO_MENTOR = (
    "No mentor has this mentor_id: it was mistyped, or the mentor was deleted. "
    f"{OPEN_AS_TEXT} To create the mentor, leave etag empty."
)
NO_RECORD = (
    f"No pause record has this pause_record_id: it was mistyped, or the record was deleted. {OPEN_AS_TEXT} {TO_CREATE}"
)
EMPTY = "It is empty; write a value."
MISSING = "It is required; add the column."
KEEP_AS_TEXT = (
    "It must be a date that exists, such as 2026-05-01, or a timestamp, such as 2026-05-01T09:30:00Z. If the "
    "spreadsheet writes it in another form, format the cell as text, and then type it again."
)


class Line(NamedTuple):
    """A row of an uploaded table, as far as it is read without the database.

    `key` identifies the mentor or the pause record; None if the row creates a record. `body` is that of a PUT; if the
    row creates a record, of a POST. `is_untouched` says that nobody has edited the row since the download.
    """

    key: str | int | None
    row: Row
    body: dict
    is_untouched: bool


class RowLoader:
    """How the rows of a table become bodies, by the schema of PUT to update, by that of POST to create.

    `key_column` identifies the mentor or the pause record of a row, and the function `key_of` reads it.
    `serializer` is that of GET one.
    """

    def __init__(self, key_column, key_of, update_schema, create_schema, serializer):
        self.key_column = key_column
        self.key_of = key_of
        self.update_schema = update_schema()
        self.create_schema = create_schema()
        self.serializer = serializer
        self.columns = [name for name in self.create_schema.fields if name != "metadata"] + [ETAG, *METADATA_KEYS]
        if missing := set(serializer.keys) - self.update_schema.fields.keys():
            names = ", ".join(sorted(missing))
            raise LookupError(f"GET one shows {names}, but {update_schema.__name__} has no such field.")

    def read(self, data, errors):
        """Return the rows of an uploaded table as Lines. A row that is wrong whatever the database holds is an error.

        Raises a Problem if it is no table, or its columns are wrong.
        """
        columns, rows = read_table(data, self.columns, errors)
        self.check_columns(columns)
        lines = []
        line_numbers = {}  # by key
        for row in rows:
            with errors.collect(row):
                key = self.key_of(row)
                if key in line_numbers:
                    other = line_numbers[key]
                    raise invalid({self.key_column: [f"It is on line {other}, too; leave one of the two lines out."]})
                if key is not None:
                    line_numbers[key] = row.line_number
                body = self.body_of(row, self.create_schema if key is None else self.update_schema)
                lines.append(Line(key, row, body, self.is_untouched(row)))
        return lines

    def check_columns(self, columns):
        """Raise a Problem (422) if the columns are wrong."""
        errors = Errors()
        for name in dict.fromkeys(columns):
            if not name:
                errors.append((1, None, "A column has no name; name it, or delete it."))
            elif name == AS_OF:
                errors.append((1, name, ANOTHER_DAY))
            elif name not in self.columns:
                known = ", ".join(self.columns)
                shown = name if len(name) <= MOST_CHARACTERS else f"{name[:MOST_CHARACTERS]}…"
                errors.append((1, shown, f"It is unknown here; leave the column out, or use one of: {known}."))
            elif columns.count(name) > 1:
                errors.append((1, name, "It is there more than once; leave one of the columns out."))
        # A table of records may have either. In one of mentors, pause_record_id is unknown already.
        if "mentor_id" not in columns and "pause_record_id" not in columns:
            errors.append((1, "mentor_id", f"{MISSING} The first line of the table names the columns."))
        errors.raise_if_any()

    def body_of(self, row, schema):
        """Return the body of a row as a schema loads it. Raises a Problem (422).

        An empty cell is a null. An empty flag or id counts as not sent.
        """
        body = {"metadata": {name: row.cells[name] for name in METADATA_KEYS if row.cell(name)} or None}
        for name, field in schema.load_fields.items():
            cell = row.cell(name)
            if cell:
                body[name] = value_of(field, cell)
            elif name in row.cells and not isinstance(field, Flag | Choice | MentorId):
                body[name] = None
        try:
            return schema.load(body)
        except ValidationError as error:
            raise invalid(explain(schema, row, error.messages)) from None

    def is_untouched(self, row):
        """Say whether nobody has edited a row: its cells make the representation whose ETag is in it.

        If a flag has no value (its cell is empty, or its column is missing), each value is tried. If any other column
        of GET one is missing, no row is untouched.
        """
        if row.etag is None:
            return False
        names = self.serializer.keys
        possible_values = [self.possible_values(name, row) for name in names]
        for values in product(*possible_values):
            representation = dict(zip(names, values, strict=True))
            if etag_of(representation) == row.etag:
                return True
        return False

    def possible_values(self, name, row):
        """Return the values that GET one can have shown in a column. A wrong cell has none; a missing flag has all."""
        field = self.update_schema.fields[name]
        cell = row.cell(name)
        if cell is None and isinstance(field, Flag):
            return [False, True]
        if cell is None and isinstance(field, Choice):
            return field.validate.choices
        if name not in row.cells:
            return []
        if cell is None:
            return [None]
        try:
            return [field.deserialize(value_of(field, cell))]
        except ValidationError:
            return []


def explain(schema, row, errors):
    """Return the errors of a body by column, in the words of a spreadsheet: a cell is empty, a column is missing."""
    explained = {}
    for name, messages in errors.items():
        field = schema.fields[name]
        words = field.error_messages
        if name == "metadata":  # it is too large
            explained["notes"] = messages
        elif isinstance(field, Timestamp) and words["invalid"] in messages:
            explained[name] = [KEEP_AS_TEXT]
        elif words["required"] in messages or words["null"] in messages:
            explained[name] = [EMPTY if name in row.cells else MISSING]
        else:
            explained[name] = messages
    return explained


def value_of(field, cell):
    """Return what a cell with text says of a field, as the body of a request would have it."""
    if isinstance(field, Flag) and cell.lower() in ("true", "false"):  # a spreadsheet writes TRUE
        return cell.lower() == "true"
    if isinstance(field, Timestamp):  # pandas writes a blank for the T
        return cell.replace(" ", "T", 1)
    return cell


def mentor_id_of(row):
    """Return the id of the mentor in a row. Raises a Problem (422) if no mentor can have this id."""
    mentor_id = row.cell("mentor_id")
    if mentor_id is None:
        raise invalid({"mentor_id": ["It is empty; write the id of the mentor."]})
    try:
        return MENTOR_ID_FIELD.deserialize(mentor_id)
    except ValidationError as error:
        raise invalid({"mentor_id": [*error.messages, OPEN_AS_TEXT]}) from None


def record_number_of(row):
    """Return the number of the record in a row; None to create one. Raises a Problem (422) on a wrong id."""
    record_id = row.cell("pause_record_id")
    if record_id is None:
        if row.etag:
            raise invalid(
                {ETAG: [f"A line with an etag changes a pause record, but pause_record_id is empty. {TO_CREATE}"]}
            )
        return None
    number = pause_record_number(record_id)
    if number is None:
        raise invalid({"pause_record_id": [NO_RECORD]})
    return number


MENTOR_ID_FIELD = MentorId()
MENTOR_STATUS_ROWS = RowLoader(
    "mentor_id", mentor_id_of, schemas.MentorStatusUpdate, schemas.MentorStatusCreate, MENTOR_STATUS
)
PAUSE_RECORD_ROWS = RowLoader(
    "pause_record_id", record_number_of, schemas.PauseRecordUpdate, schemas.PauseRecordCreate, PAUSE_RECORD
)
