"""Days are those of TIME_ZONE, wherever days count: each answer is held to a model that walks by quarters of an hour.

In each zone the clocks change in the middle of the time that the tests look at, where they change at all.
"""

import json
import random
import re
import subprocess
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import icalendar
import pytest

from mentors.days import zone as zone_of_service
from settings import Settings, SettingsError
from tests.support.days import ZONES, Walk
from tests.support.programs import installed
from tests.support.tables import download, outcomes, read_lines, upload

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
STATISTICS, DIGEST = "/api/v1/statistics", "/api/v1/digest"
DATES = ("start_date", "expected_return_date", "end_date")
SECTIONS = ("overdue", "due", "beginning", "begun", "ended", "undated")
NEVER = "9999"
DAYS_JS = Path(__file__).parent.parent.parent / "static/board/read/days.js"


@pytest.fixture
def in_zone():
    """Return a function that has the service in a zone, which is UTC again afterwards."""
    yield zone_of_service.use
    zone_of_service.use("UTC")


@cache
def walk_of(name):
    return Walk(name, ZONES[name])


# The days are parameters of the SQL, so that one zone tells whether both databases take them.
IN_EACH_ZONE = pytest.mark.parametrize(
    ("app", "walk"), [*(("sqlite", name) for name in ZONES), ("postgres", "America/Los_Angeles")], indirect=True
)


@pytest.fixture
def walk(request, client, clock, in_zone):
    """Have the service in a zone, 40 days before the day in the middle; return the model of the days around it."""
    in_zone(request.param)
    walk = walk_of(request.param)
    clock.at = walk.instants[20 * 96]
    return walk


@pytest.fixture
def pauses(client, walk):
    """Record pauses around the day in the middle, half of whose dates are days, by one table; return them."""
    choice = random.Random(7)
    middle = len(walk.instants) // 2

    def some_date(first=-8, last=8):
        """Return a date to send, and the instant that it means."""
        at = walk.instants[middle + choice.randint(first * 96, last * 96)]
        if choice.random() < 0.5:
            return at, at
        return walk.day_of(at), walk.start_of(walk.day_of(at))

    lines, expected = [], []
    while len(lines) < 60:
        dates = {"start_date": some_date()}
        for name, share in (("expected_return_date", 0.7), ("end_date", 0.5)):
            if choice.random() < share:
                dates[name] = some_date()
        means = {name: dates[name][1] if name in dates else None for name in DATES}
        if any(means[name] and means[name] <= means["start_date"] for name in DATES[1:]):
            continue
        mentor = {"mentor_id": f"mentor-{len(lines) // 2}", "reason": f"reason {len(lines)}"}
        lines.append(mentor | {name: sent for name, (sent, _at) in dates.items()})
        expected.append(mentor | means)
    upload(client, MENTORS, [{"mentor_id": f"mentor-{number}"} for number in range(30)])
    assert outcomes(upload(client, RECORDS, lines)) == ["created"] * 60
    return expected


def instants_around(walk):
    """Return instants on both sides of the borders of the days around the middle, and some others."""
    middle = len(walk.instants) // 2
    changes = [at for at in range(middle - 2 * 96, middle + 2 * 96) if walk.days[at] != walk.days[at - 1]]
    return [walk.instants[at] for at in sorted({*(each - 1 for each in changes), *changes, middle, middle + 50})]


def reasons(records):
    """Return which pauses these are: each has a reason of its own."""
    return sorted(record["reason"] for record in records)


def back_of(pause):
    return pause["end_date"] or pause["expected_return_date"]


def has_ended(pause, at):
    return (pause["end_date"] or NEVER) <= at


def is_overdue(pause, at, walk):
    expected = pause["expected_return_date"]
    return pause["end_date"] is None and expected is not None and walk.day_of(expected) < walk.day_of(at)


