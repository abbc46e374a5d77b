"""/api/v1/pause-records: the pauses that a mentor's status is read from."""

from flask import Blueprint

import answers
import queries
import rules
import schemas
from problems import unknown_pause_record
from serializers import PAUSE_RECORD_UPDATED
from web.requests import accepts
from web.responses import answer, answer_list, caller, instant_of, returns

blueprint = Blueprint("pause_records", __name__, url_prefix="/api/v1/pause-records")
REPLAYED = (("Idempotent-Replayed", "true"),)


@blueprint.get("")
@accepts(query=schemas.PauseRecordsQuery)
@returns(answers.PauseRecords)
def list_pause_records(query):
    """List all pause records."""
    at, expected = instant_of(query), query.pop("expected")
    page, sort = query.pop("page"), query.pop("sort", "pause_record_id")
    return answer_list(queries.list_pause_records(query, page, sort, at, expected), page)


@blueprint.post("")
@accepts(body=schemas.PauseRecordCreate)
@returns(answers.PauseRecord, status=201)
def create_pause_record(body):
    """Create a pause record for a mentor."""
    record, replayed = rules.create_pause_record(caller(), body)
    location = f"/api/v1/pause-records/{record['pause_record_id']}"
    return answer(record, 201, location=location, headers=REPLAYED if replayed else ())


@blueprint.get("/<pause_record_id>")
@accepts(query=schemas.AtQuery)
@returns(answers.PauseRecord)
def get_pause_record(pause_record_id, query):
    """Get a pause record."""
    record = queries.get_pause_record(pause_record_id, instant_of(query), query["expected"])
    if record is None:
        raise unknown_pause_record(pause_record_id)
    return answer(record)


@blueprint.put("/<pause_record_id>")
@accepts(body=schemas.PauseRecordUpdate)
@returns(answers.PauseRecordUpdated)
def update_pause_record(pause_record_id, body):
    """Close or update a pause record."""
    record = rules.update_pause_record(caller(), pause_record_id, body)
    return answer(PAUSE_RECORD_UPDATED.pick(record))


@blueprint.delete("/<pause_record_id>")
@accepts()
@returns(answers.PauseRecordDeleted)
def delete_pause_record(pause_record_id):
    """Delete a pause record."""
    rules.delete_pause_record(caller(), pause_record_id)
    return answer({"deleted": True, "pause_record_id": pause_record_id})
