"""Statistics: the counts of each period are those of the lists at the same instants."""

import csv
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from random import Random
from statistics import median

import pytest

from mentors.retention import purge
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, upload

STATISTICS = "/api/v1/statistics"
NOW = "2026-03-26T08:30:00Z"  # the clock of the tests
DAY = 86_400  # seconds


def read(client, since, until, by="month"):
    response = client.get(f"{STATISTICS}?from={since}&to={until}&by={by}")
    assert response.status_code == 200, response.text
    return response.json


def pause(client, mentor_id, start_date, reason="leave", **dates):
    client.post(MENTORS, json={"mentor_id": mentor_id})
    sent = {"mentor_id": mentor_id, "start_date": start_date, "reason": reason} | dates
    response = client.post(RECORDS, json=sent)
    assert response.status_code == 201, response.text


def random_instant(random, later_than="2025-12-01T00:00:00Z"):
    """Return an instant of the half year around NOW, often a midnight, and often one of the days around NOW."""
    day = datetime.fromisoformat(random.choice(["2025-12-01", "2026-03-24"])) + timedelta(days=random.randrange(200))
    day += timedelta(seconds=random.choice([0, 0, 30_600, random.randrange(DAY)]))
    return max(f"{day.isoformat()}Z", later_than)


def make_random_pauses(client, random):
    """Record pauses of every kind: ended, open, undated, ahead, cancelled, ended before or after the return date."""
    lines = []
    for number in range(60):
        start = random_instant(random)
        dates = {}
        if random.random() < 0.7:
            dates["expected_return_date"] = random_instant(random, later_than=start)
        if random.random() < 0.6:
            dates["end_date"] = random.choice([start, *[random_instant(random, later_than=start)] * 9])
        reason = random.choice(["leave", "illness", "study"])
        lines.append({"mentor_id": f"mentor-{number % 15}", "start_date": start, "reason": reason} | dates)
    upload(client, MENTORS, [{"mentor_id": f"mentor-{number}"} for number in range(15)])
    assert upload(client, RECORDS, lines).json["created"] == 60


PHASES = ("overdue", "current")


def mentors_of(rows):
    return {each["mentor_id"] for each in rows}


def seconds(start, end):
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def median_days(spans):
    return round(median(seconds(*span) for span in spans) / DAY, 1) if spans else None


def expected_end(record):
    """Return the end of a record; of an open one the return date, if it is after NOW."""
    if record["end_date"] is None and (record["expected_return_date"] or "") > NOW:
        return record["expected_return_date"]
    return record["end_date"]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_each_count_is_that_of_the_lists(client, seed, by):
    random = Random(f"{seed} {by}")
    make_random_pauses(client, random)
    since = random_instant(random)
    until = random_instant(random, later_than="2026-04-01T00:00:00Z")
    if since >= until:
        since = "2026-03-01T00:00:00Z"
    shown = read(client, since, until, by)
    records = client.get(f"{RECORDS}?limit=1000").json["data"]
    records = [each for each in records if expected_end(each) != each["start_date"]]
    overdue, current = (client.get(f"{RECORDS}?phase={phase}&limit=1000").json["data"] for phase in PHASES)
    only_overdue = mentors_of(overdue) - mentors_of(each for each in current if each not in overdue)
    assert shown["data"][0]["from"] == since
    assert shown["data"][-1]["to"] == until
    for period, after in zip(shown["data"], [*shown["data"][1:], None], strict=True):
        start, end = period["from"], period["to"]
        assert after is None or after["from"] == end
        expected = "&expected=true" if start > NOW else ""
        paused = mentors_of(client.get(f"{MENTORS}?status=paused&as_of={start}{expected}&limit=1000").json["data"])
        ended = [each for each in records if start <= (expected_end(each) or "") < end]
        assert period == {
            "from": start,
            "to": end,
            "expected": end > NOW,
            "paused": len(paused),
            "overdue": len(only_overdue - paused) if start > NOW else 0,
            "begun": sum(start <= each["start_date"] < end for each in records),
            "ended": len(ended),
            "late": sum(
                bool(each["end_date"] and each["expected_return_date"])
                and each["end_date"][:10] > each["expected_return_date"][:10]
                for each in ended
            ),
            "median_days": median_days([(each["start_date"], expected_end(each)) for each in ended]),
        }
    begun = [each for each in records if since <= each["start_date"] < until]
    assert {each["reason"]: each["pauses"] for each in shown["reasons"]} == Counter(each["reason"] for each in begun)
    assert [each["pauses"] for each in shown["reasons"]] == sorted(
        (each["pauses"] for each in shown["reasons"]), reverse=True
    )
    for counts in shown["reasons"]:
        over = [each for each in begun if each["reason"] == counts["reason"] and (each["end_date"] or "9999") <= NOW]
        assert counts["median_days"] == median_days([(each["start_date"], each["end_date"]) for each in over])


