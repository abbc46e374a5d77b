"""What has changed since a cursor: whatever changed it, page by page, and when a cursor is gone or none."""

import pytest

MENTORS, RECORDS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/changes"
KEYS = ["mentor_id", "status", "is_paused", "pause_start_date", "expected_return_date", "last_updated", "deleted"]


@pytest.fixture
def poll(client):
    """Return a function that asks what has changed since a cursor, and returns the answer."""

    def ask(since=None, limit=100):
        query = {"limit": limit} | ({"since": since} if since else {})
        answered = client.get(CHANGES, query_string=query)
        assert answered.status_code == 200, answered.text
        assert len(answered.json["data"]) <= limit
        return answered.json

    return ask


def cursor(answer):
    return answer["pagination"]["next"]


def ids(answer):
    return [item["mentor_id"] for item in answer["data"]]


def test_without_a_cursor_there_is_no_data_and_one_that_begins_now(client, poll):
    client.post(MENTORS, json={"mentor_id": "ada"})
    first = poll()
    assert (first["data"], first["pagination"]["more"], first["pagination"]["limit"]) == ([], False, 100)
    assert poll(cursor(first)) == first


def test_an_item_is_the_mentor_as_the_list_shows_them_and_whether_they_are_deleted(client, poll):
    begin = cursor(poll())
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "leave"})
    answer = poll(begin)
    assert [list(item) for item in answer["data"]] == [KEYS]
    assert answer["data"] == [each | {"deleted": False} for each in client.get(MENTORS).json["data"]]
    client.delete(f"{MENTORS}/ada")
    deleted = dict.fromkeys(KEYS) | {"mentor_id": "ada", "deleted": True}
    assert poll(begin)["data"] == poll(cursor(answer))["data"] == [deleted]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{MENTORS}/ada", {"status": "active"}),
        ("PUT", f"{MENTORS}/ada", {"metadata": {"notes": "x"}}),
        ("PUT", f"{RECORDS}/pause-rec-0001", {"end_date": "2026-05-01"}),
        ("PUT", f"{RECORDS}/pause-rec-0001", {"reason": "another"}),
        ("DELETE", f"{RECORDS}/pause-rec-0001", None),
        ("POST", RECORDS, {"mentor_id": "ada", "start_date": "2026-12-01", "reason": "later"}),
        ("DELETE", f"{MENTORS}/ada", None),
        ("DELETE", f"{MENTORS}/ada?erase=true", None),
    ],
)
def test_each_write_is_news_also_within_the_second_of_the_last_one(client, poll, method, path, body):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    client.post(MENTORS, json={"mentor_id": "bob"})
    begin = cursor(poll())
    assert client.open(path, method=method, json=body).status_code in (200, 201)
    answer = poll(begin)
    assert (ids(answer), answer["pagination"]["more"]) == (["ada"], False)


def test_a_write_that_changes_nothing_is_no_news(client, poll):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    begin = poll()
    client.put(f"{MENTORS}/ada", json={"status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0001", json={"is_active": True})
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 409
    assert poll(cursor(begin)) == begin


def test_a_pause_that_begins_and_ends_by_the_clock_is_news(client, poll, clock):
    client.post(MENTORS, json={"mentor_id": "bob"})
    pause = {"mentor_id": "bob", "start_date": "2026-04-01", "end_date": "2026-05-01", "reason": "leave"}
    client.post(RECORDS, json=pause)
    clock.at = "2026-03-31T23:00:00Z"
    before = poll()
    clock.at = "2026-03-31T23:59:59Z"
    assert poll(cursor(before)) == before
    clock.at = "2026-04-01T00:00:00Z"
    began = poll(cursor(before))
    assert [(item["mentor_id"], item["is_paused"]) for item in began["data"]] == [("bob", True)]
    clock.at = "2026-04-01T00:00:15Z"
    assert ids(poll(cursor(began))) == ["bob"]  # a clock may step back
    clock.at = "2026-04-01T00:00:16Z"
    later = poll(cursor(poll(cursor(began))))
    clock.at = "2026-04-01T00:00:32Z"
    assert poll(cursor(later))["data"] == []
    clock.at = "2026-05-01T00:00:00Z"
    assert [(item["mentor_id"], item["is_paused"]) for item in poll(cursor(before))["data"]] == [("bob", False)]
