"""A mentor's history: each write, by whom, and the state after it."""

import json

import pytest

from tests.support.databases import ON_SQLITE

PATH = "/api/v1/mentor-statuses/ada"
HISTORY = f"{PATH}/history"


@pytest.fixture
def day_of_ada(client, clock):
    """Live through a day of mentor ada: created, paused, and back."""
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"})
    clock.at = "2026-03-27T00:00:00Z"
    metadata = {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"}
    client.put(PATH, json={"status": "paused", "pause_reason": "personal_leave", "metadata": metadata})
    clock.at = "2026-03-28T00:00:00Z"
    client.put("/api/v1/pause-records/pause-rec-0001", json={"is_active": False})


def test_the_newest_entry_comes_first_with_the_state_after_the_change(client, day_of_ada):
    entries = client.get(HISTORY).json["data"]
    pause = entries[1]["pause_records"][0] | {
        "pause_record_id": "pause-rec-0001",
        "event": "pause_opened",
        "start_date": "2026-03-27T00:00:00Z",
        "expected_return_date": None,
        "end_date": None,
        "reason": "personal_leave",
        "before": None,
    }
    opened = {
        "history_entry_id": "2",
        "changed_at": "2026-03-27T00:00:00Z",
        "event": "pause_opened",
        "undoes": None,
        "pause_record_id": "pause-rec-0001",
        "status": "paused",
        "is_paused": True,
        "pause_start_date": "2026-03-27T00:00:00Z",
        "expected_return_date": None,
        "pause_end_date": None,
        "pause_reason": "personal_leave",
        "pause_records": [pause],
        "changed_by": "coordinator-007",
        "metadata": {"initiated_by": "coordinator-007", "notes": "Mentor requested leave"},
    }
    assert [entry["event"] for entry in entries] == ["pause_ended", "pause_opened", "created"]
    assert list(entries[1].items()) == list(opened.items())
    assert (entries[0]["status"], entries[0]["pause_start_date"], entries[0]["changed_by"]) == ("active", None, None)


def test_an_initiated_by_that_is_no_text_is_metadata_and_names_nobody(client):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada", "metadata": {"initiated_by": 7}})
    entry = client.get(HISTORY).json["data"][0]
    assert (entry["changed_by"], entry["metadata"]) == (None, {"initiated_by": 7})


@ON_SQLITE
@pytest.mark.parametrize("path", [PATH, "/api/v1/pause-records/pause-rec-0001"])
def test_metadata_alone_is_a_change_unless_the_last_entry_has_the_same(ada_paused, clock, rows, path):
    clock.at = "2026-05-01T00:00:00Z"
    for metadata in ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1}, {"a": True}, {"a": 1.0}, {}, {"a": 1}):
        assert ada_paused.put(path, data=json.dumps({"metadata": metadata})).status_code == 200  # Flask sorts the keys
    assert [row["event"] for row in rows("history_entry")] == ["created", *["updated"] * 6]


@ON_SQLITE
def test_the_same_metadata_sent_by_another_token_is_a_change(ada_paused, configured, rows):
    client = configured(API_TOKENS=f"ann:{'a' * 16},bob:{'b' * 16}")
    for letter in "abb":
        client.put(PATH, json={"metadata": {"notes": "called"}}, headers={"Authorization": f"Bearer {letter * 16}"})
    assert [row["changed_by"] for row in rows("history_entry")] == [None, "ann", "bob"]


def test_a_page_past_the_end_of_a_history_is_empty_but_that_of_an_id_never_known_is_a_404(client, day_of_ada):
    client.delete(PATH)
    for query in ({"page": 2}, {"after": 1}):
        beyond = client.get(HISTORY, query_string=query)
        assert (beyond.status_code, beyond.json["data"]) == (200, [])
        assert client.get("/api/v1/mentor-statuses/eve/history", query_string=query).status_code == 404
