"""Measure the counted lists at a thousand and at a million mentors, alone and while others write."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import migrations
from app import create_app
from benchmarks import data, in_process
from benchmarks.kinds import MENTORS, kinds
from db import db
from settings import Settings

SIZES = (1_000, 1_000_000)
WRITES_PER_SECOND = 100
FOLDER = Path(__file__).parent.parent


def measure(create, rounds):
    """Return the figures of each size; `create(name)` creates a database, and returns its URL."""
    figures = {}
    for count in SIZES:
        url = create(f"mentors_{count}")
        app = create_app(Settings(database_url=url, log_level="WARNING"))
        migrations.migrate(app.config["SETTINGS"])
        data.fill(count)
        figures[f"{count} mentors"] = lists(app, count, rounds)
        with others_writing(url, count):
            figures[f"{count} mentors, while others write {WRITES_PER_SECOND} a second"] = lists(app, count, rounds)
        db.close_all()
    return figures


def lists(app, count, rounds):
    """Return the p50 of each list in ms."""
    list_of_all = kinds(count)["list of 20, page 1"]
    figures = {"all": in_process.median_ms(app.wsgi_app, list_of_all, rounds)}
    for status in ("paused", "active"):
        request = ("GET", MENTORS, f"status={status}", None)
        figures[status] = in_process.median_ms(app.wsgi_app, lambda _number, request=request: request, rounds)
    return figures


@contextmanager
def others_writing(url, count):
    """Have another process write within the context."""
    code = f"from benchmarks.counted_lists import write; write({url!r}, {count})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=FOLDER, stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout.readline() == b"writing\n"
            yield
            assert writer.poll() is None, "the writer has ended"
        finally:
            writer.terminate()


def write(url, count):
    """Write something about one mentor after the other, so many times a second, for ever."""
    app = create_app(Settings(database_url=url, log_level="WARNING"))
    due = time.perf_counter()
    for number in range(2**62):
        path, body = f"{MENTORS}/mentor-{number % count + 1:07}", f'{{"metadata":{{"notes":"{number} at {due}"}}}}'
        in_process.call(app.wsgi_app, ("PUT", path, "", body))
        if not number:
            print("writing", flush=True)
        due += 1 / WRITES_PER_SECOND
        time.sleep(max(0, due - time.perf_counter()))
