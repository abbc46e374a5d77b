"""Undos at once, and other writes between them: each entry is taken back once, and nothing of others is lost."""

from collections import Counter

import pytest

pytestmark = pytest.mark.rule8
MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
NAMES = [f"mentor-{number}" for number in range(50)]
MANY = 16


def test_many_undos_of_the_same_entries_take_each_back_once(client, at_once, rows):
    for name in NAMES:
        client.post(MENTORS, json={"mentor_id": name})
    paused = [client.put(f"{MENTORS}/{name}", json={"status": "paused"}).headers["History-Entry"] for name in NAMES]
    changed = [f"{MENTORS}/{name}" for name in NAMES[::5]]
    others = [("PUT", path, {"pause_reason": "workload"}) for path in changed]
    undos = [("POST", UNDO, {"history_entry_ids": paused[number:] + paused[:number]}) for number in range(MANY)]
    answers = at_once([*undos[: MANY // 2], *others, *undos[MANY // 2 :]])
    assert {response.status_code for response in answers} <= {200, 422}  # a mentor who is back takes no reason
    undone = Counter(
        each["history_entry_id"]
        for response in answers
        for each in response.json.get("data", ())
        if each["outcome"] == "undone"
    )
    assert set(undone.values()) == {1}
    written = {row["mentor_id"] for row in rows("history_entry") if row["event"] == "pause_updated"}
    still_paused = {row["mentor_id"]: row["reason"] for row in rows("pause_record")}
    assert still_paused == dict.fromkeys(written, "workload")
    assert len(undone) == len(NAMES) - len(written)
    assert len(rows("history_entry")) == 2 * len(NAMES) + len(undone) + len(written)


def test_undos_that_race_with_deletions_and_erasures_leave_no_orphan_and_a_whole_history(client, at_once, rows):
    for _ in range(12):
        created = client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).headers["History-Entry"]
        changed = client.put(f"{MENTORS}/ada", json={"pause_reason": "workload"}).headers["History-Entry"]
        deleted = client.delete(f"{MENTORS}/ada").headers["History-Entry"]
        undo = ("POST", UNDO, {"history_entry_ids": [deleted, changed, created]})
        back = ("POST", UNDO, {"history_entry_ids": [deleted]})
        delete, erase = (("DELETE", f"{MENTORS}/ada{query}", None) for query in ("", "?erase=true"))
        create = ("POST", MENTORS, {"mentor_id": "ada"})
        answers = at_once([undo, back, delete, create, erase] * 3)
        assert {response.status_code for response in answers} <= {200, 201, 404, 409}
        mentors = {row["mentor_id"] for row in rows("mentor_status")}
        assert {row["mentor_id"] for row in rows("pause_record")} <= mentors
        events = Counter(row["event"] for row in rows("history_entry"))
        assert events["created"] - events["deleted"] == len(mentors)
        client.delete(f"{MENTORS}/ada?erase=true")
        assert [rows(table) for table in ("mentor_status", "pause_record", "history_entry")] == [[], [], []]
