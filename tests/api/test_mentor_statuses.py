"""Writing mentor statuses: rules 1, 2 and 6. It is half past eight on 26 March 2026, unless a test says otherwise."""

import pytest

NOW = "2026-03-26T08:30:00Z"
PAST = "2026-03-01T00:00:00Z"
COMING = "2026-04-10T00:00:00Z"
LATER = "2026-05-01T00:00:00Z"
PATH = "/api/v1/mentor-statuses/ada"


@pytest.fixture
def ada(client):
    """Return a function that creates mentor ada with what is given."""

    def create(**sent):
        return client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada"} | sent)

    return create


def shown(client):
    mentor = client.get(PATH).json
    return mentor["status"], mentor["pause_start_date"], mentor["expected_return_date"], mentor["pause_reason"]


def events(rows):
    return [(row["event"], row["pause_record_id"]) for row in rows("history_entry")]


# --- POST


@pytest.mark.parametrize(
    ("sent", "status", "pause_start_date"),
    [
        ({}, "active", None),
        ({"status": "active"}, "active", None),
        ({"pause_reason": None, "expected_return_date": None, "pause_start_date": None}, "active", None),
        ({"status": "paused"}, "paused", NOW),
        ({"is_paused": True}, "paused", NOW),
        ({"is_paused": True, "pause_start_date": PAST}, "paused", PAST),
        ({"status": "paused", "pause_start_date": COMING}, "active", COMING),
        ({"status": "active", "pause_start_date": COMING}, "active", COMING),
        ({"pause_start_date": COMING, "pause_reason": "a private illness"}, "active", COMING),
    ],
)
def test_a_mentor_is_created_with_the_pause_that_the_body_says(client, ada, rows, sent, status, pause_start_date):
    response = ada(**sent)
    assert response.status_code == 201
    assert (response.json["status"], response.json["pause_start_date"]) == (status, pause_start_date)
    assert len(rows("pause_record")) == (pause_start_date is not None)
    assert events(rows) == [("created", 1 if pause_start_date else None)]


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"pause_start_date": PAST}, {"pause_start_date"}),
        ({"status": "active", "pause_start_date": NOW}, {"pause_start_date"}),
        ({"pause_reason": "a private illness"}, {"pause_reason"}),
        (
            {"is_paused": False, "pause_reason": "a private illness", "expected_return_date": LATER},
            {"pause_reason", "expected_return_date"},
        ),
        ({"status": "paused", "expected_return_date": PAST}, {"expected_return_date"}),
    ],
)
def test_pause_data_of_an_active_mentor_is_refused(client, ada, rows, sent, fields):
    response = ada(**sent)
    assert response.status_code == 422
    assert set(response.json["errors"]) == fields
    assert rows("mentor_status") == rows("pause_record") == rows("history_entry") == []


# --- PUT: paused


def test_put_of_the_status_alone_pauses_now_and_ends_the_pause_now(client, ada, clock, rows):
    ada()
    assert client.put(PATH, json={"status": "paused"}).json["pause_start_date"] == NOW
    clock.at = LATER
    answer = client.put(PATH, json={"is_paused": False}).json
    assert (answer["status"], answer["pause_start_date"], answer["last_updated"]) == ("active", None, LATER)
    assert client.get("/api/v1/pause-records/pause-rec-0001").json["end_date"] == LATER
    assert events(rows) == [("created", None), ("pause_opened", 1), ("pause_ended", 1)]


