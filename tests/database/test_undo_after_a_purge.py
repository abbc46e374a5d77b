"""Undo after a purge: nothing comes back that was promised to be gone, and the rest does."""

import pytest

from mentors.retention import purge

pytestmark = pytest.mark.rule8
MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
OLD = {"mentor_id": "ada", "start_date": "2025-01-01", "end_date": "2025-02-01", "reason": "workload"}
LEAVE = {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "personal_leave"}
RECORD, LATE = f"{RECORDS}/pause-rec-0001", f"{RECORDS}/pause-rec-0003"
NOW = "2026-03-26T08:30:00Z"
DATE = "2025-07-01T00:00:00Z"


@pytest.fixture
def longtime_ada(unmarked):
    """Return a client; ada has a pause that ended before DATE, and one in force."""
    for path, body in ((MENTORS, {"mentor_id": "ada"}), (RECORDS, OLD), (RECORDS, LEAVE)):
        assert unmarked.post(path, json=body).status_code == 201
    return unmarked


def entry_of(response):
    assert response.status_code == 200, response.text
    return response.headers["History-Entry"]


def undo(client, *entry_ids):
    response = client.post(UNDO, json={"history_entry_ids": list(entry_ids)})
    assert response.status_code == 200, response.text
    return response.json["data"]


def outcomes(client, *entry_ids):
    return [each["outcome"] for each in undo(client, *entry_ids)]


def records(client):
    return client.get(RECORDS).json["data"]


@pytest.mark.parametrize(
    ("at", "method", "path", "body", "outcome"),
    [
        (NOW, "DELETE", f"{MENTORS}/ada", None, "undone"),  # who comes back without the pause
        ("2099-01-01T00:00:00Z", "DELETE", f"{MENTORS}/ada", None, "undone"),  # by a clock that is ahead
        (NOW, "DELETE", RECORD, None, "unchanged"),
        (NOW, "PUT", RECORD, {"end_date": None}, "undone"),  # the pause that was opened again is deleted
    ],
)
def test_a_pause_that_a_purge_would_have_deleted_does_not_come_back(
    longtime_ada, clock, at, method, path, body, outcome
):
    clock.at = at
    entry = entry_of(longtime_ada.open(path, method=method, json=body))
    clock.at = NOW
    purge(DATE)
    assert outcomes(longtime_ada, entry) == [outcome]
    assert [record["pause_record_id"] for record in records(longtime_ada)] == ["pause-rec-0002"]
    assert outcomes(longtime_ada, entry) == ["unchanged"]


@pytest.mark.parametrize(
    "writes",
    [
        [("DELETE", f"{MENTORS}/ada", None)],
        [("DELETE", LATE, None)],
        [("PUT", LATE, {"end_date": None})],
        [("PUT", LATE, {"end_date": "2025-08-01"})],
        [("PUT", LATE, {"end_date": "2025-03-01"}), ("PUT", LATE, {"reason": "illness"})],
    ],
)
def test_a_pause_that_ended_before_a_purge_and_was_recorded_after_it_comes_back(longtime_ada, writes):
    purge(DATE)
    assert longtime_ada.post(RECORDS, json=OLD).headers["Location"] == LATE
    before = records(longtime_ada)
    entries = [entry_of(longtime_ada.open(path, method=method, json=body)) for method, path, body in writes]
    purge("2025-01-02T00:00:00Z")  # an earlier date: what the later one says still holds
    assert outcomes(longtime_ada, *entries) == ["undone"] * len(writes)
    assert records(longtime_ada) == before
    assert outcomes(longtime_ada, *entries) == ["unchanged"] * len(writes)


def test_until_a_purge_has_ended_nothing_comes_back_that_it_would_delete(longtime_ada):
    purge(DATE)
    with pytest.raises(ZeroDivisionError):
        purge(DATE, report=lambda _rows: 1 / 0)  # interrupted
    entries = []
    for _pass in range(2):
        late = longtime_ada.post(RECORDS, json=OLD).headers["Location"]
        entries.append(entry_of(longtime_ada.delete(late)))
    assert outcomes(longtime_ada, entries[0]) == ["unchanged"]
    purge(DATE)
    assert outcomes(longtime_ada, *entries) == ["unchanged", "unchanged"]
    assert len(records(longtime_ada)) == 1


def test_what_a_purge_has_deleted_is_refused_and_no_entry_stands_in_the_way(longtime_ada):
    entry = entry_of(longtime_ada.put(RECORD, json={"expected_return_date": "2025-01-20"}))
    purge(DATE)
    (refused,) = undo(longtime_ada, entry)
    assert (refused["code"], refused["later_entry"]) == ("stale", None)


def test_a_mentor_of_whom_a_purge_has_deleted_a_pause_is_not_deleted(unmarked):
    created = unmarked.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": "2025-01-01"})
    unmarked.put(RECORD, json={"end_date": "2025-02-01"})
    purge(DATE)
    (refused,) = undo(unmarked, created.headers["History-Entry"])
    assert (refused["code"], refused["later_entry"]["event"]) == ("stale", "pause_ended")
    assert unmarked.get(f"{MENTORS}/ada").status_code == 200


def test_a_purged_entry_is_not_found(longtime_ada, clock):
    entry = longtime_ada.get("/api/v1/history").json["data"][0]["history_entry_id"]
    clock.at = "2026-04-26T08:30:00Z"
    purge("2026-04-01T00:00:00Z")
    assert undo(longtime_ada, entry)[0]["code"] == "not_found"
