"""The forecast: a sentence, a line of how many are available in the quarter ahead, and a table of its weeks."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from tests.board.conftest import MENTORS, RECORDS, day, shown

ASKED = """return performance.getEntriesByType("resource").map(({name}) => name.split("/api/v1/")[1]?.split("?")[0])
  .filter(Boolean).sort()"""
LINE = "return document.querySelector('polyline').getAttribute('points').split(' ')"
TABLE = """return [...document.querySelector(".forecast tbody").rows].map((row) =>
  [...row.cells].map((cell) => cell.textContent.trim()))"""


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
def seven(add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("late-and-away", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(-9)})
    add("late-and-coming", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(60)})
    add("due", {"start_date": day(-20), "expected_return_date": day(3)})
    for mentor in ("soon", "soon-too"):
        add(mentor, {"start_date": day(8), "end_date": day(30)})
    add("fay")


LOW = """const {style} = document.querySelector(".low");
return ["--from", "--at"].map((name) => parseFloat(style.getPropertyValue(name)))"""


def points(board, bottom, top):
    """Return the points of the line: from the left in percent, and the count by the ends of the axis."""
    pairs = [[float(number) for number in point.split(",")] for point in board.driver.execute_script(LINE)]
    return [x for x, _ in pairs], [round(top - y * (top - bottom) / 100, 6) for _, y in pairs]


def test_the_table_has_the_fewest_of_each_week_by_the_figures_of_the_api_and_leads_to_their_day(board, seven, read):
    board.open("view=forecast")
    assert sorted(set(board.driver.execute_script(ASKED))) == ["mentor-statuses", "statistics"]
    weeks = defaultdict(list)
    for each in days_ahead(read):
        moment = datetime.fromisoformat(each[0])
        weeks[moment - timedelta(moment.weekday())].append(each)
    lows = [(days[0][0], max(days, key=lambda each: each[1]), max(each[2] for each in days)) for days in weeks.values()]
    assert board.driver.execute_script(TABLE) == [
        [shown(first), str(7 - least), f"{7 - most} on {shown(date)}"] for first, (date, most, _), least in lows
    ]
    date, most, _ = lows[1][1]
    board.follow(f"{7 - most} on {shown(date)}")
    board.wait(lambda: board.text("#banner strong") and len(board.rows()) == 7 - most)


def test_the_forecast_begins_with_a_sentence_which_is_also_the_name_of_its_picture(board, seven, read):
    board.open("view=forecast")
    months = defaultdict(list)
    today = f"{day(0)}T00:00:00Z"
    for date, paused in [(today, 4)] + [(date, most) for date, _, most in days_ahead(read)]:
        months[f"{datetime.fromisoformat(date):%B}"].append((-paused, date))
    lows = {month: min(days) for month, days in months.items()}
    _, fewest = min(lows.values())
    when = "today" if fewest == today else f"on {shown(fewest)}"
    least = [f"{7 + low} in {month}" + f" ({when})" * (date == fewest) for month, (low, date) in lows.items()]
    assert len(least) >= 3
    months = f"{', '.join(least[:-1])}, and {least[-1]}"
    sentence = f"Available today: 3 of 7 mentors. The fewest in each month: {months}."
    assert board.text(".forecast figcaption") == sentence
    assert board.has("image", sentence)


def test_the_line_is_who_can_be_matched_from_today_on_and_its_axis_begins_near_its_lowest(board, seven, read):
    board.open("view=forecast")
    counts = [3] + [7 - most for _, _, most in days_ahead(read)]
    ends = [min(counts) - 1, max(counts) + 1]
    assert board.texts(".level b") == [str(end) for end in ends]
    places, line = points(board, *ends)
    assert (places[0], places[-1], line) == (0, 100, counts)
    last = shown((datetime.fromisoformat(first_of_month(4)) - timedelta(1)).strftime("%Y-%m-%d"))
    words = f"Until {last}, if the overdue stay away and all others come back on their day."
    bottom = f" The bottom of the picture is {ends[0]}, not 0." if ends[0] else ""
    assert board.text(".forecast figure .note") == words + bottom
    low = counts.index(min(counts))
    assert board.text(".low") == f"{counts[low]} " + (f"on {shown(low)}" if low else "today")
    left, top = board.driver.execute_script(LOW)
    height = 100 * (ends[1] - counts[low]) / (ends[1] - ends[0])
    assert (round(left, 1), round(top, 1)) == (round(places[low], 1), round(height, 1))


def test_of_many_mentors_the_axis_begins_near_their_lowest_count(board, upload):
    upload(MENTORS, "mentor_id", [(f"m-{number:03}",) for number in range(143)])
    pauses = [(f"m-{number:03}", day(-9), day(number + 3), "exam") for number in range(12)]
    upload(RECORDS, "mentor_id,start_date,end_date,reason", pauses)
    board.open("view=forecast")
    assert board.texts(".level b") == ["128", "143"]
    _, line = points(board, 128, 143)
    assert (line[0], line[-1]) == (131, 143)


def test_where_nobody_is_paused_the_forecast_says_what_it_can(board, add):
    add("ada")
    board.open("view=forecast")
    assert board.text(".forecast figcaption").startswith("Available today: 1 of 1 mentor. The fewest ")
    assert board.texts(".level b") == ["0", "1"]
    assert board.texts(".forecast th[scope=col]") == ["Week from", "Available"]  # nobody is overdue: it is said once
