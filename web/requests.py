"""What a view takes of a request: its body and its query, loaded by schemas; its instant, caller and conditions."""

from collections import Counter
from functools import lru_cache, wraps
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson
from flask import current_app, request
from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from mentors import retention
from mentors.days import zone
from mentors.formats import MENTOR_ID
from mentors.problems import Problem, invalid, unknown_mentor
from mentors.writes import Caller
from schemas import DeleteQuery, Strict
from settings import BODY_BYTES, TABLE_BYTES
from web.auth import token_of_request
from web.errors import BROKEN_BODY

CACHED_QUERIES = 100  # of at most 8 KiB each


def accepts(roles, body=None, query=None, table=False, example=None):
    """Decorate a view: load the JSON body and the query, and pass them as `body` and `query`.

    Only `roles` may call the view (web/auth.py). `body` and `query` are schema classes; without `query` the view takes
    no parameter. With `table`, the body is CSV, and the view gets its bytes. `example` is a body for the API
    description, if the contract has none. Paths outside of /api/ ignore the query.

    The order of checks: the body (415, 413, 400), its fields (422), the query (422), and a mentor_id in the path that
    no mentor can have (404; Postgres takes no NUL). After the view: whether what it has read was purged (410).
    """
    body_schema = body and body()
    query_schema = (query or Strict)()
    is_deletion = isinstance(query_schema, DeleteQuery)
    parameters = {field.attribute or name for name, field in query_schema.fields.items()}
    is_of_an_instant = not parameters.isdisjoint(retention.REFUSED_IF_PURGED)  # no write is

    def decorate(view):
        @wraps(view)
        def load_first(**path_values):
            arguments = {}
            if body_schema:
                arguments["body"] = load_body(body_schema, path_values)
            elif table:
                arguments["table"] = read_csv()
            elif is_deletion:
                refuse_body(query_schema)
            is_of_api = request.path.startswith("/api/")
            loaded_query = load_query(query_schema, request.query_string, zone.name) if is_of_api else {}
            if query:
                arguments["query"] = loaded_query.copy()  # the loaded one is cached
            if "mentor_id" in path_values and not MENTOR_ID.fullmatch(path_values["mentor_id"]):
                raise unknown_mentor(path_values["mentor_id"])
            response = view(**arguments, **path_values)
            if is_of_an_instant:
                retention.refuse_purged(loaded_query)  # after the read, since a purge may begin before it ends
            return response

        load_first.roles = roles
        load_first.body_schema = body_schema
        load_first.query_schema = query_schema
        load_first.takes_table = table
        load_first.example = example
        return load_first

    return decorate


def load_body(schema, path_values):
    """Load the JSON body. Raises 413, 400, and 422, also if an id in the body contradicts the path.

    A null id is as if not sent: many clients send nulls for what they do not set.
    """
    body = read_json()
    if isinstance(body, dict):
        for name, value in path_values.items():
            if body.get(name) not in (None, value):
                raise invalid({name: [f"It differs from the id in the path, '{value}'; leave it out."]})
    return load_values(schema, body)


def refuse_body(query_schema):
    """Refuse (422) the body of a DELETE, which would be ignored; an empty one, `{}` and `null` say nothing."""
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return
    data = read_body(BODY_BYTES)
    try:
        says_nothing = not data.strip() or orjson.loads(data) in ({}, None)
    except orjson.JSONDecodeError:
        says_nothing = False
    if not says_nothing:
        names = ", ".join(query_schema.load_fields)
        raise invalid({"body": [f"A DELETE takes no body; leave it out. What may be sent in the query: {names}."]})


@lru_cache(CACHED_QUERIES)
def load_query(schema, query_string, time_zone):
    """Load a query string (bytes); cached, since clients repeat their queries. (What it means depends on the zone.)

    Raises 422, also if it is not UTF-8 or has a parameter twice.
    """
    try:
        unquote_to_bytes(query_string).decode()  # parse_qsl() would replace what is not UTF-8
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True)
    except UnicodeDecodeError:
        raise invalid({"query": ["It is not UTF-8; write it in UTF-8, percent-encoded: é is %C3%A9."]}) from None
    values = dict(pairs)
    counts = Counter(name for name, _value in pairs)
    if errors := {name: ["It is there more than once; send it once."] for name in values if counts[name] > 1}:
        raise invalid(errors)
    return load_values(schema, values)


def load_values(schema, values):
    """Return the values as the schema loads them. Raises 422; an error of the whole body is under `body`.

    Unknown names come last, in the order in which they were sent: marshmallow reports them in the order of a set.
    """
    try:
        return schema.load(values)
    except ValidationError as error:
        errors = {"body" if name == SCHEMA else name: messages for name, messages in error.messages.items()}
        for name in values if isinstance(values, dict) else ():
            if errors.get(name) == [schema.error_messages["unknown"]]:
                errors[name] = errors.pop(name)
        raise invalid(errors) from None


def read_json():
    """Return the JSON value of the body, whatever its type says. Raises 413 over 64 KiB, 400 if it is no whole JSON."""
    try:
        return orjson.loads(read_body(BODY_BYTES))
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON in UTF-8 ({error}); correct it and send it again."
        raise Problem(400, "malformed_body", detail) from None


def read_csv():
    """Return the bytes of a CSV body. Raises 415 if it is a form, 413 over 1 MiB, 400 if it is not whole."""
    if request.mimetype == "multipart/form-data":
        raise Problem(
            415,
            "unsupported_media_type",
            "The table must be the body, not a part of a form; with curl, write --data-binary @FILE instead of -F.",
        )
    return read_body(TABLE_BYTES)


def read_body(limit):
    """Return all bytes of the body. Raises 413 over the limit, without reading if the header tells the length."""
    length = request.content_length  # None if the body comes in chunks
    if length is not None and length > limit:
        raise too_large(limit)
    request.max_content_length = limit + 1  # Werkzeug cuts a chunked body there, without an error
    try:
        data = request.get_data(cache=False)
    except Exception as error:
        # gunicorn finds a broken chunk only during the read.
        raise Problem(400, "malformed_body", BROKEN_BODY) from error
    if len(data) > limit:
        raise too_large(limit)
    if length is not None and len(data) != length:
        raise Problem(400, "malformed_body", BROKEN_BODY)
    return data


def too_large(limit):
    return Problem(413, "too_large", f"The body is larger than {limit} bytes; send a smaller one.")


# --- the instant, the caller and the conditions


def requested_instant(query):
    """Return the instant that a query asks for, or None: then the read is of now, by the database's clock."""
    return query.get("as_of") or current_app.config["CLOCK"]()


def caller_of_request():
    """Return who writes, and under which conditions."""
    token = token_of_request()
    if_match = None
    if "If-Match" in request.headers:  # without a tag, it matches nothing; a W/ that a proxy has added is ignored
        if_match = {"*"} if request.if_match.star_tag else request.if_match.as_set(include_weak=True)
    return Caller(
        current_app.config["CLOCK"](),
        token and token.name,
        if_match=if_match,
        only_if_absent=request.if_none_match.star_tag,
    )
