"""Uploads that must write nothing."""

import pytest

from tests.support.tables import outcomes, upload


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
