"""The classes that gunicorn.conf.py names: what gunicorn itself logs, and how a worker serves a connection.

gunicorn's master imports this file, and workers inherit it, also after a SIGHUP. So in the master it
imports nothing of the service.
"""

import errno
import json
import logging
import os
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

IS_JSON = os.environ.get("LOG_FORMAT", "").strip().lower() == "json"  # as in settings.py
# The errors of accept() if the process or the machine has no descriptor left, or no memory.
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
ACCEPT_PAUSE = 0.1  # seconds


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


class Served(NamedTuple):
    """Whether a connection is kept after a request, as gunicorn asks a Future. A real one takes 4 % of a request."""

    keeps_connection: bool

    def cancelled(self):
        return False

    def result(self):
        return self.keeps_connection


class ProblemWorker(ThreadWorker):
    logged = set()  # what has run short

    def get_thread_pool(self):
        """Start the first thread now: if no other one can be started later, it serves all connections."""
        pool = super().get_thread_pool()
        with suppress(RuntimeError):  # it starts with the first connection
            pool.submit(int)
        return pool

    def accept(self, listener):
        """Accept a connection; if there is no room for it, leave it to the kernel."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self.log_shortage(f"No connection can be accepted ({error.strerror}): new ones wait.")
            time.sleep(ACCEPT_PAUSE)  # else the main loop would try again at once, for as long as there is no room

    def enqueue_req(self, conn):
        """Serve a connection in a thread; if no more threads can be started, in one of those that there are."""

        def serve():
            keeps_connection = False
            try:
                keeps_connection = self.handle(conn)
            finally:
                self.method_queue.defer(self.finish_request, conn, Served(keeps_connection))

        try:
            self.tpool.submit(serve)
        except RuntimeError as error:  # the pool has queued the call before it tried to start a thread
            self.log_shortage(f"No thread can be started ({error}): connections wait for one of the others.")

    def log_shortage(self, message):
        """Write a line, once for each worker: a shortage may last."""
        if message not in self.logged:
            self.logged.add(message)
            self.log.warning(message)

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
