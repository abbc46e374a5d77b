"""The digest: its bounds; test_readings.py has which pauses are in which section."""

import pytest

from tests.support.tables import MENTORS, RECORDS, upload

DIGEST = "/api/v1/digest"
SECTIONS = ["overdue", "due", "beginning", "begun", "ended", "undated"]


def test_without_parameters_it_is_about_seven_days_and_now(client):
    answer = client.get(DIGEST)
    assert answer.headers["Cache-Control"] == "no-store"
    nothing = {name: {"total": 0, "data": []} for name in SECTIONS}
    assert list(answer.json) == ["as_of", "purged_before", "days", *SECTIONS]
    assert answer.json == {"as_of": "2026-03-26T08:30:00Z", "purged_before": None, "days": 7} | nothing


def test_a_section_has_at_most_100_pauses_and_the_total_of_all(client):
    client.post(MENTORS, json={"mentor_id": "ada"})
    days = [f"2026-03-0{1 + number % 9}" for number in range(150)]
    lines = [{"mentor_id": "ada", "start_date": day, "reason": f"{number}"} for number, day in enumerate(days)]
    assert upload(client, RECORDS, lines).json["created"] == 150
    undated = client.get(DIGEST).json["undated"]
    assert undated["total"] == 150
    assert [each["start_date"][:10] for each in undated["data"]] == sorted(days)[:100]


@pytest.mark.parametrize("at", ["1970-01-01", "2199-12-31T23:59:59Z"])
def test_the_first_and_the_last_day_that_can_be_asked_for_have_a_digest(client, at):
    assert client.get(f"{DIGEST}?days=366&as_of={at}").status_code == 200
