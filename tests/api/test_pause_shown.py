"""When a mentor is back: at the end of the pause that ends last, else at its expected return."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA = f"{MENTORS}/ada"
PAST, SOON, LATER = "2026-03-01T00:00:00Z", "2026-04-10T00:00:00Z", "2026-08-01T00:00:00Z"


@pytest.fixture
def active_ada(client):
    client.post(MENTORS, json={"mentor_id": "ada"})
    return client


@pytest.fixture
def record(active_ada):
    """Return a function that records pauses of ada, each with a reason of its own: `first`, `second`."""

    def post(*pauses):
        for reason, (start, expected, end) in zip(("first", "second", "third"), pauses, strict=False):
            dates = {"start_date": start, "expected_return_date": expected, "end_date": end}
            assert active_ada.post(RECORDS, json=dates | {"mentor_id": "ada", "reason": reason}).status_code == 201

    return post


def test_the_return_date_shown_is_the_first_instant_at_which_the_mentor_is_expected_to_be_active(active_ada, record):
    record((PAST, LATER, None), (PAST, SOON, None), (PAST, None, SOON))
    back = active_ada.get(ADA).json["expected_return_date"]
    for at, status in (("2026-07-31T23:59:59Z", "paused"), (back, "active")):
        assert active_ada.get(f"{ADA}?as_of={at}&expected=true").json["status"] == status


def test_a_pause_that_has_both_dates_is_due_at_its_end_and_never_overdue_and_shows_both(active_ada, record):
    record((PAST, LATER, SOON), (PAST, SOON, LATER), (PAST, LATER, None))
    shown = active_ada.get(f"{RECORDS}/pause-rec-0001").json
    assert (shown["end_date"], shown["expected_return_date"]) == (SOON, LATER)
    for query, numbers in (
        ("due_within_days=14", []),
        ("due_within_days=15", [1]),
        ("due_within_days=3650", [1, 2, 3]),
        (f"phase=overdue&as_of={LATER}", []),
        ("phase=overdue&as_of=2026-08-02", [3]),
        ("phase=overdue&as_of=2026-07-31", []),
    ):
        found = active_ada.get(f"{RECORDS}?{query}").json["data"]
        assert [record["pause_record_id"][-1:] for record in found] == [str(number) for number in numbers], query


@pytest.mark.rule2
def test_a_put_that_would_mean_another_pause_if_it_were_sent_again_is_refused_and_names_both(active_ada, record):
    record((PAST, LATER, None), (PAST, SOON, None))
    answer = active_ada.put(ADA, json={"expected_return_date": SOON})
    assert answer.json["errors"] == {
        "expected_return_date": [
            "With this date pause-rec-0002 would be the pause shown, and the same PUT sent again would change "
            "pause-rec-0002; send the date in a PUT to /api/v1/pause-records/pause-rec-0001."
        ]
    }
    assert active_ada.put(f"{RECORDS}/pause-rec-0001", json={"expected_return_date": SOON}).status_code == 200
