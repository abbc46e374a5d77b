"""Statistics: their bounds, the table, and what lies ahead; test_readings.py has what else they count."""

from mentors.retention import purge
from tests.support.databases import ON_SQLITE

STATISTICS = "/api/v1/statistics"


def read(client, since, until, by="month"):
    response = client.get(f"{STATISTICS}?from={since}&to={until}&by={by}")
    assert response.status_code == 200, response.text
    return response.json


def starts(client, since, until, by):
    return [each["from"] for each in read(client, since, until, by)["data"]]


@ON_SQLITE
def test_a_month_begins_at_its_first_day_after_the_31st_of_another_too(client):
    months = ["2024-01-31T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"]
    assert starts(client, "2024-01-31", "2024-04-01", "month") == months


def test_there_are_at_most_400_periods(client):
    assert len(starts(client, "2025-01-01", "2026-02-05", "day")) == 400
    response = client.get(f"{STATISTICS}?from=2025-01-01&to=2026-02-05T00:00:01Z&by=day")
    assert (response.status_code, "400" in response.json["errors"]["by"][0]) == (422, True)


def test_ahead_it_is_counted_who_is_away_besides_if_those_stay_away_whom_only_overdue_pauses_keep_away_now(
    client, pause
):
    pause("late", start_date="2026-03-01", expected_return_date="2026-03-24")
    pause("late", start_date="2026-04-06", reason="study", end_date="2026-04-12")  # away again as expected
    pause("long", start_date="2026-03-01", expected_return_date="2026-03-24")
    pause("long", start_date="2026-03-20", reason="study", end_date="2026-04-01")
    pause("today", start_date="2026-03-01", expected_return_date="2026-03-26")  # not overdue: the day is not over
    weeks = read(client, "2026-03-16", "2026-04-20", "week")["data"]
    assert [(each["paused"], each["overdue"]) for each in weeks] == [(3, 0), (3, 0), (1, 1), (1, 0), (0, 1)]
    assert read(client, "2026-04-02", "2026-04-20", "week")["data"][0]["overdue"] == 1  # also of a window ahead alone


def test_of_more_than_100_reasons_the_most_frequent_are_counted(client, pause):
    for number in range(101):
        pause("ada", start_date=f"2026-01-{number % 28 + 1:02}", reason=f"reason {number:03}", end_date="2026-02-15")
    pause("bob", start_date="2026-01-01", reason="reason 100")
    reasons = read(client, "2026-01-01", "2026-02-01")["reasons"]
    assert (len(reasons), reasons[0]["reason"], reasons[0]["pauses"]) == (100, "reason 100", 2)


def test_a_window_that_begins_before_the_purge_date_is_gone(unmarked):
    purge("2026-01-01T00:00:00Z")
    assert unmarked.get(f"{STATISTICS}?from=2025-12-31T23:59:59Z&to=2026-02-01").status_code == 410
    assert unmarked.get(f"{STATISTICS}.csv?from=2025-12-31T23:59:59Z&to=2026-02-01").status_code == 410
    assert read(unmarked, "2026-01-01", "2026-02-01")["purged_before"] == "2026-01-01T00:00:00Z"


def test_the_window_is_required_and_ends_after_it_begins(client):
    assert client.get(STATISTICS).json["errors"].keys() == {"from", "to"}
    assert client.get(f"{STATISTICS}?from=2026-01-01&to=2026-01-01").json["errors"].keys() == {"to"}
    assert client.get(f"{STATISTICS}?from=2026-01-01&to=2026-02-01&by=year").json["errors"].keys() == {"by"}


def test_a_spreadsheet_that_separates_by_semicolons_reads_a_decimal_comma(client, pause):
    pause("ada", start_date="2026-01-01", end_date="2026-01-13T12:00:00Z")
    query = "from=2026-01-01&to=2026-04-01"
    lines = client.get(f"{STATISTICS}.csv?{query}&excel=semicolon").text.splitlines()
    assert lines[0] == "\ufefffrom;to;expected;paused;overdue;begun;ended;late;median_days"
    assert lines[1] == "2026-01-01;2026-02-01;false;1;0;1;1;0;12,5"
    assert client.get(f"{STATISTICS}.csv?{query}&excel=comma").text.splitlines()[1].endswith(",12.5")
