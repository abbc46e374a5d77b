"""The contract's examples: bodies word for word, in both spellings of every path."""

import pytest

from web.middleware import BASE

NOW = "2026-03-26T08:30:00Z"  # of the tests' clock
LIST_MENTOR_001 = {
    "mentor_id": "mentor-001",
    "status": "active",
    "is_paused": False,
    "pause_start_date": None,
    "expected_return_date": None,
    "last_updated": "2026-03-20T10:00:00Z",
}
LIST_MENTOR_042 = {
    "mentor_id": "mentor-042",
    "status": "paused",
    "is_paused": True,
    "pause_start_date": "2026-03-01T00:00:00Z",
    "expected_return_date": "2026-04-01T00:00:00Z",
    "last_updated": "2026-03-01T09:15:00Z",
}
LIST_RECORD_18 = {
    "pause_record_id": "pause-rec-0018",
    "mentor_id": "mentor-042",
    "start_date": "2026-03-01T00:00:00Z",
    "expected_return_date": "2026-04-01T00:00:00Z",
    "end_date": None,
    "is_active": True,
    "reason": "certification_expiry",
}


@pytest.fixture(params=["", BASE], ids=["plain", "behind the base"])
def spelling(request):
    return request.param


def assert_answer(response, status, body):
    assert response.status_code == status
    assert response.content_type == "application/json"
    assert list(response.json.items()) == list(body.items())  # the keys in the contract's order, too


def assert_created(client, response):
    """Assert that GET one shows what the POST has answered; it may show more keys."""
    shown = client.get(response.headers["Location"])
    assert shown.status_code == 200
    assert shown.json.items() >= response.json.items()


def test_list_all_mentor_statuses(seeded, spelling):
    response = seeded.get(f"{spelling}/api/v1/mentor-statuses")
    assert response.status_code == 200
    assert list(response.json) == ["data", "pagination"]
    assert list(response.json["pagination"].items()) == [("page", 1), ("limit", 20), ("total", 87)]
    assert list(response.json["data"][0].items()) == list(LIST_MENTOR_001.items())
    third_page = seeded.get(f"{spelling}/api/v1/mentor-statuses?page=3").json["data"]
    assert list(third_page[1].items()) == list(LIST_MENTOR_042.items())


def test_get_the_current_status_of_a_mentor(seeded, spelling):
    *others, last = LIST_MENTOR_042.items()
    body = dict([*others, ("pause_reason", "certification_expiry"), last])
    assert_answer(seeded.get(f"{spelling}/api/v1/mentor-statuses/mentor-042"), 200, body)


@pytest.mark.rule1
def test_create_a_mentor_status(seeded, spelling, clock):
    clock.at = "2026-03-26T08:00:00Z"
    sent = {"mentor_id": "mentor-099", "status": "active", "is_paused": False}
    response = seeded.post(f"{spelling}/api/v1/mentor-statuses", json=sent)
    assert_answer(response, 201, LIST_MENTOR_001 | {"mentor_id": "mentor-099", "last_updated": clock.at})
    assert response.headers["Location"] == f"{spelling}/api/v1/mentor-statuses/mentor-099"
    assert_created(seeded, response)


@pytest.mark.rule2
def test_update_a_mentor_status(seeded, spelling):
    dates = {"pause_start_date": "2026-03-26T00:00:00Z", "expected_return_date": "2026-05-01T00:00:00Z"}
    metadata = {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"}
    sent = {"status": "paused", "is_paused": True, **dates, "pause_reason": "personal_leave", "metadata": metadata}
    response = seeded.put(f"{spelling}/api/v1/mentor-statuses/mentor-042", json=sent)
    assert_answer(response, 200, LIST_MENTOR_042 | dates | {"last_updated": NOW})


@pytest.mark.rule6
def test_delete_a_mentor_status(seeded, spelling):
    seeded.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-099"})
    path = f"{spelling}/api/v1/mentor-statuses/mentor-099"
    assert_answer(seeded.delete(path), 200, {"deleted": True, "mentor_id": "mentor-099"})
    assert seeded.get(path).status_code == 404


def test_list_all_pause_records(seeded, spelling):
    response = seeded.get(f"{spelling}/api/v1/pause-records")
    assert response.status_code == 200
    assert list(response.json) == ["data", "pagination"]
    assert list(response.json["pagination"].items()) == [("page", 1), ("limit", 20), ("total", 34)]
    assert list(response.json["data"][17].items()) == list(LIST_RECORD_18.items())


def test_get_a_pause_record(seeded, spelling):
    response = seeded.get(f"{spelling}/api/v1/pause-records/pause-rec-0018")
    assert_answer(response, 200, LIST_RECORD_18 | {"created_at": "2026-03-01T09:15:00Z"})


@pytest.mark.rule3
def test_create_a_pause_record(seeded, spelling):
    sent = {
        "mentor_id": "mentor-042",
        "start_date": "2026-03-26T00:00:00Z",
        "expected_return_date": "2026-05-01T00:00:00Z",
        "reason": "personal_leave",
    }
    response = seeded.post(f"{spelling}/api/v1/pause-records", json=sent)
    # The contract's pause-rec-0019 contradicts its own total of 34.
    assert_answer(response, 201, LIST_RECORD_18 | {"pause_record_id": "pause-rec-0035"} | sent | {"created_at": NOW})
    assert response.headers["Location"] == f"{spelling}/api/v1/pause-records/pause-rec-0035"
    assert_created(seeded, response)


@pytest.mark.rule4
def test_close_a_pause_record(seeded, spelling, clock):
    clock.at = "2026-04-15T12:00:00Z"
    sent = {"end_date": "2026-04-15T00:00:00Z", "is_active": False}
    body = LIST_RECORD_18 | sent
    del body["reason"]
    assert_answer(seeded.put(f"{spelling}/api/v1/pause-records/pause-rec-0018", json=sent), 200, body)


@pytest.mark.rule5
def test_delete_a_pause_record(seeded, spelling):
    path = f"{spelling}/api/v1/pause-records/pause-rec-0018"
    assert_answer(seeded.delete(path), 200, {"deleted": True, "pause_record_id": "pause-rec-0018"})
    assert seeded.get(path).status_code == 404
    assert seeded.get("/api/v1/mentor-statuses/mentor-042").json["status"] == "active"
