"""Which database this is, to those who follow its changes: a copy is another one, and so is one that was restored."""

from uuid import uuid4

from models import Installation, MentorChange
from transfer.sessions import transaction


def renew_database_id():
    """Be another database, in the transaction that is begun: each cursor of before is gone, and so is what they need.

    The numbers of writes may come from another cluster, whose transactions have others.
    """
    Installation.update(database_id=str(uuid4())).execute()
    MentorChange.delete().execute()


def renew_identity(installation=False):
    """Be another database; with `installation`, another installation to calendars, too."""
    with transaction():
        renew_database_id()
        if installation:
            Installation.update(installation_id=str(uuid4())).execute()


def renew_copy(connection):
    """Let a copy of the SQLite file be another database; `connection` is APSW's.

    One of an earlier release has no id yet; its migration gives it one.
    """
    if not connection.execute("SELECT 1 FROM pragma_table_info('installation') WHERE name = 'database_id'").fetchone():
        return
    connection.execute("UPDATE installation SET database_id = ?", (str(uuid4()),))
    connection.execute("DELETE FROM mentor_change")
