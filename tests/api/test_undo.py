"""Undo (rule 8): the bodies and answers of its route; tests/api/test_rules.py has what it takes back."""

import pytest

from tests.support.tables import upload

pytestmark = pytest.mark.rule8
MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
LEAVE = {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "personal_leave"}
RECORD = f"{RECORDS}/pause-rec-0001"


def undo(client, *entry_ids):
    """Take entries back; return the answer."""
    response = client.post(UNDO, json={"history_entry_ids": list(entry_ids)})
    assert response.status_code == 200, response.text
    return response.json


@pytest.fixture
def ada_on_leave(client):
    """Return a client; ada has a leave."""
    for path, body in ((MENTORS, {"mentor_id": "ada"}), (RECORDS, LEAVE)):
        assert client.post(path, json=body).status_code == 201
    return client


def test_an_uploaded_table_is_undone_by_the_ids_that_its_answer_has(ada_on_leave):
    before = ada_on_leave.get(RECORD).json
    lines = [
        {"mentor_id": "ada", "status": "active"},
        {"mentor_id": "grace", "status": "paused"},
        {"mentor_id": "edsger", "status": "active"},
    ]
    dry = upload(ada_on_leave, MENTORS, lines, "?dry_run=true").json["data"]
    assert [line["history_entry_id"] for line in dry] == [None, None, None]
    done = [line["history_entry_id"] for line in upload(ada_on_leave, MENTORS, lines).json["data"]]
    again = [line["history_entry_id"] for line in upload(ada_on_leave, MENTORS, lines).json["data"]]
    assert (None not in done, again) == (True, [None, None, None])
    assert undo(ada_on_leave, *done)["undone"] == 3
    assert ada_on_leave.get(RECORD).json == before
    assert [each["mentor_id"] for each in ada_on_leave.get(MENTORS).json["data"]] == ["ada"]


def test_each_entry_says_what_the_pause_was_before(ada_on_leave):
    ada_on_leave.put(RECORD, json={"expected_return_date": "2026-05-01"})
    ada_on_leave.delete(RECORD)
    deleted, changed, opened, created = ada_on_leave.get(f"{MENTORS}/ada/history").json["data"]
    assert created["pause_records"] == []
    before = {"start_date": "2026-03-01T00:00:00Z", "expected_return_date": None, "end_date": None}
    before["reason"] = "personal_leave"
    after = before | {"expected_return_date": "2026-05-01T00:00:00Z"}
    named = {"pause_record_id": "pause-rec-0001"}
    assert opened["pause_records"] == [named | {"event": "pause_opened"} | before | {"before": None}]
    assert changed["pause_records"] == [named | {"event": "pause_updated"} | after | {"before": before}]
    assert deleted["pause_records"] == [named | {"event": "pause_deleted"} | after | {"before": after}]


def test_the_ids_come_first_in_both_histories(ada_on_leave):
    assert list(ada_on_leave.get(f"{MENTORS}/ada/history").json["data"][0])[:2] == ["history_entry_id", "changed_at"]
    everybody = ada_on_leave.get("/api/v1/history").json["data"]
    assert list(everybody[0])[:2] == ["history_entry_id", "mentor_id"]
    assert [each["history_entry_id"] for each in everybody] == ["2", "1"]
    assert everybody[0]["undoes"] is None


def test_a_conflict_names_the_pause_that_has_the_start_and_reason(ada_on_leave):
    entry = ada_on_leave.put(RECORD, json={"reason": "medical_leave"}).headers["History-Entry"]
    ada_on_leave.post(RECORDS, json=LEAVE)
    (refused,) = undo(ada_on_leave, entry)["data"]
    assert (refused["code"], "pause-rec-0002" in refused["detail"]) == ("conflict", True)


# --- bodies


REFUSED_IDS = {
    "no list": ("4711", "It must be a list"),
    "an empty list": ([], "1 to 1000"),
    "a number": ([4711], "Item 1"),
    "a leading zero": (["1", "01"], "Item 2"),
    "19 digits": (["1" * 19], "18 digits"),
    "too many": ([str(number) for number in range(1, 1002)], "1 to 1000"),
    "null": (None, "null"),
    "a null in it": ([None], "Item 1: It must be the id"),
}


@pytest.mark.parametrize("ids", REFUSED_IDS)
def test_a_body_that_is_wrong_is_refused_by_its_field(client, ids):
    sent, words = REFUSED_IDS[ids]
    response = client.post(UNDO, json={"history_entry_ids": sent})
    assert (response.status_code, list(response.json["errors"])) == (422, ["history_entry_ids"])
    assert words in response.json["detail"]


def test_a_thousand_entries_fit_into_one_request(client):
    ids = [str(10**17 + number) for number in range(1000)]
    assert undo(client, *ids)["refused"] == 1000
