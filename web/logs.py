"""The log on standard output: a line for each request and for each fault of the service, in logfmt or JSON.

It never has a query value, a body, a reason, a note or a token. Of an exception it has the type and the traceback, not
the text, which may hold values (Postgres prints the failing row).
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

OUTPUT = 1 if sys.__stdout__ else 2  # if standard output is closed, 1 may be another file
# In characters: a pipe takes a line of more than 4 KiB in pieces, and the lines of others between them.
LONGEST_PATH = 1000
LONGEST_TRACEBACK = 2500
PROBES = ("/livez", "/readyz", "/metrics")
MEANINGS = {  # the faults that an operator can mend, by the database's code
    "25006": "the database takes no writes",
    "42P01": "a table is missing",
    "42703": "a column is missing",
    "2200H": "the numbers of a table are exhausted",
    "SQLITE_CONSTRAINT_TRIGGER": "the numbers of a table are exhausted",
    "SQLITE_FULL": "the disk is full, or the numbers of a table are exhausted",
    "SQLITE_READONLY": "the database takes no writes",
}
REQUEST_ID_KEY = "mentor_status.request_id"  # in the WSGI environment


def write(line):
    """Write a line to standard output, at once; if that fails, the request goes on.

    A stream would hold its lock while the system writes, and block the other threads.
    """
    with suppress(OSError):
        os.write(OUTPUT, f"{line}\n".encode(errors="replace"))  # the name of a file may be no text


def as_logfmt(level, fields):
    """Return a line as logfmt; a traceback follows on lines of its own."""
    frames = fields.pop("traceback", None)
    words = (f'{name}="{value}"' if " " in str(value) else f"{name}={value}" for name, value in fields.items())
    return " ".join((level, *words)) + (f"\n{frames}" if frames else "")


def as_json(level, fields):
    """Return a line as one JSON object. A long traceback loses its beginning: the error was raised at its end."""
    if "traceback" in fields:
        fields["traceback"] = fields["traceback"][-LONGEST_TRACEBACK:]
    return orjson.dumps({"level": level, **fields}).decode()


class Log:
    """Which lines this process writes, and in which form."""

    def __init__(self):
        self.configure("INFO")

    def configure(self, level, log_format="logfmt"):
        """Write lines of this level and above, in this format."""
        self.lowest = LEVELS.index(level)
        self.as_line = as_json if log_format == "json" else as_logfmt

    def writes(self, level):
        """Say whether lines of a level are written."""
        return LEVELS.index(level) >= self.lowest

    def line(self, level, **fields):
        """Write a line, unless its level is below the lowest."""
        if self.writes(level):
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
    """Write the line of a request. A probe gets none, since a platform or Prometheus sends it every few seconds."""
    if log.writes("INFO") and environ["PATH_INFO"] not in PROBES:
        outcome = {"status": int(status[:3]), "ms": round(seconds * 1000, 1), "request_id": environ[REQUEST_ID_KEY]}
        log.line("INFO", **method_and_path(environ), **outcome)


def log_fault(error):
    """Write the type of an exception, its traceback and the database's code, with the request's id."""
    environ = request.environ
    code = error_code(error)
    fields = {"error": type(error).__qualname__, "cause": code}
    if code in MEANINGS:
        fields["reason"] = MEANINGS[code]
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.line("ERROR", **method_and_path(environ), **fields, request_id=environ[REQUEST_ID_KEY], traceback=frames)


def log_refusal(reason):
    """Write why a request was refused that only an operator can help, with the request's id."""
    environ = request.environ
    log.line("ERROR", **method_and_path(environ), reason=reason, request_id=environ[REQUEST_ID_KEY])


def error_code(error):
    """Return the code of the database's first error, or None: a SQLSTATE, or a name such as `SQLITE_FULL`.

    The exception itself may be a later one: after a failed COMMIT, the ROLLBACK fails, too.
    """
    code = None
    while error:
        for each in (error, getattr(error, "orig", None)):
            code = db.error_code(each) or code
        error = error.__cause__ or error.__context__
    return code


def method_and_path(environ):
    """Return method and path as fields: the path without its query, percent-encoded as in a URL."""
    path = (environ["SCRIPT_NAME"] + environ["PATH_INFO"]).encode("latin-1")  # as WSGI has bytes in text
    return {"method": environ["REQUEST_METHOD"], "path": quote(path, safe="/:@~")[:LONGEST_PATH]}