def days_between(walk, earlier, later):
    return (date.fromisoformat(walk.day_of(later)) - date.fromisoformat(walk.day_of(earlier))).days


def in_sections(pause, at, days, walk):
    """Return the sections of the digest that have a pause, by the days of its dates."""
    ahead = {name: pause[name] and days_between(walk, at, pause[name]) for name in DATES}
    back = back_of(pause)
    is_open = not has_ended(pause, at)
    said = {
        "overdue": is_overdue(pause, at, walk),
        "due": is_open and back and days_between(walk, at, back) < days and not is_overdue(pause, at, walk),
        "beginning": 0 <= ahead["start_date"] < days,
        "begun": -days <= ahead["start_date"] < 0,
        "ended": pause["end_date"] and -days <= ahead["end_date"] < 0,
        "undated": pause["start_date"] <= at and is_open and back is None,
    }
    return {name for name, is_there in said.items() if is_there}


# --- the days themselves


@pytest.mark.parametrize("name", ZONES)
def test_the_days_are_those_of_a_walk_by_quarters_of_an_hour(name, in_zone):
    in_zone(name)
    for middle in (ZONES[name], "1990-07-01", "2037-07-01"):
        walk = Walk(name, middle, around=200)
        inner = slice(2 * 96, -2 * 96)  # the first day and the last one are not whole
        for at, day in zip(walk.instants[inner], walk.days[inner], strict=True):
            assert str(zone_of_service.day_of(at)) == day, at
            assert zone_of_service.date_or_instant(at) == walk.shown(at)
        for day in {date.fromisoformat(day) for day in walk.days[inner]}:
            assert zone_of_service.start_of(day) == walk.start_of(day)
            assert zone_of_service.start_of(day + timedelta(1)) == walk.start_of(day + timedelta(1))


@pytest.mark.parametrize("name", ZONES)
def test_the_board_has_the_same_days(name):
    walk = walk_of(name)
    inner = slice(40 * 96, -40 * 96, 3)
    wanted = [[at, day, walk.start_of(day)] for at, day in zip(walk.instants[inner], walk.days[inner], strict=True)]
    program = f"""
        import {{ dateOf, dayNumber, setZone, startOf, toInstant }} from "{DAYS_JS.as_uri()}";
        setZone("{name}");
        const differs = ([at, day, start]) =>
          dateOf(dayNumber(at)) !== day || startOf(dayNumber(at)) !== Date.parse(start) || toInstant(day) !== start;
        console.log(JSON.stringify({json.dumps(wanted)}.filter(differs)));
    """
    ran = subprocess.run(
        [installed("node"), "--input-type=module"], input=program, capture_output=True, check=True, text=True
    )
    assert json.loads(ran.stdout) == []


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
    configured, in_zone, name, sent, instant
):
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


# --- what goes by days


@IN_EACH_ZONE
def test_overdue_and_due_go_by_the_days_of_the_zone(client, pauses, walk, clock):
    for clock.at in instants_around(walk):
        listed = client.get(f"{RECORDS}?phase=overdue&limit=100").json["data"]
        expected = [pause for pause in pauses if is_overdue(pause, clock.at, walk)]
        assert reasons(listed) == reasons(expected), clock.at
        metrics = client.get("/metrics").text
        assert f'pauses{{phase="overdue"}} {float(len(expected))}' in metrics
        for days in (0, 3):
            listed = client.get(f"{RECORDS}?due_within_days={days}&limit=100").json["data"]
            due = [
                pause
                for pause in pauses
                if not has_ended(pause, clock.at)
                and back_of(pause)
                and days_between(walk, clock.at, back_of(pause)) <= days
            ]
            assert reasons(listed) == reasons(due), clock.at
        day = walk.day_of(clock.at)
        as_of = client.get(f"{RECORDS}?phase=overdue&as_of={day}&limit=100").json["data"]
        assert reasons(as_of) == reasons(each for each in pauses if is_overdue(each, walk.start_of(day), walk))


