"""What Postgres says by an error's SQLSTATE; an error of SQLite has none."""

SERIALIZATION_FAILURE, DEADLOCK_DETECTED, READ_ONLY_TRANSACTION = "40001", "40P01", "25006"
LOCK_NOT_AVAILABLE = "55P03"


def sqlstate_of(error):
    """Return the SQLSTATE that one of Peewee's errors comes from, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_conflict(error):
    """Say whether the transaction was aborted for another one's sake; run again, it may succeed."""
    return sqlstate_of(error) in (SERIALIZATION_FAILURE, DEADLOCK_DETECTED)


def is_read_only(error):
    """Say whether the server takes no writes."""
    return sqlstate_of(error) == READ_ONLY_TRANSACTION


def is_lock_timeout(error):
    """Say whether a lock did not become free within `lock_timeout`."""
    return sqlstate_of(error) == LOCK_NOT_AVAILABLE
