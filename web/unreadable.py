"""The answer to a request that gunicorn cannot read, which the application therefore never sees."""

import traceback
import uuid
from contextlib import suppress
from email.utils import formatdate

from gunicorn.http import errors
from werkzeug.http import HTTP_STATUS_CODES

from mentors.problems import Problem
from web.errors import FAILED, body_of

NOT_HTTP = (
    "The request is not valid HTTP/1.1; percent-encode blanks and all that is not ASCII in the URL, "
    "and write each header once, as NAME: VALUE."
)
BAD_REQUEST = (400, "malformed_body", NOT_HTTP)
FAULT = (500, "internal_error", FAILED)
# The status, the `code` and the `detail` of what is no bad request.
REFUSALS = {
    errors.LimitRequestLine: (414, "too_large", "The URL is too long; send a shorter one, for example with fewer ids."),
    errors.ExpectationFailed: (417, "not_implemented", "Expect may only be 100-continue; leave the header out."),
    errors.LimitRequestHeaders: (431, "too_large", "The headers are too many or too long; send fewer or shorter ones."),
    errors.UnsupportedTransferCoding: (501, "not_implemented", "Transfer-Encoding may only be chunked; leave it out."),
    errors.ConfigurationProblem: FAULT,
}


def answer(req, client, addr, exc, log):
    """Answer with a problem, and log it; the arguments are those of gunicorn's `Worker.handle_error`, and its log.

    gunicorn's own answer is HTML. It repeats what was sent, and so does its line in the log.
    """
    ip = addr[0] if addr else ""  # a Unix socket has none
    kind = type(exc).__name__
    status, code, detail = REFUSALS.get(type(exc), BAD_REQUEST if isinstance(exc, errors.ParseException) else FAULT)
    if req is not None and status != 500:  # this body broke off after its request was answered
        log.warning("Invalid body from ip=%s: %s", ip, kind)
        return
    request_id = uuid.uuid4().hex
    if status == 500:
        frames = "".join(traceback.format_tb(exc.__traceback__))
        log.error("Error handling request: %s request_id=%s\n%s", kind, request_id, frames)
    else:
        log.warning("Invalid request from ip=%s: %s status=%s request_id=%s", ip, kind, status, request_id)
    with suppress(OSError):  # the client has gone
        client.sendall(bytes_of(Problem(status, code, detail), request_id))


def bytes_of(problem, request_id):
    """Return a problem as the bytes of an answer that ends the connection."""
    body = body_of(problem, request_id)
    head = (
        f"HTTP/1.1 {problem.status} {HTTP_STATUS_CODES[problem.status]}",
        f"Date: {formatdate(usegmt=True)}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-ID: {request_id}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-cache",
    )
    return "\r\n".join((*head, "", "")).encode() + body
