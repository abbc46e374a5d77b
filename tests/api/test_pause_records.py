"""Writing pause records: rules 3, 4, 5 and 7. It is half past eight on 26 March 2026, unless a test says otherwise."""

import pytest

NOW = "2026-03-26T08:30:00Z"
PAST = "2026-03-01T00:00:00Z"
BEFORE = "2026-03-15T00:00:00Z"
COMING = "2026-04-10T00:00:00Z"
LATER = "2026-05-01T00:00:00Z"
MENTOR = "/api/v1/mentor-statuses/ada"
RECORDS = "/api/v1/pause-records"
RECORD = "/api/v1/pause-records/pause-rec-0001"


@pytest.fixture
def pause(client):
    """Return a function that records a pause of mentor ada."""
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"})

    def record(**sent):
        return client.post(RECORDS, json={"mentor_id": "ada", "start_date": PAST, "reason": "a private illness"} | sent)

    return record


def events(rows):
    return [(row["event"], row["pause_record_id"]) for row in rows("history_entry")][1:]


def dates(client):
    record = client.get(RECORD).json
    return record["start_date"], record["expected_return_date"], record["end_date"], record["is_active"]


# --- POST


@pytest.mark.parametrize(
    ("sent", "is_active", "status"),
    [
        ({}, True, "paused"),
        ({"start_date": COMING}, True, "active"),
        ({"end_date": LATER}, True, "paused"),
        ({"end_date": LATER, "is_active": False}, True, "paused"),
        ({"end_date": BEFORE}, False, "active"),
        ({"end_date": BEFORE, "is_active": False}, False, "active"),
        ({"end_date": PAST}, False, "active"),
        ({"start_date": COMING, "end_date": COMING, "is_active": None}, False, "active"),
        ({"is_active": True, "end_date": None, "expected_return_date": None, "metadata": None}, True, "paused"),
    ],
)
def test_a_pause_is_recorded_and_the_mentor_follows(client, pause, rows, sent, is_active, status):
    response = pause(**sent)
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response.headers
    assert response.json["is_active"] is is_active
    assert client.get(MENTOR).json["status"] == status
    assert events(rows) == [("pause_opened", 1)]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"mentor_id": "nobody"}, "mentor_id"),
        ({"is_active": False}, "end_date"),
        ({"is_active": True, "end_date": BEFORE}, "end_date"),
        ({"is_active": True, "end_date": NOW}, "end_date"),
        ({"is_active": True, "end_date": PAST}, "end_date"),
        ({"is_active": True, "start_date": COMING, "end_date": COMING}, "end_date"),
        ({"end_date": "2026-02-01"}, "end_date"),
        ({"expected_return_date": "2026-02-01"}, "expected_return_date"),
        ({"reason": None}, "reason"),
    ],
)
def test_a_pause_that_cannot_be_is_refused(client, pause, rows, sent, field):
    response = pause(**sent)
    assert response.status_code == 422
    assert set(response.json["errors"]) == {field}
    assert rows("pause_record") == []
    assert len(rows("history_entry")) == 1


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"expected_return_date": LATER},
        {"expected_return_date": None, "end_date": None},
        {"is_active": True, "metadata": {"notes": "again"}},
    ],
)
def test_a_repeat_is_not_a_second_pause(client, pause, rows, clock, again):
    first = pause(expected_return_date=LATER)
    clock.at = COMING
    second = pause(**again)
    assert second.status_code == 201
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"] == RECORD
    assert second.json == first.json
    assert events(rows) == [("pause_opened", 1)]


def test_active_with_an_end_at_the_start_is_no_repeat_of_a_pause_that_was_cancelled(pause):
    assert pause(end_date=PAST).status_code == 201
    assert pause(end_date=PAST).headers["Idempotent-Replayed"] == "true"
    response = pause(end_date=PAST, is_active=True)
    assert (response.status_code, list(response.json["errors"])) == (422, ["end_date"])


def test_a_repeat_after_the_end_has_passed_is_still_the_same_pause(client, pause, clock):
    pause(end_date=COMING, is_active=True)
    clock.at = LATER
    repeated = pause(end_date=COMING, is_active=True)
    assert (repeated.status_code, repeated.json["is_active"]) == (201, False)


def test_putting_the_mentor_to_paused_and_then_posting_the_record_ends_with_one_record(client, pause, rows):
    client.put(MENTOR, json={"status": "paused", "pause_start_date": PAST, "pause_reason": "a private illness"})
    assert pause().headers["Idempotent-Replayed"] == "true"
    assert len(rows("pause_record")) == 1


# --- PUT


