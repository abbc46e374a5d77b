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
    """Return the code of the driver's error behind an exception, such as `SQLITE_FULL` or a SQLSTATE; or None."""
    return db.error_code(driver_error_behind(error))


def reason_of(error):
    """Return why the database cannot do it, without a value of a row; None if that is not known."""
    origin = driver_error_behind(error)
    is_our_own = origin is error and isinstance(error, AWAY)  # such as WaitedTooLong
    return str(error) if is_our_own else db.safe_message(origin)


def driver_error_behind(error):
    """Return the driver's error in which an exception began; without one, the exception itself.

    That is the last one in the chain of causes: after a failed COMMIT, the ROLLBACK fails, too, and is the first.
    """
    origin = error
    while error:
        for each in (error, getattr(error, "orig", None)):
            if isinstance(each, db.driver_error):
                origin = each
        error = error.__cause__ or error.__context__
    return origin
