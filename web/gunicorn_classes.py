"""The classes that gunicorn.conf.py names: what gunicorn itself logs, and how a worker serves a connection.

gunicorn's master imports this file, and workers inherit it, also after a SIGHUP. So in the master it
imports nothing of the service but web/output.py, which imports nothing more.
"""

import json
import logging
import socket
from contextlib import suppress
from datetime import UTC, datetime

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from web.output import IS_JSON, OUTPUT


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
            if cfg.errorlog == "-":  # for gunicorn this is standard error; the service writes to standard output
                handler.setStream(OUTPUT)
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
        """Answer a request that gunicorn cannot read as the service answers."""
        from web import unreadable  # noqa: PLC0415 the master must not import it

        unreadable.answer(req, client, addr, exc, self.log)
