"""When a mentor is back: at the end of the pause that ends last, else at its expected return."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA = f"{MENTORS}/ada"
PAST, SOON, LATER = "2026-03-01T00:00:00Z", "2026-04-10T00:00:00Z", "2026-08-01T00:00:00Z"
COMING = "2026-04-01T00:00:00Z"
DATES = {  # the start, the expected return and the end of each pause, in the order in which they are recorded
    "the later return": [(PAST, LATER, None), (PAST, SOON, None)],
    "an end after a return": [(PAST, SOON, LATER), (PAST, SOON, None)],
    "no return date": [(PAST, None, None), (PAST, LATER, None)],
    "a return that has passed": [(PAST, SOON, None), (PAST, "2026-03-20T00:00:00Z", None)],
    "scheduled": [(COMING, LATER, None), (COMING, SOON, None)],
}


@pytest.fixture
def ada(client):
    client.post(MENTORS, json={"mentor_id": "ada"})
    return client


@pytest.fixture
def record(ada):
    """Return a function that records pauses of ada, each with a reason of its own: `first`, `second`."""

    def post(*pauses):
        for reason, (start, expected, end) in zip(("first", "second", "third"), pauses, strict=False):
            dates = {"start_date": start, "expected_return_date": expected, "end_date": end}
            assert ada.post(RECORDS, json=dates | {"mentor_id": "ada", "reason": reason}).status_code == 201

    return post


@pytest.mark.parametrize("pauses", DATES.values(), ids=DATES)
def test_the_pause_that_ends_last_is_shown_in_whatever_order_they_are_recorded(ada, record, pauses):
    record(*pauses)
    start, expected, end = pauses[0]
    listed = ada.get(MENTORS).json["data"][0]
    for shown in (ada.get(ADA).json, listed, ada.get(f"{MENTORS}?after=").json["data"][0]):
        assert (shown["pause_start_date"], shown["expected_return_date"]) == (start, end or expected)
    assert ada.get(ADA).json["pause_reason"] == "first"


def test_of_equal_returns_the_pause_that_was_recorded_last_is_shown(ada, record):
    record((PAST, LATER, None), (PAST, None, LATER))
    assert ada.get(ADA).json["pause_reason"] == "second"


def test_the_return_date_shown_is_the_first_instant_at_which_the_mentor_is_expected_to_be_active(ada, record):
    record((PAST, LATER, None), (PAST, SOON, None), (PAST, None, SOON))
    back = ada.get(ADA).json["expected_return_date"]
    for at, status in (("2026-07-31T23:59:59Z", "paused"), (back, "active")):
        assert ada.get(f"{ADA}?as_of={at}&expected=true").json["status"] == status


def test_a_pause_that_has_both_dates_is_due_at_its_end_and_never_overdue_and_shows_both(ada, record):
    record((PAST, LATER, SOON), (PAST, SOON, LATER), (PAST, LATER, None))
    shown = ada.get(f"{RECORDS}/pause-rec-0001").json
    assert (shown["end_date"], shown["expected_return_date"]) == (SOON, LATER)
    for query, numbers in (
        ("due_within_days=14", []),
        ("due_within_days=15", [1]),
        ("due_within_days=3650", [1, 2, 3]),
        (f"phase=overdue&as_of={LATER}", []),
        ("phase=overdue&as_of=2026-08-02", [3]),
        ("phase=overdue&as_of=2026-07-31", []),
    ):
        found = ada.get(f"{RECORDS}?{query}").json["data"]
        assert [record["pause_record_id"][-1:] for record in found] == [str(number) for number in numbers], query


def test_a_put_that_opens_a_pause_beside_a_longer_one_answers_with_the_longer_one(ada, record):
    record((PAST, LATER, None))
    sent = {"status": "paused", "pause_start_date": "2026-03-02", "expected_return_date": SOON}
    answer = ada.put(ADA, json=sent).json
    assert (answer["pause_start_date"], answer["expected_return_date"]) == (PAST, LATER)


@pytest.mark.parametrize(
    ("pauses", "sent"),
    [
        ([(PAST, LATER, None), ("2026-03-02", SOON, None)], {"expected_return_date": "2026-04-09"}),
        ([(PAST, LATER, None), ("2026-03-02", SOON, None)], {"expected_return_date": SOON}),  # of equals, the second
        ([(PAST, None, None), (PAST, SOON, None)], {"pause_start_date": PAST, "expected_return_date": "2026-04-09"}),
        ([(COMING, LATER, None), (COMING, SOON, None)], {"expected_return_date": "2026-04-09"}),
        ([(COMING, LATER, None), (COMING, SOON, None)], {"pause_start_date": COMING, "expected_return_date": COMING}),
    ],
)
def test_a_put_that_would_mean_another_pause_if_it_were_sent_again_is_refused_and_names_both(
    ada, record, rows, pauses, sent
):
    record(*pauses)
    before = rows("pause_record"), rows("history_entry")
    answer = ada.put(ADA, json=sent)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["expected_return_date"])
    (message,) = answer.json["errors"]["expected_return_date"]
    assert message == (
        "With this date pause-rec-0002 would be the pause shown, and the same PUT sent again would change "
        "pause-rec-0002; send the date in a PUT to /api/v1/pause-records/pause-rec-0001."
    )
    assert (rows("pause_record"), rows("history_entry")) == before
    way_out = {"expected_return_date": sent["expected_return_date"]}
    assert ada.put(f"{RECORDS}/pause-rec-0001", json=way_out).status_code == 200


def test_a_reason_that_another_record_has_is_a_409_before_a_return_date_that_is_not_the_end_is_a_422(ada, record):
    record((PAST, None, LATER), (PAST, None, SOON))
    answer = ada.put(ADA, json={"pause_reason": "second", "expected_return_date": SOON})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
