"""A PUT of a mentor sent again, and what GET returned put back, change nothing: random pauses, random bodies."""

import random

import pytest

import schemas
from mentors import rules
from mentors.mentor import Mentor
from mentors.pauses import Pause
from mentors.problems import Problem

CASES = 4_000
NOW, A_SECOND_LATER = "2026-03-10T00:00:00Z", "2026-03-10T00:00:01Z"


def day(number):
    return f"2026-03-{number:02}T00:00:00Z"


def mentor_with(pauses, now):
    """Return a mentor as a write reads them at an instant; `pauses` are by number."""
    columns = {"mentor_id": "ada", "last_updated": day(1)}
    return Mentor(columns, now, now, None, exists=True, pauses=pauses)


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
    rules.update_mentor(mentor, schemas.MentorStatusUpdate().load(body))
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
            after, _changed = put(pauses, body, NOW)
        except (Problem, schemas.ValidationError):
            continue
        done += 1
        for later in (NOW, A_SECOND_LATER):
            again, is_changed = put(after, body, later)
            assert (again, is_changed) == (after, False), (pauses, body)
    assert done > CASES / 4


def test_what_get_returned_changes_nothing_when_it_is_put_back(draw):
    for _ in range(CASES):
        pauses = draw_pauses(draw)
        returned = mentor_with(pauses, NOW).representation()
        after, is_changed = put(pauses, returned, NOW)
        assert (after, is_changed) == (pauses, False), (pauses, returned)


def test_a_flip_of_what_get_returned_changes_nothing_when_it_is_sent_again(draw):
    for _ in range(CASES):
        pauses = draw_pauses(draw)
        returned = mentor_with(pauses, NOW).representation()
        if returned["is_paused"]:
            flipped = returned | {"status": "active", "is_paused": False}
            after, _changed = put(pauses, flipped, NOW)
            assert not mentor_with(after, NOW).pauses_in_force(), (pauses, flipped)
            for later in (NOW, A_SECOND_LATER):
                again, is_changed = put(after, flipped, later)
                assert (again, is_changed) == (after, False), (pauses, flipped)
