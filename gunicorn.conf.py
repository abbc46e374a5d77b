"""How gunicorn serves the app. gunicorn runs this file at the start, and again at each SIGHUP."""

import fcntl
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

port = os.environ.get("PORT", "").strip()
wsgi_app = "app:create_app()"
chdir = str(Path(__file__).parent)
bind = f"127.0.0.1:{port if port.isdecimal() else 8000}"  # flask migrate refuses a wrong PORT; the Procfile has --bind
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 128  # each slow or silent client holds one; the pool of connections limits the work of the database
keepalive = 95  # seconds; longer than a platform's router keeps an idle connection, so that the router closes it
graceful_timeout = 20  # seconds; a platform kills the service 30 s after SIGTERM
control_socket_disable = True
limit_request_line = 8190  # a comma list of 100 ids of 64 characters fits
forwarder_headers = ""  # by default, gunicorn takes SCRIPT_NAME from every client on loopback
secure_scheme_headers = {}  # the service does not need the scheme, and two headers that contradict would be a 400


class JSONFormatter(logging.Formatter):
    def format(self, record):
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"level": record.levelname, "time": when, "pid": record.process, "message": record.getMessage()}
        error = {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(fields | error)


class logger_class(Logger):  # noqa: N801 (gunicorn's name for it)
    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            if cfg.errorlog == "-":  # for gunicorn this is standard error; the service writes to standard output
                handler.setStream(sys.stdout)
            if os.environ.get("LOG_FORMAT", "").strip().lower() == "json":
                handler.setFormatter(JSONFormatter())

    def debug(self, msg, *args, **kwargs):
        """Write of an exception its kind alone: its text repeats what the client sent."""
        super().debug(msg, *(type(each).__name__ if isinstance(each, Exception) else each for each in args), **kwargs)


class ProblemWorker(ThreadWorker):
    def handle(self, conn):
        """Serve a request, and wait in this thread for the client to close a connection that ends.

        gunicorn waits up to 2 s in its main loop, so a client that does not close would hold up all others.
        """
        keeps_connection = super().handle(conn)
        if keeps_connection is False:
            with suppress(OSError):  # the client has gone
                util.close_graceful(conn.sock.dup())
                conn.sock.shutdown(socket.SHUT_RD)  # nothing is left for the main loop to wait for
        return keeps_connection

    def handle_error(self, req, client, addr, exc):
        """Answer a request that gunicorn cannot read with a problem.

        gunicorn's own answer is HTML. It repeats what was sent, and so does its line in the log.
        """
        from web import unreadable  # noqa: PLC0415 the master must not import it

        ip = addr[0] if addr else ""  # a Unix socket has none
        kind = type(exc).__name__
        if req is not None and kind in unreadable.REFUSALS:  # this body broke off after its request was answered
            self.log.warning("Invalid body from ip=%s: %s", ip, kind)
            return
        status, request_id, answer = unreadable.refuse(kind)
        if status == 500:
            frames = "".join(traceback.format_tb(exc.__traceback__))
            self.log.error("Error handling request: %s request_id=%s\n%s", kind, request_id, frames)
        else:
            self.log.warning("Invalid request from ip=%s: %s status=%s request_id=%s", ip, kind, status, request_id)
        with suppress(OSError):  # the client has gone
            client.sendall(answer)


worker_class = ProblemWorker


def flask(*words):
    """Run a command in a child process: workers inherit the master's imports, and after SIGHUP they would be old."""
    return subprocess.run([sys.executable, "-m", "flask", "--app", "app", *words], cwd=chdir, check=False).returncode  # noqa: S603


def on_starting(server):
    if server.cfg.preload_app:  # prometheus_client would have been loaded before its folder is there
        sys.exit("--preload: the workers would share no metrics; start gunicorn without it.")
    if flask("migrate", "--workers", str(server.cfg.workers)):
        sys.exit(1)  # flask migrate checks all settings, and has printed one line that says what is wrong
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL"):  # these files are read only once, here
        if path := os.environ.pop(f"{name}_FILE", "").strip():
            os.environ[name] = Path(path).read_text(encoding="utf-8").strip() or sys.exit(f"{name}_FILE: it is empty.")


def when_ready(server):
    # The releases before lock no folder, and theirs have other names: such a service may still run.
    for folder in Path(tempfile.gettempdir()).glob("mentor-status-live-metrics-*"):
        if lock(folder):  # no process has it any more
            shutil.rmtree(folder, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="mentor-status-new-metrics-"))  # one for each start
    lock(new)  # before it has the name by which others look for it
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(new.rename(new.with_name(new.name.replace("new", "live", 1))))


def lock(folder):
    """Lock a folder until the last process of this service has ended; return False if another one's has it."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)  # the workers inherit it, and so the lock
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        os.close(file)
    return False


def pre_request(worker, req):
    largest = 1024 * 1024 if req.path.endswith(".csv") else 64 * 1024  # as in settings.py
    if any(name == "CONTENT-LENGTH" and int(value) > largest for name, value in req.headers):
        req.force_close()  # for the 413; otherwise gunicorn waits 5 s for a body that may never come


def child_exit(server, worker):
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 the import needs the folder

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ.pop("PROMETHEUS_MULTIPROC_DIR"), ignore_errors=True)
    if not os.environ.get("DATABASE_URL", "").strip().startswith("postgres"):
        flask("checkpoint")  # if two workers exit at once, or one is killed, a write-ahead log is left
