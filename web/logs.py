"""What the service tells on standard output: one line a request in logfmt, and its own faults.

Never a query value, a body, a reason, a note or a token: an exception is told by its type and where it was raised,
since its text may hold values (Postgres prints the failing row).
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from urllib.parse import quote

from flask import request

from db import db

log = logging.getLogger("mentor_status")
OUTPUT = 1 if sys.__stdout__ else 2  # where standard output is closed, 1 soon is something else
LONGEST_PATH = 1000  # characters; a pipe takes what is longer than 4 KiB in pieces, and others' between them
PROBES = ("/livez", "/readyz", "/metrics")
MEANINGS = {  # of what an operator can mend, by what the database says
    "25006": "the database takes no writes",
    "42P01": "a table is missing",
    "42703": "a column is missing",
    "2200H": "the numbers of a table are exhausted",
    "SQLITE_FULL": "the disk is full, or the numbers of a table are exhausted",
    "SQLITE_READONLY": "the database takes no writes",
}
REQUEST_ID_KEY = "mentor_status.request_id"  # where it stands in the environment of WSGI


def write(line):
    """Write a line to standard output, at once; a log that cannot be written fails no request.

    Not through a stream, whose lock is held while the system writes: the other threads would block on it.
    """
    with suppress(OSError):
        os.write(OUTPUT, f"{line}\n".encode())


class Lines(logging.Handler):
    """Writes each record as a line."""

    def emit(self, record):
        write(f"{record.levelname} {record.getMessage()}")


def configure(level):
    """Send the service's own lines of this level and above to standard output, once."""
    if not log.handlers:
        log.addHandler(Lines())
        log.propagate = False
    log.setLevel(level)


def log_request(environ, status, seconds):
    """Write the access line of a request, an INFO; what a platform and Prometheus ask all the time is not worth one."""
    if log.isEnabledFor(logging.INFO) and environ["PATH_INFO"] not in PROBES:
        # Past logging, whose record of it would take more time than the line.
        outcome = f"status={status[:3]} ms={seconds * 1000:.1f} request_id={environ[REQUEST_ID_KEY]}"
        write(f"INFO {method_and_path(environ)} {outcome}")


def log_fault(error):
    """Write where an exception was raised and what the database says of it, with the request's id, without its text."""
    environ = request.environ
    frames = "".join(traceback.format_tb(error.__traceback__))
    name, code = type(error).__qualname__, error_code(error)
    meaning = f' reason="{MEANINGS[code]}"' if code in MEANINGS else ""
    values = method_and_path(environ), name, code, meaning, environ[REQUEST_ID_KEY], frames
    log.error("%s error=%s cause=%s%s request_id=%s\n%s", *values)


def log_refusal(reason):
    """Write why a request was refused that only an operator can help, with its id."""
    environ = request.environ
    log.error('%s reason="%s" request_id=%s', method_and_path(environ), reason, environ[REQUEST_ID_KEY])


def error_code(error):
    """Return the code of the database's first error, or None: a SQLSTATE, SQLite's name (`SQLITE_FULL`), the driver's.

    It may be behind the exception: after a failed COMMIT, the ROLLBACK fails, too.
    """
    found = None
    while error:
        for each in (error, getattr(error, "orig", None)):
            found = db.error_code(each) or found
        error = error.__context__
    return found


def method_and_path(environ):
    """Return method and path as logfmt: the path without its query, percent-encoded as in a URL."""
    path = (environ["SCRIPT_NAME"] + environ["PATH_INFO"]).encode("latin-1")  # as WSGI has bytes in text
    return f"method={environ['REQUEST_METHOD']} path={quote(path, safe='/:@~')[:LONGEST_PATH]}"
