"""/api/v1/pause-records: the pauses that a mentor's status is read from."""

import queries
import rules
import schemas
from problems import unknown_pause_record
from serializers import PAUSE_RECORD_UPDATED
from web.responses import Blueprint, answer, answer_list, caller, instant_of

blp = Blueprint("pause_records", __name__, url_prefix="/api/v1/pause-records")
REPLAYED = (("Idempotent-Replayed", "true"),)


@blp.get("")
@blp.arguments(schemas.PauseRecordsQuery(), location="query")
@blp.response(200, "PauseRecords")
def list_pause_records(query):
    """List all pause records."""
    at, expected = instant_of(query), query.pop("expected")
    page, sort = query.pop("page"), query.pop("sort", "pause_record_id")
    return answer_list(queries.list_pause_records(query, page, sort, at, expected), page)


@blp.post("")
@blp.arguments(schemas.PauseRecordCreate())
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(201, "PauseRecord")
def create_pause_record(body, query):
    """Create a pause record for a mentor."""
    record, replayed = rules.create_pause_record(caller(), body)
    location = f"/api/v1/pause-records/{record['pause_record_id']}"
    return answer(record, 201, location=location, headers=REPLAYED if replayed else ())


@blp.get("/<pause_record_id>")
@blp.arguments(schemas.AtQuery(), location="query")
@blp.response(200, "PauseRecord")
def get_pause_record(query, pause_record_id):
    """Get a pause record."""
    record = queries.get_pause_record(pause_record_id, instant_of(query), query["expected"])
    if record is None:
        raise unknown_pause_record(pause_record_id)
    return answer(record)


@blp.put("/<pause_record_id>")
@blp.arguments(schemas.PauseRecordUpdate())
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "PauseRecordUpdated")
def update_pause_record(body, query, pause_record_id):
    """Close or update a pause record."""
    record = rules.update_pause_record(caller(), pause_record_id, body)
    return answer(PAUSE_RECORD_UPDATED.pick(record))


@blp.delete("/<pause_record_id>")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "PauseRecordDeleted")
def delete_pause_record(query, pause_record_id):
    """Delete a pause record."""
    rules.delete_pause_record(caller(), pause_record_id)
    return answer({"deleted": True, "pause_record_id": pause_record_id})
