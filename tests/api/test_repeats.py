"""The same write sent again after a lost answer is a 200 and changes nothing (rule 2; RFC 9110 section 13.1.1)."""

import random

import pytest

import schemas
from db import db
from mentors import rules
from mentors.mentor import Mentor
from mentors.pauses import Pause
from mentors.problems import Problem
from models import HistoryEntry
from reads.serializers import mentor_status
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE  # the rules in memory; test_rules.py has sequences of writes on both databases
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


# --- read, flip, PUT, and PUT again


@pytest.mark.parametrize("metadata", [{}, METADATA], ids=["", "metadata"])
@pytest.mark.parametrize("later", [NOW, "2026-03-27T00:00:00Z"])
def test_a_flipped_mentor_put_twice_changes_nothing_the_second_time(paused, clock, state, later, metadata):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    sent = paused.get(ADA).json | ACTIVE | metadata
    assert paused.put(ADA, json=sent).json["status"] == "active"
    before, clock.at = state(), later
    again = paused.put(ADA, json=sent)
    assert (again.status_code, again.json["is_paused"]) == (200, False)
    assert state() == before


def test_a_flipped_mentor_put_twice_changes_nothing_though_the_start_of_a_pause_called_off_has_passed(
    paused, clock, state
):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    sent = paused.get(ADA).json | ACTIVE
    assert paused.put(ADA, json=sent).status_code == 200
    before, clock.at = state(), LATER
    again = paused.put(ADA, json=sent)
    assert (again.status_code, state()) == (200, before)


def test_a_flipped_mentor_whose_pause_has_ended_by_itself_since_is_active_already(client, clock, state):
    client.post(MENTORS, json={"mentor_id": "ada"})
    for start, end in ((PAST, "2026-04-05"), (COMING, LATER)):
        client.post(RECORDS, json=COMING_PAUSE | {"start_date": start, "end_date": end})
    clock.at = "2026-04-11T00:00:00Z"
    sent = client.get(ADA).json | ACTIVE
    before, clock.at = state(), "2026-05-02T00:00:00Z"
    answer = client.put(ADA, json=sent)
    assert (answer.status_code, state()) == (200, before)


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
def test_other_pause_data_with_active_after_the_pause_has_ended_is_refused(paused, state, sent, field):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    paused.put(ADA, json=ACTIVE)
    before = state()
    response = paused.put(ADA, json=ACTIVE | sent)
    assert (response.status_code, set(response.json["errors"])) == (422, {field})
    assert state() == before


@pytest.mark.parametrize("later", [NOW, LATER])
def test_a_pause_that_began_and_ended_within_the_same_second_may_have_ended_last(client, clock, state, later):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "a private illness"})
    sent = ACTIVE | {"pause_reason": "a private illness"}
    assert client.put(ADA, json=sent).status_code == 200
    before, clock.at = state(), later
    again = client.put(ADA, json=sent)
    assert (again.status_code, state()) == (200, before)


@pytest.mark.parametrize("later", [COMING, LATER])
def test_a_pause_that_is_ended_in_the_second_in_which_it_begins_may_have_ended_last(client, clock, state, later):
    client.post(MENTORS, json={"mentor_id": "ada"})
    assert client.post(RECORDS, json=COMING_PAUSE).status_code == 201
    clock.at = COMING
    sent = client.get(ADA).json | ACTIVE
    assert client.put(ADA, json=sent).json["status"] == "active"
    before, clock.at = state(), later
    again = client.put(ADA, json=sent)
    assert (again.status_code, state()) == (200, before)


def test_the_data_of_a_pause_that_ended_earlier_or_was_called_off_is_no_repeat(paused, clock, state):
    assert paused.post(RECORDS, json=COMING_PAUSE).status_code == 201
    assert paused.put(f"{RECORDS}/pause-rec-0002", json={"is_active": False}).status_code == 200
    ended_earlier = {"mentor_id": "ada", "start_date": "2026-02-01", "end_date": "2026-02-10", "reason": "leave"}
    assert paused.post(RECORDS, json=ended_earlier).status_code == 201
    assert paused.put(ADA, json=ACTIVE).status_code == 200
    before, clock.at = state(), LATER
    for start, reason in ((COMING, "an operation"), ("2026-02-01", "leave")):
        response = paused.put(ADA, json=ACTIVE | {"pause_start_date": start, "pause_reason": reason})
        assert (response.status_code, set(response.json["errors"])) == (422, {"pause_start_date"})
    assert state() == before


