"""When a mentor is expected back: at the end of the pause where it has one, else on its expected_return_date."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ENDS, EXPECTED = "2026-04-02T08:30:00Z", "2026-04-20T00:00:00Z"  # the end is seven days ahead, to the second


@pytest.fixture
def ada(client):
    """Give mentor ada a pause that ends by itself before their return is expected, and bea an open one."""
    for name, end in (("ada", ENDS), ("bea", None)):
        client.post(MENTORS, json={"mentor_id": name})
        sent = {"mentor_id": name, "start_date": "2026-03-01", "reason": "leave", "expected_return_date": EXPECTED}
        assert client.post(RECORDS, json=sent | {"end_date": end}).status_code == 201
    return client


def test_a_mentor_whose_pause_has_an_end_is_expected_back_then(ada):
    assert ada.get(f"{MENTORS}/ada").json["expected_return_date"] == ENDS
    assert [row["expected_return_date"] for row in ada.get(MENTORS).json["data"]] == [ENDS, EXPECTED]
    assert [row["expected_return_date"] for row in ada.get(f"{MENTORS}?after=").json["data"]] == [ENDS, EXPECTED]


def test_a_record_shows_both_dates_as_they_were_recorded(ada):
    record = ada.get(f"{RECORDS}/pause-rec-0001").json
    assert (record["end_date"], record["expected_return_date"]) == (ENDS, EXPECTED)


@pytest.mark.parametrize(
    ("days", "due"),
    [("6", []), ("7", ["ada"]), ("24", ["ada"]), ("25", ["ada", "bea"]), ("3650", ["ada", "bea"])],
)
def test_due_within_days_goes_by_the_end_of_a_pause_that_has_one(ada, days, due):
    found = ada.get(f"{RECORDS}?due_within_days={days}").json["data"]
    assert [record["mentor_id"] for record in found] == due


def test_days_are_utc_days_also_where_the_servers_zone_has_summer_time(ada):
    # In Berlin the clocks are put forward on 29 March, within these seven days.
    for at, due in (("2026-03-25T23:59:59Z", []), ("2026-03-26T00:00:00Z", ["ada"])):
        found = ada.get(f"{RECORDS}?due_within_days=7&as_of={at}").json["data"]
        assert [record["mentor_id"] for record in found] == due


def test_a_pause_that_has_an_end_is_never_overdue(ada):
    late = "2026-05-01T00:00:00Z"
    sent = {"end_date": "2026-06-01T00:00:00Z"}
    assert ada.put(f"{RECORDS}/pause-rec-0001", json=sent).status_code == 200
    overdue = ada.get(f"{RECORDS}?phase=overdue&as_of={late}").json["data"]
    current = ada.get(f"{RECORDS}?phase=current&as_of={late}").json["data"]
    assert [record["mentor_id"] for record in overdue] == ["bea"]
    assert [record["mentor_id"] for record in current] == ["ada", "bea"]
