"""The queries of the tables: the filters of their lists, and the form of the file."""

import schemas
from fields import Choice
from tables.columns import SEPARATORS


def excel():
    """Make the parameter that asks for a form that Excel opens as it is."""
    text = "Begin with a byte order mark, and separate so: what Excel needs, by the country that it is set to."
    return Choice("Separator", tuple(SEPARATORS), description=text)


class MentorStatusesTableQuery(schemas.MentorStatusesFilters):
    """The filters of the table of mentors, and its form."""

    excel = excel()


class PauseRecordsTableQuery(schemas.PauseRecordsFilters):
    """The filters of the table of pause records, and its form."""

    excel = excel()
