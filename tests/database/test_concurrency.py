"""Many undos at once: each entry is taken back once, and nobody gets a 5xx; test_locks.py has what waits for whom."""

from collections import Counter

import pytest

MENTORS, UNDO = "/api/v1/mentor-statuses", "/api/v1/history/undo"
NAMES = [f"mentor-{number}" for number in range(50)]
MANY = 24  # more than a pool has connections


@pytest.mark.rule8
def test_many_undos_of_the_same_entries_take_each_back_once(client, at_once, rows):
    for name in NAMES:
        client.post(MENTORS, json={"mentor_id": name})
    paused = [client.put(f"{MENTORS}/{name}", json={"status": "paused"}).headers["History-Entry"] for name in NAMES]
    others = [("PUT", f"{MENTORS}/{name}", {"pause_reason": "workload"}) for name in NAMES[::5]]
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
