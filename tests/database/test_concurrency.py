"""Many at once: nothing is made twice, nothing is lost, and nobody gets a 5xx."""

from collections import Counter

import pytest

MENTORS = "/api/v1/mentor-statuses"
PAUSES = "/api/v1/pause-records"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-20T00:00:00Z", "reason": "personal_leave"}
MANY = 24  # more than a pool has connections


def statuses(responses):
    return Counter(response.status_code for response in responses)


# --- creating


@pytest.mark.rule1
def test_of_many_posts_of_one_mentor_at_once_one_is_a_201_and_the_others_409(at_once, rows):
    ids = [f"mentor-{number}" for number in range(5)]
    for mentor_id in ids:
        responses = at_once([("POST", MENTORS, {"mentor_id": mentor_id})] * MANY)
        assert statuses(responses) == {201: 1, 409: MANY - 1}
        refused = [response for response in responses if response.status_code == 409]
        assert {response.json["code"] for response in refused} == {"already_exists"}
        assert {response.content_type for response in refused} == {"application/problem+json"}
    assert [row["mentor_id"] for row in rows("mentor_status")] == ids
    assert len(rows("history_entry")) == len(ids)


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


# --- changing


@pytest.mark.rule2
def test_pauses_put_on_one_mentor_at_once_are_all_there(active_ada, at_once, rows):
    starts = [f"2026-03-{day:02}T00:00:00Z" for day in range(1, MANY + 1)]
    responses = at_once([("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_start_date": day}) for day in starts])
    assert statuses(responses) == {200: MANY}
    assert sorted(row["start_date"] for row in rows("pause_record")) == starts
    events = Counter(row["event"] for row in rows("history_entry"))
    assert events == {"created": 1, "pause_opened": MANY}


# --- deleting


def everything_at_once(number):
    """Return requests that get into each other's way: mentors and pauses made, changed and deleted."""
    ada, pause = f"{MENTORS}/ada", f"{PAUSES}/pause-rec-{number + 1:04}"
    return [
        ("POST", MENTORS, {"mentor_id": "ada", "status": "paused", "pause_reason": "workload"}),
        ("DELETE", ada, None),
        ("POST", PAUSES, PAUSE),
        ("PUT", ada, {"status": "paused", "pause_reason": f"reason {number}"}),
        ("DELETE", pause, None),
        ("PUT", pause, {"is_active": False}),
    ] * (MANY // 6)


@pytest.mark.rule5
@pytest.mark.rule6
@pytest.mark.parametrize("erases", [False, True])
def test_deletes_and_erasures_that_race_with_other_writes_leave_no_orphan_and_a_whole_history(
    client, at_once, rows, erases
):
    for number in range(8):
        erasures = [("DELETE", f"{MENTORS}/ada?erase=true", None)] * 4 if erases else []
        answers = statuses(at_once([*everything_at_once(number), *erasures]))
        assert set(answers) <= {200, 201, 404, 409, 422}, answers
        mentors = {row["mentor_id"] for row in rows("mentor_status")}
        assert {row["mentor_id"] for row in rows("pause_record")} <= mentors
        events = Counter(row["event"] for row in rows("history_entry"))
        assert events["created"] - events["deleted"] == len(mentors)
    numbers = [row["id"] for row in rows("pause_record")]
    assert len(numbers) == len(set(numbers))
    client.delete(f"{MENTORS}/ada?erase=true")
    assert [rows(table) for table in ("mentor_status", "pause_record", "history_entry")] == [[], [], []]
