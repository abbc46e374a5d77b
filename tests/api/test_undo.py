"""Undo (rule 8): the bodies and answers of its route; tests/api/test_rules.py has what it takes back."""

import pytest

pytestmark = pytest.mark.rule8
RECORD, UNDO = "/api/v1/pause-records/pause-rec-0001", "/api/v1/history/undo"


def undo(client, *entry_ids):
    """Take entries back; return the answer."""
    response = client.post(UNDO, json={"history_entry_ids": list(entry_ids)})
    assert response.status_code == 200, response.text
    return response.json


def test_a_conflict_names_the_pause_that_has_the_start_and_reason(client, pause):
    pause()
    entry = client.put(RECORD, json={"reason": "illness"}).headers["History-Entry"]
    pause()
    (refused,) = undo(client, entry)["data"]
    assert (refused["code"], "pause-rec-0002" in refused["detail"]) == ("conflict", True)


def test_a_request_names_at_most_a_thousand_entries(client):
    ids = [str(10**17 + number) for number in range(1001)]
    assert undo(client, *ids[:1000])["refused"] == 1000
    assert client.post(UNDO, json={"history_entry_ids": ids}).status_code == 422
