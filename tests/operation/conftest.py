"""The databases that these tests begin with."""

import pytest

from tests.support.commands import flask, migrated


@pytest.fixture
def migrated_url(empty_database):
    """Return the URL of a database with its tables."""
    return migrated(empty_database)


@pytest.fixture
def sqlite_url(tmp_path):
    """Return the URL of an SQLite file with its tables, mentor-status.db in the folder of the test."""
    return migrated(f"sqlite:///{tmp_path}/mentor-status.db")


@pytest.fixture
def example_url(sqlite_url):
    """Return the URL of this file with the example data."""
    assert flask(sqlite_url, "seed")[0] == 0
    return sqlite_url