# --- metadata


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_that_the_last_entry_has_changes_nothing_whatever_the_order_of_its_keys(paused, clock, state, path):
    assert paused.put(path, json=METADATA).status_code == 200
    before, clock.at = state(), LATER
    for metadata in (METADATA["metadata"], dict(reversed(METADATA["metadata"].items()))):
        assert paused.put(path, json={"metadata": metadata}).status_code == 200
    assert state() == before


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


# --- the header of an answer to a write that has written nothing

CALLED = {"metadata": {"notes": "called"}}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("PUT", ADA, {}),
        ("PUT", ADA, PAUSED),
        ("PUT", ADA, {"pause_start_date": None, "metadata": None}),
        ("PUT", RECORD, {}),
        ("PUT", RECORD, {"is_active": True, "end_date": None, "mentor_id": None, "metadata": None}),
        ("POST", RECORDS, {"mentor_id": "ada", "start_date": PAST, "reason": "a private illness"} | METADATA),
    ],
    ids=str,
)
@pytest.mark.parametrize("headers", [{}, {"If-Match": '"stale"'}], ids=["", "stale"])
def test_a_write_of_what_is_so_already_says_that_nothing_was_written(paused, state, method, path, sent, headers):
    before = state()
    response = paused.open(path, method=method, json=sent, headers=headers)
    assert (response.status_code, response.headers["Idempotent-Replayed"]) == (201 if method == "POST" else 200, "true")
    assert state() == before


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (ADA, {"pause_reason": None}),
        (ADA, ACTIVE),
        (ADA, METADATA),
        (ADA, ACTIVE | METADATA),
        (RECORD, {"end_date": NOW}),
        (RECORD, METADATA),
        (RECORD, {"is_active": False} | METADATA),
    ],
    ids=str,
)
def test_only_the_second_of_two_equal_puts_says_that_nothing_was_written(paused, path, sent):
    answers = [paused.put(path, json=sent) for _ in range(2)]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]
    assert answers[0].json == answers[1].json
    assert "Idempotent-Replayed" not in paused.put(path, json=sent | CALLED).headers


# --- If-Match and If-None-Match


@pytest.mark.parametrize(
    ("path", "sent"),
    [(ADA, ACTIVE), (ADA, PAUSED | {"pause_reason": "x"} | METADATA), (RECORD, {"is_active": False} | METADATA)],
    ids=str,
)
def test_a_put_sent_again_with_the_same_if_match_is_a_200_that_writes_nothing(paused, state, path, sent):
    condition = {"If-Match": paused.get(path).headers["ETag"]}
    assert paused.put(path, json=sent, headers=condition).status_code == 200
    before = state()
    again = paused.put(path, json=sent, headers=condition)
    assert (again.status_code, state()) == (200, before)


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_a_stale_put_of_metadata_alone_is_a_412(paused, state, path):
    before = state()
    response = paused.put(path, json=METADATA, headers={"If-Match": '"stale"'})
    assert (response.status_code, response.json["code"]) == (412, "stale")
    assert response.headers["ETag"] == paused.get(path).headers["ETag"]
    assert state() == before


@pytest.mark.parametrize(("path", "sent"), [(ADA, ACTIVE | {"pause_reason": "x"}), (RECORD, {"mentor_id": "eve"})])
def test_what_a_rule_refuses_is_refused_by_the_rule_whatever_the_etag(paused, state, path, sent):
    before = state()
    assert paused.put(path, json=sent, headers={"If-Match": '"stale"'}).status_code == 422
    assert state() == before


@pytest.mark.parametrize("path", [ADA, RECORD])
@pytest.mark.parametrize("sent", [{}, METADATA], ids=str)
def test_if_none_match_with_a_star_on_what_is_there_is_a_412(paused, state, path, sent):
    before = state()
    etag = paused.get(path).headers["ETag"]
    refused = paused.put(path, json=sent, headers={"If-None-Match": "*"})
    assert (refused.status_code, refused.json["code"], refused.headers["ETag"]) == (412, "stale", etag)
    assert paused.delete(path, headers={"If-None-Match": "*"}).status_code == 412
    assert state() == before
    assert paused.put(path, json=sent, headers={"If-None-Match": etag}).status_code == 200  # a write ignores tags in it
    for unknown in (f"{MENTORS}/eve", f"{RECORDS}/pause-rec-0002"):
        assert paused.put(unknown, json={}, headers={"If-None-Match": "*"}).status_code == 404


