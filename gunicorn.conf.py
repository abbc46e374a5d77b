"""How gunicorn serves the app.

Nothing of ours is imported here: what the master imports, its workers inherit, and after a SIGHUP they would serve
the old code. So the migrations run in a process of their own, and so does the check of the settings, which imports
psycopg (12 MiB) to read a URL.
"""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from gunicorn.glogging import Logger

HERE = Path(__file__).parent


def read_settings():
    """Return the settings as a process of its own reads and checks them, else None and why they cannot be used."""
    command = [sys.executable, "-m", "settings"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    if done.returncode:
        return None, done.stderr.strip() or f"python -m settings ended with {done.returncode}"
    return json.loads(done.stdout), None


# gunicorn runs this file again at each SIGHUP. To exit then would end the service, so where the settings cannot be used
# they stay as they were; a module of that name keeps them in between.
in_use = sys.modules.setdefault("settings_in_use", ModuleType("settings_in_use"))
settings, refusal = read_settings()
if settings is None:
    settings = getattr(in_use, "settings", None) or sys.exit(refusal)
in_use.settings = settings

wsgi_app = "app:create_app()"
chdir = str(HERE)
bind = f"127.0.0.1:{settings['port']}"  # the Procfile says otherwise
workers = settings["web_concurrency"]

# Slow and silent clients hold a thread each, so there are many; the pool of connections bounds the database's work.
worker_class = "gthread"
threads = 128

keepalive = 95  # longer than a platform's router keeps an idle connection, so that the router is the one to close it
graceful_timeout = 20  # a platform kills 30 s after SIGTERM
control_socket_disable = True


class ServerLog(Logger):
    """gunicorn's own lines without the access lines: the service writes those, and to gather them twice takes time."""

    access_log_enabled = False


class JSONFormatter(logging.Formatter):
    """A line as one JSON object, with an exception in a field of its own."""

    def format(self, record):
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"level": record.levelname, "time": when, "pid": record.process, "message": record.getMessage()}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


logger_class = ServerLog
logconfig_dict = {  # to standard output, as the service's own lines
    "version": 1,
    "root": {"level": "INFO", "handlers": []},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stdout"}},
}
if settings["log_format"] == "json":
    logconfig_dict["formatters"] = {"generic": {"()": JSONFormatter}}
http_parser = "python"
limit_request_line = 8190  # a comma list of 100 ids of 64 characters fits
# No header says where the service is: by default, gunicorn takes SCRIPT_NAME from whoever connects over loopback.
forwarder_headers = ""
secure_scheme_headers = {}  # nor how it is reached: nothing asks, and two that contradict each other would be a 400


def pre_request(worker, req):
    """Close the connection after a request whose body is too large to be read, and do not ask for that body."""
    largest = settings["table_bytes"] if req.path.endswith(".csv") else settings["body_bytes"]
    if any(name == "CONTENT-LENGTH" and int(value) > largest for name, value in req.headers):
        req.force_close()  # else gunicorn waits 5 s for what the client may never send
        req._expected_100_continue = False  # gunicorn has no other way to leave out the 100


def check_addresses(server):
    """End with one line where an address cannot be bound: gunicorn would try for 5 seconds, with two lines for each."""
    given_by_systemd = os.environ.get("LISTEN_PID") == str(os.getpid())
    given_by_another_master = server.master_pid
    if given_by_systemd or given_by_another_master or server.cfg.reuse_port:
        return
    for address in server.cfg.address:
        if not isinstance(address, tuple):
            continue  # a Unix socket is made anew, and a file descriptor is open already
        host, port = address
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
                probe.bind(address)
        except OSError as error:
            option, way_out = ("PORT", "PORT") if server.cfg.bind == [bind] else ("--bind", "--bind (Procfile: PORT)")
            sys.exit(f"{option}: {host} port {port}: {error.strerror}; change {way_out}, or stop what listens there.")


def on_starting(server):
    """Migrate before the first worker starts; the child says in one line why it cannot."""
    check_addresses(server)
    roles = f"needs a token (roles: {', '.join(settings['roles'])})"
    access = roles if settings["roles"] else "is open to everyone, also for writing; API_TOKENS would close it"
    pages = "; CORS_ORIGINS is *, so that every web page may write" if settings["any_page"] else ""
    facts = f"version {settings['version']}; database: {settings['database']}; workers: {server.cfg.workers}"
    server.log.info("%s; the API %s%s", facts, access, pages)
    if settings["warning"]:
        server.log.warning(settings["warning"])
    command = [sys.executable, "-m", "flask", "--app", "app", "migrate"]
    environment = os.environ | {"FLASK_SKIP_DOTENV": "1"}  # gunicorn itself reads no .env file either
    done = subprocess.run(command, cwd=HERE, env=environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 (our own words)
    if done.returncode:
        sys.exit(1)
    server.log.info(done.stdout.strip())
    server.metrics_folder = tempfile.mkdtemp(prefix="mentor-status-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_folder  # for the workers; no other process may write there


def on_reload(server):
    """Say that a SIGHUP has found settings that cannot be used."""
    if refusal:
        server.log.error("SIGHUP: the settings stay as they were; %s", refusal.splitlines()[-1])


def post_fork(server, worker):
    """Tell a worker what the master has read of the files.

    So all workers have the same tokens, until the next SIGHUP.
    """
    for name, text in settings["texts_of_files"].items():
        os.environ[name] = text
        os.environ.pop(f"{name}_FILE", None)


def child_exit(server, worker):
    """Forget the connections that a worker had in use when it ended; what it has counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 after on_starting has named the folder

    mark_process_dead(worker.pid)


def on_exit(server):
    """Leave SQLite as one whole file: two workers that exit at once, or one that is killed, leave a write-ahead log."""
    shutil.rmtree(getattr(server, "metrics_folder", ""), ignore_errors=True)
    if settings["sqlite_path"]:
        command = [sys.executable, "db/sqlite_file.py", settings["sqlite_path"]]
        subprocess.run(command, cwd=HERE, check=False)  # noqa: S603 (our own words)
