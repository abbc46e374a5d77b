"""Days are those of TIME_ZONE: they are held to a model that walks by quarters of an hour."""

import json
from datetime import date, timedelta

import pytest

from mentors.days import zone as zone_of_service
from tests.support.days import ZONES, Walk
from tests.support.node import run_in_node
from tests.support.tables import MENTORS, RECORDS, download, outcomes, read_lines, upload

DIGEST = "/api/v1/digest"
DATES = ("start_date", "expected_return_date", "end_date")


@pytest.mark.parametrize("name", ZONES)
def test_the_days_are_those_of_a_walk_by_quarters_of_an_hour(name, in_zone):
    in_zone(name)
    for middle in (ZONES[name], "1990-07-01", "2037-07-01"):
        walk = Walk(name, middle, around=200)
        inner = slice(2 * 96, -2 * 96, 5)  # without the first day and the last one, which are not whole
        for at, day in zip(walk.instants[inner], walk.days[inner], strict=True):
            assert str(zone_of_service.day_of(at)) == day, at
            assert zone_of_service.date_or_instant(at) == walk.shown(at)
        for day in {date.fromisoformat(day) for day in walk.days[inner]}:
            assert zone_of_service.start_of(day) == walk.start_of(day)
            assert zone_of_service.start_of(day + timedelta(1)) == walk.start_of(day + timedelta(1))


@pytest.mark.parametrize("name", ZONES)
def test_the_board_has_the_same_days(name):
    walk = Walk(name, ZONES[name])
    inner = slice(40 * 96, -40 * 96, 3)
    wanted = [[at, day, walk.start_of(day)] for at, day in zip(walk.instants[inner], walk.days[inner], strict=True)]
    differing = f"""(setZone("{name}"), {json.dumps(wanted)}.filter(([at, day, start]) =>
        dateOf(dayNumber(at)) !== day || startOf(dayNumber(at)) !== Date.parse(start) || toInstant(day) !== start))"""
    assert run_in_node({"read/days.js": "dateOf, dayNumber, setZone, startOf, toInstant"}, differing) == []


SENT = [
    ("America/Los_Angeles", "2026-05-01", "2026-05-01T07:00:00Z"),
    ("America/Los_Angeles", "2026-05-01T00:00:00", "2026-05-01T07:00:00Z"),
    ("America/Los_Angeles", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"),
    ("America/Los_Angeles", "2026-05-01T00:00:00+02:00", "2026-04-30T22:00:00Z"),
    ("America/Los_Angeles", "2026-03-08T02:30:00", "2026-03-08T10:30:00Z"),  # 03:30
    ("America/Los_Angeles", "2026-11-01T01:30:00", "2026-11-01T08:30:00Z"),  # the first of two
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),  # 01:00
    ("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z"),  # the first of two
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),  # that of the 31st
    ("Asia/Kolkata", "2026-05-01", "2026-04-30T18:30:00Z"),
    ("Australia/Sydney", "1970-01-01", None),
    ("Australia/Sydney", "0001-01-01", None),
    ("America/Los_Angeles", "2199-12-31", "2199-12-31T08:00:00Z"),
    ("America/Los_Angeles", "9999-12-31", None),
]


@pytest.mark.parametrize(("name", "sent", "instant"), SENT)
def test_a_date_and_a_time_without_an_offset_are_of_the_zone_and_one_with_an_offset_is_that_instant(
    configured, clock, in_zone, name, sent, instant
):
    clock.at = "2012-01-01T00:00:00Z"  # by this clock, no start is long ago
    in_zone(name)
    client = configured()  # the description speaks of the years 1970 to 2199 alone, in whatever zone
    client.post(MENTORS, json={"mentor_id": "ada"})
    answer = client.post(RECORDS, json={"mentor_id": "ada", "start_date": sent, "reason": "leave"})
    if instant is None:
        assert answer.json["errors"] == {"start_date": ["Its year must be from 1970 to 2199."]}
        return
    assert answer.json["start_date"] == instant
    (line,) = download(client, RECORDS)
    assert outcomes(upload(client, RECORDS, [line | {"start_date": sent}])) == ["unchanged"]
    page = client.get(RECORDS, query_string={"from": sent, "to": "2199-12-31T12:00:00Z"}).json
    assert page["pagination"]["total"] == 1


def test_a_query_that_was_sent_before_in_another_zone_is_read_anew(client, in_zone):
    path = f"{DIGEST}?as_of=2026-05-01"
    assert client.get(path).json["as_of"] == "2026-05-01T00:00:00Z"
    in_zone("America/Los_Angeles")
    assert client.get(path).json["as_of"] == "2026-05-01T07:00:00Z"


# --- in one zone what test_readings.py asks for in each


@pytest.mark.parametrize("arguments", [(), ("--as-of", "2026-03-25"), ("--as-of", "2026-03-25T07:00:00Z")])
def test_the_mail_speaks_of_the_days_of_the_zone(app, clock, in_zone, pause, arguments):
    in_zone("America/Los_Angeles")
    clock.at = "2026-03-26T06:30:00Z"
    pause("ada", expected_return_date="2026-03-24T06:59:59Z")
    pause("bea", end_date="2026-03-28T06:59:59Z")
    pause("cyd", start_date="2026-03-24T06:59:59Z")
    pause("dee", end_date="2026-03-25T06:59:59Z")
    mail = app.test_cli_runner().invoke(args=["digest", *arguments]).stdout
    assert "Pauses on Wednesday 25 March 2026. Days are America/Los_Angeles days." in mail
    assert [line for line in mail.splitlines() if line.startswith("*")] == [
        "* ada: pause until 23 March, 2 days overdue",
        "* bea: pause until Friday 27 March, ends by itself",
        "* cyd: pause from 23 March, without a return date",
        "* dee: pause ended on 24 March",
        "* cyd: pause since 23 March",
    ]


def test_for_excel_the_dates_have_the_time_and_the_offset_of_the_zone(client, in_zone):
    in_zone("America/Los_Angeles")
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01"})
    (line,) = read_lines(client.get(f"{MENTORS}.csv?excel=comma").data)
    assert line["pause_start_date"] == "2026-03-01T00:00:00-08:00"
    assert line["last_updated"] == "2026-03-26T08:30:00Z"


def test_for_excel_an_instant_whose_offset_has_seconds_is_written_in_utc_so_that_it_can_be_uploaded(
    client, clock, in_zone
):
    in_zone("Africa/Monrovia")  # 44 min 30 s behind UTC until 7 January 1972
    clock.at = "1972-06-01T00:00:00Z"
    client.post(MENTORS, json={"mentor_id": "ada"})
    dates = {"start_date": "1971-05-01", "expected_return_date": "1971-06-01T09:30:00Z", "end_date": "1972-05-01"}
    client.post(RECORDS, json={"mentor_id": "ada", "reason": "leave"} | dates)
    table = client.get(f"{RECORDS}.csv?excel=comma").data
    (line,) = read_lines(table)
    assert [line[name] for name in DATES] == ["1971-05-01T00:44:30Z", "1971-06-01T09:30:00Z", "1972-05-01T00:00:00Z"]
    assert outcomes(upload(client, RECORDS, table)) == ["unchanged"]
