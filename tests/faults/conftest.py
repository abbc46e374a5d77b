"""What the tests of faults share."""

import pytest

from tests.support.load import lost


@pytest.fixture
def record(fault_cost):
    """Return a function that asserts that nothing acknowledged is lost, and records what the fault cost."""

    def count(fault, server, load, seconds):
        missing = lost(server, load.acknowledged)
        assert not missing
        fault_cost(fault, len(load.acknowledged), len(missing), seconds)

    return count
