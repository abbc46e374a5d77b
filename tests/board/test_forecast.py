"""The forecast: a sentence, a line of how many are available in the quarter ahead, and a table of its weeks."""

import pytest

from tests.board.conftest import day, shown

ASKED = """return performance.getEntriesByType("resource").map(({name}) => name.split("/api/v1/")[1]?.split("?")[0])
  .filter(Boolean).sort()"""


@pytest.fixture
def seven(add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("late-and-away", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(-9)})
    add("late-and-coming", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(60)})
    add("due", {"start_date": day(-20), "expected_return_date": day(3)})
    for mentor in ("soon", "soon-too"):
        add(mentor, {"start_date": day(8), "end_date": day(30)})
    add("fay")


def test_the_forecast_is_a_sentence_which_names_the_picture_and_a_table_whose_counts_lead_to_their_day(board, seven):
    board.open("view=forecast")
    assert sorted(set(board.driver.execute_script(ASKED))) == ["mentor-statuses", "statistics"]
    sentence = board.text(".forecast figcaption")
    assert sentence.startswith("Available today: 3 of 7 mentors. The fewest in each month: ")
    assert board.has("image", sentence)
    assert board.text(".low") == f"2 on {shown(8)}"
    board.follow(f"4 on {shown(8)}")  # if those who are overdue come back, too
    board.wait(lambda: board.text("#banner strong") and len(board.rows()) == 4)
