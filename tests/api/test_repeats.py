"""The same write sent again after a lost answer is a 200 and changes nothing (rule 2; RFC 9110 section 13.1.1)."""

import pytest

from db import db
from models import HistoryEntry

NOW = "2026-03-26T08:30:00Z"
PAST = "2026-03-01T00:00:00Z"
COMING = "2026-04-10T00:00:00Z"
LATER = "2026-05-01T00:00:00Z"
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
PAUSED = {
    "status": "paused",
    "pause_start_date": PAST,
    "expected_return_date": LATER,
    "pause_reason": "a private illness",
}
ACTIVE = {"status": "active", "is_paused": False}
METADATA = {"metadata": {"initiated_by": "coordinator-007", "notes": "back at work"}}
COMING_PAUSE = {"mentor_id": "ada", "start_date": COMING, "reason": "an operation"}


@pytest.fixture
def paused(client):
    """Have mentor ada paused until May."""
    assert client.post(MENTORS, json={"mentor_id": "ada"} | PAUSED).status_code == 201
    return client


@pytest.fixture
def tables(rows):
    """Return a function that reads all that is stored."""
    return lambda: [rows(table) for table in ("mentor_status", "pause_record", "history_entry")]


# --- read, flip, PUT, and PUT again


@pytest.mark.parametrize("metadata", [{}, METADATA], ids=["", "metadata"])
@pytest.mark.parametrize("scheduled", [False, True], ids=["", "scheduled"])
@pytest.mark.parametrize("later", [NOW, "2026-03-27T00:00:00Z"])
def test_a_flipped_mentor_put_twice_changes_nothing_the_second_time(paused, clock, tables, later, scheduled, metadata):
    if scheduled:
        assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    sent = paused.get(ADA).json | ACTIVE | metadata
    assert paused.put(ADA, json=sent).json["status"] == "active"
    before, clock.at = tables(), later
    again = paused.put(ADA, json=sent)
    assert (again.status_code, again.json["is_paused"]) == (200, False)
    assert tables() == before


@pytest.mark.parametrize(
    "sent",
    [
        {"pause_reason": "a private illness"},
        {"expected_return_date": LATER},
        {"expected_return_date": LATER, "pause_reason": None},
        {"pause_start_date": PAST},
        {"pause_start_date": PAST, "pause_reason": None},
    ],
    ids=str,
)
def test_some_fields_of_the_pause_put_twice_with_active_change_nothing_the_second_time(paused, tables, sent):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(ADA, json=ACTIVE | sent).status_code == 200
    before = tables()
    again = paused.put(ADA, json=ACTIVE | sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_flipped_mentor_whose_pause_had_an_end_put_twice_changes_nothing_the_second_time(client, clock, tables):
    client.post(MENTORS, json={"mentor_id": "ada"})
    pause = {"mentor_id": "ada", "start_date": PAST, "reason": "a private illness", "end_date": LATER}
    client.post(RECORDS, json=pause)
    sent = client.get(ADA).json | ACTIVE
    clock.at = "2026-03-27T00:00:00Z"
    assert client.put(ADA, json=sent).json["status"] == "active"
    before = tables()
    again = client.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_flipped_mentor_put_twice_changes_nothing_though_another_pause_ended_at_the_same_instant(paused, tables):
    assert paused.post(RECORDS, json=COMING_PAUSE | {"start_date": "2026-03-02"}).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    sent = paused.get(ADA).json | ACTIVE
    assert paused.put(ADA, json=sent).status_code == 200
    before = tables()
    again = paused.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_flipped_mentor_put_twice_changes_nothing_though_the_start_of_a_pause_called_off_has_passed(
    paused, clock, tables
):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    sent = paused.get(ADA).json | ACTIVE
    assert paused.put(ADA, json=sent).status_code == 200
    before, clock.at = tables(), LATER
    again = paused.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_flipped_mentor_put_twice_changes_nothing_though_the_history_never_had_the_end_of_the_pause(
    client, clock, tables
):
    client.post(
        MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": PAST, "expected_return_date": COMING}
    )
    client.post(RECORDS, json=COMING_PAUSE | {"end_date": LATER})  # while the other one is shown
    clock.at = "2026-04-11T00:00:00Z"
    sent = client.get(ADA).json | ACTIVE
    assert sent["expected_return_date"] == LATER
    assert client.put(ADA, json=sent).status_code == 200
    before = tables()
    again = client.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_flipped_mentor_whose_pause_has_ended_by_itself_since_is_active_already(client, clock, tables):
    client.post(MENTORS, json={"mentor_id": "ada"})
    for start, end in ((PAST, "2026-04-05"), (COMING, LATER)):
        client.post(RECORDS, json=COMING_PAUSE | {"start_date": start, "end_date": end})
    clock.at = "2026-04-11T00:00:00Z"
    sent = client.get(ADA).json | ACTIVE
    before, clock.at = tables(), "2026-05-02T00:00:00Z"
    answer = client.put(ADA, json=sent)
    assert (answer.status_code, tables()) == (200, before)


def test_a_pause_that_is_ended_early_keeps_the_end_it_had_as_its_expected_return(paused, clock):
    assert paused.put(RECORD, json={"end_date": COMING}).status_code == 200
    paused.put(ADA, json=ACTIVE)
    record = paused.get(RECORD).json
    assert (record["end_date"], record["expected_return_date"]) == (NOW, COMING)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"pause_reason": "a family matter"}, "pause_reason"),
        ({"expected_return_date": COMING}, "expected_return_date"),
        ({"pause_start_date": NOW}, "pause_start_date"),
        ({"pause_start_date": PAST, "pause_reason": "a family matter"}, "pause_start_date"),
        ({"pause_start_date": PAST, "pause_reason": None}, "pause_start_date"),
    ],
    ids=str,
)
def test_other_pause_data_with_active_after_the_pause_has_ended_is_refused(paused, tables, sent, field):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    paused.put(ADA, json=ACTIVE)
    before = tables()
    response = paused.put(ADA, json=ACTIVE | sent)
    assert (response.status_code, set(response.json["errors"])) == (422, {field})
    assert tables() == before


