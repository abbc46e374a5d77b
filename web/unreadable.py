"""The answer to a request that gunicorn cannot read, which the application therefore never sees."""

import uuid
from email.utils import formatdate

from werkzeug.http import HTTP_STATUS_CODES

from mentors.problems import Problem
from web import metrics
from web.errors import FAILED, body_of

LINE = "The first line of the request is not HTTP/1.1; in the URL, percent-encode blanks and all that is not ASCII."
HEADERS = "The headers are not HTTP/1.1; write NAME: VALUE, Host and Content-Type once, and one length of the body."
TOO_MANY = "The headers are too many, or one is too long; send fewer or shorter ones."
CODING = "Transfer-Encoding may only be chunked; send that, or a Content-Length."
BROKEN_BODY = "The body did not arrive whole; send it again."
# The status, the `code` and the `detail`, by the name of gunicorn's exception. Any other exception is a 500.
REFUSALS = {
    "InvalidRequestLine": (400, "malformed_body", LINE),
    "InvalidHTTPVersion": (400, "malformed_body", LINE),  # a blank in the URL: what follows it is read as the version
    "InvalidRequestMethod": (400, "malformed_body", "The method is not one of HTTP; write it in capitals, as in GET."),
    "InvalidHeader": (400, "malformed_body", HEADERS),
    "InvalidHeaderName": (400, "malformed_body", HEADERS),
    "ObsoleteFolding": (400, "malformed_body", HEADERS),
    "InvalidChunkSize": (400, "malformed_body", BROKEN_BODY),
    "InvalidChunkExtension": (400, "malformed_body", BROKEN_BODY),
    "ChunkMissingTerminator": (400, "malformed_body", BROKEN_BODY),
    "LimitRequestLine": (414, "too_large", "The URL is too long; send a shorter one, such as fewer ids in mentor_id."),
    "ExpectationFailed": (417, "not_implemented", "Expect may only be 100-continue; send that, or leave it out."),
    "LimitRequestHeaders": (431, "too_large", TOO_MANY),
    "UnsupportedTransferCoding": (501, "not_implemented", CODING),
}


def refuse(kind):
    """Count a request that gunicorn refused with an exception of this name; return the status, the id and the answer.

    The answer is in bytes.
    """
    status, code, detail = REFUSALS.get(kind, (500, "internal_error", FAILED))
    metrics.requests.labels("other", "none", str(status)).inc()
    request_id = uuid.uuid4().hex
    return status, request_id, answer_of(Problem(status, code, detail), request_id)


def answer_of(problem, request_id):
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
