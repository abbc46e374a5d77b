"""Mentor ada: active, paused, or with a past, for the tests of what is purged."""

import pytest

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"


@pytest.fixture
def active_ada(client):
    """Return a client; there is mentor ada, who is active."""
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    return client


@pytest.fixture
def paused_ada(client):
    """Return a client; mentor ada is paused since 1 March 2026 (pause-rec-0001)."""
    sent = {"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01", "pause_reason": "leave"}
    assert client.post(MENTORS, json=sent).status_code == 201
    return client


@pytest.fixture
def at(unmarked, clock):
    """Return a function that sends a write at an instant, and returns the answer."""

    def send(instant, method, path, **body):
        clock.at = instant
        response = unmarked.open(path, method=method, json=body)
        assert response.status_code < 300, response.text
        return response.json

    return send


@pytest.fixture
def pauses_of_ada(at, unmarked, clock):
    """Make ada, who was paused in 2023 and in 2024, and is paused since; return the numbers of these pauses."""
    at("2023-01-01T10:00:00Z", "POST", MENTORS, mentor_id="ada")
    numbers = []
    for start, end in (("2023-02-01", "2023-03-01"), ("2024-02-01", "2024-03-01"), ("2024-06-01", None)):
        notes = {"initiated_by": "joe", "notes": start}
        body = {"mentor_id": "ada", "start_date": start, "reason": f"since {start}", "metadata": notes}
        numbers.append(at(f"{start}T10:00:00Z", "POST", PAUSES, **body)["pause_record_id"])
        if end:
            at(f"{end}T10:00:00Z", "PUT", f"{PAUSES}/{numbers[-1]}", is_active=False)
    at("2025-05-01T10:00:00Z", "PUT", f"{MENTORS}/ada", expected_return_date="2026-01-01")
    clock.at = "2026-03-26T08:30:00Z"
    return numbers
