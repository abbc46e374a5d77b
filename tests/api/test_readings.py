"""Every read says what the Reading says of the same pauses, in each zone, at the borders of its days.

In each zone the clocks change in the middle of the time that the tests look at, where they change at all.
"""

import random
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import icalendar
import pytest

from reads.digest import read_digest
from tests.support.days import ZONES, Walk
from tests.support.lists import read_all, read_by_key
from tests.support.reading import DATES, NAMES, NEVER, Reading, borders, in_order, make_pauses
from tests.support.tables import MENTORS, RECORDS, download, outcomes, read_lines, upload

STATISTICS, DIGEST = "/api/v1/statistics", "/api/v1/digest"
PHASES = ("scheduled", "current", "overdue", "undated", "ended")
pytestmark = pytest.mark.parametrize(
    ("app", "days"),
    [*(("sqlite", name) for name in ZONES), *(("postgres", name) for name in ("UTC", "America/Los_Angeles"))],
    indirect=True,
)


@cache
def walk_of(name):
    return Walk(name, ZONES[name])


@pytest.fixture
def days(request, client, clock, in_zone):
    """Have the service in a zone; return its days."""
    in_zone(request.param)
    return walk_of(request.param)


@pytest.fixture
def choice(days):
    return random.Random(f"{days.middle} 1")


@pytest.fixture
def written(client, days, choice):
    """Insert mentors and pauses; return both, as dicts."""
    return make_pauses(days, choice)


@pytest.fixture
def pauses(written):
    return written[1]


def assert_shows(shown, expected):
    """Assert that dicts of an answer have these values; they may have more keys."""
    assert [{key: each[key] for key in wanted} for each, wanted in zip(shown, expected, strict=True)] == expected


@pytest.fixture
def ask(clock, days, choice):
    """Return a function that chooses an instant and a query, and returns the Reading and the query.

    Half of the queries are about now, the others send the instant, some of them as a date.
    """

    def choose(filters):
        at = choice.choice(borders(days, 9))
        names = choice.sample(sorted(filters), choice.randint(0, 2) if filters else 0)
        query = {name: filters[name](choice) for name in names}
        if choice.random() < 0.5:
            clock.at = at
        else:
            clock.at = choice.choice(borders(days, 9))
            query["as_of"] = days.shown(at)
        if choice.random() < 0.3:
            query["expected"] = "true"
        return Reading(at, days, "expected" in query), query

    return choose


def instant_of(query):
    """Return what GET one takes of the query of a list."""
    return {name: query[name] for name in ("as_of", "expected") if name in query}


OF_BOTH_LISTS = {
    "mentor_id": lambda choice: ",".join(choice.sample(NAMES, 3)),
    "mentor_id_contains": lambda choice: choice.choice(["a", "B", "b", "B1", "~", "_", "x"]),
}


def orders(*names):
    return lambda choice: choice.choice(["", "-"]) + choice.choice(names)


