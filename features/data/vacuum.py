"""A vacuum: what was deleted goes from the file of SQLite, and from the statistics of Postgres.

SQLite overwrites what it deletes, but not the old place of a row that it has moved within a page. Postgres keeps values
of each column, and of each expression of an index, as statistics.
"""

from db import db
from mentors.problems import CommandError
from models import HistoryEntry, MentorStatus, PauseRecord

TABLES = ", ".join(model._meta.table_name for model in (MentorStatus, PauseRecord, HistoryEntry))


def vacuum_database():
    """Clear what the database still keeps of deleted rows. Raises CommandError if a part of it could not be done."""
    with db.connected():
        MentorStatus.get_or_none()  # raises if this is a database without tables
        db.lift_time_limits()
        if db.dialect.name == "sqlite":
            vacuum_sqlite()
        else:
            vacuum_postgres()


def vacuum_sqlite():
    """Write the whole file anew, and empty its write-ahead log."""
    db.execute_sql("DROP TABLE IF EXISTS sqlite_stat4")  # if somebody has run ANALYZE, it has samples of rows
    db.execute_sql("VACUUM")
    is_busy, *_pages = db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise CommandError(
            "somebody else reads an old state of the database, or writes, so its files may still hold what was deleted;"
            " end what uses them (Litestream, sqlite3, a backup), and run this again."
        )


def vacuum_postgres():
    """Vacuum and analyze the tables. If Postgres skips one of them, it only warns; here that is a failure."""
    notices = []
    db.connection().add_notice_handler(lambda notice: notices.append(notice.message_primary))
    db.execute_sql(f"VACUUM (ANALYZE) {TABLES}")
    if notices:
        raise CommandError(f"Postgres has not done it all: {notices[0]}")