@IN_EACH_ZONE
def test_the_digest_and_its_mail_go_by_the_days_of_the_zone(app, client, pauses, walk, clock):
    for clock.at in instants_around(walk):
        for days in (1, 7):
            digest = client.get(f"{DIGEST}?days={days}").json
            sections = {
                name: [each for each in pauses if name in in_sections(each, clock.at, days, walk)] for name in SECTIONS
            }
            assert {name: reasons(digest[name]["data"]) for name in SECTIONS} == {
                name: reasons(found) for name, found in sections.items()
            }
        mail = app.test_cli_runner().invoke(args=["digest", "--reasons"]).stdout
        mail = " ".join(mail.split())
        today = date.fromisoformat(walk.day_of(clock.at))
        assert (
            f"Pauses on {today:%A} {today.day} {today:%B} {today.year}. Days are {zone_of_service.name} days." in mail
        )
        for pause in sections["overdue"]:
            late = days_between(walk, pause["expected_return_date"], clock.at)
            until = (
                f"pause until {words(walk, pause['expected_return_date'], today)}, {late} day{'s' if late > 1 else ''}"
            )
            assert f"{pause['mentor_id']}: {until} overdue" in mail
        for pause in sections["ended"]:
            lasting = "; another pause lasts longer" if is_outlasted(pause, pauses, clock.at, walk) else ""
            ended = f"pause ended on {words(walk, pause['end_date'], today)}{lasting} ({pause['reason']})"
            assert f"{pause['mentor_id']}: {ended}" in mail
        for pause in sections["due"]:
            lasting = "; another pause lasts longer" if is_outlasted(pause, pauses, clock.at, walk) else ""
            by_itself = ", ends by itself" if pause["end_date"] else ""
            until = date.fromisoformat(walk.day_of(back_of(pause)))
            until = "today" if until == today else f"{until:%A} {words(walk, back_of(pause), today)}"
            assert f"{pause['mentor_id']}: pause until {until}{by_itself}{lasting} ({pause['reason']})" in mail
        for pause in sections["undated"]:
            assert f"{pause['mentor_id']}: pause since {words(walk, pause['start_date'], today)}" in mail
        day = str(today)
        of_day = app.test_cli_runner().invoke(args=["digest", "--as-of", day]).stdout
        of_instant = app.test_cli_runner().invoke(args=["digest", "--as-of", walk.start_of(day)]).stdout
        assert of_day == of_instant != ""


def words(walk, at, today):
    day = date.fromisoformat(walk.day_of(at))
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


def is_outlasted(pause, pauses, at, walk):
    """Say whether another pause of the mentor lasts longer, without a day between the two."""
    return any(
        other["mentor_id"] == pause["mentor_id"]
        and other is not pause
        and not has_ended(other, at)
        and (other["start_date"] <= at or walk.day_of(other["start_date"]) <= walk.day_of(back_of(pause)))
        and (has_ended(pause, at) or (back_of(other) or NEVER) > back_of(pause))
        for other in pauses
    )


