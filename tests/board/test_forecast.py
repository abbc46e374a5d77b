"""The forecast: a sentence, a picture of half a year back and a quarter ahead, and the same as tables of weeks."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from tests.board.conftest import day, shown

TABLES = """return [...document.querySelectorAll(".forecast tbody")].map((table) =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())))"""
ASKED = """return performance.getEntriesByType("resource").map(({name}) => name.split("/api/v1/")[1]?.split("?")[0])
  .filter(Boolean).sort()"""
LINE = "return document.querySelector(`polyline.${arguments[0]}`).getAttribute('points').split(' ')"


def monday(offset):
    """Return the Monday so many weeks after that of this week, as a day."""
    return day(7 * offset - datetime.now(UTC).weekday())


def tables(board):
    """Return the cells of the two tables: of the weeks ahead, and of the weeks behind, the newest first."""
    return board.driver.execute_script(TABLES)


def first_of_month(months):
    """Return the first day of the month that is so many months after this one, as a day."""
    today = datetime.now(UTC)
    years, month = divmod(today.month - 1 + months, 12)
    return f"{today.year + years}-{month + 1:02}-01"


def days_ahead(read):
    """Return what the API says of each day from tomorrow on, as `(day, as expected, if the overdue stay away)`."""
    days = read(f"/api/v1/statistics?from={day(1)}&to={first_of_month(4)}&by=day")["data"]
    return [(each["from"][:10], each["paused"], each["paused"] + each["overdue"]) for each in days]


@pytest.fixture
def mentors(add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("late-and-away", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(-9)})
    add("late-and-coming", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(60)})
    add("due", {"start_date": day(-20), "expected_return_date": day(3)})
    for mentor in ("soon", "soon-too"):
        add(mentor, {"start_date": day(8), "end_date": day(30)})
    add("fay")


def test_the_forecast_has_the_figures_of_the_api_and_those_who_can_be_matched_are_the_others(board, mentors, read):
    board.open("view=forecast")
    assert sorted(set(board.driver.execute_script(ASKED))) == ["mentor-statuses", "pause-records/any", "statistics"]
    ahead, behind = tables(board)
    weeks = defaultdict(list)
    for each in days_ahead(read):
        moment = datetime.fromisoformat(each[0])
        weeks[moment - timedelta(moment.weekday())].append(each)
    lows = [(days[0][0], 7 - max(day[1] for day in days), 7 - max(day[2] for day in days)) for days in weeks.values()]
    assert ahead == [[shown(first), str(expected), str(least)] for first, expected, least in lows]
    periods = read(f"/api/v1/statistics?from={monday(-26)}&to={day(1)}&by=week")["data"]
    counts = [[str(week[name]) for name in ("paused", "begun", "ended", "late")] for week in periods]
    weeks_behind = [[shown(monday(offset)), *some] for offset, some in zip(range(-26, 1), counts, strict=True)]
    assert behind == weeks_behind[::-1]
    assert not any(board.texts(".forecast td"))  # the tables are folded
    board.driver.find_element("css selector", ".forecast summary").click()
    assert board.texts(".forecast td")[:2] == ahead[0][1:]


def test_the_forecast_begins_with_a_sentence_which_is_also_the_name_of_its_picture(board, mentors, read):
    board.open("view=forecast")
    months = defaultdict(list)
    for date, _, most in days_ahead(read):
        months[f"{datetime.fromisoformat(date):%B}"].append((-most, date))
    lows = {month: min(days) for month, days in months.items()}
    least = [f"{7 + count} or more in {month}" for month, (count, _) in lows.items()]
    assert len(least) >= 3
    least = f"{', '.join(least[:-1])}, and {least[-1]}"
    count, date = min(lows.values())
    fewest = f"The fewest from tomorrow on: {7 + count}, on {shown(date)}."
    condition = "If the overdue stay away and all others come back on their day"
    sentence = f"3 of 7 mentors can be matched today. {condition}, it will be {least}. {fewest}"
    assert board.text(".forecast figcaption") == sentence
    assert board.has("image", sentence)


def test_the_picture_draws_who_is_paused_and_from_today_on_who_can_be_matched_in_both_readings(board, mentors, read):
    board.open("view=forecast")
    counts = {}
    for name in ("past", "ahead", "stay"):
        points = [[float(number) for number in point.split(",")] for point in board.driver.execute_script(LINE, name)]
        counts[name] = [round((100 - y) * 7 / 100, 6) for _, y in points]
        counts[f"ends of {name}"] = [points[0][0], points[-1][0]]
    _, behind = tables(board)
    days = days_ahead(read)
    assert counts["past"] == [float(row[1]) for row in behind[::-1]] + [4]
    assert counts["ahead"] == [4] + [expected for _, expected, _ in days]
    assert counts["stay"] == [4] + [most for _, _, most in days]
    assert counts["ends of past"][0] == 0
    assert counts["ends of past"][1] == counts["ends of ahead"][0] == counts["ends of stay"][0]
    assert counts["ends of ahead"][1] == counts["ends of stay"][1] == 100
    place = "return document.querySelector('.forecast .now').style.getPropertyValue('--from')"
    assert float(board.driver.execute_script(place)) == pytest.approx(counts["ends of past"][1], abs=0.001)
    assert board.texts(".level b") == ["0", "7"]


def test_where_nobody_is_paused_and_after_a_purge_the_forecast_says_what_it_can(board, add, purged):
    add("ada")
    board.open("view=forecast")
    assert board.text(".forecast figcaption").startswith("1 of 1 mentor can be matched today. If ")
    purged(-8 * 7)
    board.open("view=forecast")
    _, behind = tables(board)
    assert behind[-1][0] == shown(-8 * 7)
    assert (len(behind), board.trouble()) == (9, "")  # the first week begins on the day of the purge
