"""A copy of the SQLite file, made while the service runs."""

from contextlib import closing

import apsw

from db import db
from transfer import TransferError, connection
from transfer.identity import renew_database_id
from transfer.new_file import new_file

HAS_DATABASE_ID = "SELECT 1 FROM pragma_table_info('installation') WHERE name = 'database_id'"


def copy_database(path):
    """Copy the SQLite database, as it is at one instant, into a new file."""
    if db.dialect.name != "sqlite":
        raise TransferError("this is for SQLite; pg_dump backs up Postgres.")
    with connection() as original, new_file(path) as file, closing(apsw.Connection(file.name)) as copy:
        with copy.backup("main", original, "main") as pages:
            pages.step()
        copy.execute("PRAGMA journal_mode = delete")  # one file, until the service opens it
        if copy.execute(HAS_DATABASE_ID).fetchone():  # else a migration will give it an id
            renew_database_id(copy.execute)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise TransferError("the copy is damaged, and so the database may be.")
