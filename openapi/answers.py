"""What goes out, as JSON schemas by name: exactly these keys, all of them, in this order.

Answers are written by representations.py, not dumped through a schema; the tests hold every answer to these.
"""

from fields import MentorId
from formats import PAUSE_RECORD_ID
from models import EVENTS


def representation(**properties):
    """Describe an object with exactly these keys."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def or_null(schema):
    return schema | {"type": [schema["type"], "null"]}


def without(schema, *names):
    """Describe the same object without some of its keys."""
    return representation(**{name: value for name, value in schema["properties"].items() if name not in names})


def list_of(name):
    """Describe a page of a list."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return representation(data=items, pagination={"oneOf": [COUNTED, WALKED]})


TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
INSTANT = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
MENTOR_ID = {"type": "string", "pattern": f"^{MentorId.FORM}$"}
RECORD_ID = {"type": "string", "pattern": f"^{PAUSE_RECORD_ID.pattern}$"}
STATUS = {"type": "string", "enum": ["active", "paused"]}
COUNT = {"type": "integer", "minimum": 0}
COUNTED = representation(page=COUNT, limit=COUNT, total=COUNT)
WALKED = representation(limit=COUNT, next=or_null(TEXT))

MENTOR_STATUS = representation(
    mentor_id=MENTOR_ID,
    status=STATUS,
    is_paused=FLAG,
    pause_start_date=or_null(INSTANT),
    expected_return_date=or_null(INSTANT),
    pause_reason=or_null(TEXT),
    last_updated=INSTANT,
)
PAUSE_RECORD = representation(
    pause_record_id=RECORD_ID,
    mentor_id=MENTOR_ID,
    start_date=INSTANT,
    expected_return_date=or_null(INSTANT),
    end_date=or_null(INSTANT),
    is_active=FLAG,
    reason=or_null(TEXT),
    created_at=INSTANT,
)
HISTORY_ENTRY = representation(
    changed_at=INSTANT,
    event={"type": "string", "enum": list(EVENTS)},
    pause_record_id=or_null(RECORD_ID),
    status={"type": ["string", "null"], "enum": ["active", "paused", None]},
    is_paused=or_null(FLAG),
    pause_start_date=or_null(INSTANT),
    expected_return_date=or_null(INSTANT),
    pause_end_date=or_null(INSTANT),
    pause_reason=or_null(TEXT),
    changed_by=or_null(TEXT),
    metadata={"type": ["object", "null"]},
)
PROBLEM = representation(
    type={"const": "about:blank"},
    title=TEXT,
    status={"type": "integer", "minimum": 400, "maximum": 599},
    detail=TEXT,
    code=TEXT,
    errors={"type": "object", "additionalProperties": {"type": "array", "items": TEXT, "minItems": 1}},
    request_id=TEXT,
)
PROBLEM["required"].remove("errors")

SCHEMAS = {
    "MentorStatus": MENTOR_STATUS,
    "MentorStatusInList": without(MENTOR_STATUS, "pause_reason"),
    "MentorStatuses": list_of("MentorStatusInList"),
    "MentorStatusDeleted": representation(deleted={"const": True}, mentor_id=MENTOR_ID),
    "HistoryEntry": HISTORY_ENTRY,
    "History": list_of("HistoryEntry"),
    "PauseRecord": PAUSE_RECORD,
    "PauseRecordInList": without(PAUSE_RECORD, "created_at"),
    "PauseRecords": list_of("PauseRecordInList"),
    "PauseRecordUpdated": without(PAUSE_RECORD, "created_at", "reason"),
    "PauseRecordDeleted": representation(deleted={"const": True}, pause_record_id=RECORD_ID),
    "Service": representation(name=TEXT, version=TEXT, links={"type": "object", "additionalProperties": TEXT}),
    "Health": representation(status={"const": "ok"}),
    "Problem": PROBLEM,
}
