"""Download: both lists as CSV (RFC 4180), for one instant."""

from functools import lru_cache

from marshmallow import fields

from db.paging import Page
from db.pool import TimedSemaphore
from features.csv_file import encode_lines, header
from features.tables.columns import AS_OF, ETAG, protect, quote
from mentors.days import zone
from mentors.representations import etag_of
from reads import answers
from reads.mentor_statuses import list_mentor_statuses
from reads.pause_records import list_pause_records
from reads.serializers import MENTOR_STATUS, PAUSE_RECORD

PAGE_ROWS = 1000
# One page at a time: it takes some milliseconds of Python, and if many downloads make theirs at once, all others wait.
TURNS = TimedSemaphore(1)
# If one of these begins a day, it is written as a date. LibreOffice then keeps that form for a date that somebody types
# into the cell. (Excel would write a date anew, in the form of its country: it gets the time in the zone.)
DATES = ("pause_start_date", "start_date", "expected_return_date", "end_date")


class Download:
    """A list as a table.

    Its file name begins with `name`. `read_page` reads a page, and `answer` is the schema of GET one. Its keys are the
    columns, except `is_paused` and `is_active`: the dates say the same, and a user then edits one cell, not two.
    """

    def __init__(self, name, read_page, serializer, answer):
        self.name = name
        self.read_page = read_page
        self.serializer = serializer
        shown = answer().fields
        self.columns = [name for name, field in shown.items() if type(field) is not fields.Boolean]
        self.dates = [name for name in self.columns if name in DATES]
        self.texts = [name for name, field in shown.items() if type(field) is fields.String]  # such as a reason

    def as_bytes(self, query, at, shows_another_day):
        """Return the table that a query asks for, as bytes.

        A table that shows another day than today has the instant of the read in each line, in place of the ETag. It is
        read page by page: a write during the download may be in it or not.
        """
        excel = query.get("excel")
        as_of = at if shows_another_day else None
        write_date = lru_cache(1000)(zone.local_time) if excel else zone.date_or_instant  # most dates are of a few days
        pages = [encode_lines([header([*self.columns, AS_OF if shows_another_day else ETAG], excel)], excel)]
        key = ""
        while key is not None:
            listed = self.read_page(query | {"page": Page(limit=PAGE_ROWS, after=key)}, at, self.serializer)
            with TURNS:  # not during the read, in which another download gets its turn
                pages.append(encode_lines([self.cells(each, as_of, write_date) for each in listed.rows], excel))
            key = listed.next_key
        return b"".join(pages)

    def cells(self, representation, as_of, write_date):
        """Return the cells of a line, from what GET one shows. The last one is the ETag, or the instant `as_of`."""
        # An ETag keeps its quotes, since a spreadsheet takes 12e34… for a number.
        last = as_of or quote(f'"{etag_of(representation)}"')
        # Ids have no apostrophe, since scripts read them. Dates need none.
        cells = {name: representation[name] or "" for name in self.columns}
        cells |= {name: protect(cells[name]) for name in self.texts}
        cells |= {name: write_date(cells[name]) for name in self.dates if cells[name]}
        return [*map(quote, cells.values()), last]


MENTOR_STATUSES = Download("mentor-statuses", list_mentor_statuses, MENTOR_STATUS, answers.MentorStatusSchema)
PAUSE_RECORDS = Download("pause-records", list_pause_records, PAUSE_RECORD, answers.PauseRecordSchema)
