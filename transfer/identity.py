"""Which database this is, for clients that follow its changes: a copy is another one, and so is a restored one."""

from uuid import uuid4

from models import Installation, MentorChange
from transfer import transaction


def renew_database_id():
    """Make this another database, in the transaction that has begun: all earlier cursors are then gone.

    What only they need goes, too. The numbers of its writes may come from another cluster, which would give them again.
    """
    Installation.update(database_id=str(uuid4())).execute()
    MentorChange.delete().execute()


def renew_identity(installation=False):
    """Make this another database; with `installation`, another installation to calendars, too."""
    with transaction():
        renew_database_id()
        if installation:
            Installation.update(installation_id=str(uuid4())).execute()
