"""A transaction that reads or writes all data of the service."""

from contextlib import contextmanager

from db import db


@contextmanager
def transaction(mode=None):
    """Begin a transaction without time limits."""
    with db.connected(), db.atomic(mode):
        db.lift_time_limits()
        yield
