"""What somebody has to do stands first: on a screen, on a phone and on paper, however many pauses there are."""

import pytest

from tests.board.conftest import MENTORS, day, insert

PLACES = """return ["#table", "#timeline"].map((each) => {
  const {top, left} = document.querySelector(each).getBoundingClientRect();
  return [top, left];
})"""
FIRST_ACTION = """const buttons = [...document.querySelectorAll(".actions button")];
return buttons.find((each) => each.checkVisibility()).getBoundingClientRect().bottom"""


@pytest.fixture
def many(database, board):
    """Add 2,000 mentors, of whom 400 have a pause: 118 are overdue."""
    names = [f"mentor-{number:04}" for number in range(2000)]
    insert(database, "mentor_status (mentor_id, last_updated)", [(name, day(-1)) for name in names])
    columns = "mentor_id, start_date, expected_return_date, reason, created_at, last_changed"
    returns = [day(-5) if number < 118 else day(number % 60) for number in range(400)]
    pauses = [(name, day(-30), back, "leave", day(-1), day(-1)) for name, back in zip(names[::5], returns, strict=True)]
    insert(database, f"pause_record ({columns})", pauses)


def test_with_2000_mentors_and_400_pauses_the_first_action_is_on_the_first_screen(board, many, window):
    board.open()
    for view in ("", "week"):
        board.go(f"view={view}")
        board.wait(lambda: board.has("button", "Bring back mentor-0000"))
        for width, height in ((1280, 800), (390, 844)):
            window(width, height)
            bottom = board.driver.execute_script(FIRST_ACTION)
            assert bottom <= height, (view, width)


def test_the_table_stands_before_the_timeline_or_beside_it_in_a_wide_window(board, add, window):
    add("ada", {"start_date": day(-5)})
    board.open()
    for width in (390, 1280, 1759):
        window(width, 900)
        table, timeline = board.driver.execute_script(PLACES)
        assert table[0] < timeline[0], width
    window(1760, 900)
    table, timeline = board.driver.execute_script(PLACES)
    assert timeline[1] < table[1]
    assert abs(timeline[0] - table[0]) < 10


def test_on_paper_the_table_stands_before_the_timeline(board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.cdp("Emulation.setEmulatedMedia", media="print")
    table, timeline = board.driver.execute_script(PLACES)
    board.cdp("Emulation.setEmulatedMedia", media="")
    assert table[0] < timeline[0]


def test_the_timeline_draws_25_rows_and_all_of_them_if_one_asks_while_the_table_has_all(board, upload):
    rows = [(f"mentor-{number:03}", "paused") for number in range(26)]
    upload(MENTORS, "mentor_id,status", rows[:25])
    board.open()
    assert len(board.mentors()) == 25
    assert not board.has("link", "Show all 25")
    upload(MENTORS, "mentor_id,status", rows[25:])
    board.poll()
    board.wait(lambda: board.texts("#timeline .more") == ["Show all 26"])
    assert (len(board.mentors()), len(board.table())) == (25, 26)
    board.follow("Show all 26")
    board.wait(lambda: len(board.mentors()) == 26)
    assert board.driver.switch_to.active_element.text == "Show the first 25"
    board.follow("Show the first 25")
    board.wait(lambda: len(board.mentors()) == 25)


ROW = """[...document.querySelectorAll("main tbody tr")]
  .find((each) => each.checkVisibility() && each.textContent.includes(arguments[0]))"""
COUNT = "return document.querySelectorAll('main tbody tr').length"


@pytest.mark.parametrize("view", ["show=overdue", "view=week"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_row_at_the_top_of_the_window_stays_there_when_a_colleague_changes_one_above_it(
    board, many, write, window, view, width, height
):
    window(width, height)
    board.open(view, drawn=False)
    board.wait(lambda: board.has("button", "Bring back mentor-0000"))
    board.driver.execute_script(f"{ROW}.scrollIntoView()", "mentor-0300")
    is_at_top = f"return Math.abs({ROW}?.getBoundingClientRect().top) < 2"
    board.wait(lambda: board.driver.execute_script(is_at_top, "mentor-0300"))
    count = board.driver.execute_script(COUNT)
    write("PUT", f"{MENTORS}/mentor-0000", {"status": "active"})
    board.poll()
    board.wait(lambda: board.driver.execute_script(COUNT) == count - 1)
    board.wait(lambda: board.driver.execute_script(is_at_top, "mentor-0300"))


@pytest.mark.parametrize("view", ["Who is away", "This week"])
def test_the_rows_below_the_one_at_the_top_stay_when_that_one_goes_elsewhere(board, many, write, view):
    def top(mentor):
        return board.driver.execute_script(f"return {ROW}?.getBoundingClientRect().top", mentor)

    board.open()
    board.follow(view)
    board.wait(lambda: board.text("h1") == view and board.has("button", "Bring back mentor-0000"))
    board.driver.execute_script(f"{ROW}.scrollIntoView(); scrollBy(0, -9)", "mentor-0300")
    board.wait(lambda: abs(top("mentor-0300") - 9) < 2)
    below = top("mentor-0305")
    write("PUT", f"{MENTORS}/mentor-0300", {"status": "active"})
    board.poll()
    board.wait(lambda: abs(top("mentor-0295") - 9) < 2)
    assert abs(top("mentor-0305") - below) < 2


def test_rows_far_below_the_window_are_not_laid_out(board, many):
    are_laid_out = """return [...document.querySelectorAll("main :is(tbody tr, .rows li)")]
      .filter((row) => row.checkVisibility())
      .map((row) => row.firstElementChild.checkVisibility({contentVisibilityAuto: true}))"""
    board.open()
    for state in ("rows=all&show=overdue", "view=week"):
        board.go(state)
        board.wait(lambda: board.driver.execute_script(are_laid_out)[0])
        board.wait(lambda: not board.driver.execute_script(are_laid_out)[-1])
