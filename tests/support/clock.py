"""A clock that a test sets, and that goes on from there, for a service in a process of its own.

gunicorn runs the service of this file in the place of that of app.py, whose clock is the database's.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

from gunicorn import util

import app
from mentors.formats import instant


class Clock:
    """A clock, whose file says by how many seconds it is ahead of that of the machine: negative if it is behind."""

    def __init__(self, path):
        self.path = Path(path)

    def set(self, at):
        """Have it show an instant."""
        written = self.path.with_suffix(".new")
        written.write_text(str(datetime.fromisoformat(at).timestamp() - time.time()))
        written.replace(self.path)  # a service may read it at any time

    def move(self, **step):
        """Move it on by `days=1`, or back by `minutes=-1`."""
        self.set((datetime.fromtimestamp(self.seconds(), UTC) + timedelta(**step)).isoformat())

    def ahead(self):
        return float(self.path.read_text())

    def seconds(self):
        """Return what it shows, in seconds since 1970."""
        return time.time() + self.ahead()

    def __call__(self):
        """Return the instant that it shows, as text of the API."""
        return instant(datetime.fromtimestamp(self.seconds(), UTC))


def create_app():
    """Build the service with the clock of the file that CLOCK names; gunicorn's header Date follows it, too."""
    clock = Clock(os.environ["CLOCK"])
    util.http_date = lambda: formatdate(clock.seconds(), usegmt=True)
    return app.create_app(clock=clock)
