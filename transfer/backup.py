"""A copy of the SQLite file, made while the service runs."""

import errno
import os
from contextlib import closing

import apsw
from peewee import OperationalError

from db import db
from models import MentorStatus
from transfer import TransferError
from transfer.identity import renew_database_id
from transfer.new_file import new_file

HAS_DATABASE_ID = "SELECT 1 FROM pragma_table_info('installation') WHERE name = 'database_id'"


def copy_database(path):
    """Copy the SQLite database, as it is at one instant, into a new file, without what was deleted from it before.

    The first start with the copy gives it an identity of its own (migrations.migrate). So for clients that follow the
    changes, a backup that is restored twice is two databases.
    """
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
            if copy.execute(HAS_DATABASE_ID).fetchone():  # else a migration will give it an id
                renew_database_id(copy.execute, prefix="backup ")
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise TransferError("the copy is damaged, and so the database may be.")
