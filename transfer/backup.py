"""A copy of the SQLite file, made while the service runs."""

import errno
import os
from contextlib import closing

import apsw
from peewee import OperationalError

from db import db
from models import MentorStatus
from transfer import TransferError
from transfer.new_file import new_file


def copy_database(path):
    """Copy the SQLite database, as it is at one instant, into a new file, without what was deleted from it before."""
    if db.dialect.name != "sqlite":
        raise TransferError("this is for SQLite; pg_dump backs up Postgres.")
    with db.connected(), new_file(path) as file:
        MentorStatus.select().exists()  # without its tables, the file is no database of the service
        try:
            db.execute_sql("VACUUM INTO ?", (file.name,))
        except UnicodeEncodeError:
            raise TransferError("SQLite takes only file names in UTF-8; write another one.") from None
        except OperationalError as error:
            if not isinstance(error.orig, apsw.FullError):
                raise
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None  # new_file() names the file
        with closing(apsw.Connection(file.name)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise TransferError("the copy is damaged, and so the database may be.")
