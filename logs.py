"""What the service tells on standard output: one line a request in logfmt, and its own faults.

Never a query value, a body, a reason, a note or a token: an exception is told by its type and where it was raised,
since its text may hold values (Postgres prints the failing row).
"""

import logging
import sys
import time
import traceback
from urllib.parse import quote

import apsw
import psycopg
from flask import g, request

log = logging.getLogger("mentor_status")
PROBES = ("/livez", "/readyz")


def configure(level):
    """Send the service's own lines of this level and above to standard output, once."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(level)


def start_clock():
    g.started = time.perf_counter()


def log_request(response):
    """Write the access line of a request; a platform's probes are not worth one."""
    if log.isEnabledFor(logging.INFO) and request.path not in PROBES:
        milliseconds = (time.perf_counter() - g.started) * 1000
        log.info("%s status=%d ms=%.1f request_id=%s", asked(), response.status_code, milliseconds, g.request_id)


def log_fault(error):
    """Write where an exception was raised and what the database says of it, with the request's id, without its text."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    name = type(error).__qualname__
    log.error("%s error=%s cause=%s request_id=%s\n%s", asked(), name, cause(error), g.get("request_id"), frames)


def cause(error):
    """Name what the database said first, without a row's values: a SQLSTATE, SQLite's name (`SQLITE_FULL`) or the
    driver's; None if it said nothing.

    That may be behind the exception: after a failed COMMIT, the ROLLBACK fails, too.
    """
    found = None
    while error:
        for told in (error, getattr(error, "orig", None)):
            if isinstance(told, psycopg.Error):
                found = told.sqlstate or type(told).__qualname__
            elif isinstance(told, apsw.Error):
                found = apsw.mapping_result_codes.get(getattr(told, "result", None)) or type(told).__qualname__
        error = error.__context__
    return found


def asked():
    """Return what was asked, as logfmt: the path without its query, percent-encoded as in a URL."""
    return f"method={request.method} path={quote(request.script_root + request.path, safe='/:@~')}"
