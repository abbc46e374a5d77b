"""What several files of this folder begin with."""

import pytest

from tests.support.tables import MENTORS, outcomes, upload
from transfer import seeding


@pytest.fixture
def seeded(client, clock):
    """Return a client; the tables hold the contract's examples, and as many more as its totals say."""
    seeding.seed(clock.at)
    return client


@pytest.fixture
def ada_paused(client):
    """Return a client; mentor ada is paused (pause-rec-0001)."""
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    return client


@pytest.fixture
def leaves_unchanged(client, state):
    """Return a function that uploads lines and asserts that nothing is written."""

    def send(path, lines):
        before = state()
        assert outcomes(upload(client, path, lines)) == ["unchanged"] * len(lines)
        assert state() == before

    return send
