"""The queries of the tables: the filters of their lists, and how a table is sent."""

import schemas
from mentors.fields import Choice, QueryFlag
from tables.columns import SEPARATORS


def excel():
    """Make the parameter for a table that Excel opens without an import."""
    text = "Begin with a byte order mark, and separate so: what Excel needs, by the country that it is set to."
    return Choice("Separator", tuple(SEPARATORS), description=text)


class MentorStatusesTableQuery(schemas.MentorStatusesFilters):
    """The filters of the table of mentors, and its form."""

    excel = excel()


class PauseRecordsTableQuery(schemas.PauseRecordsFilters):
    """The filters of the table of pause records, and its form."""

    excel = excel()


class UploadQuery(schemas.Strict):
    """Whether an upload is a dry run."""

    dry_run = QueryFlag(load_default=False, description="Answer as if the table were written, and write nothing.")
