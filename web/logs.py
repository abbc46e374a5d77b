"""The log on standard output, in logfmt or JSON: a line for each request, and for each fault of the service.

The log never has a query value, a body, a reason, a note or a token. It has the type and the traceback of an exception,
and its text only if that is about the database itself: any other may hold values (Postgres prints the failing row).
"""

import json
import os
import re
import sys
import traceback
from contextlib import suppress
from http import HTTPMethod
from urllib.parse import quote

from flask import request

from db.errors import error_code, is_unavailable, reason_of
from settings import LEVELS

OUTPUT = 1 if sys.__stdout__ else -1  # if standard output was closed at the start, another file may have the number 1
# In characters. A pipe takes a line of over 4 KiB in pieces, and may put lines of other processes between them.
LONGEST_PATH = 1000
LONGEST_TRACEBACK = 2500
LONGEST_REASON = 100
PROBES = ("/livez", "/readyz", "/metrics")
PLAIN_WORD = re.compile(r'[^\s"=\x00-\x1f\x7f]+')
# In the WSGI environment: the id of a request, and its Token, if it needs one.
REQUEST_ID_KEY = "mentor_status.request_id"
TOKEN_KEY = "mentor_status.token"  # noqa: S105 (a name)


def write(line):
    """Write a line to standard output; without an error if its reader has gone, or its disk is full."""
    with suppress(OSError):
        os.write(OUTPUT, f"{line}\n".encode(errors="replace"))  # a file name may hold bytes that are no text


def as_logfmt(level, fields):
    """Return the line in logfmt."""
    return " ".join((level, *(f"{name}={as_word(str(value))}" for name, value in fields.items())))


def as_word(text):
    """Return a value as logfmt writes it: a plain word as it is, any other text in quotes, with the escapes of JSON."""
    return text if PLAIN_WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def as_json(level, fields):
    """Return the line as one JSON object."""
    return json.dumps({"level": level, **fields}, ensure_ascii=False)


FORMATS = {"logfmt": as_logfmt, "json": as_json}
config = {"lowest": LEVELS.index("INFO"), "format": as_logfmt}  # of this process


def configure(level, log_format):
    """Write lines of this level and above, in this format."""
    config.update(lowest=LEVELS.index(level), format=FORMATS[log_format])


def is_written(level):
    """Say whether lines of this level are written."""
    return LEVELS.index(level) >= config["lowest"]


def log(level, **fields):
    """Write a line, unless its level is below the lowest."""
    if is_written(level):
        write(config["format"](level, fields))


def log_start(level, message):
    """Write a line about the start of the service, whatever LOG_LEVEL says."""
    write(config["format"](level, {"message": message}))


def log_request(environ, status, seconds):
    """Write the line of a request. A probe gets none unless it is refused: a platform sends it every few seconds."""
    if is_written("INFO") and (environ["PATH_INFO"] not in PROBES or status.startswith("4")):
        outcome = {"status": int(status[:3]), "ms": round(seconds * 1000, 1), "request_id": environ[REQUEST_ID_KEY]}
        log("INFO", **method_and_path(environ), **outcome, **name_and_role(environ))


def log_fault(error):
    """Write the type and the cause of an exception, with the request's id, and the end of its traceback.

    If the database cannot answer, and the reason is known, there is no traceback: in an outage, they would fill a disk.
    """
    fields = method_and_path(request.environ) | cause_of(error) | {"request_id": request.environ[REQUEST_ID_KEY]}
    if not is_unavailable(error) or "reason" not in fields:
        fields["traceback"] = "".join(traceback.format_tb(error.__traceback__))[-LONGEST_TRACEBACK:]
    log("ERROR", **fields)


def log_refusal(reason):
    """Write why the service could not do what a request asked for (a 503), with the request's id."""
    log("ERROR", **method_and_path(request.environ), reason=reason, request_id=request.environ[REQUEST_ID_KEY])


def cause_of(error):
    """Return the fields `error`, `cause` (the database's code) and, if it is known, `reason`."""
    reason = reason_of(error)
    fields = {"error": type(error).__qualname__, "cause": error_code(error)}
    return fields | ({"reason": " ".join(reason.split())[:LONGEST_REASON]} if reason else {})


def name_and_role(environ):
    """Return the fields `by` and `role` of the request's token; a token without a role has only the first."""
    token = environ.get(TOKEN_KEY)
    if token is None:
        return {}
    return {"by": token.name} | ({"role": token.role} if token.role else {})


def method_and_path(environ):
    """Return the fields `method` and `path`; the path has no query, and is percent-encoded as in a URL.

    What stands in the place of the method may be a part of a broken body, so only a method of HTTP is written.
    """
    method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in HTTPMethod.__members__ else "other"
    path = (environ["SCRIPT_NAME"] + environ["PATH_INFO"]).encode("latin-1")  # WSGI has bytes as text
    return {"method": method, "path": quote(path, safe="/:@~")[:LONGEST_PATH]}
