"""What each filter of the lists finds at its boundaries, and in which order each `sort` has it."""

import pytest

from tests.support.tables import outcomes, upload

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
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
    """Return a function that lists ids, page by page: of ten mentors, nine of whom have a pause."""
    upload(client, MENTORS, [{"mentor_id": mentor_id} for mentor_id in MENTORS_IN_ORDER])
    lines = [dict(zip(COLUMNS, (mentor_id, "leave", *dates), strict=True)) for mentor_id, dates in PAUSES.items()]
    assert outcomes(upload(client, RECORDS, lines[:CREATED_LATER])) == ["created"] * CREATED_LATER
    clock.at = A_SECOND_LATER
    assert outcomes(upload(client, RECORDS, lines[CREATED_LATER:])) == ["created"] * (len(lines) - CREATED_LATER)
    clock.at = NOW

    def read(path, **query):
        found, total, page = [], None, 1
        while total is None or len(found) < total:
            answer = client.get(path, query_string=query | {"page": page, "limit": 4}).json
            assert answer["data"] or answer["pagination"]["total"] == 0
            found += [id_of(each) for each in answer["data"]]
            total, page = answer["pagination"]["total"], page + 1
        beyond = client.get(path, query_string=query | {"page": page, "limit": 4}).json
        assert (beyond["data"], beyond["pagination"]["total"], len(found)) == ([], total, total)
        if "sort" not in query:
            assert walked(path, query) == found
        return found

    def walked(path, query):
        found, after = [], ""
        while after is not None:
            answer = client.get(path, query_string=query | {"after": after, "limit": 4}).json
            found += [id_of(each) for each in answer["data"]]
            after = answer["pagination"]["next"]
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
        ({"phase": "overdue", "expected": "true"}, []),  # who was expected is back
        ({"phase": "ended", "expected": "true"}, [2, 3, 4, 7, 9]),
        ({"phase": "undated"}, []),
        ({"phase": "undated", "as_of": LATER}, [6]),
        ({"phase": "ended"}, [4, 7, 9]),
        ({"is_active": "true"}, [1, 2, 3, 5, 6, 8]),
        ({"is_active": "false"}, [4, 7, 9]),
        ({"is_active": "false", "as_of": COMING}, [4, 7, 8, 9]),
        ({"is_active": "false", "as_of": "2026-03-26T08:29:59Z"}, [7, 9]),
        ({"from": NOW}, [1, 2, 3, 5, 6, 8]),
        ({"from": "2026-03-26T08:29:59Z"}, [1, 2, 3, 4, 5, 6, 8]),
        ({"from": COMING}, [1, 2, 3, 5, 6]),
        ({"to": NOW}, [1, 2, 3, 4, 8]),
        ({"to": A_SECOND_LATER}, [1, 2, 3, 4, 5, 8]),
        ({"to": LATER}, [1, 2, 3, 4, 5, 6, 8]),
        ({"from": NOW, "to": A_SECOND_LATER}, [1, 2, 3, 5, 8]),
        ({"due_within_days": 0}, [2, 3, 8]),
        ({"due_within_days": 1}, [2, 3, 8]),
        ({"due_within_days": 13}, [2, 3, 8]),
        ({"due_within_days": 14}, [1, 2, 3, 8]),
        ({"mentor_id": "cyd,ada,nobody"}, [1, 3]),
        ({"reason": "leave", "phase": "overdue"}, [3]),
        ({"reason": "Leave"}, []),
    ],
    ids=str,
)
def test_pause_records_are_found_by_what_their_dates_say_to_the_second(lists, query, numbers):
    assert lists(RECORDS, **query) == numbers


@pytest.mark.parametrize(
    ("query", "mentor_ids"),
    [
        ({}, MENTORS_IN_ORDER),
        ({"status": "paused"}, ["ada", "bea", "cyd", "eve", "hal"]),
        ({"status": "active"}, ["dee", "fay", "gus", "ian", "zoe"]),
        ({"status": "paused", "as_of": A_SECOND_LATER}, ["ada", "bea", "cyd", "eve"]),
        ({"status": "paused", "expected": "true"}, ["ada", "eve", "hal"]),
        ({"status": "active", "expected": "true"}, ["bea", "cyd", "dee", "fay", "gus", "ian", "zoe"]),
        ({"mentor_id": "zoe,ada,nobody"}, ["ada", "zoe"]),
        ({"mentor_id": "zoe,ada,fay", "status": "active"}, ["fay", "zoe"]),
    ],
    ids=str,
)
def test_mentors_are_found_by_what_was_true_to_the_second(lists, query, mentor_ids):
    assert lists(MENTORS, **query) == mentor_ids


@pytest.mark.parametrize("query", [{}, {"reason": "leave"}], ids=str)
@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        ("pause_record_id", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("-pause_record_id", [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("start_date", [1, 2, 3, 4, 8, 5, 9, 6, 7]),
        ("-start_date", [6, 7, 5, 9, 1, 2, 3, 4, 8]),
        ("expected_return_date", [3, 2, 1, 4, 5, 6, 7, 8, 9]),
        ("-expected_return_date", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("end_date", [4, 9, 8, 7, 5, 1, 2, 3, 6]),
        ("-end_date", [5, 7, 8, 4, 9, 1, 2, 3, 6]),
        ("created_at", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("-created_at", [6, 7, 8, 9, 1, 2, 3, 4, 5]),
    ],
)
def test_pause_records_come_in_the_order_asked_for_with_nulls_last_and_ties_by_id(lists, query, sort, numbers):
    assert lists(RECORDS, sort=sort, **query) == numbers


@pytest.mark.parametrize("query", [{}, {"mentor_id": ",".join(MENTORS_IN_ORDER)}], ids=str)
@pytest.mark.parametrize(
    ("sort", "mentor_ids"),
    [
        ("mentor_id", MENTORS_IN_ORDER),
        ("-mentor_id", MENTORS_IN_ORDER[::-1]),
        ("last_updated", ["ada", "bea", "cyd", "dee", "eve", "zoe", "fay", "gus", "hal", "ian"]),
        ("-last_updated", ["fay", "gus", "hal", "ian", "ada", "bea", "cyd", "dee", "eve", "zoe"]),
    ],
)
def test_mentors_come_in_the_order_asked_for_with_ties_by_id(lists, query, sort, mentor_ids):
    assert lists(MENTORS, sort=sort, **query) == mentor_ids


def test_the_total_of_the_paused_follows_expected_also_where_it_is_kept(lists):
    for _ in range(2):
        assert len(lists(MENTORS, status="paused")) == 5
        assert len(lists(MENTORS, status="paused", expected="true")) == 3
        assert len(lists(MENTORS, status="active", expected="true")) == 7


@pytest.mark.parametrize("query", [{}, {"status": "paused"}], ids=str)
def test_of_two_pauses_in_force_the_mentor_is_listed_once(lists, client, query):
    second = {"mentor_id": "ada", "start_date": PAST, "reason": "a family matter"}
    assert client.post(RECORDS, json=second).status_code == 201
    assert lists(MENTORS, mentor_id="ada", **query) == ["ada"]
    assert client.get(MENTORS, query_string={"after": "", **query}).json["data"][0]["mentor_id"] == "ada"
    assert lists(MENTORS, mentor_id="bea,ada") == ["ada", "bea"]
