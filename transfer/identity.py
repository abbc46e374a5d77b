"""Which database this is, for clients that follow its changes: a copy or a restored database is another one."""

from uuid import uuid4

from db import db
from models import Installation
from transfer import transaction


def renew_database_id(execute, prefix=""):
    """Give a database a new identity, within its transaction: earlier cursors are then refused. `execute` runs its SQL.

    The numbers of writes in `mentor_change` go, too: another cluster may give them again. Marks of erasures stay.
    """
    execute(f"UPDATE installation SET database_id = '{prefix}{uuid4()}'")  # noqa: S608 (our own value)
    execute("DELETE FROM mentor_change WHERE erased_at IS NULL")
    execute("UPDATE mentor_change SET changed_in = '1'")  # no new cursor asks for so low a number


def renew_identity(installation=False):
    """Give this database a new identity; with `installation`, calendars take it for another installation, too."""
    with transaction():
        renew_database_id(db.execute_sql)
        if installation:
            Installation.update(installation_id=str(uuid4())).execute()
