"""/api/v1/pause-records: the pauses that a mentor's status is read from."""

from flask import Blueprint

import schemas
from mentors import writes
from mentors.representations import pause_record, pause_record_updated
from reads import answers, pause_records
from reads.serializers import PAUSE_RECORD_IN_LIST, with_etags
from web.auth import READERS, WRITERS
from web.requests import accepts, caller_of_request, requested_instant
from web.responses import answer, answer_list, headers_of_write, returns

blueprint = Blueprint("pause_records", __name__, url_prefix="/api/v1/pause-records")


@blueprint.get("")
@accepts(READERS, query=schemas.PauseRecordsQuery)
@returns(answers.PauseRecords)
def list_pause_records(query):
    """List all pause records.

    Filters may be combined; `is_active`, `phase` and `due_within_days` speak of the instant of the read. With `after`
    (empty to begin) the list is read by key: `pagination` then has `next` instead of `page` and `total`.
    """
    if not query["etags"]:
        return answer_list(pause_records.list_pause_records(query, requested_instant(query)), query["page"])
    listed = pause_records.list_pause_records_with_mentors(query, requested_instant(query))
    items = [
        with_etags(PAUSE_RECORD_IN_LIST.pick(record), etag=record, mentor_etag=mentor) for record, mentor in listed.rows
    ]
    return answer_list(listed._replace(rows=items), query["page"])


@blueprint.post("")
@accepts(WRITERS, body=schemas.PauseRecordCreate)
@returns(answers.PauseRecordSchema, status=201)
def create_pause_record(body):
    """Create a pause record for a mentor.

    A pause that has ended may be recorded, too. The same record sent again creates no second one: the answer is the
    first one, with `Idempotent-Replayed`, so a request may be retried. If that pause has ended by then, and
    `is_active: true` is sent, it is a 409: a PUT reopens the pause.
    """
    mentor, pause = writes.create_pause_record(caller_of_request(), body)
    record = pause_record(mentor, pause)
    location = f"/api/v1/pause-records/{record['pause_record_id']}"
    return answer(record, 201, location=location, headers=headers_of_write(mentor))


@blueprint.get("/<pause_record_id>")
@accepts(READERS, query=schemas.AtQuery)
@returns(answers.PauseRecordSchema)
def get_pause_record(pause_record_id, query):
    """Get a pause record.

    `is_active` speaks of the instant of the read; the dates are shown as they were recorded.
    """
    return answer(pause_records.get_pause_record(pause_record_id, requested_instant(query), query["expected"]))


@blueprint.put("/<pause_record_id>")
@accepts(WRITERS, body=schemas.PauseRecordUpdate)
@returns(answers.PauseRecordUpdated)
def update_pause_record(pause_record_id, body):
    """Close or update a pause record.

    What is not sent stays. `is_active: false` ends the pause now, or at the `end_date` that is sent with it;
    `is_active: true` or a null `end_date` reopens one that has ended. If nothing changes, the answer has
    `Idempotent-Replayed`.
    """
    mentor, pause = writes.update_pause_record(caller_of_request(), pause_record_id, body)
    return answer(pause_record_updated(mentor, pause), headers=headers_of_write(mentor))


@blueprint.delete("/<pause_record_id>")
@accepts(WRITERS, query=schemas.DeleteQuery)
@returns(answers.PauseRecordDeleted)
def delete_pause_record(pause_record_id, query):
    """Delete a pause record.

    This is for one entered by mistake, and the mentor's status follows at once. To end a pause, PUT its `end_date`.
    """
    mentor = writes.delete_pause_record(caller_of_request(), pause_record_id, query["metadata"])
    return answer({"deleted": True, "pause_record_id": pause_record_id}, headers=headers_of_write(mentor))
