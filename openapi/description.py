"""The API's description (OpenAPI 3.1): what flask-smorest reads off the views and schemas, and what it cannot know."""

from fields import TEXT_SCHEMA, TIMESTAMP_SCHEMA, Text, Timestamp
from openapi.answers import MENTOR_ID, RECORD_ID, SCHEMAS
from openapi.examples import ANSWERS, BODIES
from web.middleware import BASE

PLAIN = [{"url": "/"}]
SERVERS = [
    {"url": "/", "description": "The plain paths"},
    {"url": BASE, "description": "Behind the base that the contract prints before every path"},
]
INTRODUCTION = (
    "Who may be matched today: which mentors are active, which are paused, since when, why, and when they are expected "
    "back. A mentor's status is not stored: it is read from the dates of the mentor's pause records, at any instant "
    "(`as_of`). A timestamp is RFC 3339, or a plain date (midnight UTC), or without an offset (UTC). A body is read as "
    "JSON also when it is sent as another `+json` type, as a form (the default of curl) or without a type. "
    "Every error is application/problem+json (RFC 9457) with a stable `code`."
)
PARAMETERS = {
    "after": "Walk the list by key: empty to begin, then the value of `pagination.next`. Not with `page` or `sort`.",
    "as_of": "Read as of this instant, in the past or ahead, instead of now.",
    "due_within_days": "Not ended, and expected back at most so many days from the instant of the read; overdue, too.",
    "erase": "Erase the mentor's history, too (the right to be forgotten); also after the mentor has been deleted.",
    "expected": "Read an open pause as ending on its expected_return_date.",
    "from": "Overlapping the time from this instant on.",
    "is_active": "Not ended (true), or ended (false).",
    "limit": "The size of a page.",
    "mentor_id": "These mentors: up to 100 ids with commas between them.",
    "page": "Which page, from 1.",
    "phase": "`current` is in force, and includes `overdue`: in force past its expected_return_date.",
    "reason": "This reason, to the letter.",
    "sort": "The order; `-` for descending, nulls last, ties by id.",
    "status": "The status at the instant of the read.",
    "to": "Overlapping the time before this instant; it is after `from`.",
    "updated_since": "Written since this instant (inclusive), or a pause began or ended since; for mirrors.",
}
PATH_PARAMETERS = {
    "mentor_id": {"description": "The mentor's id; case counts.", "schema": MENTOR_ID},
    "pause_record_id": {"description": "The pause record's id.", "schema": RECORD_ID},
    "name": {"description": "A file that the page names."},
}
# Only where nothing is written: tools fill them in, and one that exists would be changed or deleted by a click.
PATH_EXAMPLES = {"mentor_id": "mentor-042", "pause_record_id": "pause-rec-0018"}
PROBLEMS = {
    400: "The body is not JSON, or not whole",
    403: "A web page of another origin may not write, nor a token that only reads",
    404: "Nothing is there",
    409: "An existing mentor status or pause record stands against it",
    412: "It has changed since it was read",
    413: "The body is over 64 KiB",
    415: "The body is not sent as JSON",
    422: "A field or parameter is wrong",
    500: "The service failed",
    503: "The database cannot answer now",
}
PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
UNKNOWN_TOKEN = {"description": "No token, or not a known one"}
ETAG = {"ETag": {"description": "The tag of this representation", "schema": {"type": "string"}, "required": True}}
HEADERS = {
    "Location": {"description": "The path of what was created", "schema": {"type": "string"}, "required": True},
    "Link": {"description": "The other pages (RFC 8288)", "schema": {"type": "string"}, "required": True},
    "Idempotent-Replayed": {"description": "true: it was there already", "schema": {"type": "string"}},
}


def condition(name, text):
    return {"in": "header", "name": name, "description": text, "schema": {"type": "string"}}


IF_MATCH = condition("If-Match", "Write only if GET still answers with this ETag.")
IF_NONE_MATCH = condition("If-None-Match", "Answer 304 if the ETag is still this one.")


def describe_field(converter, field, ret):
    """Describe a field after apispec (`ret`): a text or a timestamp by its name, what is only read as any value."""
    if field.dump_only:
        ret.clear()
        # Not `readOnly`: validators would refuse the body that GET returned.
        return {"description": "Ignored, so that what GET returned can be sent; an id must not contradict the path."}
    if not isinstance(field, Text | Timestamp):
        return {}
    ret.clear()
    reference = {"$ref": f"#/components/schemas/{type(field).__name__}"}
    return {"anyOf": [reference, {"type": "null"}]} if field.allow_none else reference


def describe(spec, url_map, tokens):
    """Return the description as a dict: flask-smorest's, with its errors as problems and all else it cannot know."""
    document = spec.to_dict()
    document["info"]["description"] = INTRODUCTION
    document["servers"] = SERVERS
    components = document["components"]
    del components["responses"], components["schemas"]["Error"], components["schemas"]["PaginationMetadata"]
    components["schemas"].update(SCHEMAS, Timestamp=TIMESTAMP_SCHEMA, Text=TEXT_SCHEMA)
    operation_ids = {
        (str(rule).replace("<", "{").replace(">", "}"), method.lower()): rule.endpoint.rpartition(".")[2]
        for rule in url_map.iter_rules()
        for method in rule.methods
    }
    for path, item in document["paths"].items():
        if not path.startswith("/api/"):
            item["servers"] = PLAIN
        in_path = [parameter | PATH_PARAMETERS[parameter["name"]] for parameter in item.pop("parameters", ())]
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete"):
                operation["operationId"] = operation_ids[path, method]
                complete(operation, method, path)
                operation["parameters"][:0] = [with_example(each) if method == "get" else each for each in in_path]
                if tokens and path.startswith("/api/"):
                    operation["security"] = [{"token": []}]
                    operation["responses"]["401"] = PROBLEM | UNKNOWN_TOKEN
    if tokens:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return document


def with_example(parameter):
    name = parameter["name"]
    return parameter | ({"example": PATH_EXAMPLES[name]} if name in PATH_EXAMPLES else {})


def complete(operation, method, path):
    """Add to an operation its conditions, headers, problems, and what its parameters mean."""
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter["description"] = PARAMETERS[parameter["name"]]
    responses = operation["responses"]
    responses.pop("default")
    success = next(iter(status for status in responses if status.startswith("2")))
    headers = responses[success].setdefault("headers", {})
    statuses = {422, 500, 503}
    if method == "get":
        headers |= ETAG
        parameters.append(IF_NONE_MATCH)
        responses["304"] = {"description": "It is as it was", "headers": ETAG}
        if any(parameter["name"] == "limit" for parameter in parameters):
            headers["Link"] = HEADERS["Link"]
    if method != "get":
        statuses.add(403)
    if method in ("put", "delete"):
        parameters.append(IF_MATCH)
        statuses.add(412)
    if "requestBody" in operation:
        statuses |= {400, 409, 413, 415}
    if success == "201":
        headers["Location"] = HEADERS["Location"]
        if path.endswith("pause-records"):
            headers["Idempotent-Replayed"] = HEADERS["Idempotent-Replayed"]
    if "{" in path:
        statuses.add(404)
    for status in sorted(statuses):
        responses[str(status)] = PROBLEM | {"description": PROBLEMS[status]}
    operation["responses"] = dict(sorted(responses.items()))
    if operation["operationId"] in ANSWERS:
        responses[success]["content"]["application/json"]["example"] = ANSWERS[operation["operationId"]]
    if operation["operationId"] in BODIES:
        operation["requestBody"]["content"]["application/json"]["example"] = BODIES[operation["operationId"]]
