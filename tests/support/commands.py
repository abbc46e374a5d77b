"""The commands as an operator runs them: in this process on any database, or in a process of their own."""

import re
import subprocess
import sys
from contextlib import contextmanager

import migrations
from app import create_app
from db import db, open_pool
from mentors.days import zone
from settings import Settings
from tests.support.server import REPOSITORY, environment
from tests.support.waiting import PATIENCE

NOW = "2026-03-26T08:30:00Z"
GUNICORN = [sys.executable, "-m", "gunicorn"]
LOG_LINE = re.compile(r"\[[^]]*\] \[\d+\] \[INFO\] |INFO ")


def command(*words):
    """Return the words of a command of the service."""
    return [sys.executable, "-m", "flask", "--app", "app", *map(str, words)]


def run(words, **variables):
    """Run a command that shall end by itself, in a process of its own; return its exit code and its lines.

    `variables` are those of its environment. The lines are those of both outputs, without those of the log.
    """
    options = {"cwd": REPOSITORY, "env": environment(**variables), "timeout": PATIENCE, "text": True}
    ended = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return ended.returncode, [line for line in ended.stdout.splitlines() if line and not LOG_LINE.match(line)]


def start(words, url, **options):
    """Start a command on the database of the URL in a process of its own, and return that."""
    return subprocess.Popen(words, cwd=REPOSITORY, env=environment(DATABASE_URL=url), **options)


@contextmanager
def app_on(url, clock=lambda: None, **settings):
    """Yield an app on the database of the URL; afterwards `db` leads to the database of before again."""
    before, time_zone = db.obj, zone.name
    app = create_app(Settings(database_url=str(url), **settings), clock)
    try:
        yield app
    finally:
        db.close_all()
        if before:
            db.initialize(before)
        zone.use(time_zone)


def flask(url, *words, **settings):
    """Run a command of the service in this process; return its exit code and its lines."""
    with app_on(url, **settings) as app:
        ended = app.test_cli_runner().invoke(args=[str(word) for word in words], catch_exceptions=False)
    return ended.exit_code, ended.output.splitlines()


def migrated(url):
    """Migrate the database of the URL, and return the URL."""
    with app_on(url) as app:
        migrations.migrate(app.config["SETTINGS"])
    return url


def execute(url, *statements):
    """Run SQL past the service, and return the rows of the last statement."""
    pool = open_pool(Settings(database_url=url))
    try:
        with pool.connection_context():
            for sql in statements:
                cursor = pool.execute_sql(sql)
            return cursor.fetchall() if sql.startswith("SELECT") else []
    finally:
        pool.close_all()