@pytest.mark.parametrize("unit", ["day", "week", "month"])
@IN_EACH_ZONE
def test_the_periods_of_statistics_begin_with_days_of_the_zone(client, pauses, walk, clock, unit):
    middle = len(walk.instants) // 2
    clock.at = walk.instants[middle + 10 * 96]  # all that ends has ended
    since, until = (walk.day_of(walk.instants[middle + 96 * days]) for days in (-25, 24))
    begins = {
        "day": lambda day: True,
        "week": lambda day: day.weekday() == 0,
        "month": lambda day: day.day == 1,
    }[unit]
    days = [date.fromisoformat(since) + timedelta(days) for days in range(1, 60)]
    starts = {walk.start_of(since), *(walk.start_of(day) for day in days if begins(day) and str(day) < until)}
    periods = list(pairwise([*sorted(starts), walk.start_of(until)]))
    data = client.get(f"{STATISTICS}?from={since}&to={until}&by={unit}").json["data"]
    assert [(period["from"], period["to"]) for period in data] == periods
    for period, (first, after) in zip(data, periods, strict=True):
        ended = [pause for pause in pauses if first <= (pause["end_date"] or NEVER) < after]
        late = [
            pause
            for pause in ended
            if pause["expected_return_date"]
            and walk.day_of(pause["expected_return_date"]) < walk.day_of(pause["end_date"])
        ]
        assert (period["ended"], period["late"]) == (len(ended), len(late)), first
        assert period["begun"] == sum(first <= pause["start_date"] < after for pause in pauses)
    answer = client.get(f"{STATISTICS}.csv?from={since}&to={until}&by={unit}")
    assert [(line["from"], line["to"]) for line in read_lines(answer.data)] == [
        (walk.shown(first), walk.shown(after)) for first, after in periods
    ]
    assert (
        f'"statistics-{walk.day_of(walk.start_of(since))}-{walk.day_of(walk.start_of(until))}.csv"'
        in (answer.headers["Content-Disposition"])
    )


@IN_EACH_ZONE
def test_an_event_of_the_calendar_has_the_days_of_the_zone(client, pauses, walk, clock):
    for clock.at in instants_around(walk):
        answer = client.get(f"{RECORDS}.ics?reasons=true")
        events = {
            str(each["SUMMARY"]).partition(": ")[2]: each
            for each in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        }
        today = date.fromisoformat(walk.day_of(clock.at))
        for pause in pauses:
            event, first = events[pause["reason"]], date.fromisoformat(walk.day_of(pause["start_date"]))
            back = back_of(pause)
            if back is None:
                assert event["DTSTART"].dt == first
                continue
            if is_overdue(pause, clock.at, walk):
                after = today + timedelta(1)
                assert "(overdue)" in event["SUMMARY"]
            else:
                after = date.fromisoformat(walk.day_of(back)) + timedelta(walk.shown(back) == back)
                assert "(overdue)" not in event["SUMMARY"]
            assert (event["DTSTART"].dt, event["DTEND"].dt) == (first, max(after, first + timedelta(1))), pause


@IN_EACH_ZONE
def test_the_etag_of_the_calendar_is_of_one_zone(client, pauses, walk, clock):
    etag = client.get(f"{RECORDS}.ics").headers["ETag"]
    zone_of_service.use("Pacific/Tongatapu")
    assert client.get(f"{RECORDS}.ics", headers={"If-None-Match": etag}).status_code == 200


# --- tables


@IN_EACH_ZONE
def test_tables_have_dates_of_the_zone_and_sent_back_unedited_they_change_nothing(client, pauses, walk, clock):
    for clock.at in instants_around(walk)[:3]:
        lines = download(client, RECORDS)
        cells = {line["reason"].removeprefix("'"): [line[name] for name in DATES] for line in lines}
        assert cells == {
            pause["reason"]: [walk.shown(pause[name]) if pause[name] else "" for name in DATES] for pause in pauses
        }
        assert outcomes(upload(client, RECORDS, lines)) == ["unchanged"] * 60
        mentors = download(client, MENTORS)
        assert outcomes(upload(client, MENTORS, mentors)) == ["unchanged"] * 30
        for path in (RECORDS, MENTORS):
            answer = client.get(f"{path}.csv?excel=semicolon")
            assert set(outcomes(upload(client, path, answer.data))) == {"unchanged"}
            assert f"-{walk.day_of(clock.at)}.csv" in answer.headers["Content-Disposition"]
            as_of = client.get(f"{path}.csv?as_of={walk.day_of(clock.at)}")
            assert (
                f"-as-of-{walk.day_of(walk.start_of(walk.day_of(clock.at)))}.csv"
                in as_of.headers["Content-Disposition"]
            )


