"""A copy of the SQLite file, made while the service runs."""

from db import db
from features.data.new_file import new_file
from mentors.problems import CommandError
from models import MentorStatus


def copy_database(path):
    """Copy the SQLite database, as it is at one instant, into a new file, without what was deleted from it before."""
    if db.dialect.name != "sqlite":
        raise CommandError("this is for SQLite; pg_dump backs up Postgres.")
    with db.connected(), new_file(path):
        MentorStatus.select().exists()  # without its tables, the file is no database of the service
        db.execute_sql("VACUUM INTO ?", (path,))
