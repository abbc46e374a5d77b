"""To do: who needs somebody, what stands first, and the counts that are its filters."""

import pytest

from tests.board.conftest import MENTORS, day, insert, shown

DASH = "\N{EN DASH}"  # of what is not there; a list of mentors has no reasons


@pytest.fixture
def everybody(add):
    """Add mentors of every kind."""
    add("late", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "illness"})
    add("today", {"start_date": day(-3), "expected_return_date": day(0)})
    add("sixth", {"start_date": day(-3), "end_date": day(6), "reason": "holiday"})
    add("open", {"start_date": day(-30)})
    add("soon", {"start_date": day(3), "end_date": day(30)})
    add("over", {"start_date": day(-25), "end_date": day(-21)})
    add("fay")


def test_home_shows_who_needs_somebody_the_overdue_first_and_each_count_is_a_filter_that_shows_so_many(
    board, everybody
):
    board.open()
    assert board.sections() == [
        ["Overdue: 1", "late"],
        [f"Back within 7 days (by {shown(6)}): 2", "today", "sixth"],
        ["No return date: 1", "open"],
    ]
    assert board.rows() == [
        ["late", "5 days overdue", "Illness", shown(-20), f"{shown(-5)} expected"],
        ["today", "due today", "Leave", shown(-3), f"{shown(0)} expected"],
        ["sixth", "due in 6 days", "Holiday", shown(-3), f"{shown(6)} ends by itself"],
        ["open", "away 4 weeks", "Leave", shown(-30), "not known"],
    ]
    assert board.driver.title == f"To do {DASH} Mentor board"
    counted = {"todo": 4, "overdue": 1, "due": 2, "undated": 1, "scheduled": 1, "current": 4, "active": 3}
    assert board.counted() == counted
    board.follow("1 leaving later")
    board.wait(lambda: board.sections() == [["Leaving later: 1", "soon"]])
    board.wait(lambda: board.texts("#counts [aria-current]") == ["1 leaving later"])
    board.follow("4 paused")
    board.wait(lambda: len(board.rows()) == 4)
    board.driver.back()
    board.wait(lambda: board.texts("#counts [aria-current]") == ["1 leaving later"])


def test_of_a_mentor_in_two_pauses_the_button_says_that_it_ends_both_and_what_is_done_says_of_how_many(board, add):
    late = {"start_date": day(-20), "expected_return_date": day(-5)}
    add("ada", late, {"start_date": day(-3), "expected_return_date": day(30), "reason": "illness"})
    board.open()
    assert board.in_row("ada", "Back today ends 2 pauses")
    board.go("view=pauses&reason=leave")  # how many there are is not known here
    board.wait(lambda: board.texts("caption")[0].endswith("(Leave)"))
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ this pause: expected back {shown(7)}")
    board.go("show=current")
    board.wait(lambda: len(board.rows()) == 2)
    board.press_in_row("ada", "Back today ends 2 pauses")
    board.wait_outcome("ada", "✓ back today, 2 pauses ended")


def test_who_is_available_today_or_on_another_day_is_a_view_of_its_own(board, everybody):
    board.open()
    board.follow("3 available")
    board.wait(lambda: board.sections() == [["Available today: 3 of 7", "fay", "over", "soon"]])
    assert board.rows()[-1] == ["soon", f"available, leaves {shown(3)}", "", shown(3), shown(30)]
    assert board.texts("#views [aria-current]") == ["Available"]
    board.date("Show another day", day(10))
    title = lambda: board.texts("main tbody h2")  # noqa: E731
    board.wait(lambda: title() == [f"Available on {shown(10)}, {day(10)[:4]}: 5 of 7"])
    board.press("if all come back when expected", "checkbox")
    board.wait(lambda: title() == [f"Available on {shown(10)}, {day(10)[:4]}: 3 of 7"])


def test_of_more_than_1000_all_are_counted_the_first_1000_are_shown_and_it_says_how_to_see_the_rest(board, database):
    names = [f"mentor-{number:05}" for number in range(2100)]
    available = [f"zoe-{number:05}" for number in range(1001)]
    insert(
        database, "mentor_status (mentor_id, last_updated)", [(name, day(-1)) for name in [*names, "zed", *available]]
    )
    columns = "mentor_id, start_date, expected_return_date, created_at, last_changed"
    pauses = [(name, day(-9), day(40), day(-1), day(-1)) for name in names]
    late = [("zed", day(-9), day(-2), day(-1), day(-1))]  # the last one of all
    insert(database, f"pause_record ({columns})", pauses + late)
    board.open()
    assert board.sections() == [["Overdue: 1", "zed"]]
    counted = {"todo": 1, "overdue": 1, "due": 0, "undated": 0, "scheduled": 0, "current": 2101, "active": 1001}
    assert board.counted() == counted
    assert board.texts("#counts .current") == ["2,101 paused"]
    asked = """return performance.getEntriesByType("resource").filter(({name}) => name.includes("/pause-records?"))"""
    assert len(board.driver.execute_script(asked)) == 3
    for state, note in (
        ("view=available", "1,001 mentors: search for one"),
        ("view=pauses", "2,101 pauses: choose a shorter time, a state or a reason"),
        ("view=pauses&show=current", "2,101 pauses: choose a reason"),
        ("q=mentor-", "2,100 rows: type more"),
    ):
        board.go(state)
        board.wait_texts("main > .note", f"the first 1,000 of {note}")
        board.wait(lambda: len(board.rows()) == 1000)  # drawn in parts, so that the first are there at once
    board.go("q=mentor-010")
    board.wait(lambda: len(board.rows()) == 100)
    assert board.texts("main > .note") == []


def test_where_there_is_nothing_to_do_it_says_who_is_next(board, add, write):
    add("gus", {"start_date": day(-3), "expected_return_date": day(20)})
    add("hal", {"start_date": day(-3), "expected_return_date": day(9)})
    board.open()
    assert (board.text(".nothing"), board.rows()) == (f"Nothing to do. Next: hal, back {shown(9)}.", [])
    write("PUT", f"{MENTORS}/hal", {"status": "active"})
    board.poll()
    board.wait_texts(".nothing", f"Nothing to do. Next: gus, back {shown(20)}.")


def test_an_empty_service_says_what_to_do_first_until_there_is_a_mentor(board, add):
    board.open()
    for state in ("view=available", "view=pauses", "view=forecast", f"as_of={day(3)}", ""):
        board.go(state)
        said = "There are no mentors yet\nA mentor is available until you pause them.\nAdd mentors"
        board.wait_texts("#empty", " ".join(said.split()))
        assert (state, board.texts("main :is(table, #filters, .nothing, figure)")) == (state, [])
    board.driver.find_element("css selector", "#empty .primary").click()
    board.wait(lambda: board.has("dialog", "Add mentors"))
    board.press("Close")
    add("fay")
    board.poll()
    board.wait(lambda: board.counted().get("active") == 1)
    assert not board.has("heading", "There are no mentors yet")
    board.go("view=pauses")
    board.wait_texts(".nothing", "No pause fits what is asked for.")
