"""What an error of the database means: the database cannot answer now (503), or the service has a fault (500)."""

from peewee import InterfaceError, OperationalError

from db.database import db

AWAY = OperationalError, InterfaceError  # what is raised if the database is away
WRONG_SQL = "SQLITE_ERROR"  # the code of a fault of the service, which Peewee takes for an OperationalError
MEANINGS = {  # the faults that an operator can mend, by the database's code
    "25006": "the database takes no writes",
    "3D000": "the database is missing",
    "3F000": "a schema is missing",
    "42P01": "a table is missing",
    "no such table": "a table is missing",
    "42703": "a column is missing",
    "no such column": "a column is missing",
    "no column named": "a column is missing",
    "42501": "the user of the database lacks a right",
    "2200H": "the numbers of a table are exhausted",
    "SQLITE_CONSTRAINT_TRIGGER": "the numbers of a table are exhausted",
    "SQLITE_FULL": "the disk is full, or the numbers of a table are exhausted",
    "SQLITE_READONLY": "the database takes no writes",
}


def is_unavailable(error):
    """Say whether an exception means that the database cannot answer now, or must be mended by an operator."""
    code = error_code(error)
    return code in MEANINGS or (isinstance(error, AWAY) and code != WRONG_SQL)


def error_code(error):
    """Return the code of the database's first error, or None: a SQLSTATE, or a name such as `SQLITE_FULL`."""
    return db.error_code(first_error(error))


def reason_of(error):
    """Return why the database cannot do it, without a value of a row; None if that is not known."""
    first = first_error(error)
    is_our_own = first is error and isinstance(error, AWAY)  # such as WaitedTooLong
    return MEANINGS.get(db.error_code(first)) or (str(error) if is_our_own else db.safe_message(first))


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
