"""All data of the service at once: backup, vacuum, export, import, and example data."""

from contextlib import contextmanager

from db import db
from models import HistoryEntry, MentorStatus


class TransferError(Exception):
    """A transfer cannot be done; the text is one line that says why."""


@contextmanager
def transaction(mode=None):
    """Begin a transaction without time limits."""
    with db.connected(), db.atomic(mode):
        db.lift_time_limits()
        yield


def lock_empty_database():
    """Keep others from writing until the transaction ends. Raises TransferError if there is a mentor or a history."""
    db.dialect.lock_table("mentor_status")  # in an empty database, each write begins by adding a mentor
    if MentorStatus.select().exists() or HistoryEntry.select().exists():
        raise TransferError("the database is not empty; nothing was written.")
