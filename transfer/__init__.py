"""All data of the service at once: backup, export, import, and example data."""

from contextlib import contextmanager

from db import db


class TransferError(Exception):
    """A transfer cannot be done; the text is one line that says why."""


@contextmanager
def transaction(mode=None):
    """Begin a transaction without time limits."""
    with db.connected(), db.atomic(mode):
        db.lift_time_limits()
        yield
