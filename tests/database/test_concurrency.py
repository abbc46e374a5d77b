"""Many at once: nothing is made twice, nothing is lost, and nobody gets a 5xx."""

from collections import Counter

import pytest

MENTORS, PAUSES, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-20T00:00:00Z", "reason": "personal_leave"}
NAMES = [f"mentor-{number}" for number in range(50)]
MANY = 24  # more than a pool has connections


def statuses(responses):
    return Counter(response.status_code for response in responses)


@pytest.mark.rule1
def test_of_many_posts_of_one_mentor_at_once_one_is_a_201_and_the_others_409(at_once, rows):
    for mentor_id in NAMES[:5]:
        responses = at_once([("POST", MENTORS, {"mentor_id": mentor_id})] * MANY)
        assert statuses(responses) == {201: 1, 409: MANY - 1}
        refused = [response for response in responses if response.status_code == 409]
        assert {response.json["code"] for response in refused} == {"already_exists"}
        assert {response.content_type for response in refused} == {"application/problem+json"}
    assert [row["mentor_id"] for row in rows("mentor_status")] == NAMES[:5]
    assert len(rows("history_entry")) == 5


@pytest.mark.rule3
def test_the_same_pause_sent_by_many_is_one_record(active_ada, at_once, rows):
    responses = at_once([("POST", PAUSES, PAUSE)] * MANY)
    assert statuses(responses) == {201: MANY}
    replayed = Counter(response.headers.get("Idempotent-Replayed") for response in responses)
    assert replayed == {None: 1, "true": MANY - 1}
    assert len({response.text for response in responses}) == 1
    assert len({response.headers["Location"] for response in responses}) == 1
    assert len(rows("pause_record")) == 1
    assert len(rows("history_entry")) == 2  # created, and one pause_opened


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
