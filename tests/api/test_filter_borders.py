"""What each filter of the lists finds at its boundaries, and in which order: examples written out by hand."""

import pytest

from tests.support.lists import read_all, read_by_key
from tests.support.tables import MENTORS, RECORDS, outcomes, upload

PAST = "2026-03-01T00:00:00Z"
NOW, A_SECOND_LATER = "2026-03-26T08:30:00Z", "2026-03-26T08:30:01Z"
COMING = "2026-04-10T00:00:00Z"
LATER = "2026-05-01T00:00:00Z"
# The start, the expected return and the end of one pause for each mentor, by its number.
PAUSES = {
    "ada": (PAST, "2026-04-09T08:30:00Z", None),  # in 14 days to the second
    "bea": (PAST, NOW, None),
    "cyd": (PAST, "2026-03-20T00:00:00Z", None),
    "dee": (PAST, None, NOW),
    "eve": (NOW, None, LATER),
    "fay": (COMING, None, None),
    "gus": (COMING, None, COMING),
    "hal": (PAST, None, A_SECOND_LATER),
    "ian": (NOW, None, NOW),
}
COLUMNS = ("mentor_id", "reason", "start_date", "expected_return_date", "end_date")
CREATED_LATER = 5  # from this one on, a second later
MENTORS_IN_ORDER = [*PAUSES, "zoe"]


@pytest.fixture
def lists(client, clock):
    """Return a function that lists ids, by counted pages and by key: of ten mentors, nine of whom have a pause."""
    upload(client, MENTORS, [{"mentor_id": mentor_id} for mentor_id in MENTORS_IN_ORDER])
    lines = [dict(zip(COLUMNS, (mentor_id, "leave", *dates), strict=True)) for mentor_id, dates in PAUSES.items()]
    assert outcomes(upload(client, RECORDS, lines[:CREATED_LATER])) == ["created"] * CREATED_LATER
    clock.at = A_SECOND_LATER
    assert outcomes(upload(client, RECORDS, lines[CREATED_LATER:])) == ["created"] * (len(lines) - CREATED_LATER)
    clock.at = NOW

    def read(path, **query):
        found = [id_of(each) for each in read_all(client, path, query, limit=4)]
        if "sort" not in query:
            assert [id_of(each) for each in read_by_key(client, path, query, limit=4)] == found
        return found

    return read


def id_of(each):
    return int(each["pause_record_id"].removeprefix("pause-rec-")) if "pause_record_id" in each else each["mentor_id"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"phase": "scheduled"}, [6]),
        ({"phase": "current"}, [1, 2, 3, 5, 8]),
        ({"phase": "overdue"}, [3]),
        ({"phase": "ended", "expected": "true"}, [2, 3, 4, 7, 9]),  # who was expected is back
        ({"phase": "undated", "as_of": LATER}, [6]),
        ({"phase": "ended"}, [4, 7, 9]),
        ({"is_active": "true"}, [1, 2, 3, 5, 6, 8]),
        ({"is_active": "false", "as_of": "2026-03-26T08:29:59Z"}, [7, 9]),
        ({"from": NOW}, [1, 2, 3, 5, 6, 8]),
        ({"from": "2026-03-26T08:29:59Z"}, [1, 2, 3, 4, 5, 6, 8]),
        ({"from": COMING}, [1, 2, 3, 5, 6]),
        ({"to": NOW}, [1, 2, 3, 4, 8]),
        ({"to": A_SECOND_LATER}, [1, 2, 3, 4, 5, 8]),
        ({"from": NOW, "to": A_SECOND_LATER}, [1, 2, 3, 5, 8]),
        ({"due_within_days": 0}, [2, 3, 8]),
        ({"due_within_days": 13}, [2, 3, 8]),
        ({"due_within_days": 14}, [1, 2, 3, 8]),
        ({"mentor_id": "cyd,ada,nobody"}, [1, 3]),
        ({"reason": "Leave"}, []),
        # Nulls come last, and of equal values the first id comes first.
        ({"sort": "-expected_return_date"}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"sort": "end_date"}, [4, 9, 8, 7, 5, 1, 2, 3, 6]),
        ({"sort": "-created_at", "reason": "leave"}, [6, 7, 8, 9, 1, 2, 3, 4, 5]),
    ],
    ids=str,
)
def test_pause_records_are_found_by_what_their_dates_say_to_the_second_and_in_the_order_asked_for(
    lists, query, numbers
):
    assert lists(RECORDS, **query) == numbers


@pytest.mark.parametrize(
    ("query", "mentor_ids"),
    [
        ({}, MENTORS_IN_ORDER),
        ({"status": "paused"}, ["ada", "bea", "cyd", "eve", "hal"]),
        ({"status": "paused", "as_of": A_SECOND_LATER}, ["ada", "bea", "cyd", "eve"]),
        ({"status": "active", "expected": "true"}, ["bea", "cyd", "dee", "fay", "gus", "ian", "zoe"]),
        ({"mentor_id": "zoe,ada,fay", "status": "active"}, ["fay", "zoe"]),
        ({"sort": "-last_updated"}, ["fay", "gus", "hal", "ian", "ada", "bea", "cyd", "dee", "eve", "zoe"]),
    ],
    ids=str,
)
def test_mentors_are_found_by_what_was_true_to_the_second_and_in_the_order_asked_for(lists, query, mentor_ids):
    assert lists(MENTORS, **query) == mentor_ids
