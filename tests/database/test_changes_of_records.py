"""When a pause record last changed, and how often."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
RECORD = f"{RECORDS}/pause-rec-0001"
NOW, LATER = "2026-03-26T08:30:00Z", "2026-03-26T09:00:00Z"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-01T00:00:00Z", "reason": "leave"}


@pytest.fixture
def changes(client, rows, clock):
    """Return a function that says of the mentor's one pause when it last changed and how often; an hour has passed."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.post(RECORDS, json=PAUSE)

    def read():
        (record,) = rows("pause_record")
        return record["last_changed"], record["change_count"]

    assert read() == (NOW, 0)
    clock.at = LATER
    return read


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (RECORD, {"is_active": False}),
        (RECORD, {"end_date": "2026-05-01"}),
        (RECORD, {"reason": "another", "expected_return_date": "2026-05-01"}),
        (f"{MENTORS}/ada", {"status": "active"}),
        (f"{MENTORS}/ada", {"pause_start_date": PAUSE["start_date"], "pause_reason": "another"}),
        (f"{MENTORS}/ada", {"pause_start_date": "2026-12-01", "status": "active"}),
    ],
)
def test_each_write_that_changes_a_record_counts_once(client, changes, rows, path, body):
    assert client.put(path, json=body).status_code == 200
    first = rows("pause_record")[0]
    assert (first["last_changed"], first["change_count"]) == (LATER, 1)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", RECORD, {"reason": "leave", "is_active": True}),
        ("PUT", RECORD, {"metadata": {"notes": "nothing of the record"}}),
        ("PUT", f"{MENTORS}/ada", {"status": "paused"}),
        ("POST", RECORDS, PAUSE),
        ("POST", RECORDS, PAUSE | {"mentor_id": "nobody"}),
    ],
)
def test_a_write_that_leaves_the_record_as_it_is_does_not_count(client, changes, method, path, body):
    client.open(path, method=method, json=body)
    assert changes() == (NOW, 0)


def test_two_writes_within_the_same_second_count_twice(client, changes):
    for reason in ("one", "two"):
        client.put(RECORD, json={"reason": reason})
    assert changes() == (LATER, 2)
