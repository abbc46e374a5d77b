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

pytestmark = [ON_SQLITE, pytest.mark.rule2]
LATER = "2026-05-01T00:00:00Z"
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
METADATA = {"metadata": {"initiated_by": "coordinator-007", "notes": "back at work"}}


@pytest.fixture
def paused(client):
    """Return a client; mentor ada is paused."""
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    return client


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


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_is_recorded_where_the_history_has_no_entry(paused, rows, path):
    with db.connection_context():
        HistoryEntry.delete().execute()  # as an import without history leaves it
    assert paused.put(path, json=METADATA).status_code == 200
    assert [row["changed_by"] for row in rows("history_entry")] == ["coordinator-007"]


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
