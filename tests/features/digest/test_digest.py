"""The digest: examples of what test_readings.py asks for, and its bounds."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, upload

DIGEST = "/api/v1/digest"
SECTIONS = ["overdue", "due", "beginning", "begun", "ended", "undated"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("sent", "sections"),
    [
        (  # due on the day itself at any hour, and overdue from the next day on
            {"start_date": "2026-01-01", "expected_return_date": "2026-02-10"},
            {
                "2026-02-03T23:59:59Z": [],
                "2026-02-04T00:00:00Z": ["due"],
                "2026-02-10T23:59:59Z": ["due"],
                "2026-02-11T00:00:00Z": ["overdue"],
            },
        ),
        (
            {"start_date": "2026-02-10T12:00:00Z"},
            {
                "2026-02-03T23:59:59Z": [],
                "2026-02-04T00:00:00Z": ["beginning"],
                "2026-02-10T11:59:59Z": ["beginning"],
                "2026-02-10T12:00:00Z": ["beginning", "undated"],
                "2026-02-11T00:00:00Z": ["begun", "undated"],
                "2026-02-17T23:59:59Z": ["begun", "undated"],
                "2026-02-18T00:00:00Z": ["undated"],
            },
        ),
        (  # due until its end, then in no section until the next day
            {"start_date": "2026-01-01", "end_date": "2026-02-10T12:00:00Z"},
            {
                "2026-02-10T11:59:59Z": ["due"],
                "2026-02-10T12:00:00Z": [],
                "2026-02-11T00:00:00Z": ["ended"],
                "2026-02-18T00:00:00Z": [],
            },
        ),
        ({"start_date": "2026-02-10", "end_date": "2026-02-12"}, {"2026-02-09T08:00:00Z": ["due", "beginning"]}),
        ({"start_date": "2026-02-10", "end_date": "2026-02-10"}, {"2026-02-09T08:00:00Z": []}),  # cancelled
    ],
)
def test_a_pause_moves_from_section_to_section_at_the_borders_of_days(client, pause, sent, sections):
    pause(**sent)
    for at, expected in sections.items():
        answer = client.get(DIGEST, query_string={"as_of": at}).json
        assert [name for name in SECTIONS if answer[name]["total"]] == expected, at


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
