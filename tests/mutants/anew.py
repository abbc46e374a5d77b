"""A plugin of pytest for the run in which is noted which test runs what."""

import os

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


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    """Note for no test what is run once for all: it is the first test alone that waits for it."""
    if fixturedef.scope != "session":
        return (yield)
    Coverage.current().switch_context("")
    made = yield
    test, _, phase = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")
    Coverage.current().switch_context(f"{test}|{phase.strip('()')}")
    return made
