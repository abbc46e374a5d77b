"""How gunicorn serves the app. gunicorn runs this file at the start, and again at each SIGHUP.

Workers inherit what the master has imported, and after a SIGHUP that is old. So in the master this file imports nothing
of the service. Like gunicorn itself, the two classes that it names stay as they are until a restart.
"""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

# The soft limit of open files is often 1,024, or 256. A process of the service never needs more than 4,096.
soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
open_files = min(limit for limit in (4096, hard_limit) if limit != resource.RLIM_INFINITY)
if soft_limit < open_files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, hard_limit))

port = os.environ.get("PORT", "").strip()
wsgi_app = "app:create_app()"
chdir = str(Path(__file__).parent)
bind = f"127.0.0.1:{port if port.isdecimal() else 8000}"  # a wrong PORT: flask migrate refuses it below
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# All processes and threads of a user together are limited, too: in a small dyno of Heroku to 256.
tasks = resource.getrlimit(resource.RLIMIT_NPROC)[0]
if tasks == resource.RLIM_INFINITY:
    tasks = 4096
# Each slow or silent client holds a thread; the pool of connections limits the work of the database. A thread may have
# one file open, besides its connection. 8 tasks for each worker are left for the master, and for a reload.
threads = max(1, min(120, open_files // 4, tasks // max(workers, 1) - 8))
worker_connections = min(1000, open_files // 2)  # a quarter is left: for the database, and for gunicorn itself
if os.access("/dev/shm", os.W_OK):  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108 it is in memory; with a full /tmp, gunicorn's master ends at a SIGHUP
keepalive = 95  # seconds; longer than a platform's router keeps an idle connection, so that the router closes it
graceful_timeout = 20  # seconds; a platform kills the service 30 s after SIGTERM
control_socket_disable = True
limit_request_line = 8190  # a comma list of 100 ids of 64 characters fits
forwarder_headers = ""  # by default, gunicorn takes SCRIPT_NAME from every client on loopback
secure_scheme_headers = {}  # the service does not need the scheme, and two headers that contradict would be a 400
logger_class = "web.gunicorn_classes.GunicornLog"
worker_class = "web.gunicorn_classes.ProblemWorker"


def on_starting(server):
    # Where a release phase has migrated already (Procfile), it finds nothing to do; other platforms have no such phase.
    migrate = [sys.executable, "-m", "flask", "--app", "app", "migrate"]
    migrate += ["--workers", str(server.cfg.workers), "--bind", ",".join(server.cfg.bind)]
    # gunicorn does not handle these signals yet, and without a handler, process 1 gets none. subprocess.run() then ends
    # the migration, too.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: sys.exit())
    if subprocess.run(migrate, cwd=chdir, check=False).returncode:  # noqa: S603 our own command
        sys.exit(1)  # flask migrate checks all settings, and has printed one line that says what is wrong
    if path := os.environ.pop("DATABASE_URL_FILE", "").strip():  # the workers do not read this file again
        os.environ["DATABASE_URL"] = Path(path).read_text(encoding="utf-8-sig").strip()
        if not os.environ["DATABASE_URL"]:
            sys.exit("DATABASE_URL_FILE: it is empty.")


def pre_request(worker, req):
    is_table = req.path.endswith(("/api/v1/mentor-statuses.csv", "/api/v1/pause-records.csv"))
    largest = 1024 * 1024 if is_table else 64 * 1024  # as in settings.py
    if any(name == "CONTENT-LENGTH" and int(value) > largest for name, value in req.headers):
        req.force_close()  # for the 413; otherwise gunicorn waits 5 s for a body that may never come
