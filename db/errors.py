"""What an error of the database means: the database cannot do it now (503), or the service has a fault (500)."""

from peewee import InterfaceError, OperationalError

from db.database import db

AWAY = OperationalError, InterfaceError  # what is raised if the database is away, or its disk is full
WRONG_SQL = "SQLITE_ERROR"  # the code of a fault of the service, which Peewee takes for an OperationalError
READ_ONLY = "25006"  # the code of a Postgres that takes no writes, such as a standby: for Peewee an InternalError


def is_unavailable(error):
    """Say whether an exception means that the database cannot do it now."""
    code = error_code(error)
    return code == READ_ONLY or (isinstance(error, AWAY) and code != WRONG_SQL)


def error_code(error):
    """Return the code of the database's first error, or None: a SQLSTATE, or a name such as `SQLITE_FULL`."""
    return db.error_code(first_error(error))


def reason_of(error):
    """Return why the database cannot do it, without a value of a row; None if that is not known."""
    first = first_error(error)
    is_our_own = first is error and isinstance(error, AWAY)  # such as WaitedTooLong
    return str(error) if is_our_own else db.safe_message(first)


def first_error(error):
    """Return the driver's first error behind an exception; without one, the exception.

    The exception may be a later one: after a failed COMMIT, the ROLLBACK fails, too.
    """
    first, each = error, error
    while each:
        for candidate in (each, getattr(each, "orig", None)):
            if isinstance(candidate, db.driver_error):
                first = candidate
        each = each.__cause__ or each.__context__
    return first
