"""The digest: each section says what the list of pause records says."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from db import db
from models import PauseRecord
from reads.digest import read_digest
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, outcomes, upload

DIGEST = "/api/v1/digest"
SECTIONS = ["overdue", "due", "beginning", "begun", "ended", "undated"]
HOURS = ["00:00:00", "00:00:01", "08:30:00", "12:00:00", "23:59:59"]
FIRST_DAY = datetime(2026, 2, 1, tzinfo=UTC)


def days_after(number, hour="00:00:00"):
    """Return the instant at an hour, so many days after the first of February 2026."""
    return f"{FIRST_DAY + timedelta(number):%Y-%m-%d}T{hour}Z"


@pytest.fixture
def pause(client):
    """Return a function that records a pause, and creates its mentor if there is none."""
    known = set()

    def record(mentor_id="ada", **sent):
        if mentor_id not in known:
            known.add(mentor_id)
            assert client.post(MENTORS, json={"mentor_id": mentor_id}).status_code == 201
        answer = client.post(RECORDS, json={"mentor_id": mentor_id, "reason": "leave"} | sent)
        assert answer.status_code == 201, answer.text
        return answer.json["pause_record_id"]

    return record


@pytest.fixture
def random_pauses(client):
    """Record 90 pauses of every kind, many of them at the borders of days; return them as the list has them."""
    draw = random.Random(10)
    lines = []
    for number in range(90):
        day, length = draw.randrange(90), draw.choice([0, 0, 1, 2, 7, 30])
        start = days_after(day, draw.choice(HOURS))
        later = max(start, days_after(day + length, draw.choice(HOURS)))
        kind = draw.choice(["open", "expected", "expected", "ends", "ends", "both", "cancelled"])
        dates = {
            "open": {},
            "expected": {"expected_return_date": later},
            "ends": {"end_date": later},
            "both": {"end_date": later, "expected_return_date": start},
            "cancelled": {"end_date": start},
        }[kind]
        mentor_id = f"mentor-{draw.randrange(20)}"
        lines.append({"mentor_id": mentor_id, "start_date": start, "reason": f"reason {number}"} | dates)
    upload(client, MENTORS, [{"mentor_id": f"mentor-{number}"} for number in range(20)])
    assert outcomes(upload(client, RECORDS, lines)) == ["created"] * len(lines)
    return client.get(f"{RECORDS}?limit=1000").json["data"]


@pytest.fixture
def listed(client):
    """Return a function that reads the list of pause records, with a query."""

    def read(**query):
        return client.get(RECORDS, query_string={"limit": 1000} | query).json["data"]

    return read


def instants():
    """Yield 60 instants of these days, each third of them at the first or the last second of a day."""
    draw = random.Random(11)
    for _ in range(60):
        yield days_after(draw.randrange(-3, 100), draw.choice(HOURS)), draw.choice([1, 2, 7, 7, 14, 30])


def test_each_section_has_just_the_pauses_that_the_lists_have_at_the_same_instant(client, random_pauses, listed):
    sizes = dict.fromkeys(SECTIONS, 0)
    for at, days in instants():
        answer = client.get(DIGEST, query_string={"as_of": at, "days": days}).json
        assert list(answer) == ["as_of", "purged_before", "days", *SECTIONS]
        assert (answer["as_of"], answer["days"]) == (at, days)
        today = datetime.fromisoformat(f"{at[:10]}T00:00:00Z")
        first, day, after = (f"{today + timedelta(number):%Y-%m-%dT%H:%M:%SZ}" for number in (-days, 0, days))
        overdue = listed(as_of=at, phase="overdue", sort="expected_return_date")
        due = [each for each in listed(as_of=at, due_within_days=days - 1) if each not in overdue]
        begun = [each for each in listed(as_of=at, sort="start_date") if each["end_date"] != each["start_date"]]
        ended = [each for each in listed(as_of=at, phase="ended", sort="end_date") if each in begun]
        expected = {
            "overdue": overdue,
            "due": sorted(due, key=lambda each: each["end_date"] or each["expected_return_date"]),
            "beginning": [each for each in begun if day <= each["start_date"] < after],
            "begun": [each for each in begun if first <= each["start_date"] < day],
            "ended": [each for each in ended if first <= each["end_date"] < day],
            "undated": listed(as_of=at, phase="undated", sort="start_date"),
        }
        for name in SECTIONS:
            assert answer[name] == {"total": len(expected[name]), "data": expected[name]}, (at, days, name)
            sizes[name] += len(expected[name])
    assert min(sizes.values()) > 30


def test_a_pause_in_force_that_no_other_outlasts_ends_when_the_mentor_is_expected(client, random_pauses):
    outlasted = 0
    for at, days in instants():
        digest = read_digest(days, at)
        pauses = [pause for section in digest.sections.values() for pause in section.data]
        mentors = {each["mentor_id"]: each for each in client.get(f"{MENTORS}?limit=20&as_of={at}").json["data"]}
        for pause in pauses:
            shown = mentors[pause["mentor_id"]]
            if pause["pause_record_id"] in digest.outlasted:
                outlasted += 1
            elif pause["is_active"] and pause["start_date"] <= at:
                assert shown["expected_return_date"] == (pause["end_date"] or pause["expected_return_date"])
            elif not pause["is_active"]:
                assert shown["status"] == "active"
    assert outlasted > 100


@ON_SQLITE
@pytest.mark.parametrize(
    ("sent", "at", "sections"),
    [
        # Expected on 10 February: due on that day at any hour, and overdue from the next day on.
        ({"start_date": "2026-01-01", "expected_return_date": "2026-02-10"}, "2026-02-03T23:59:59Z", []),
        ({"start_date": "2026-01-01", "expected_return_date": "2026-02-10"}, "2026-02-04T00:00:00Z", ["due"]),
        ({"start_date": "2026-01-01", "expected_return_date": "2026-02-10"}, "2026-02-10T23:59:59Z", ["due"]),
        ({"start_date": "2026-01-01", "expected_return_date": "2026-02-10"}, "2026-02-11T00:00:00Z", ["overdue"]),
        # Begins on 10 February at noon.
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-03T23:59:59Z", []),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-04T00:00:00Z", ["beginning"]),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-10T11:59:59Z", ["beginning"]),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-10T12:00:00Z", ["beginning", "undated"]),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-11T00:00:00Z", ["begun", "undated"]),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-17T23:59:59Z", ["begun", "undated"]),
        ({"start_date": "2026-02-10T12:00:00Z"}, "2026-02-18T00:00:00Z", ["undated"]),
        # Ends on 10 February at noon: due until then, then in no section until the next day.
        ({"start_date": "2026-01-01", "end_date": "2026-02-10T12:00:00Z"}, "2026-02-10T11:59:59Z", ["due"]),
        ({"start_date": "2026-01-01", "end_date": "2026-02-10T12:00:00Z"}, "2026-02-10T12:00:00Z", []),
        ({"start_date": "2026-01-01", "end_date": "2026-02-10T12:00:00Z"}, "2026-02-11T00:00:00Z", ["ended"]),
        ({"start_date": "2026-01-01", "end_date": "2026-02-10T12:00:00Z"}, "2026-02-18T00:00:00Z", []),
        # Begins and ends ahead: it is expected back, too.
        ({"start_date": "2026-02-10", "end_date": "2026-02-12"}, "2026-02-09T08:00:00Z", ["due", "beginning"]),
        ({"start_date": "2026-02-10", "end_date": "2026-02-10"}, "2026-02-09T08:00:00Z", []),  # cancelled
    ],
)
def test_a_pause_moves_from_section_to_section_at_the_borders_of_days(client, pause, sent, at, sections):
    pause(**sent)
    answer = client.get(DIGEST, query_string={"as_of": at}).json
    assert [name for name in SECTIONS if answer[name]["total"]] == sections


def test_without_parameters_it_is_about_seven_days_and_now(client, clock):
    clock.at = "2026-03-26T08:30:00Z"
    answer = client.get(DIGEST)
    assert answer.headers["Cache-Control"] == "no-store"
    nothing = {name: {"total": 0, "data": []} for name in SECTIONS}
    assert answer.json == {"as_of": "2026-03-26T08:30:00Z", "purged_before": None, "days": 7} | nothing


def test_a_section_has_at_most_100_pauses_and_the_total_of_all(client, pause):
    pause(start_date="2026-03-01")
    rows = [
        {
            "mentor": "ada",
            "start_date": f"2026-03-0{1 + number % 9}T00:00:00Z",
            "reason": f"{number}",
            "created_at": "2026-03-01T00:00:00Z",
            "last_changed": "2026-03-01T00:00:00Z",
        }
        for number in range(149)
    ]
    with db.connection_context():
        PauseRecord.insert_many(rows).execute()
    undated = client.get(DIGEST).json["undated"]
    assert (undated["total"], len(undated["data"])) == (150, 100)
    dates = [each["start_date"] for each in undated["data"]]
    assert dates == sorted(dates)


@pytest.mark.parametrize("at", ["1970-01-01", "2199-12-31T23:59:59Z"])
def test_the_first_and_the_last_day_that_can_be_asked_for_have_a_digest(client, at):
    assert client.get(f"{DIGEST}?days=366&as_of={at}").status_code == 200
