"""A vacuum: what was deleted goes from the file of SQLite, and from the statistics of Postgres.

SQLite overwrites what it deletes, but not the old place of a row that it has moved within a page. Postgres keeps values
of each column, and of each expression of an index, as statistics.
"""

from db import db, read_clock
from db.postgres import TIMEOUTS
from models import HistoryEntry, MentorStatus, PauseRecord, check_tables
from transfer import TransferError

TABLES = [model._meta.table_name for model in (MentorStatus, PauseRecord, HistoryEntry)]


def vacuum_database():
    """Clear what the database still keeps of deleted rows, and return what was done.

    Raises TransferError if a part of it could not be done.
    """
    with db.connected():
        check_tables()
        return vacuum_sqlite() if db.dialect.name == "sqlite" else vacuum_postgres()


def vacuum_sqlite():
    """Write the whole file anew, and empty its write-ahead log."""
    connection = db.connection()
    try:
        connection.execute("DROP TABLE IF EXISTS sqlite_stat4")  # if somebody has run ANALYZE, it has samples of rows
        connection.execute("VACUUM")
        is_busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except db.driver_error as error:
        if not db.error_code(error).startswith("SQLITE_BUSY"):
            raise
        is_busy = True
    if is_busy:
        raise TransferError(
            "somebody else reads an old state of the database, or writes, so its files may still hold what was deleted;"
            " end what uses them (Litestream, sqlite3, a backup), and run this again."
        )
    return "the file is written anew, and its write-ahead log is empty"


def vacuum_postgres():
    """Vacuum and analyze the tables. If Postgres skips one of them, it only warns; here that is a failure."""
    warnings = []

    def keep_warning(notice):
        if notice.severity_nonlocalized == "WARNING":
            warnings.append(notice.message_primary)

    connection = db.connection()
    connection.add_notice_handler(keep_warning)
    db.lift_time_limits()
    try:
        for table in TABLES:
            connection.execute(f"VACUUM {table}")
    except db.driver_error as error:
        if not (connection.is_through_pooler and db.error_code(error) in TIMEOUTS):
            raise
        raise TransferError(
            "a time limit of the role has ended it; run it with DATABASE_URL set to the address without the pooler."
        ) from error
    with db.atomic():
        db.lift_time_limits()
        db.execute_sql("SET LOCAL client_min_messages = 'warning'")  # the role may have 'error'
        analyze()
    if warnings:
        raise TransferError(f"Postgres has not done it all: {warnings[0]}")
    return f"{', '.join(TABLES)} are vacuumed and analyzed"


def analyze():
    """Analyze each table while it has a row, which nobody else sees.

    If a table is empty, Postgres keeps the statistics that it had before.
    """
    now = read_clock()
    MentorStatus.insert(mentor_id="", last_updated=now).execute()
    PauseRecord.insert(id=0, mentor="", start_date=now, created_at=now, last_changed=now).execute()
    HistoryEntry.insert(id=0, mentor_id="", changed_at=now, event="created", pause_records="[]").execute()
    for table in TABLES:
        db.dialect.analyze(table)
    MentorStatus.delete_by_id("")  # and with it the pause
    HistoryEntry.delete_by_id(0)
