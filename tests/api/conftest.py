"""What several files of this folder begin with."""

import pytest

from tests.support.tables import MENTORS, outcomes, upload
from transfer import seeding
from web import auth


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


@pytest.fixture
def refuses_lines(client, state):
    """Return a function that uploads lines, and returns the message for each place; nothing may be written."""

    def send(path, lines):
        before = state()
        response = upload(client, path, lines)
        assert (response.status_code, response.json["code"]) == (422, "rows_refused"), response.text
        assert state() == before
        return {place: message for place, (message,) in response.json["errors"].items()}

    return send


@pytest.fixture
def seconds(monkeypatch):
    """Return a list of the one number that the process counts seconds by, to find out when to read a file again."""
    count = [1000.0]
    monkeypatch.setattr(auth.time, "monotonic", lambda: count[0])
    return count
