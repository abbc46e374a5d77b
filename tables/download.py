"""Download: all rows that match the filters of a list, for one instant, as CSV (RFC 4180) in pieces."""

from peewee import Select

from db import connected, db, statement
from db.pages import Page
from mentors import answers, queries
from mentors.pauses import At
from mentors.retention import INSTANTS, refuse_purged
from mentors.serializers import MENTOR_STATUS, PAUSE_RECORD, encode, etag_of
from tables.columns import BYTE_ORDER_MARK, ETAG, LINE_END, SEPARATORS, columns_of, protect, quote, texts_of

PAGE_ROWS = 1000


class Table:
    """A list as a table.

    Its file name begins with `name`. `list_rows` reads a page, and `answer` is the schema that has the columns.
    """

    def __init__(self, name, list_rows, serializer, answer):
        self.name = name
        self.list_rows = list_rows
        self.serializer = serializer
        self.columns = columns_of(answer)
        self.texts = texts_of(answer)

    def download(self, filters, at, expected, excel=None):
        """Yield the table as bytes, page by page. No connection is held between two pages.

        `excel` is the name of the separator for Excel. Each page may raise an error of the database.
        """
        separator = SEPARATORS[excel] if excel else ","
        header = separator.join([*self.columns, ETAG])
        lines = [BYTE_ORDER_MARK + header if excel else header]
        for page in self.pages(filters, at, expected):
            lines += map(separator.join, zip(*self.cells(page), strict=True))
            yield LINE_END.join([*lines, ""]).encode()
            lines = []

    def pages(self, filters, at, expected):
        """Yield the pages of the list: lists of representations as GET one shows them."""
        key = ""
        while key is not None:
            page = Page(limit=PAGE_ROWS, after=key)
            listed = self.list_rows(filters, page, None, at, expected, serializer=self.serializer)
            # A purge may begin between two pages.
            refuse_purged({name: filters.get(name) for name in INSTANTS} | {"as_of": at})
            yield listed.data
            key = listed.next_key

    def cells(self, representations):
        """Return the cells of the representations, column by column.

        csv.writer looks at each character of each cell: with it, a table takes 1.4 times the CPU time.
        """
        columns = {name: [each[name] or "" for each in representations] for name in self.columns}
        for name in self.texts:
            columns[name] = [text and quote(protect(text)) for text in columns[name]]
        # An ETag keeps its quotes, since a spreadsheet takes 12e34… for a number. In a cell each quote is doubled.
        etags = [f'"""{etag_of(encode(each))}"""' for each in representations]
        return *columns.values(), etags


MENTOR_STATUSES = Table("mentor-statuses", queries.list_mentor_statuses, MENTOR_STATUS, answers.MentorStatus)
PAUSE_RECORDS = Table("pause-records", queries.list_pause_records, PAUSE_RECORD, answers.PauseRecord)


@statement
def instant_of_read():
    return Select(columns=[At.of_read().instant]).bind(db.obj)


@connected
def fix_instant(at):
    """Return the instant for a read of several statements: `at`, or the database's now if `at` is None."""
    return at or instant_of_read().row(at=None)[0]
