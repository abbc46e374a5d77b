"""Measure with Postgres a millisecond away: a relay between the service and the server holds up what it forwards.

It is a process of its own, so that its work is not measured, and sleeps: asyncio makes up to 2 ms of one.
"""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from app import create_app
from benchmarks import in_process
from db import db
from settings import Settings

SECONDS = 0.001  # each way
FOLDER = Path(__file__).parent.parent
SENT = ("GET one", "list of the paused, page 1", "POST mentor", "PUT mentor to paused")
FIRST = 5_000_000  # the number of the first request, after all others


def measure(url, requests, rounds):
    """Return the p50 of each kind of request in ms, with the database beside the service and far from it."""
    figures = {}
    with relay(url) as far:
        for name, where in (("beside", url), ("far", far)):
            app = create_app(Settings(database_url=where, log_level="WARNING"))
            for kind in SENT:
                of_it = figures.setdefault(kind, {})
                of_it[f"{name}_ms"] = in_process.median_ms(
                    app.wsgi_app, requests[kind], rounds, FIRST * (1 + len(of_it))
                )
            db.close_all()
    return figures


@contextmanager
def relay(url):
    """Run the relay in a process of its own, and yield the URL by which Postgres is reached through it."""
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    code = f"from benchmarks.far_database import listen; listen({folder!r})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=FOLDER, stdout=subprocess.PIPE) as process:
        try:
            port = int(process.stdout.readline())
            yield f"postgresql://postgres@127.0.0.1:{port}{urlsplit(url).path}"
        finally:
            process.terminate()


def listen(folder):
    """Take connections on a port, which is printed, and join each with one to the Postgres whose socket is there."""
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        client, _address = server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        postgres = socket.socket(socket.AF_UNIX)
        postgres.connect(f"{folder}/.s.PGSQL.5432")
        for ends in ((client, postgres), (postgres, client)):
            Thread(target=forward, args=ends, daemon=True).start()


def forward(source, target):
    """Forward what comes in, a while later. What comes in meanwhile waits too, as the next request would anyway."""
    with suppress(OSError):
        while data := source.recv(2**16):
            time.sleep(SECONDS)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
