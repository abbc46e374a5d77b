"""All data of the service at once: backup, export, import, and example data."""

from contextlib import contextmanager

from db import db
from models import MentorStatus


class TransferError(Exception):
    """A transfer cannot be done; the text is one line that says why."""


@contextmanager
def connection():
    """Connect this thread to a database that has its tables."""
    with db.connected():
        if not MentorStatus.table_exists():
            raise TransferError("the database has no tables; flask --app app migrate makes them.")
        yield db.connection()


@contextmanager
def transaction(mode=None):
    """Begin a transaction without time limits."""
    with connection(), db.atomic(mode):
        db.lift_time_limits()
        yield
