"""Undo (rule 8): the bodies and answers of its route; tests/api/test_rules.py has what it takes back."""

import pytest

pytestmark = pytest.mark.rule8
MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
RECORD = f"{RECORDS}/pause-rec-0001"


def undo(client, *entry_ids):
    """Take entries back; return the answer."""
    response = client.post(UNDO, json={"history_entry_ids": list(entry_ids)})
    assert response.status_code == 200, response.text
    return response.json


def test_each_entry_says_what_the_pause_was_before(client, pause):
    pause()
    client.put(RECORD, json={"expected_return_date": "2026-05-01"})
    client.delete(RECORD)
    entries = client.get(f"{MENTORS}/ada/history").json["data"]
    (deleted,), (changed,), (opened,), created = [entry["pause_records"] for entry in entries]
    assert created == []
    named = {"pause_record_id": "pause-rec-0001"}
    sent = {"start_date": "2026-03-02T00:00:00Z", "expected_return_date": None, "end_date": None, "reason": "leave"}
    assert opened == opened | named | {"event": "pause_opened"} | sent | {"before": None}
    before = {name: value for name, value in opened.items() if name not in ("pause_record_id", "event", "before")}
    after = before | {"expected_return_date": "2026-05-01T00:00:00Z"}
    assert changed == named | {"event": "pause_updated"} | after | {"before": before}
    assert deleted == named | {"event": "pause_deleted"} | after | {"before": after}


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
