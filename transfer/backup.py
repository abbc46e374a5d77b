"""A copy of the SQLite file, made while the service runs."""

from contextlib import closing
from uuid import uuid4

import apsw

from db import db
from transfer import TransferError, connection
from transfer.new_file import new_file


def copy_database(path):
    """Copy the SQLite database, as it is at one instant, into a new file."""
    if db.dialect.name != "sqlite":
        raise TransferError("this is for SQLite; pg_dump backs up Postgres.")
    with connection() as original, new_file(path) as file, closing(apsw.Connection(file.name)) as copy:
        with copy.backup("main", original, "main") as pages:
            pages.step()
        copy.execute("PRAGMA journal_mode = delete")  # one file, until the service opens it
        renew_database_id(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise TransferError("the copy is damaged, and so the database may be.")


def renew_database_id(copy):
    """Make the copy another database, as identity.renew_database_id() does.

    A database of an earlier release has no id yet; its migration gives it one.
    """
    if copy.execute("SELECT 1 FROM pragma_table_info('installation') WHERE name = 'database_id'").fetchone():
        copy.execute("UPDATE installation SET database_id = ?", (str(uuid4()),))
        copy.execute("DELETE FROM mentor_change")