def test_a_pause_is_named_by_its_start_and_takes_what_was_sent(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness")
    client.put(PATH, json={"status": "paused", "pause_start_date": PAST, "expected_return_date": LATER})
    assert shown(client) == ("paused", PAST, LATER, "a private illness")
    client.put(PATH, json={"pause_start_date": PAST, "pause_reason": "a family matter"})
    assert shown(client) == ("paused", PAST, LATER, "a family matter")
    assert events(rows) == [("created", 1), ("pause_updated", 1), ("pause_updated", 1)]


def test_another_start_opens_a_second_pause_that_overlaps_the_first(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness")
    client.put(PATH, json={"status": "paused", "pause_start_date": NOW, "pause_reason": "a private illness"})
    assert shown(client) == ("paused", NOW, None, "a private illness")
    assert len(rows("pause_record")) == 2
    client.put("/api/v1/pause-records/pause-rec-0002", json={"is_active": False})
    assert shown(client) == ("paused", PAST, None, "a private illness")


def test_the_pause_in_force_is_changed_where_no_start_is_sent(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness", expected_return_date=COMING)
    client.put(PATH, json={"expected_return_date": LATER})
    client.put(PATH, json={"status": "paused", "pause_reason": None, "pause_start_date": None})
    assert shown(client) == ("paused", PAST, LATER, None)
    client.put(PATH, json={"expected_return_date": None})
    assert shown(client) == ("paused", PAST, None, None)
    assert len(rows("pause_record")) == 1


def test_a_pause_with_a_date_ahead_begins_by_itself(client, ada, clock):
    ada()
    answer = client.put(PATH, json={"status": "paused", "pause_start_date": COMING}).json
    assert (answer["status"], answer["is_paused"], answer["pause_start_date"]) == ("active", False, COMING)
    clock.at = "2026-04-09T23:59:59Z"
    assert client.get(PATH).json["status"] == "active"
    clock.at = COMING
    assert client.get(PATH).json["is_paused"] is True


def test_a_scheduled_pause_stays_scheduled_when_the_mentor_is_paused_now(client, ada, rows):
    ada(pause_start_date=COMING, pause_reason="a private illness", expected_return_date=LATER)
    client.put(PATH, json={"status": "paused", "pause_reason": "a private illness", "expected_return_date": LATER})
    assert shown(client) == ("paused", NOW, LATER, "a private illness")
    client.put(PATH, json={"status": "active"})
    assert shown(client) == ("active", COMING, LATER, "a private illness")


def test_a_pause_ended_and_opened_within_a_second_is_one_pause(client, ada, rows):
    ada()
    for status in ("paused", "active", "paused", "active", "paused"):
        assert client.put(
            PATH,
            json={"status": status, "pause_reason": "a private illness"} if status == "paused" else {"status": status},
        )
        assert client.get(PATH).json["status"] == status
    assert len(rows("pause_record")) == 1
    assert [event for event, _ in events(rows)][1:4] == ["pause_opened", "pause_ended", "pause_reopened"]


def test_a_reason_that_another_record_of_the_same_start_has_is_a_conflict_that_names_it(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness")
    record = {"mentor_id": "ada", "start_date": PAST, "reason": "a family matter"}
    assert client.post("/api/v1/pause-records", json=record).status_code == 201
    before = rows("pause_record")
    response = client.put(PATH, json={"pause_reason": "a private illness"})
    assert (response.status_code, response.json["code"]) == (409, "conflict")
    assert "PUT /api/v1/pause-records/pause-rec-0001" in response.json["detail"]
    assert rows("pause_record") == before


# --- PUT: active


def test_active_ends_every_pause_in_force_and_keeps_the_scheduled(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness")
    client.put(PATH, json={"status": "paused", "pause_start_date": NOW, "pause_reason": "a family matter"})
    client.put(PATH, json={"status": "paused", "pause_start_date": COMING, "pause_reason": "an operation"})
    client.put(PATH, json={"status": "active"})
    assert shown(client) == ("active", COMING, None, "an operation")
    assert [row["end_date"] for row in rows("pause_record")] == [NOW, NOW, None]
    assert events(rows)[-1] == ("updated", None)


def test_active_with_a_date_ahead_ends_now_and_schedules(client, ada, rows):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness")
    client.put(PATH, json={"status": "active", "pause_start_date": COMING, "pause_reason": "a private illness"})
    assert shown(client) == ("active", COMING, None, "a private illness")
    assert events(rows)[-1] == ("updated", None)


@pytest.mark.parametrize("flag", [{}, {"status": "active"}])
def test_a_date_ahead_schedules_on_an_active_mentor_with_or_without_a_status(client, ada, flag):
    ada()
    client.put(PATH, json=flag | {"pause_start_date": COMING, "expected_return_date": LATER})
    client.put(PATH, json=flag | {"pause_start_date": COMING, "pause_reason": "a private illness"})
    assert shown(client) == ("active", COMING, LATER, "a private illness")
    client.put(PATH, json=flag | {"pause_start_date": COMING, "pause_reason": None})
    assert shown(client) == ("active", COMING, LATER, None)


def test_put_active_with_nulls_clears_nothing_unless_the_start_names_the_pause(client, ada):
    ada(pause_start_date=COMING, pause_reason="a private illness", expected_return_date=LATER)
    client.put(PATH, json={"status": "active", "pause_reason": None, "expected_return_date": None})
    assert shown(client) == ("active", COMING, LATER, "a private illness")
    client.put(PATH, json={"expected_return_date": None})
    assert shown(client) == ("active", COMING, None, "a private illness")


@pytest.mark.parametrize(
    ("paused", "sent", "field"),
    [
        (False, {"pause_start_date": PAST}, "pause_start_date"),
        (False, {"status": "active", "pause_start_date": NOW}, "pause_start_date"),
        (False, {"pause_reason": "new"}, "pause_reason"),
        (False, {"status": "active", "expected_return_date": LATER}, "expected_return_date"),
        (True, {"status": "active", "pause_reason": "new"}, "pause_reason"),
        (True, {"status": "active", "pause_start_date": NOW}, "pause_start_date"),
        (True, {"expected_return_date": "2026-02-01"}, "expected_return_date"),
        (True, {"status": "active", "pause_start_date": COMING, "expected_return_date": NOW}, "expected_return_date"),
    ],
)
def test_pause_data_that_no_pause_can_take_is_refused(client, ada, state, paused, sent, field):
    ada(**({"status": "paused", "pause_start_date": PAST, "pause_reason": "a private illness"} if paused else {}))
    before = state()
    response = client.put(PATH, json=sent)
    assert response.status_code == 422
    assert set(response.json["errors"]) == {field}
    assert state() == before


def test_active_with_the_start_that_names_the_pause_clears_what_is_null_and_ends_it(client, ada):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness", expected_return_date=LATER)
    client.put(PATH, json={"status": "active", "pause_start_date": PAST, "pause_reason": None})
    record = client.get("/api/v1/pause-records/pause-rec-0001").json
    assert (record["reason"], record["expected_return_date"], record["end_date"]) == (None, LATER, NOW)


def test_active_without_the_start_ends_the_pause_and_a_null_clears_nothing_of_it(client, ada):
    ada(status="paused", pause_start_date=PAST, pause_reason="a private illness", expected_return_date=LATER)
    client.put(PATH, json={"status": "active", "pause_reason": None, "expected_return_date": None})
    record = client.get("/api/v1/pause-records/pause-rec-0001").json
    assert (record["reason"], record["expected_return_date"], record["end_date"]) == ("a private illness", LATER, NOW)


@pytest.mark.parametrize("metadata", [{"notes": "called"}, {}])
def test_metadata_alone_is_recorded(client, ada, rows, clock, metadata):
    ada()
    clock.at = LATER
    assert client.put(PATH, json={"metadata": metadata}).json["last_updated"] == LATER
    assert events(rows)[-1] == ("updated", None)
    assert client.put(PATH, json={"metadata": None}).json["last_updated"] == LATER
    assert len(rows("history_entry")) == 2


# --- DELETE


def test_delete_of_a_mentor_deletes_their_pauses_and_keeps_their_history(client, ada, rows):
    ada(status="paused", pause_reason="a private illness")
    assert client.delete(PATH).status_code == 200
    assert rows("mentor_status") == rows("pause_record") == []
    assert events(rows) == [("created", 1), ("deleted", None)]
    kept = {column for column, value in rows("history_entry")[-1].items() if value is not None}
    assert kept == {"id", "mentor_id", "changed_at", "event", "pause_records"}
    assert client.delete(PATH).status_code == 404


@pytest.mark.parametrize("gone", [False, True])
def test_delete_with_erase_deletes_the_history_too_also_of_a_deleted_mentor(client, ada, rows, gone):
    ada(status="paused", pause_reason="a private illness")
    if gone:
        client.delete(PATH)
    assert client.delete(f"{PATH}?erase=true").json == {"deleted": True, "mentor_id": "ada"}
    assert rows("mentor_status") == rows("pause_record") == rows("history_entry") == []
    assert client.delete(f"{PATH}?erase=true").status_code == 404


# --- a pause that is overdue is in force until somebody ends it

RECORD, RETURN = "/api/v1/pause-records/pause-rec-0001", "2026-03-20T00:00:00Z"  # which has passed


def test_put_active_ends_a_pause_that_is_overdue(client, ada):
    ada(status="paused", pause_start_date=PAST, expected_return_date=RETURN)
    assert client.put(PATH, json={"status": "active"}).json["status"] == "active"
    record = client.get(RECORD).json
    assert (record["end_date"], record["is_active"], record["expected_return_date"]) == (NOW, False, RETURN)


def test_put_paused_keeps_a_pause_that_is_overdue(client, ada, state):
    ada(status="paused", pause_start_date=PAST, expected_return_date=RETURN)
    before = state()
    assert client.put(PATH, json={"status": "paused"}).json["pause_start_date"] == PAST
    assert state() == before
