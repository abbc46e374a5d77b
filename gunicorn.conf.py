"""How gunicorn serves the app.

Nothing of ours is imported here: what the master imports, its workers inherit, and after a SIGHUP they would serve
the old code. So the migrations run in a process of their own, and so does settings.py, for which libpq reads a URL: its
driver takes 12 MiB.
"""

import json
import subprocess
import sys
from pathlib import Path

from gunicorn.glogging import Logger

HERE = Path(__file__).parent
asked = subprocess.run([sys.executable, "settings.py"], cwd=HERE, stdout=subprocess.PIPE, check=False)
if asked.returncode:
    sys.exit(1)  # it has said why
settings = json.loads(asked.stdout)

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
    """gunicorn's own lines, but the access lines: the service writes those, and to gather them twice takes its time."""

    access_log_enabled = False


logger_class = ServerLog
logconfig_dict = {  # to standard output, as the service's own lines
    "version": 1,
    "root": {"level": "INFO", "handlers": []},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stdout"}},
}
http_parser = "python"
limit_request_line = 8190  # a comma list of 100 ids of 64 characters fits
# No header says where the service is: gunicorn takes SCRIPT_NAME from whoever connects over loopback, as its default.
forwarder_headers = ""
secure_scheme_headers = {}  # nor how it is reached: nothing asks, and two that contradict each other would be a 400
LARGEST_BODY = 64 * 1024  # bytes, as in parsing.py


def pre_request(worker, req):
    """Close the connection after a request whose body is too large to be read, and do not ask for that body."""
    if any(name == "CONTENT-LENGTH" and int(value) > LARGEST_BODY for name, value in req.headers):
        req.force_close()  # else gunicorn waits 5 s for what the client may never send
        req._expected_100_continue = False  # gunicorn has no other way to leave out the 100


def on_starting(server):
    """Migrate before the first worker starts; the child says in one line why it cannot."""
    access = "to everyone, also for writing; API_TOKENS would close it" if settings["open"] else "with a token"
    pages = "; CORS_ORIGINS is *, so that every web page may write" if settings["any_page"] else ""
    server.log.info("database: %s; the API is open %s%s", settings["database"], access, pages)
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "app", "migrate"], cwd=HERE, check=False)
    if done.returncode:
        sys.exit(1)
