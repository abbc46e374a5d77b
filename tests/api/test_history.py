"""A mentor's history: its keys, metadata and pages; test_rules.py has which entry each write appends."""

import json

import pytest

from tests.support.databases import ON_SQLITE

PATH = "/api/v1/mentor-statuses/ada"
HISTORY = f"{PATH}/history"


OF_AN_ENTRY = """history_entry_id changed_at event undoes pause_record_id status is_paused pause_start_date
expected_return_date pause_end_date pause_reason pause_records changed_by metadata"""
OF_A_PAUSE = "pause_record_id event start_date expected_return_date end_date reason before"


def test_an_entry_and_a_pause_record_in_it_have_their_keys_in_one_order(ada_paused):
    (entry,) = ada_paused.get(HISTORY).json["data"]
    assert list(entry) == OF_AN_ENTRY.split()
    assert list(entry["pause_records"][0]) == OF_A_PAUSE.split()


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


def test_a_page_past_the_end_of_a_history_is_empty_but_that_of_an_id_never_known_is_a_404(ada_paused):
    ada_paused.delete(PATH)
    for query in ({"page": 2}, {"after": 1}):
        beyond = ada_paused.get(HISTORY, query_string=query)
        assert (beyond.status_code, beyond.json["data"]) == (200, [])
        assert ada_paused.get("/api/v1/mentor-statuses/eve/history", query_string=query).status_code == 404
