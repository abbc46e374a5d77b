"""The classes that gunicorn.conf.py names: what gunicorn itself logs, and how a worker ends a connection.

gunicorn's master imports this file, and workers inherit it, also after a SIGHUP. So it imports nothing of the service.
"""

import json
import logging
import os
import socket
import sys
import uuid
from contextlib import suppress
from datetime import UTC, datetime

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

IS_JSON = os.environ.get("LOG_FORMAT", "").strip().lower() == "json"  # as in settings.py
NOT_HTTP = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": (
        "The request is not valid HTTP/1.1, or its URL or headers are too long; "
        "percent-encode blanks and all that is not ASCII in the URL, and write each header once, as NAME: VALUE."
    ),
    "code": "malformed_body",
}


class JSONFormatter(logging.Formatter):
    def format(self, record):
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"level": record.levelname, "time": when, "pid": record.process, "message": record.getMessage()}
        error = {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(fields | error)


class GunicornLog(Logger):
    """Writes to standard output, as one JSON object a line if LOG_FORMAT says so, and without values."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            if cfg.errorlog == "-" and sys.stdout:  # for gunicorn "-" is standard error
                handler.setStream(sys.stdout)
            if IS_JSON:
                handler.setFormatter(JSONFormatter())

    def debug(self, msg, *args, **kwargs):
        """Write only the kind of an exception: its text repeats what the client sent."""
        super().debug(msg, *(type(each).__name__ if isinstance(each, Exception) else each for each in args), **kwargs)


class ProblemWorker(ThreadWorker):
    def handle(self, conn):
        """Serve a request, and wait in this thread for the client to close a connection that ends.

        gunicorn waits up to 2 s in its main loop, so a client that does not close would hold up all others.
        """
        keeps_connection = super().handle(conn)
        if keeps_connection is False:
            with suppress(OSError):  # the client has gone
                # By default gunicorn reads 64 KiB of what is left, and resets the connection: a client that is sending
                # more would not see the 413. The socket is a copy, since the main loop closes its own.
                util.close_graceful(conn.sock.dup(), timeout=5, max_drain=64 * 1024 * 1024)
                conn.sock.shutdown(socket.SHUT_RD)  # nothing is left for the main loop to wait for
        return keeps_connection

    def handle_error(self, req, client, addr, exc):
        """Answer a request that is not HTTP with a problem: gunicorn's own answer and its log repeat what was sent."""
        if not isinstance(exc, ParseException):  # a fault of the service that Flask has not seen
            super().handle_error(None, client, addr, exc)
            return
        request_id = uuid.uuid4().hex
        ip = addr[0] if addr else ""  # a Unix socket has none
        self.log.warning("Invalid request from ip=%s: %s request_id=%s", ip, type(exc).__name__, request_id)
        if req is None:  # else it was answered, and the rest of its body is broken
            with suppress(OSError):  # the client has gone
                client.sendall(not_http(request_id))


def not_http(request_id):
    """Return the answer to a request that is not HTTP, as bytes."""
    body = json.dumps(NOT_HTTP | {"request_id": request_id})
    head = (
        "HTTP/1.1 400 Bad Request",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-ID: {request_id}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-cache",
    )
    return "\r\n".join((*head, "", body)).encode()
