"""What a request brings, read strictly: a whole JSON body, a query string without doubles."""

from urllib.parse import unquote_to_bytes

import orjson
from flask import Request, request
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from problems import Problem, invalid

BODY_BYTES = 64 * 1024
# curl's default for -d is a form; a script should not need a header to be understood.
JSON_TYPES = ("", "application/json", "application/x-www-form-urlencoded")


class StrictRequest(Request):
    """A request that never parses a form and never reads more than a body may hold."""

    # One more than allowed, since Werkzeug cuts an over-long chunked body at the limit without a word.
    max_content_length = BODY_BYTES + 1


class StrictParser(FlaskParser):
    """webargs' parser with the strict readers, and its errors flat as {field: [messages]}."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None}  # the schemas say it: nothing unknown

    def __init__(self):
        super().__init__()
        self.without_query = {}

    def parse(self, schema, req=None, *, location=None, **kwargs):
        """Parse as webargs does; what a query string that is empty means is found out once for each schema."""
        if location != "query" or request.query_string:
            return super().parse(schema, req, location=location, **kwargs)
        if schema not in self.without_query:
            self.without_query[schema] = super().parse(schema, req, location=location, **kwargs)
        return dict(self.without_query[schema])  # a copy, which the view may take apart; its values do not change

    def load_json(self, req, schema):
        """Read the body; raises 415, 413 or 400, and 422 where an id in it contradicts the path."""
        sent = read_json(req)
        if isinstance(sent, dict):
            for name, value in (req.view_args or {}).items():
                if name in sent and sent[name] != value and schema.fields[name].dump_only:
                    raise ValidationError({name: [f"It differs from the id in the path, '{value}'; leave it out."]})
        return sent

    def load_querystring(self, req, schema):
        """Read the query string; raises 422 where it is not UTF-8, or a parameter is given twice."""
        errors = {name: ["It is not UTF-8; write it in UTF-8, percent-encoded."] for name in not_utf8(req.query_string)}
        for name, values in req.args.lists():
            if len(values) > 1:
                errors[name] = ["It is there more than once; send it once."]
        if errors:
            raise ValidationError(errors)
        return req.args.to_dict()

    def handle_error(self, error, req, schema, *, error_status_code, error_headers):
        raise invalid(flat(error.messages))


def flat(messages):
    """Return webargs' {location: {field: messages}} as {field: [messages]}; what has no field is the body itself."""
    errors = {}
    for fields in messages.values():
        for name, told in fields.items() if isinstance(fields, dict) else [("_schema", fields)]:
            errors["body" if name == "_schema" else name] = told if isinstance(told, list) else [str(told)]
    return errors


def not_utf8(query_string):
    """Name the parameters that Werkzeug would leave half decoded."""
    for part in query_string.split(b"&"):
        name, _, value = part.partition(b"=")
        try:
            unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            yield name.decode(errors="replace")


def read_json(request):
    """Return the JSON value of the body (RFC 8259). Raises 415 for its type, 413 over 64 KiB, 400 if not whole JSON."""
    refuse_type(request)
    data = read_body(request)
    if not data:
        raise Problem(400, "malformed_body", "The body is empty; send a JSON object.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "malformed_body", f"The body is not JSON ({error}); correct it and send it again.") from None


def refuse_type(request):
    mimetype, parameters = request.mimetype, request.mimetype_params
    json_type = mimetype in JSON_TYPES or mimetype.endswith("+json")
    charset = parameters.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if not json_type or charset not in ("utf-8", "utf8") or encoding != "identity":
        detail = "The body must be JSON in UTF-8; send it with Content-Type: application/json and no Content-Encoding."
        raise Problem(415, "unsupported_media_type", detail)


def read_body(request):
    """Return the bytes of the body, all of them; a length that is too large is refused before any of them is read."""
    length = request.content_length  # None where the body comes in chunks
    too_large = Problem(413, "too_large", f"The body is larger than {BODY_BYTES} bytes; send a smaller one.")
    if length is not None and length > BODY_BYTES:
        raise too_large
    try:
        data = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:
        # gunicorn finds a broken chunk only while we read.
        raise Problem(400, "malformed_body", "The body did not arrive whole; send it again.") from error
    if len(data) > BODY_BYTES:
        raise too_large
    if length is not None and len(data) != length:
        raise Problem(400, "malformed_body", "The body is shorter than its Content-Length; send it again.")
    return data