def test_with_if_none_match_star_the_history_of_a_former_mentor_is_erased_and_no_mentor_who_is_there(paused, state):
    erase, absent = f"{ADA}?erase=true", {"If-None-Match": "*"}
    before = state()
    response = paused.delete(erase, headers=absent)
    assert (response.status_code, response.json["code"]) == (412, "stale")
    assert state() == before
    assert paused.delete(ADA).status_code == 200
    assert paused.delete(ADA, headers=absent).status_code == 404
    assert paused.delete(erase, headers={"If-Match": '"stale"'}).status_code == 404
    assert paused.delete(erase, headers=absent).status_code == 200
    assert state() == [[], [], []]
    assert paused.delete(erase, headers=absent).status_code == 404


# --- random pauses and random bodies, by the rule alone

CASES = 2_000
TODAY, A_SECOND_LATER = "2026-03-10T00:00:00Z", "2026-03-10T00:00:01Z"


def day(number):
    return f"2026-03-{number:02}T00:00:00Z"


def mentor_with(pauses, now):
    """Return a mentor as a write reads them at an instant; `pauses` are by number."""
    return Mentor("ada", day(1), now, None, exists=True, pauses=pauses)


def draw_pauses(draw):
    """Draw up to four pauses, with few different dates and reasons, so that many have one start or one return."""
    pauses, seen = {}, set()
    for number in range(1, draw.randint(1, 4) + 1):
        start, reason = draw.choice((8, 9, 10, 12, 13)), draw.choice("xyz")
        later = [None, *range(start, 15)]
        expected, end = (draw.choice(later) for _ in range(2))
        if draw.random() < 0.6:
            end = None
        if (start, reason) not in seen:
            seen.add((start, reason))
            dates = [each and day(each) for each in (start, expected, end)]
            pauses[number] = Pause(number, *dates, reason, day(1), day(1))
    return pauses


def draw_body(draw):
    """Draw what a PUT may send; the schema refuses some of it."""
    body = {}
    if draw.random() < 0.7:
        body["status"] = draw.choice(("active", "paused"))
    if draw.random() < 0.4:
        body["pause_start_date"] = draw.choice((None, *map(day, (8, 9, 10, 12, 13))))
    if draw.random() < 0.5:
        body["expected_return_date"] = draw.choice((None, *map(day, range(9, 15))))
    if draw.random() < 0.3:
        body["pause_reason"] = draw.choice((None, "x", "y", "z"))
    return body


def put(pauses, body, now):
    """Return the pauses as the next write reads them after a PUT with this body, and whether it has changed any.

    Raises Problem.
    """
    mentor = mentor_with(pauses, now)
    rules.put_mentor(mentor, schemas.MentorStatusUpdate().load(body))
    read = mentor.pauses_as_read
    changed = {number: pause for number, pause in mentor.pauses.items() if pause != read.get(number)}
    saved = {number: pause._replace(last_changed=now) for number, pause in changed.items()}
    return mentor.pauses | saved, mentor.has_unrecorded_changes()


@pytest.fixture
def draw(app):
    return random.Random(2026)


def test_a_put_that_was_done_changes_nothing_when_it_is_sent_again(draw):
    done = 0
    for _ in range(CASES):
        pauses, body = draw_pauses(draw), draw_body(draw)
        try:
            after, _changed = put(pauses, body, TODAY)
        except (Problem, schemas.ValidationError):
            continue
        done += 1
        for later in (TODAY, A_SECOND_LATER):
            again, is_changed = put(after, body, later)
            assert (again, is_changed) == (after, False), (pauses, body)
    assert done > CASES / 4


def test_what_get_returned_changes_nothing_when_it_is_put_back(draw):
    for _ in range(CASES):
        pauses = draw_pauses(draw)
        returned = mentor_status(mentor_with(pauses, TODAY), TODAY)
        after, is_changed = put(pauses, returned, TODAY)
        assert (after, is_changed) == (pauses, False), (pauses, returned)


def test_a_flip_of_what_get_returned_changes_nothing_when_it_is_sent_again(draw):
    for _ in range(CASES):
        pauses = draw_pauses(draw)
        returned = mentor_status(mentor_with(pauses, TODAY), TODAY)
        if returned["is_paused"]:
            flipped = returned | {"status": "active", "is_paused": False}
            after, _changed = put(pauses, flipped, TODAY)
            assert not mentor_with(after, TODAY).pauses_in_force(), (pauses, flipped)
            for later in (TODAY, A_SECOND_LATER):
                again, is_changed = put(after, flipped, later)
                assert (again, is_changed) == (after, False), (pauses, flipped)
