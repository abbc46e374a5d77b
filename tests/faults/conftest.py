"""A Postgres to stop, to kill and to freeze."""

import pytest

from tests.support.postgres import Cluster


@pytest.fixture(scope="module")
def cluster():
    """Return a Postgres that the tests of a file have for themselves."""
    with Cluster() as cluster:
        yield cluster