def starts(client, since, until, by):
    return [each["from"] for each in read(client, since, until, by)["data"]]


@ON_SQLITE
@pytest.mark.parametrize(
    ("since", "until", "by", "expected"),
    [
        # A week begins on Monday, and the first period is cut.
        (
            "2026-03-25T12:00:00Z",
            "2026-04-06T00:00:01Z",
            "week",
            ["2026-03-25T12:00:00Z", "2026-03-30T00:00:00Z", "2026-04-06T00:00:00Z"],
        ),
        ("2026-03-30", "2026-04-06", "week", ["2026-03-30T00:00:00Z"]),
        ("2024-01-31", "2024-04-01", "month", ["2024-01-31T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"]),
        ("2026-03-01T23:00:00-02:00", "2026-03-03", "day", ["2026-03-02T01:00:00Z"]),
    ],
)
def test_periods_are_days_weeks_and_months_of_utc(client, since, until, by, expected):
    assert starts(client, since, until, by) == expected


def test_there_are_at_most_400_periods(client):
    assert len(starts(client, "2025-01-01", "2026-02-05", "day")) == 400
    response = client.get(f"{STATISTICS}?from=2025-01-01&to=2026-02-05T00:00:01Z&by=day")
    assert response.status_code == 422
    assert "400" in response.json["errors"]["by"][0]


def test_an_overdue_pause_is_in_force_until_now_and_ends_in_no_period(client):
    pause(client, "ada", "2026-03-20", expected_return_date="2026-03-24")
    days = read(client, "2026-03-20", "2026-03-29", "day")["data"]
    assert [day["paused"] for day in days] == [1, 1, 1, 1, 1, 1, 1, 0, 0]
    assert [day["expected"] for day in days] == [False] * 6 + [True] * 3
    assert sum(day["ended"] for day in days) == 0


def test_ahead_it_is_counted_who_is_away_besides_if_those_stay_away_whom_only_overdue_pauses_keep_away_now(client):
    pause(client, "late", "2026-03-01", expected_return_date="2026-03-24")
    pause(client, "late", "2026-04-06", "study", end_date="2026-04-12")  # away again as expected
    pause(client, "long", "2026-03-01", expected_return_date="2026-03-24")
    pause(client, "long", "2026-03-20", "study", end_date="2026-04-01")
    pause(client, "today", "2026-03-01", expected_return_date="2026-03-26")  # not overdue: the day is not over
    weeks = read(client, "2026-03-16", "2026-04-20", "week")["data"]
    assert [(each["paused"], each["overdue"]) for each in weeks] == [(3, 0), (3, 0), (1, 1), (1, 0), (0, 1)]
    assert read(client, "2026-04-02", "2026-04-20", "week")["data"][0]["overdue"] == 1  # also of a window ahead alone


def test_a_pause_whose_return_date_is_the_next_second_ends_then_and_one_of_this_second_does_not(client):
    pause(client, "ada", "2026-03-20", expected_return_date="2026-03-26T08:30:01Z")
    pause(client, "bob", "2026-03-20", expected_return_date=NOW)
    (day,) = read(client, "2026-03-26", "2026-03-27", "day")["data"]
    assert (day["paused"], day["ended"]) == (2, 1)


def test_a_pause_is_late_if_it_ended_after_the_day_of_its_return_date(client):
    for mentor_id, end in (("ada", "2026-03-10T23:59:59Z"), ("bob", "2026-03-11"), ("cyd", "2026-03-09")):
        pause(client, mentor_id, "2026-03-01", expected_return_date="2026-03-10T08:00:00Z", end_date=end)
    pause(client, "dee", "2026-03-01", end_date="2026-03-20")
    (march,) = read(client, "2026-03-01", "2026-04-01")["data"]
    assert (march["ended"], march["late"]) == (4, 1)