def test_a_repeat_without_the_start_is_of_the_pause_that_ended_last_though_one_called_off_starts_later(
    paused, clock, tables
):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    assert paused.put(ADA, json=ACTIVE).status_code == 200
    before, clock.at = tables(), LATER
    again = paused.put(ADA, json=ACTIVE | {"pause_reason": "a private illness"})
    assert (again.status_code, tables()) == (200, before)


@pytest.mark.parametrize("later", [NOW, LATER])
def test_a_pause_that_began_and_ended_within_the_same_second_may_have_ended_last(client, clock, tables, later):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "a private illness"})
    sent = ACTIVE | {"pause_reason": "a private illness"}
    assert client.put(ADA, json=sent).status_code == 200
    before, clock.at = tables(), later
    again = client.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_a_pause_that_began_and_ended_within_the_same_second_may_have_ended_last_though_it_was_changed_since(
    client, clock, tables
):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "a private illness"})
    assert client.put(ADA, json=ACTIVE).status_code == 200
    clock.at = "2026-03-26T08:30:01Z"
    assert client.put(RECORD, json={"reason": "leave"}).status_code == 200
    before = tables()
    again = client.put(ADA, json=ACTIVE | {"pause_reason": "leave"})
    assert (again.status_code, tables()) == (200, before)


@pytest.mark.parametrize("later", [COMING, "2026-04-10T00:00:01Z", LATER])
def test_a_pause_that_is_ended_in_the_second_in_which_it_begins_may_have_ended_last(client, clock, tables, later):
    client.post(MENTORS, json={"mentor_id": "ada"})
    assert client.post(RECORDS, json=COMING_PAUSE).status_code == 201
    clock.at = COMING
    sent = client.get(ADA).json | ACTIVE
    assert client.put(ADA, json=sent).json["status"] == "active"
    before, clock.at = tables(), later
    again = client.put(ADA, json=sent)
    assert (again.status_code, tables()) == (200, before)


def test_the_data_of_a_pause_that_ended_earlier_or_was_called_off_is_no_repeat(paused, clock, tables):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    ended_earlier = {"mentor_id": "ada", "start_date": "2026-02-01", "end_date": "2026-02-10", "reason": "leave"}
    assert paused.post(RECORDS, json=ended_earlier).status_code == 201
    assert paused.put(ADA, json=ACTIVE).status_code == 200
    before, clock.at = tables(), LATER
    for start, reason in ((COMING, "an operation"), ("2026-02-01", "leave")):
        response = paused.put(ADA, json=ACTIVE | {"pause_start_date": start, "pause_reason": reason})
        assert (response.status_code, set(response.json["errors"])) == (422, {"pause_start_date"})
    assert tables() == before


def test_of_eight_clients_who_flip_the_same_mentor_all_succeed_and_one_entry_is_made(app, paused, at_once, rows):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    sent = paused.get(ADA).json | ACTIVE | METADATA
    responses = at_once([("PUT", ADA, sent)] * 8)
    assert [response.status_code for response in responses] == [200] * 8
    assert [row["event"] for row in rows("history_entry")] == ["created", "pause_opened", "pause_ended"]
    scheduled = rows("pause_record")[1]  # which is as it was
    assert (scheduled["expected_return_date"], scheduled["end_date"]) == (None, None)


# --- metadata


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_that_the_last_entry_has_changes_nothing_whatever_the_order_of_its_keys(paused, clock, tables, path):
    assert paused.put(path, json=METADATA).status_code == 200
    before, clock.at = tables(), LATER
    for metadata in (METADATA["metadata"], dict(reversed(METADATA["metadata"].items()))):
        assert paused.put(path, json={"metadata": metadata}).status_code == 200
    assert tables() == before


