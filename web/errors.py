"""Every error of the application becomes application/problem+json (RFC 9457) here."""

import orjson
import peewee
from flask import Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from db.errors import AWAY, is_unavailable
from mentors.problems import RETRY_AFTER, UNAVAILABLE, Problem, Unavailable
from web.logs import REQUEST_ID_KEY, log_fault, log_refusal

BROKEN_BODY = "The body did not arrive whole; send the request again."
FAILED = "The service failed on this request. Send it once more; if it fails again, tell the operator this request_id."
# The `code` and the `detail` of the errors that Flask and Werkzeug raise themselves.
CODES_AND_DETAILS = {
    400: ("malformed_body", BROKEN_BODY),
    404: ("not_found", "There is nothing at this path; GET /openapi.json lists all paths."),
    405: ("method_not_allowed", "This path does not take this method; the header Allow names the methods it takes."),
    500: ("internal_error", FAILED),
}


def register_error_handlers(app):
    """Answer every error of the app as a problem."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, http_error)
    for error in (peewee.DatabaseError, *AWAY):
        app.register_error_handler(error, database_error)


def problem_response(problem):
    """Answer with a problem; log its reason if it says that the service cannot do it now."""
    if isinstance(problem, Unavailable):
        log_refusal(problem.reason)
    body = body_of(problem, request.environ[REQUEST_ID_KEY])
    return Response(body, problem.status, problem.headers, content_type="application/problem+json")


def body_of(problem, request_id):
    """Return a problem as JSON, in bytes."""
    body = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[problem.status],
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = problem.errors
    body["request_id"] = request_id
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)


def database_error(error):
    """Answer 503 if the database cannot do it now; any other error is a fault of the service (500)."""
    if not is_unavailable(error):
        raise error
    log_fault(error)
    return problem_response(Problem(503, "unavailable", UNAVAILABLE, headers=RETRY_AFTER))


def http_error(error):
    """Answer an error that Flask or Werkzeug raised, with its headers (a 405 has Allow)."""
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    # They raise any other 4xx only for a malformed request.
    code, detail = CODES_AND_DETAILS.get(error.code, ("malformed_body", error.description))
    return problem_response(Problem(error.code, code, detail, headers=headers))