@pytest.mark.parametrize(
    ("recorded", "sent", "end_date", "is_active", "event"),
    [
        ({}, {"is_active": False}, NOW, False, "pause_ended"),
        ({}, {"is_active": False, "end_date": None}, NOW, False, "pause_ended"),
        ({}, {"end_date": BEFORE}, BEFORE, False, "pause_ended"),
        ({}, {"end_date": LATER}, LATER, True, "pause_updated"),
        ({}, {"end_date": LATER, "is_active": False}, LATER, True, "pause_updated"),
        ({}, {"end_date": None, "is_active": True}, None, True, None),
        ({"end_date": LATER}, {"is_active": False}, NOW, False, "pause_ended"),
        ({"end_date": LATER}, {"is_active": False, "end_date": LATER}, LATER, True, None),
        ({"end_date": LATER}, {"is_active": True}, LATER, True, None),
        ({"end_date": LATER}, {"end_date": None}, None, True, "pause_updated"),
        ({"start_date": COMING}, {"is_active": False}, COMING, False, "pause_ended"),
        ({"start_date": COMING}, {"is_active": False, "end_date": COMING}, COMING, False, "pause_ended"),
        ({"end_date": BEFORE}, {"is_active": True}, None, True, "pause_reopened"),
        ({"end_date": BEFORE}, {"end_date": None}, None, True, "pause_reopened"),
        ({"end_date": BEFORE}, {"end_date": LATER}, LATER, True, "pause_reopened"),
        ({"end_date": BEFORE}, {"end_date": LATER, "is_active": True}, LATER, True, "pause_reopened"),
        ({"end_date": BEFORE}, {"is_active": False}, BEFORE, False, None),
        ({"end_date": BEFORE}, {"is_active": False, "end_date": None}, BEFORE, False, None),
        ({"end_date": BEFORE}, {"end_date": NOW}, NOW, False, "pause_updated"),
    ],
)
def test_a_flag_says_what_shall_be_and_its_date_says_when(
    client, pause, rows, recorded, sent, end_date, is_active, event
):
    pause(**recorded)
    response = client.put(RECORD, json=sent)
    assert response.status_code == 200
    assert (response.json["end_date"], response.json["is_active"]) == (end_date, is_active)
    assert dates(client)[2:] == (end_date, is_active)
    assert events(rows)[1:] == ([(event, 1)] if event else [])


@pytest.mark.parametrize(
    ("recorded", "sent", "field"),
    [
        ({}, {"is_active": True, "end_date": BEFORE}, "end_date"),
        ({"end_date": BEFORE}, {"is_active": True, "end_date": BEFORE}, "end_date"),
        ({"start_date": COMING}, {"is_active": True, "end_date": COMING}, "end_date"),
        ({}, {"end_date": "2026-02-01"}, "end_date"),
        ({"expected_return_date": COMING}, {"start_date": LATER}, "expected_return_date"),
        ({}, {"mentor_id": "grace"}, "mentor_id"),
        ({}, {"start_date": None}, "start_date"),
        ({}, {"is_active": None}, "is_active"),
    ],
)
def test_a_change_that_cannot_be_is_refused(client, pause, state, recorded, sent, field):
    pause(**recorded)
    before = state()
    response = client.put(RECORD, json=sent)
    assert response.status_code == 422
    assert set(response.json["errors"]) == {field}
    assert state() == before


def test_the_other_fields_change_and_what_is_left_out_stays(client, pause, rows):
    pause(expected_return_date=COMING)
    client.put(RECORD, json={"expected_return_date": LATER, "reason": "a family matter", "mentor_id": "ada"})
    client.put(RECORD, json={"start_date": BEFORE, "reason": None})
    assert dates(client) == (BEFORE, LATER, None, True)
    assert client.get(RECORD).json["reason"] is None
    assert events(rows)[1:] == [("pause_updated", 1)] * 2


def test_a_pause_ends_by_itself(client, pause, clock):
    pause(end_date=COMING)
    clock.at = "2026-04-09T23:59:59Z"
    assert dates(client)[3] is True
    clock.at = COMING
    assert dates(client)[3] is False
    assert client.get(MENTOR).json["status"] == "active"


@pytest.mark.parametrize("flag", [{}, {"is_active": False}])
@pytest.mark.parametrize("start_date", [PAST, LATER])
def test_a_cancelled_pause_stays_cancelled_when_its_start_is_moved(client, pause, flag, start_date):
    pause(start_date=COMING)
    client.put(RECORD, json={"is_active": False})
    for _ in range(2):
        moved = client.put(RECORD, json={"start_date": start_date} | flag).json
        assert (moved["start_date"], moved["end_date"], moved["is_active"]) == (start_date, start_date, False)
    assert client.get(MENTOR).json["status"] == "active"


def test_metadata_alone_is_recorded_with_the_record(client, pause, rows):
    pause()
    client.put(RECORD, data='{"metadata": {"initiated_by": "coordinator-007", "b": 1, "a": 0.5}}')
    entry = rows("history_entry")[-1]
    assert (entry["event"], entry["pause_record_id"], entry["changed_by"]) == ("updated", 1, "coordinator-007")
    assert entry["metadata"] == '{"initiated_by":"coordinator-007","b":1,"a":0.5}'


# --- DELETE


def test_deleting_a_record_is_followed_by_the_mentor_at_once_and_its_id_is_not_used_again(client, pause, rows, clock):
    pause()
    clock.at = COMING
    assert client.delete(RECORD).status_code == 200
    mentor = client.get(MENTOR).json
    assert (mentor["status"], mentor["last_updated"]) == ("active", COMING)
    assert events(rows) == [("pause_opened", 1), ("pause_deleted", 1)]
    entry = rows("history_entry")[-1]
    assert (bool(entry["is_paused"]), entry["pause_start_date"], entry["pause_reason"]) == (False, None, None)
    assert pause().json["pause_record_id"] == "pause-rec-0002"
    assert client.delete(RECORD).status_code == client.put(RECORD, json={}).status_code == 404


# --- a pause that is overdue


def test_a_record_that_is_overdue_is_active_in_every_answer(client, pause):
    sent = {"expected_return_date": "2026-03-20T00:00:00Z"}
    assert pause(**sent).json["is_active"] is True
    assert pause(**sent).json["is_active"] is True  # the repeat
    assert client.put(RECORD, json={"reason": "another"}).json["is_active"] is True
    assert client.get(RECORD).json["is_active"] is True
    assert client.get(RECORDS).json["data"][0]["is_active"] is True
    assert client.get(f"{RECORD}?expected=true").json["is_active"] is False
