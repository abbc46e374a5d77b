"""Download: all that the filters of a list find, for one instant, as CSV (RFC 4180) in pieces."""

from peewee import Select

import answers
import queries
from db import connected, db, statement
from db.pages import Page
from pauses import At
from retention import INSTANTS, refuse_purged
from serializers import MENTOR_STATUS, PAUSE_RECORD, encode, etag_of
from tables.columns import BYTE_ORDER_MARK, ETAG, LINE_END, SEPARATORS, columns_of, protect, quote, texts_of

PAGE_ROWS = 1000


class Table:
    """A list as a table: `name` is that of its file, `list_rows` reads a page of it, and its answer has its columns."""

    def __init__(self, name, list_rows, serializer, answer):
        self.name, self.list_rows, self.serializer = name, list_rows, serializer
        self.columns, self.texts = columns_of(answer), texts_of(answer)

    def download(self, filters, at, expected, excel=None):
        """Yield the table in pieces of bytes. No connection is held between two of them, and no page is kept.

        `excel` is the name of a separator, for Excel. Raises what the database raises, between any two pieces.
        """
        mark, separator = (BYTE_ORDER_MARK, SEPARATORS[excel]) if excel else ("", ",")
        header = [mark + separator.join([*self.columns, ETAG])]
        for page in self.pages(filters, at, expected):
            lines = map(separator.join, zip(*self.cells(page), strict=True))
            yield LINE_END.join([*header, *lines, ""]).encode()
            header = []

    def pages(self, filters, at, expected):
        """Yield the representations page by page, each as GET one shows it."""
        key = ""
        while key is not None:
            page = Page(limit=PAGE_ROWS, after=key)
            listed = self.list_rows(filters, page, None, at, expected, serializer=self.serializer)
            refuse_purged([at, *map(filters.get, INSTANTS)])  # a purge may begin between two pages
            yield listed.data
            key = listed.next_key

    def cells(self, representations):
        """Return the cells of the representations, column by column.

        With csv.writer, which looks at each character of each cell, a table takes 1.4 times the CPU time.
        """
        columns = {name: [each[name] or "" for each in representations] for name in self.columns}
        for name in self.texts:
            columns[name] = [text and quote(protect(text)) for text in columns[name]]
        # With the quotes of an ETag, each doubled between those of the cell: without them, 12e34… would be a number.
        etags = [f'"""{etag_of(encode(each))}"""' for each in representations]
        return *columns.values(), etags


MENTOR_STATUSES = Table("mentor-statuses", queries.list_mentor_statuses, MENTOR_STATUS, answers.MentorStatus)
PAUSE_RECORDS = Table("pause-records", queries.list_pause_records, PAUSE_RECORD, answers.PauseRecord)


@statement
def instant_of_read():
    return Select(columns=[At.of_read().instant]).bind(db.obj)


@connected
def fix_instant(at):
    """Return the instant of a read that takes several statements: `at`, or if that is None the database's now."""
    return at or instant_of_read().row(at=None)[0]
