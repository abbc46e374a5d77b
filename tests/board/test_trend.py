"""The trend: a sentence, a picture of half a year back and a quarter ahead, and the same as a table."""

from datetime import UTC, datetime

import pytest

from tests.board.conftest import MENTORS, day, shown

TABLE = """return [...document.querySelectorAll(".trend tbody tr")].map((row) =>
  [...row.cells].map((cell) => cell.textContent.trim().replace(/\\s+/g, " ")))"""
ASKED = """return performance.getEntriesByType("resource").map(({name}) => name.split("/api/v1/")[1]?.split("?")[0])
  .filter(Boolean).sort()"""
LINE = "return document.querySelector(`polyline.${arguments[0]}`).getAttribute('points').split(' ')"


def monday(offset):
    """Return the Monday so many weeks after that of this week, as a day."""
    return day(7 * offset - datetime.now(UTC).weekday())


def table(board):
    return board.driver.execute_script(TABLE)


@pytest.fixture
def mentors(add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("late-and-away", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(-9)})
    add("late-and-coming", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(60)})
    add("due", {"start_date": day(-20), "expected_return_date": day(3)})
    for mentor in ("soon", "soon-too"):
        add(mentor, {"start_date": day(8), "end_date": day(30)})
    add("fay")


def test_the_trend_has_the_figures_of_the_api_and_those_who_can_be_matched_are_the_others(board, mentors, read):
    board.open("view=trend")
    assert sorted(set(board.driver.execute_script(ASKED))) == ["mentor-statuses", "pause-records/any", "statistics"]
    periods = read(f"/api/v1/statistics?from={monday(-26)}&to={monday(14)}&by=week")["data"]
    paused, active = (read(f"{MENTORS}?status={status}")["pagination"]["total"] for status in ("paused", "active"))
    rows = []
    for offset, week in zip(range(-26, 14), periods, strict=True):
        matchable = paused + active - week["paused"]
        ahead = [matchable, matchable - week["overdue"]] if offset > 0 else ["", ""]
        name = shown(monday(offset)) + " expected" * (offset > 0)
        rows.append([name, week["paused"], *ahead, week["begun"], week["ended"], week["late"]])
    rows.insert(27, ["Now", paused, active, active, "", "", ""])
    assert table(board) == [[str(cell) for cell in row] for row in rows]
    assert (paused, active, rows[29][2:4], rows[-1][2:4]) == (4, 3, [4, 2], [5, 4])
    assert board.texts(".trend tr[aria-current] th") == [""]  # the table is folded
    board.driver.find_element("css selector", ".trend summary").click()
    assert board.texts(".trend tr[aria-current] th") == ["Now"]


def test_the_trend_begins_with_a_sentence_which_is_also_the_name_of_its_picture(board, mentors):
    board.open("view=trend")
    lowest = f"if the overdue stay away, 2 at the lowest, in the week of {shown(monday(2))}."
    sentence = f"3 of 7 mentors can be matched today; {lowest}"
    assert board.text(".trend figcaption") == sentence
    assert board.has("image", sentence)


def test_the_picture_draws_who_is_paused_and_from_today_on_who_can_be_matched_in_both_readings(board, mentors, read):
    board.open("view=trend")
    counts = {}
    for name in ("past", "ahead", "stay"):
        points = [[float(number) for number in point.split(",")] for point in board.driver.execute_script(LINE, name)]
        counts[name] = [round((100 - y) * 7 / 100, 6) for _, y in points]
        counts[f"ends of {name}"] = [points[0][0], points[-1][0]]
    rows = table(board)
    assert counts["past"] == [float(row[1]) for row in rows[:28]]
    assert counts["ahead"] == [7 - float(row[2]) for row in rows[27:]]
    assert counts["stay"] == [7 - float(row[3]) for row in rows[27:]]
    assert counts["ends of past"][0] == 0
    assert counts["ends of past"][1] == counts["ends of ahead"][0] == counts["ends of stay"][0]
    assert counts["ends of ahead"][1] == counts["ends of stay"][1] == 100
    place = "return document.querySelector('.trend .now').style.getPropertyValue('--from')"
    assert float(board.driver.execute_script(place)) == pytest.approx(counts["ends of past"][1], abs=0.001)
    assert board.texts(".level b") == ["0", "7"]


def test_where_nobody_is_paused_and_after_a_purge_the_trend_says_what_it_can(board, add, purged):
    add("ada")
    board.open("view=trend")
    ahead = f"at no time fewer until {shown(monday(13))}, even if the overdue stay away."
    assert board.text(".trend figcaption") == f"1 of 1 mentors can be matched today, and {ahead}"
    purged(-8 * 7)
    board.open("view=trend")
    assert table(board)[0][0] == shown(-8 * 7)
    assert (len(table(board)), board.trouble()) == (23 + (day(-56) != monday(-8)), "")
