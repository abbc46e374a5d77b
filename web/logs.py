"""What the service tells on standard output: one line a request, in logfmt or as a JSON object, and its own faults.

Never a query value, a body, a reason, a note or a token: an exception is told by its type and where it was raised,
since its text may hold values (Postgres prints the failing row).
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from urllib.parse import quote

import orjson
from flask import request

from db import db
from settings import LEVELS

OUTPUT = 1 if sys.__stdout__ else 2  # where standard output is closed, 1 soon is something else
# Characters; a pipe takes what is longer than 4 KiB in pieces, and others' between them.
LONGEST_PATH, LONGEST_TRACEBACK = 1000, 2500
PROBES = ("/livez", "/readyz", "/metrics")
MEANINGS = {  # of what an operator can mend, by what the database says
    "25006": "the database takes no writes",
    "42P01": "a table is missing",
    "42703": "a column is missing",
    "2200H": "the numbers of a table are exhausted",
    "SQLITE_CONSTRAINT_TRIGGER": "the numbers of a table are exhausted",
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


def as_logfmt(level, fields):
    """Write a line as logfmt; a traceback follows on lines of its own."""
    frames = fields.pop("traceback", None)
    words = (f'{name}="{value}"' if " " in str(value) else f"{name}={value}" for name, value in fields.items())
    return " ".join((level, *words)) + (f"\n{frames}" if frames else "")


def as_json(level, fields):
    """Write a line as one JSON object, a traceback too; of a long one the end, where it was raised."""
    if "traceback" in fields:
        fields["traceback"] = fields["traceback"][-LONGEST_TRACEBACK:]
    return orjson.dumps({"level": level, **fields}).decode()


class Log:
    """Which lines this process writes, and in which form."""

    def __init__(self):
        self.configure("INFO")

    def configure(self, level, log_format="logfmt"):
        """Write lines of this level and above, in this format."""
        self.lowest, self.as_line = LEVELS.index(level), as_json if log_format == "json" else as_logfmt

    def is_on(self, level):
        """Say whether lines of a level are written."""
        return LEVELS.index(level) >= self.lowest

    def line(self, level, **fields):
        """Write a line, if those of its level are written."""
        if self.is_on(level):
            write(self.as_line(level, fields))


log = Log()


class DatabaseHandler(logging.Handler):
    """Writes what the folder db/ logs as lines of the service."""

    def emit(self, record):
        log.line(record.levelname, message=record.getMessage())


def log_database():
    """Write what the folder db/ logs to standard output; commands may write their own output there."""
    logging.getLogger("db").addHandler(DatabaseHandler())


def log_start(level, message):
    """Write a line about the start of the service, whatever LOG_LEVEL says."""
    write(log.as_line(level, {"message": message}))


def log_request(environ, status, seconds):
    """Write the access line of a request, an INFO; what a platform and Prometheus ask all the time is not worth one."""
    if log.is_on("INFO") and environ["PATH_INFO"] not in PROBES:
        outcome = {"status": int(status[:3]), "ms": round(seconds * 1000, 1), "request_id": environ[REQUEST_ID_KEY]}
        log.line("INFO", **method_and_path(environ), **outcome)


def log_fault(error):
    """Write where an exception was raised and what the database says of it, with the request's id, without its text."""
    environ, code = request.environ, error_code(error)
    fields = {"error": type(error).__qualname__, "cause": code}
    if code in MEANINGS:
        fields["reason"] = MEANINGS[code]
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.line("ERROR", **method_and_path(environ), **fields, request_id=environ[REQUEST_ID_KEY], traceback=frames)


def log_refusal(reason):
    """Write why a request was refused, where only an operator can help, with its id."""
    environ = request.environ
    log.line("ERROR", **method_and_path(environ), reason=reason, request_id=environ[REQUEST_ID_KEY])


def error_code(error):
    """Return the code of the database's first error, or None: a SQLSTATE, SQLite's name (`SQLITE_FULL`), the driver's.

    It may be behind the exception: after a failed COMMIT, the ROLLBACK fails, too, and so do all writes of its group.
    """
    found = None
    while error:
        for each in (error, getattr(error, "orig", None)):
            found = db.error_code(each) or found
        error = error.__cause__ or error.__context__
    return found


def method_and_path(environ):
    """Return method and path as fields: the path without its query, percent-encoded as in a URL."""
    path = (environ["SCRIPT_NAME"] + environ["PATH_INFO"]).encode("latin-1")  # as WSGI has bytes in text
    return {"method": environ["REQUEST_METHOD"], "path": quote(path, safe="/:@~")[:LONGEST_PATH]}
