"""Another day: the page speaks of that day, and says why nothing can be changed."""

import pytest

from tests.board.conftest import MENTORS, day, shown

CONTROLS = """return [...document.querySelectorAll(":is(main, #strip, .content) :is(button, input:not(.day *))")]
  .filter((each) => each.checkVisibility()).map((each) => each.ariaLabel ?? each.textContent.trim())"""
WHY = "To change a pause, choose “Show today”."


@pytest.fixture
def five(add):
    """Add mentors of whom two are overdue in ten days, if nobody brings them back."""
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("due", {"start_date": day(-20), "expected_return_date": day(4)})
    add("soon", {"start_date": day(3), "end_date": day(30)})
    add("over", {"start_date": day(-30), "end_date": day(-5)})
    add("fay")


def is_ticked(board):
    return board.get("checkbox", "if all come back when expected").is_selected()


def test_a_day_to_come_is_shown_as_expected_and_on_demand_as_if_nobody_came_back(board, five, read):
    board.open()
    board.date("Show another day", day(10))
    board.wait(lambda: board.text("#banner strong").startswith(shown(10)))
    assert is_ticked(board)
    expected = {"todo": 0, "overdue": 0, "due": 0, "undated": 0, "scheduled": 0, "current": 1, "active": 4}
    board.wait(lambda: board.counted() == expected)
    query = f"as_of={day(10)}&expected=true"
    assert read(f"{MENTORS}?status=paused&{query}")["pagination"]["total"] == 1
    board.press("if all come back when expected", "checkbox")
    board.wait(lambda: board.sections() == [["Overdue: 2", "late", "due"]])
    assert board.rows() == [
        ["late", "away, 15 days overdue", "Leave", shown(-20), f"{shown(-5)} expected"],
        ["due", "away, 6 days overdue", "Leave", shown(-20), f"{shown(4)} expected"],
    ]
    board.go(f"view=pauses&{query}")
    assert [row[:2] for row in board.rows() if row[1] != "ended"] == [["soon", "away, due in 20 days"]]
    board.follow("Show today")
    board.wait(lambda: board.texts("#banner") == [] and len(board.rows()) == 4)
    assert "as_of" not in board.driver.current_url
    assert board.get("Date", "Show another day").get_property("value") == ""
    board.go(query)
    assert day(10)[:4] in board.text("#banner strong")
    board.date("Show another day", "")  # an emptied day is today
    board.wait(lambda: board.texts("#banner") == [] and "as_of" not in board.driver.current_url)


def test_a_day_that_has_passed_is_shown_as_it_was_and_goes_along_to_all_pauses_and_the_search(board, five):
    board.open()
    board.date("Show another day", day(-10))
    board.wait(lambda: board.text("#banner strong").startswith(shown(-10)))
    assert not is_ticked(board)
    counted = {"todo": 2, "overdue": 0, "due": 2, "undated": 0, "scheduled": 1, "current": 3, "active": 2}
    board.wait(lambda: board.counted() == counted)
    board.follow("Pauses")
    board.wait(
        lambda: ["over", "away, due in 5 days", "Leave", shown(-30), f"{shown(-5)} ends by itself"] in board.rows()
    )
    board.type("Search for a mentor", "due", "searchbox")
    board.wait(lambda: board.rows() == [["due", "away, due in 14 days", "Leave", shown(-20), f"{shown(4)} expected"]])
    board.follow("Show today")
    board.wait(lambda: [row[1] for row in board.rows()] == ["due in 4 days"])
    for view in ("changes", "forecast"):  # these are of now
        board.go(f"view={view}&as_of={day(-10)}")
        assert (board.texts("#banner"), board.has("Date", "Show another day")) == ([], False)


def test_on_another_day_nothing_can_be_changed_not_in_the_tray_or_the_panel_either_and_it_says_why(board, five):
    board.open()
    board.press("Choose late", "checkbox")
    board.wait(lambda: board.texts("#tray"))
    board.go(f"as_of={day(10)}")
    assert WHY in board.text("#banner")
    assert board.driver.execute_script(CONTROLS) == []
    board.follow("late")
    board.wait(lambda: board.texts(".history li"))
    assert board.driver.execute_script(CONTROLS) == []
    assert WHY in board.text("#panel")
    board.press("Close")
    board.follow("Show today")
    board.wait(lambda: "Back today late" in board.driver.execute_script(CONTROLS))
    assert board.texts("#tray strong") == ["1 mentor chosen"]


def test_the_panel_speaks_of_the_other_day_too(board, five):
    board.open(f"as_of={day(3)}&expected=true&mentor=soon", drawn=False)
    board.wait(lambda: board.texts(".pauses .state") == ["away, due in 27 days"])
    assert f"aused since {shown(3)}, back {shown(30)}" in board.text("#panel .state")
    board.go("mentor=soon")
    board.wait(lambda: board.texts(".pauses .state") == ["begins in 3 days"])


def test_on_a_phone_the_menu_closes_when_a_day_is_chosen_so_that_the_answer_is_seen(board, window, five):
    window(390, 844)
    board.open()
    board.press("More")
    board.date("Show another day", day(-10))
    board.wait(lambda: board.text("#banner strong").startswith(shown(-10)))
    assert board.driver.execute_script("return document.querySelector('#more:popover-open')") is None


def test_a_day_that_the_service_refuses_is_said_as_the_service_says_it(board, five):
    for text in ("2500-01-01", "bogus"):
        board.open(f"as_of={text}", drawn=False)
        board.wait(lambda: "as_of" in board.trouble())
