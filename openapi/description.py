"""The description of the API (OpenAPI 3.1), built from the routes, and from what each view accepts and returns."""

import inspect
import re
from importlib import import_module

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow.fields import Constant
from werkzeug.http import HTTP_STATUS_CODES

from mentors.fields import Described
from mentors.formats import MENTOR_ID, PAUSE_RECORD_ID
from openapi.examples import ANSWERS, BODIES
from reads.answers import ProblemSchema
from settings import FEED, VERSION
from web.auth import EVERYONE
from web.middleware import BASE

TITLE = "Peer Mentor Status Repository"
SERVERS = [
    {"url": "/", "description": "The plain paths"},
    {"url": BASE, "description": "Behind the base that the contract prints before every path"},
]
INTRODUCTION = """\
Who may be matched today: which mentors are active, which are paused, since when, why, and when they are expected back.
A mentor's status is not stored. It is read from the dates of the mentor's pause records, at any instant (`as_of`).

Send a body as JSON in UTF-8, and a table as CSV, whatever the `Content-Type` says. A timestamp is RFC 3339. Without an
offset, and as a plain date, it is by the time zone of the service (`time_zone` of `GET /`), and so are all days. If the
service has tokens, send one with each request: `Authorization: Bearer TOKEN`.

Answers have instants in UTC. Every GET has an `ETag`, except the tables and `/metrics`, and a list has a `Link` to its
other pages (RFC 8288). A write names its history entry in `History-Entry`; a PUT or POST that had nothing to change
says `Idempotent-Replayed: true`. Every error is application/problem+json (RFC 9457): its `detail` says what to do, and
its `code` is stable.
"""
# Marks the operations that the contract does not have. (With a second tag, /docs would show them twice.)
BEYOND_CONTRACT = "x-beyond-the-contract"
PATH_PARAMETERS = {
    "mentor_id": {
        "description": "The mentor's id; case counts.",
        "schema": {"type": "string", "pattern": f"^{MENTOR_ID.pattern}$"},
    },
    "pause_record_id": {
        "description": "The pause record's id.",
        "schema": {"type": "string", "pattern": f"^{PAUSE_RECORD_ID.pattern}$"},
    },
    "digest": {
        "description": "The digest of all files of the page, as the page names it.",
        "schema": {"type": "string", "minLength": 1},
    },
    "name": {"description": "A file that the page names.", "schema": {"type": "string", "minLength": 1}},
}
# For GET alone: tools fill in the example, and one click would change or delete the mentor or record with this id.
PATH_EXAMPLES = {"mentor_id": {"example": "mentor-042"}, "pause_record_id": {"example": "pause-rec-0018"}}
STRING = {"type": "string"}
TABLE = {"type": "string", "minLength": 1, "description": "The first line names the columns; alone, it does nothing."}
CONDITIONS = {
    "If-Match": "Write only if GET still answers with this ETag.",
    "If-None-Match": "Answer 304 if the ETag is still this one.",
}


def describe_field(converter, field, ret):
    """Return what to add to `ret`, apispec's description of a field; remove from `ret` what is wrong.

    apispec calls this, with these names of the arguments.
    """
    if field.dump_only:
        ret.clear()
        # Not `readOnly`: validators would refuse the body that GET returned.
        return {"description": "Ignored, so that what GET returned can be sent; an id must not contradict the path."}
    if isinstance(field, Described) and field.component:
        schema = field.component_schema
        if converter.spec.components.schemas.setdefault(field.component, schema) != schema:
            raise ValueError(f"The description has two schemas of the name {field.component}.")
        for key in set(ret) - {"description"}:
            del ret[key]
        reference = converter.spec.components.get_ref("schema", field.component)
        return {"anyOf": [reference, {"type": "null"}]} if field.allow_none else reference
    if isinstance(field, Constant):
        ret.clear()
        return {"const": field.constant}
    return {}


def describe(app):
    """Return the description of every route of an app, as a dict. Raises LookupError if a view declares too little."""
    has_tokens = app.config["SETTINGS"].has_tokens
    plugin = MarshmallowPlugin()
    spec = APISpec(TITLE, VERSION, "3.1.0", [plugin], info={"description": INTRODUCTION}, servers=SERVERS)
    plugin.converter.add_attribute_function(describe_field)
    with_routes = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}  # others have commands alone
    for name, blueprint in app.blueprints.items():
        if name in with_routes:
            spec.tag({"name": name, "description": import_module(blueprint.import_name).__doc__})
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not (view.__doc__ and hasattr(view, "query_schema") and hasattr(view, "answer_schema")):
            raise LookupError(f"{rule.endpoint} needs a docstring, @accepts and @returns to be described.")
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        (method,) = rule.methods - {"HEAD", "OPTIONS"}
        needs_token = has_tokens and view.roles != EVERYONE
        operation = describe_operation(rule, method, view)
        operation["responses"] = describe_responses(rule, method, view)
        operation["security"] = [{"token": []}] if needs_token else []
        if needs_token and FEED in view.roles:
            operation["security"].append({"feed": []})
        spec.path(path, operations={method.lower(): operation})
    if has_tokens:
        spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
        spec.components.security_scheme("feed", {"type": "apiKey", "in": "query", "name": "token"})
    description = spec.to_dict()
    for path, item in description["paths"].items():
        if not path.startswith("/api/"):
            item["servers"] = [{"url": "/"}]
    return description


def describe_operation(rule, method, view):
    """Return an operation without its responses: its names and tags, its parameters and its body."""
    tag, _, name = rule.endpoint.rpartition(".")
    summary, _, description = inspect.getdoc(view).partition("\n\n")
    operation = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": " ".join(description.split()),
        "parameters": parameters_of(rule, method, view),
    }
    if name not in ANSWERS:
        operation[BEYOND_CONTRACT] = True
    if view.body_schema or view.takes_table:
        media_type, schema = ("text/csv", TABLE) if view.takes_table else ("application/json", view.body_schema)
        content = {media_type: {"schema": schema, "example": view.example or BODIES[name]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def parameters_of(rule, method, view):
    """Return the parameters of an operation, in the path, the query and the headers."""
    names = sorted(rule.arguments)  # a set
    parameters = [{"in": "path", "name": each, "required": True, **PATH_PARAMETERS[each]} for each in names]
    if method == "GET":
        parameters = [each | PATH_EXAMPLES.get(each["name"], {}) for each in parameters]
    parameters.append({"in": "query", "schema": view.query_schema})
    name = "If-Match" if method in ("PUT", "DELETE") else "If-None-Match"
    if method != "POST" and view.has_etag:
        parameters.append({"in": "header", "name": name, "description": CONDITIONS[name], "schema": STRING})
    return parameters


def describe_responses(rule, method, view):
    """Return the responses of an operation by status: its success, and one for all problems."""
    name = rule.endpoint.rpartition(".")[2]
    content = {"schema": view.answer_schema}
    if name in ANSWERS:
        content["example"] = ANSWERS[name]
    success = {
        "description": HTTP_STATUS_CODES[view.answer_status],
        "content": {each: {"schema": STRING} if each == "text/html" else content for each in view.answer_types},
    }
    responses = {str(view.answer_status): success}
    if method == "GET" and view.has_etag:
        responses["304"] = {"description": "Nothing has changed"}
    problem = {"application/problem+json": {"schema": ProblemSchema}}
    responses["default"] = {"description": "A problem: its `detail` says what to do", "content": problem}
    return responses
