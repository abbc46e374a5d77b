"""A mentor's history: each write, by whom, and the state after it."""

import pytest

from db import db
from models import HistoryEntry

PATH = "/api/v1/mentor-statuses/ada"
HISTORY = f"{PATH}/history"
KEYS = [
    "history_entry_id",
    "changed_at",
    "event",
    "undoes",
    "pause_record_id",
    "status",
    "is_paused",
    "pause_start_date",
    "expected_return_date",
    "pause_end_date",
    "pause_reason",
    "pause_records",
    "changed_by",
    "metadata",
]


@pytest.fixture
def ada(client, clock):
    """Live through a day of mentor ada: created, paused, and back."""
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"})
    clock.at = "2026-03-27T00:00:00Z"
    metadata = {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"}
    client.put(PATH, json={"status": "paused", "pause_reason": "personal_leave", "metadata": metadata})
    clock.at = "2026-03-28T00:00:00Z"
    client.put("/api/v1/pause-records/pause-rec-0001", json={"is_active": False})
    return client


def test_the_newest_entry_comes_first_with_the_state_after_the_change(ada):
    entries = ada.get(HISTORY).json["data"]
    touched = {
        "pause_record_id": "pause-rec-0001",
        "event": "pause_opened",
        "start_date": "2026-03-27T00:00:00Z",
        "expected_return_date": None,
        "end_date": None,
        "reason": "personal_leave",
        "before": None,
    }
    assert [entry["event"] for entry in entries] == ["pause_ended", "pause_opened", "created"]
    assert list(entries[1].items()) == list(
        zip(
            KEYS,
            [
                "2",
                "2026-03-27T00:00:00Z",
                "pause_opened",
                None,
                "pause-rec-0001",
                "paused",
                True,
                "2026-03-27T00:00:00Z",
                None,
                None,
                "personal_leave",
                [touched],
                "coordinator-007",
                {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"},
            ],
            strict=True,
        )
    )
    assert (entries[0]["status"], entries[0]["pause_start_date"], entries[0]["changed_by"]) == ("active", None, None)


def test_history_answers_for_a_deleted_mentor_and_ends_in_deleted(ada):
    ada.delete(PATH)
    entries = ada.get(HISTORY).json["data"]
    assert [entry["event"] for entry in entries] == ["deleted", "pause_ended", "pause_opened", "created"]
    assert [each["event"] for each in entries[0]["pause_records"]] == ["pause_deleted"]
    null = set(KEYS[3:]) - {"pause_records"}
    assert {key: entries[0][key] for key in null} == dict.fromkeys(null)


def test_history_goes_on_when_a_deleted_mentor_is_created_again(ada):
    ada.delete(PATH)
    ada.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"})
    assert [entry["event"] for entry in ada.get(HISTORY).json["data"]][:2] == ["created", "deleted"]


def test_history_is_a_404_after_erasing_and_for_an_unknown_mentor(ada):
    ada.delete(f"{PATH}?erase=true")
    assert ada.get(HISTORY).status_code == 404
    assert ada.get("/api/v1/mentor-statuses/nobody/history").status_code == 404


def test_history_has_counted_pages_and_keyset_pages_like_every_list(ada):
    first = ada.get(f"{HISTORY}?limit=2").json
    second = ada.get(f"{HISTORY}?limit=2&page=2").json
    assert first["pagination"] == {"page": 1, "limit": 2, "total": 3}
    read, after = [], ""
    while after is not None:
        page = ada.get(HISTORY, query_string={"limit": 1, "after": after}).json
        assert page["pagination"]["limit"] == 1
        read, after = read + page["data"], page["pagination"]["next"]
    assert read == first["data"] + second["data"]


@pytest.mark.parametrize(
    ("metadata", "changed_by"),
    [({"initiated_by": "coordinator-007"}, "coordinator-007"), ({"initiated_by": 7}, None), ({"notes": "x"}, None)],
)
def test_changed_by_is_taken_from_the_metadata(client, metadata, changed_by):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada", "metadata": metadata})
    entry = client.get(HISTORY).json["data"][0]
    assert (entry["changed_by"], entry["metadata"]) == (changed_by, metadata)


def test_an_entry_has_the_dates_of_the_pause_as_recorded_and_not_as_get_one_shows_them(client):
    pause = {
        "start_date": "2026-03-01T00:00:00Z",
        "expected_return_date": "2026-04-10T00:00:00Z",
        "end_date": "2026-05-01T00:00:00Z",
        "reason": "personal_leave",
    }
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"})
    client.post("/api/v1/pause-records", json={"mentor_id": "ada"} | pause)
    entry = client.get(HISTORY).json["data"][0]
    shown = ("pause_start_date", "expected_return_date", "pause_end_date", "pause_reason")
    assert [entry[name] for name in shown] == list(pause.values())
    assert client.get(PATH).json["expected_return_date"] == pause["end_date"]
    assert (entry["status"], entry["is_paused"]) == ("paused", True)


def test_a_page_past_the_end_of_a_history_is_empty_but_that_of_an_id_never_known_is_a_404(ada):
    ada.delete(PATH)
    for query in ({"page": 2}, {"after": 1}):
        beyond = ada.get(HISTORY, query_string=query)
        assert (beyond.status_code, beyond.json["data"]) == (200, [])
        assert ada.get("/api/v1/mentor-statuses/eve/history", query_string=query).status_code == 404


def test_the_history_of_a_mentor_without_an_entry_is_empty(ada):
    with db.connection_context():
        HistoryEntry.delete().execute()  # as an import without history leaves it
    assert (ada.get(HISTORY).status_code, ada.get(HISTORY).json["data"]) == (200, [])