@pytest.mark.parametrize("path", [ADA, RECORD])
@pytest.mark.parametrize("other", [{"initiated_by": "coordinator-008"}, {}, {"a": True}, {"a": 1.0}], ids=str)
def test_other_metadata_than_that_of_the_last_entry_is_recorded(paused, rows, path, other):
    for metadata in ({"a": 1}, other, {"a": 1}):
        assert paused.put(path, json={"metadata": metadata}).status_code == 200
    assert [row["event"] for row in rows("history_entry")] == ["created", "updated", "updated", "updated"]


def test_the_metadata_of_a_record_is_held_against_the_last_entry_of_that_record(paused, rows):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    for path in (RECORD, f"{RECORDS}/pause-rec-0002", RECORD, f"{RECORDS}/pause-rec-0002"):
        assert paused.put(path, json=METADATA).status_code == 200
    assert [row["pause_record_id"] for row in rows("history_entry")] == [1, 2, 1, 2]


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_is_recorded_where_the_history_has_no_entry(paused, rows, path):
    with db.connection_context():
        HistoryEntry.delete().execute()  # as an import without history leaves it
    assert paused.put(path, json=METADATA).status_code == 200
    assert [row["changed_by"] for row in rows("history_entry")] == ["coordinator-007"]


# --- If-Match and If-None-Match


@pytest.mark.parametrize("metadata", [{}, METADATA], ids=["", "metadata"])
@pytest.mark.parametrize(
    ("path", "sent"), [(ADA, ACTIVE), (ADA, PAUSED | {"pause_reason": "x"}), (RECORD, {"is_active": False})]
)
def test_a_put_sent_again_with_the_same_if_match_is_a_200_that_writes_nothing(paused, tables, path, sent, metadata):
    condition = {"If-Match": paused.get(path).headers["ETag"]}
    assert paused.put(path, json=sent | metadata, headers=condition).status_code == 200
    before = tables()
    again = paused.put(path, json=sent | metadata, headers=condition)
    assert (again.status_code, tables()) == (200, before)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (ADA, {"pause_reason": "a family matter"}),
        (ADA, ACTIVE | {"pause_reason": "a family matter"}),  # a 422 by the rule
        (ADA, METADATA),
        (RECORD, {"mentor_id": "eve"}),  # a 422 by the rule
        (RECORD, {"reason": "a family matter"}),
        (RECORD, METADATA),
    ],
    ids=str,
)
def test_a_stale_put_that_changes_something_or_is_refused_by_a_rule_is_a_412(paused, tables, path, sent):
    before = tables()
    response = paused.put(path, json=sent, headers={"If-Match": '"stale"'})
    assert (response.status_code, response.json["code"]) == (412, "stale")
    assert response.headers["ETag"] == paused.get(path).headers["ETag"]
    assert tables() == before


@pytest.mark.parametrize("path", [ADA, RECORD])
@pytest.mark.parametrize("sent", [{}, METADATA], ids=str)
def test_if_none_match_with_a_star_or_the_current_etag_on_what_is_there_is_a_412(paused, tables, path, sent):
    before = tables()
    etag = paused.get(path).headers["ETag"]
    for sent_tags in ("*", etag, f"W/{etag}", f'"other", {etag}'):
        refused = paused.put(path, json=sent, headers={"If-None-Match": sent_tags})
        assert (refused.status_code, refused.json["code"], refused.headers["ETag"]) == (412, "stale", etag)
        assert paused.delete(path, headers={"If-None-Match": sent_tags}).status_code == 412
    assert tables() == before
    assert paused.put(path, json=sent, headers={"If-None-Match": '"other"'}).status_code == 200


def test_if_none_match_star_on_what_is_not_there_is_a_404(paused):
    for path in (f"{MENTORS}/eve", f"{RECORDS}/pause-rec-0002"):
        assert paused.put(path, json={}, headers={"If-None-Match": "*"}).status_code == 404


def test_with_if_none_match_star_the_history_of_a_former_mentor_is_erased_and_no_mentor_who_is_there(paused, tables):
    erase, absent = f"{ADA}?erase=true", {"If-None-Match": "*"}
    before = tables()
    response = paused.delete(erase, headers=absent)
    assert (response.status_code, response.json["code"]) == (412, "stale")
    assert tables() == before
    assert paused.delete(ADA).status_code == 200
    assert paused.delete(ADA, headers=absent).status_code == 404
    assert paused.delete(erase, headers={"If-Match": '"stale"'}).status_code == 404
    assert paused.delete(erase, headers=absent).status_code == 200
    assert tables() == [[], [], []]
    assert paused.delete(erase, headers=absent).status_code == 404
