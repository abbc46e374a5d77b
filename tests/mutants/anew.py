"""A plugin of pytest for the run in which is noted which test runs what."""

import pytest
from coverage import Coverage

from db import db


@pytest.fixture(autouse=True)
def write_statements_anew():
    """Forget the SQL after each test, so that each test writes what it runs: all but the SQL without arguments.

    That is written here, and noted for no test, as if at import.
    """
    yield
    if db.obj:
        Coverage.current().switch_context("")
        db.initialize(db.obj)