@IN_EACH_ZONE
def test_a_date_that_is_typed_into_a_table_is_that_day(client, pauses, walk, clock):
    day = str(date.fromisoformat(walk.days[len(walk.days) // 2]) + timedelta(12))
    lines = [line for line in download(client, RECORDS) if line["end_date"]]
    edited = [line | {"end_date": day} for line in lines]
    assert outcomes(upload(client, RECORDS, edited)) == ["updated"] * len(lines)
    ends = {record["end_date"] for record in client.get(f"{RECORDS}?limit=100").json["data"]}
    assert ends == {None, walk.start_of(day)}
    assert {line["end_date"] for line in download(client, RECORDS)} == {"", day}


def test_for_excel_the_dates_have_the_time_and_the_offset_of_the_zone(client, in_zone):
    in_zone("America/Los_Angeles")
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01"})
    (line,) = read_lines(client.get(f"{MENTORS}.csv?excel=comma").data)
    assert line["pause_start_date"] == "2026-03-01T00:00:00-08:00"
    assert line["last_updated"] == "2026-03-26T08:30:00Z"


def test_for_excel_an_instant_whose_offset_has_seconds_is_written_in_utc_so_that_it_can_be_uploaded(client, in_zone):
    in_zone("Africa/Monrovia")  # 44 min 30 s behind UTC until 7 January 1972
    client.post(MENTORS, json={"mentor_id": "ada"})
    dates = {"start_date": "1971-05-01", "expected_return_date": "1971-06-01T09:30:00Z", "end_date": "1972-05-01"}
    client.post(RECORDS, json={"mentor_id": "ada", "reason": "leave"} | dates)
    table = client.get(f"{RECORDS}.csv?excel=comma").data
    (line,) = read_lines(table)
    assert [line[name] for name in DATES] == ["1971-05-01T00:44:30Z", "1971-06-01T09:30:00Z", "1972-05-01T00:00:00Z"]
    assert outcomes(upload(client, RECORDS, table)) == ["unchanged"]


# --- purges


@IN_EACH_ZONE
def test_a_purge_before_a_date_is_before_the_first_instant_of_the_day(app, unmarked, pauses, walk, clock):
    clock.at = walk.instants[-1]
    day = walk.days[len(walk.days) // 2]
    result = app.test_cli_runner().invoke(args=["purge", "--before", day])
    assert result.exit_code == 0, result.output
    left = unmarked.get(f"{RECORDS}?limit=100").json["data"]
    assert reasons(left) == reasons(each for each in pauses if not (each["end_date"] or NEVER) < walk.start_of(day))
    assert unmarked.get(f"{MENTORS}/mentor-0/history").json["purged_before"] == walk.start_of(day)


# --- the setting


@pytest.mark.parametrize("name", ["UTC", "America/Los_Angeles", "America/Argentina/Ushuaia", "Etc/GMT+8", "US/Pacific"])
def test_a_zone_of_tzdata_is_taken(name):
    assert Settings.from_environ({"TIME_ZONE": f" {name} "}).time_zone == name


@pytest.mark.parametrize(
    "value",
    ["America/Nowhere", "PST8PDT", "EST", "GMT", "utc", "america/los_angeles", "America", "America/", "../UTC",
     "America/../UTC", "/usr/share/zoneinfo/America/Los_Angeles", "/usr/share/zoneinfo/UTC", "/etc/localtime",
     "zones/../x", "posix/UTC", "+01:00", "Asia/A\nx"],
)  # fmt: skip
def test_any_other_value_is_refused(value):
    with pytest.raises(SettingsError, match=rf"\ATIME_ZONE: {re.escape(repr(value))} is no time zone[^\n]*\Z"):
        Settings.from_environ({"TIME_ZONE": value})


def test_without_the_setting_days_are_those_of_utc():
    assert Settings.from_environ({}).time_zone == "UTC"