def test_a_reason_of_which_no_pause_has_ended_has_no_median(client):
    pause(client, "ada", "2026-03-20")
    assert read(client, "2026-03-01", "2026-04-01")["reasons"] == [
        {"reason": "leave", "pauses": 1, "median_days": None}
    ]


def test_reasons_of_equally_many_pauses_are_in_their_own_order_and_none_comes_first(client):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    for day, reason in (("01", "b"), ("02", "c"), ("03", "a")):
        pause(client, "bob", f"2026-03-{day}", reason)
    reasons = read(client, "2026-03-01", "2026-04-01")["reasons"]
    assert [each["reason"] for each in reasons] == [None, "a", "b", "c"]


def test_of_more_than_100_reasons_the_most_frequent_are_counted(client):
    for number in range(101):
        pause(client, "ada", f"2026-01-{number % 28 + 1:02}", f"reason {number:03}", end_date="2026-02-15")
    pause(client, "bob", "2026-01-01", "reason 100")
    reasons = read(client, "2026-01-01", "2026-02-01")["reasons"]
    assert (len(reasons), reasons[0]["reason"], reasons[0]["pauses"]) == (100, "reason 100", 2)


def test_a_day_is_as_long_in_the_median_of_a_long_pause(client):
    pause(client, "ada", "1970-01-01", end_date="2026-03-01")
    (march,) = read(client, "2026-03-01", "2026-04-01")["data"]
    assert march["median_days"] == 20_513.0


def test_the_past_counts_the_mentors_who_are_there_today(client):
    pause(client, "ada", "2026-01-01", end_date="2026-02-15")
    client.delete(f"{MENTORS}/ada")
    assert [each["begun"] for each in read(client, "2026-01-01", "2026-03-01")["data"]] == [0, 0]


def test_a_window_that_begins_before_the_purge_date_is_gone(unmarked):
    purge("2026-01-01T00:00:00Z")
    assert unmarked.get(f"{STATISTICS}?from=2025-12-31T23:59:59Z&to=2026-02-01").status_code == 410
    assert unmarked.get(f"{STATISTICS}.csv?from=2025-12-31T23:59:59Z&to=2026-02-01").status_code == 410
    assert read(unmarked, "2026-01-01", "2026-02-01")["purged_before"] == "2026-01-01T00:00:00Z"


def test_the_window_is_required_and_ends_after_it_begins(client):
    assert client.get(STATISTICS).json["errors"].keys() == {"from", "to"}
    assert client.get(f"{STATISTICS}?from=2026-01-01&to=2026-01-01").json["errors"].keys() == {"to"}
    assert client.get(f"{STATISTICS}?from=2026-01-01&to=2026-02-01&by=year").json["errors"].keys() == {"by"}


def table(client, query=""):
    response = client.get(f"{STATISTICS}.csv?from=2026-01-01&to=2026-04-01{query}")
    assert response.headers["Content-Disposition"] == 'attachment; filename="statistics-2026-01-01-2026-04-01.csv"'
    return response.text


def test_the_table_has_the_same_periods(client):
    pause(client, "ada", "2026-01-01", end_date="2026-01-13T12:00:00Z")
    shown = read(client, "2026-01-01", "2026-04-01")["data"]
    rows = list(csv.reader(StringIO(table(client))))
    assert rows[0] == list(shown[0])
    assert rows[1:] == [["" if value is None else str(value) for value in words(each)] for each in shown]
    assert rows[1][-1] == "12.5"


def words(period):
    """Return the values of a period, with a flag as a word, and with the days on which it begins and ends."""
    days = {name: period[name].removesuffix("T00:00:00Z") for name in ("from", "to")}
    return (period | days | {"expected": {True: "true", False: "false"}[period["expected"]]}).values()


def test_a_spreadsheet_that_separates_by_semicolons_reads_a_decimal_comma(client):
    pause(client, "ada", "2026-01-01", end_date="2026-01-13T12:00:00Z")
    lines = table(client, "&excel=semicolon").splitlines()
    assert lines[0] == "\ufefffrom;to;expected;paused;overdue;begun;ended;late;median_days"
    assert lines[1] == "2026-01-01;2026-02-01;false;1;0;1;1;0;12,5"
    assert table(client, "&excel=comma").splitlines()[1].endswith(",12.5")