def test_the_list_of_pause_records_and_one_of_them(client, days, pauses, ask):
    instants = borders(days, 9)
    earlier, later = instants[: len(instants) // 2], instants[len(instants) // 2 :]
    filters = OF_BOTH_LISTS | {
        "is_active": lambda choice: choice.choice(["true", "false"]),
        "reason": lambda choice: choice.choice(["leave", "study"]),
        "phase": lambda choice: choice.choice(PHASES),
        "from": lambda choice: choice.choice(earlier),
        "to": lambda choice: choice.choice(later),
        "due_within_days": lambda choice: choice.randint(0, 4),
        "sort": orders("pause_record_id", "start_date", "expected_return_date", "end_date", "created_at"),
    }
    for _ in range(60):
        reading, query = ask(filters)
        sort = query.get("sort", "pause_record_id").replace("pause_record_id", "number")
        kept = [pause for pause in pauses if all(reading.passes(pause, *each) for each in query.items())]
        expected = [reading.listed(pause) for pause in in_order(kept, sort, "number")]
        assert_shows(read_all(client, RECORDS, query), expected)
        without_order = {name: value for name, value in query.items() if name != "sort"}
        assert_shows(read_by_key(client, RECORDS, without_order), [reading.listed(pause) for pause in kept])
        for pause in kept[:2]:
            path = f"{RECORDS}/pause-rec-{pause['number']:04}"
            one = client.get(path, query_string=instant_of(query)).json
            assert_shows([one], [reading.listed(pause) | {"created_at": pause["created_at"]}])


def test_the_list_of_mentors_and_one_of_them(client, written, ask):
    mentors, pauses = written
    filters = OF_BOTH_LISTS | {
        "status": lambda choice: choice.choice(["active", "paused"]),
        "sort": orders("mentor_id", "last_updated"),
    }
    for _ in range(30):
        reading, query = ask(filters)
        shown = [mentor | reading.mentor(mentor["mentor_id"], pauses) for mentor in mentors]
        kept = [
            mentor
            for mentor in shown
            if mentor["status"] == query.get("status", mentor["status"])
            and mentor["mentor_id"] in query.get("mentor_id", mentor["mentor_id"]).split(",")
            and query.get("mentor_id_contains", "").lower() in mentor["mentor_id"].lower()
        ]
        listed = [{key: each[key] for key in each if key != "pause_reason"} for each in kept]
        expected = in_order(listed, query.get("sort", "mentor_id"), "mentor_id")
        assert_shows(read_all(client, MENTORS, query), expected)
        without_order = {name: value for name, value in query.items() if name != "sort"}
        by_key = in_order(listed, "mentor_id", "mentor_id")
        assert_shows(read_by_key(client, MENTORS, without_order), by_key)
        paths = [f"{MENTORS}/{mentor['mentor_id']}" for mentor in mentors]
        ones = [client.get(path, query_string=instant_of(query)).json for path in paths]
        assert_shows(ones, shown)


def test_the_digest_the_metrics_and_which_pauses_another_one_outlasts(client, days, pauses, clock, choice):
    for clock.at in choice.sample(borders(days, 9), 15):
        reading, query = Reading(clock.at, days), choice.choice([{}, {"as_of": clock.at}])
        window = choice.choice([1, 2, 7])
        answer = client.get(DIGEST, query_string=query | {"days": window}).json
        assert (answer["as_of"], answer["days"]) == (reading.at, window)
        sections = reading.sections(pauses, window)
        for name, found in sections.items():
            assert answer[name]["total"] == len(found)
            assert_shows(answer[name]["data"], [reading.listed(pause) for pause in found])
        outlasted = {
            pause["number"] for each in sections.values() for pause in each if reading.is_outlasted(pause, pauses)
        }
        assert f'pauses{{phase="overdue"}} {float(len(sections["overdue"]))}' in client.get("/metrics").text
        assert read_digest(window, reading.at).outlasted == {f"pause-rec-{number:04}" for number in outlasted}


@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_the_statistics(client, days, pauses, clock, choice, unit):
    for clock.at in choice.sample(borders(days, 9), 3):
        since, until = (choice.choice(borders(days, 14)[part]) for part in (slice(0, 40), slice(-40, None)))
        starts = {days.start_of(day) for day in days.days if begins(day, unit)}
        periods = list(pairwise([since, *sorted(start for start in starts if since < start < until), until]))
        reading = Reading(clock.at, days)
        query = {"from": since, "to": until, "by": unit}
        answer = client.get(STATISTICS, query_string=query).json
        assert answer["data"] == [reading.period(pauses, *period) for period in periods]
        assert answer["reasons"] == reading.reasons(pauses, since, until)
        table = client.get(f"{STATISTICS}.csv", query_string=query)
        cells = [each | {"from": days.shown(each["from"]), "to": days.shown(each["to"])} for each in answer["data"]]
        assert [list(line.items()) for line in read_lines(table.data)] == [
            [(name, as_cell(value)) for name, value in each.items()] for each in cells
        ]
        named = "-".join(days.day_of(at) for at in (since, until))
        assert f'"statistics-{named}.csv"' in table.headers["Content-Disposition"]


def as_cell(value):
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def begins(day, unit):
    """Say whether a period begins with a day."""
    weekday = date.fromisoformat(day).weekday()
    return {"day": True, "week": weekday == 0, "month": day.endswith("-01")}[unit]


def test_the_calendar(client, days, pauses, clock, choice):
    for clock.at in choice.sample(borders(days, 9), 6):
        reading = Reading(clock.at, days)
        events = {
            int(each["UID"].removeprefix("pause-rec-").partition("@")[0]): each
            for each in icalendar.Calendar.from_ical(client.get(f"{RECORDS}.ics").data).walk("VEVENT")
        }
        expected = {pause["number"]: pause for pause in pauses if not reading.is_cancelled(pause)}
        assert events.keys() == expected.keys()
        for number, pause in expected.items():
            event = events[number]
            assert (event["DTSTART"].dt, event["DTEND"].dt) == reading.event(pause), pause
            assert ("(overdue)" in event["SUMMARY"]) == ("overdue" in reading.phases(pause))


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_the_table_has_dates_of_the_zone_and_sent_back_unedited_it_changes_nothing(client, days, pauses, clock, path):
    for clock.at in (days.instants[-1], days.start_of(days.middle)):
        lines = download(client, path)
        if path == RECORDS:
            shown = [[(pause[name] and days.shown(pause[name])) or "" for name in DATES] for pause in pauses]
            assert [[line[name] for name in DATES] for line in lines] == shown
        assert set(outcomes(upload(client, path, lines))) == {"unchanged"}
        for_excel = client.get(f"{path}.csv?excel=semicolon")
        assert set(outcomes(upload(client, path, for_excel.data))) == {"unchanged"}
        today = days.day_of(clock.at)
        assert f"-{today}.csv" in for_excel.headers["Content-Disposition"]
        of_a_day = client.get(f"{path}.csv?as_of={today}").headers["Content-Disposition"]
        assert f"-as-of-{days.day_of(days.start_of(today))}.csv" in of_a_day


def test_a_date_that_is_typed_into_a_table_is_that_day(client, days, pauses):
    day = str(days.middle + timedelta(12))
    edited = [line | {"end_date": day} for line in download(client, RECORDS) if line["end_date"]]
    assert outcomes(upload(client, RECORDS, edited)) == ["updated"] * len(edited)
    assert {pause["end_date"] for pause in read_all(client, RECORDS, {})} == {None, days.start_of(day)}
    assert {line["end_date"] for line in download(client, RECORDS)} == {"", day}


def test_a_purge_before_a_date_is_before_the_first_instant_of_the_day(app, unmarked, days, pauses, clock):
    clock.at = days.instants[-1]
    result = app.test_cli_runner().invoke(args=["purge", "--before", str(days.middle)])
    assert result.exit_code == 0, result.output
    start = days.start_of(days.middle)
    left = [pause["number"] for pause in pauses if (pause["end_date"] or NEVER) >= start]
    listed = [pause["pause_record_id"] for pause in read_all(unmarked, RECORDS, {})]
    assert listed == [f"pause-rec-{number:04}" for number in left]
    assert unmarked.get("/api/v1/history").json["purged_before"] == start
