"""Every read says what the Reading says of the same pauses, in each zone, at the borders of its days.

In each zone the clocks change in the middle of the time that the tests look at, where they change at all.
"""

import json
import random
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import icalendar
import pytest

from features.digest.reading import read_digest
from mentors.days import zone
from tests.support.days import ZONES, Walk
from tests.support.lists import read_all, read_by_key
from tests.support.node import run_in_node
from tests.support.reading import DATES, NAMES, NEVER, Reading, borders, in_order, make_pauses
from tests.support.tables import MENTORS, RECORDS, download, outcomes, read_lines, upload

STATISTICS, DIGEST = "/api/v1/statistics", "/api/v1/digest"
PHASES = ("scheduled", "current", "overdue", "undated", "ended")
pytestmark = pytest.mark.parametrize(
    ("app", "zone_name"),
    [*(("sqlite", name) for name in ZONES), *(("postgres", name) for name in ("UTC", "America/Los_Angeles"))],
    indirect=["app"],
    scope="session",  # else each test would have an app of its own
)


@cache
def walk_of(name):
    return Walk(name, ZONES[name])


@pytest.fixture
def days(zone_name, client, clock, in_zone):
    """Have the service in a zone; return its days."""
    in_zone(zone_name)
    return walk_of(zone_name)


@pytest.fixture
def choice(days):
    return random.Random(zone.name)


@pytest.fixture
def written(client, days, choice):
    """Insert mentors and pauses; return both, as dicts."""
    return make_pauses(days, choice)


@pytest.fixture
def pauses(written):
    return written[1]


@pytest.fixture
def instants(days, pauses):
    """Return instants to ask about: borders of days, and those at which a pause begins, ends or is expected back."""
    return borders(days, 9) + [pause[name] for pause in pauses for name in DATES if pause[name]]


def assert_shows(shown, expected):
    """Assert that dicts of an answer have these values; they may have more keys."""
    assert [{key: each[key] for key in wanted} for each, wanted in zip(shown, expected, strict=True)] == expected


@pytest.fixture
def ask(clock, days, instants, choice):
    """Return a function that chooses an instant and a query, and returns the Reading and the query.

    Half of the queries are about now, the others send the instant, some of them as a date.
    """

    def choose(filters):
        at = choice.choice(instants)
        names = choice.sample(sorted(filters), choice.randint(0, 2) if filters else 0)
        query = {name: filters[name](choice) for name in names}
        if choice.random() < 0.5:
            clock.at = at
        else:
            clock.at = choice.choice(instants)
            query["as_of"] = days.shown(at)
        if choice.random() < 0.3:
            query["expected"] = "true"
        return Reading(at, days, "expected" in query), query

    return choose


def instant_of(query):
    """Return what GET one takes of the query of a list."""
    return {name: query[name] for name in ("as_of", "expected") if name in query}


def assert_table(client, path, query, expected, days):
    """Assert that a table has the lines of its list, with dates of the zone in the place of its first instants."""
    answer = client.get(f"{path}.csv", query_string=query)
    lines = [{key: value or "" for key, value in each.items() if not isinstance(value, bool)} for each in expected]
    for line in lines:
        line |= {key: days.shown(line[key]) for key in line if key.endswith("_date") and line[key]}
    assert_shows(read_lines(answer.data), lines)


OF_BOTH_LISTS = {
    "mentor_id": lambda choice: ",".join(choice.sample(NAMES, 10)),
    "mentor_id_contains": lambda choice: choice.choice(["a", "B", "b", "B1", "~", "_", "R-1"]),
}


def orders(*names):
    return lambda choice: choice.choice(["", "-"]) + choice.choice(names)


def test_the_list_of_pause_records_and_one_of_them(client, days, pauses, instants, ask):
    middle = days.start_of(days.middle)
    earlier, later = [at for at in instants if at <= middle], [at for at in instants if at > middle]
    filters = OF_BOTH_LISTS | {
        "is_active": lambda choice: choice.choice(["true", "false"]),
        "reason": lambda choice: choice.choice(["leave", "study"]),
        "phase": lambda choice: choice.choice(PHASES),
        "from": lambda choice: choice.choice(earlier),
        "to": lambda choice: choice.choice(later),
        "due_within_days": lambda choice: choice.randint(0, 4),
        "sort": orders("pause_record_id", "start_date", "expected_return_date", "end_date", "created_at"),
    }
    for _ in range(40):
        reading, query = ask(filters)
        sort = query.get("sort", "pause_record_id").replace("pause_record_id", "number")
        kept = [pause for pause in pauses if all(reading.passes(pause, *each) for each in query.items())]
        expected = [reading.listed(pause) for pause in in_order(kept, sort, "number")]
        assert_shows(read_all(client, RECORDS, query), expected)
        without_order = {name: value for name, value in query.items() if name != "sort"}
        assert_shows(read_by_key(client, RECORDS, without_order), [reading.listed(pause) for pause in kept])
        assert_table(client, RECORDS, without_order, [reading.listed(pause) for pause in kept], days)
        for pause in kept[:2]:
            path = f"{RECORDS}/pause-rec-{pause['number']:04}"
            one = client.get(path, query_string=instant_of(query)).json
            assert_shows([one], [reading.listed(pause) | {"created_at": pause["created_at"]}])


def test_the_list_of_mentors_and_one_of_them(client, days, written, ask, choice):
    mentors, pauses = written
    filters = OF_BOTH_LISTS | {
        "status": lambda choice: choice.choice(["active", "paused"]),
        "sort": orders("mentor_id", "last_updated"),
    }
    for _ in range(20):
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
        assert_table(client, MENTORS, without_order, by_key, days)
        some = choice.sample(shown, 5)
        ones = [client.get(f"{MENTORS}/{each['mentor_id']}", query_string=instant_of(query)).json for each in some]
        assert_shows(ones, some)


def test_the_digest_the_metrics_and_which_pauses_another_one_outlasts(client, days, pauses, instants, clock, choice):
    for clock.at in choice.sample(instants, 15):
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
def test_the_statistics(client, days, pauses, instants, clock, choice, unit):
    since, until = sorted(choice.sample(sorted(set(instants)), 2))
    for clock.at in (since, *choice.sample(instants, 3)):
        starts = {days.start_of(day) for day in set(days.days) if begins(day, unit)}
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


def test_the_calendar(client, days, pauses, instants, clock, choice):
    for clock.at in choice.sample(instants, 6):
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
def test_a_table_that_is_sent_back_unedited_changes_nothing_and_is_named_after_a_day_of_the_zone(
    client, days, pauses, clock, path
):
    for clock.at in (days.instants[-1], days.start_of(days.middle)):
        assert set(outcomes(upload(client, path, download(client, path)))) == {"unchanged"}
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


def test_the_board_reads_the_same_phases(days, pauses, instants, choice):
    def phase(reading, pause):
        """Return the phase that says most."""
        phases = reading.phases(pause)
        return "cancelled" if reading.is_cancelled(pause) else (phases - {"current"} or phases).pop()

    readings = [Reading(at, days, expected) for at in choice.sample(instants, 8) for expected in (False, True)]
    asked = [[pause, reading.at, reading.expected] for reading in readings for pause in pauses]
    read = "([pause, at, expected]) => rowOfPause(pause, { at: Date.parse(at), expected }).phase"
    imports = {"read/days.js": "setZone", "read/pauses.js": "rowOfPause"}
    found = run_in_node(imports, f'(setZone("{zone.name}"), {json.dumps(asked)}.map({read}))')
    assert found == [phase(reading, pause) for reading in readings for pause in pauses]
