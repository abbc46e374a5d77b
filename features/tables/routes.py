"""/api/v1/mentor-statuses.csv and /api/v1/pause-records.csv: both lists as tables for a spreadsheet."""

from flask import Blueprint

from db import read_clock
from features.tables import schemas
from features.tables.download import MENTOR_STATUSES, PAUSE_RECORDS
from features.tables.upload import upload_mentor_statuses, upload_pause_records
from mentors.days import zone
from web.auth import READERS, WRITERS
from web.requests import accepts, caller_of_request, requested_instant
from web.responses import answer, answer_csv, returns

blueprint = Blueprint("tables", __name__, url_prefix="/api/v1")
TABLE_OF_MENTORS = (
    "mentor_id,status,expected_return_date,pause_reason\r\n"
    "mentor-001,active,,\r\n"
    "mentor-042,paused,2026-05-01,personal_leave\r\n"
)
TABLE_OF_RECORDS = (
    "pause_record_id,mentor_id,start_date,expected_return_date,reason\r\n"
    "pause-rec-0018,mentor-042,2026-03-01,2026-05-01,certification_expiry\r\n"
    ",mentor-001,2026-06-01,2026-07-01,personal_leave\r\n"
)
CSV = {"schema": {"type": "string"}, "media_types": ["text/csv"], "has_etag": False}


def answer_table(download, query):
    """Answer with all that the filters find, as a CSV file that is named after the day of the read.

    With `as_of` or `expected` the table shows another day than today, and its name says so.
    """
    shows_another_day = query["expected"] or "as_of" in query
    at = requested_instant(query) or read_clock()
    day = f"{'as-of-' if shows_another_day else ''}{zone.day_of(at)}{'-expected' if query['expected'] else ''}"
    return answer_csv(download.as_bytes(query, at, shows_another_day), f"{download.name}-{day}.csv")


@blueprint.get("/mentor-statuses.csv")
@accepts(READERS, query=schemas.MentorStatusesTableQuery)
@returns(**CSV)
def download_mentor_statuses(query):
    """Download mentor statuses as a table.

    All that the filters find, for one instant, in the order of the ids. `etag` is that of GET one: an upload of the
    line refuses to overwrite what somebody else has changed since. With `as_of` or `expected`, the table has a column
    `as_of` in its place, and an upload refuses the table as long as it has this column.
    """
    return answer_table(MENTOR_STATUSES, query)


@blueprint.post("/mentor-statuses.csv")
@accepts(WRITERS, table=True, query=schemas.UploadQuery, example=TABLE_OF_MENTORS)
@returns(schemas.MentorStatusesUploaded)
def create_or_update_mentor_statuses(table, query):
    """Upload mentor statuses as a table.

    Every line or none is written: a line is a PUT if its mentor is there, else a POST. A missing column leaves
    its field as it is, an empty cell is a null. A line with an `etag` overwrites nothing that changed since; with `*`
    it overwrites, but creates nobody. Mentors that are not in the table stay as they are. Each line of the answer has
    the pause records that it has changed, or, in a dry run, would change.
    """
    return answer(upload_mentor_statuses(caller_of_request(), table, query["dry_run"]))


@blueprint.get("/pause-records.csv")
@accepts(READERS, query=schemas.PauseRecordsTableQuery)
@returns(**CSV)
def download_pause_records(query):
    """Download pause records as a table.

    All that the filters find, for one instant, in the order of the ids. `etag` is that of GET one: an upload of the
    line refuses to overwrite what somebody else has changed since. With `as_of` or `expected`, the table has a column
    `as_of` in its place, and an upload refuses the table as long as it has this column.
    """
    return answer_table(PAUSE_RECORDS, query)


@blueprint.post("/pause-records.csv")
@accepts(WRITERS, table=True, query=schemas.UploadQuery, example=TABLE_OF_RECORDS)
@returns(schemas.PauseRecordsUploaded)
def create_or_update_pause_records(table, query):
    """Upload pause records as a table.

    Every line or none is written: a line is a PUT if it has a `pause_record_id`, else a POST. A missing column
    leaves its field as it is, an empty cell is a null. A line with an `etag` overwrites nothing that changed since;
    with `*` it overwrites. Records that are not in the table stay as they are. Each line of the answer has the pause
    records that it has changed, or, in a dry run, would change.
    """
    return answer(upload_pause_records(caller_of_request(), table, query["dry_run"]))
