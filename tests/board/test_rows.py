"""Nothing moves unless you ask: a list keeps its order, and a reading changes its rows in place."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, MENTORS, RECORDS, day, fill, insert
from tests.support.board import Board
from tests.support.browser import find

TOP = """const row = document.querySelector(`tbody [data-key^="${arguments[0]} "]`);
return row.getBoundingClientRect().top"""


@pytest.fixture
def paths(add):
    """Add ada, ben and cyd, who are overdue, and dan, without a return date; return the paths of their pauses."""
    dates = {"ada": day(-9), "ben": day(-5), "cyd": day(-2), "dan": None}
    pauses = [add(name, {"start_date": day(-20), "expected_return_date": back})[0] for name, back in dates.items()]
    return [f"{RECORDS}/{each['pause_record_id']}" for each in pauses]


def wait_waiting(board, words):
    """Wait until the button above the list has these words; none, if nothing waits to be shown."""
    board.wait(lambda: " ".join(board.texts("#waiting button")) == words)


def top(board, mentor):
    return board.driver.execute_script(TOP, mentor)


def test_a_list_keeps_its_order_until_one_asks_for_what_has_changed(without_polls, board, paths, add, write):
    board.open()
    places = [top(board, name) for name in ("ada", "ben", "cyd", "dan")]
    assert len({board.row(name).rect["height"] for name in ("ada", "ben", "cyd", "dan")}) == 1
    height = find(board.driver, "#waiting").rect["height"]
    wait_waiting(board, "")
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    write("PUT", paths[1], {"reason": "illness"})
    write("PUT", paths[2], {"expected_return_date": day(3)})
    add("eve", {"start_date": day(-30), "expected_return_date": day(-20)})
    board.poll()
    wait_waiting(board, "Some rows have moved: show")
    assert board.names() == ["ada", "ben", "cyd", "dan"]
    assert board.rows()[1][1:3] == ["5 days overdue", "Illness"]
    assert board.outcome("cyd").startswith("Somebody, 12:00 UTC: back ")
    assert board.texts("#counts data")[:4] == ["4", "2", "1", "1"]  # the counts follow at once
    assert [top(board, name) for name in ("ada", "ben", "cyd", "dan")] == places
    assert find(board.driver, "#waiting").rect["height"] == height
    board.poll()
    find(board.driver, "#waiting button").click()
    board.shows("eve", "ben", "cyd", "dan")
    wait_waiting(board, "")
    assert board.rows()[2][1] == "due in 3 days"


def test_a_row_that_is_read_long_after_a_colleague_has_moved_it_away_says_so(browser, proxy, paths, write):
    board = Board(browser, proxy.base_url).open()
    write("PUT", paths[0], {"expected_return_date": day(30)} | BY_BOB)
    proxy.date = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)
    board.go("view=forecast")  # whose answers say what time it is
    board.go("")
    board.wait(lambda: board.outcome("ada").startswith("bob, 12:00 UTC: back "))


def test_a_list_is_out_of_date_if_rows_are_new_gone_or_would_stand_elsewhere(board):
    board.open()
    cases = [  # what is shown, what was read last, whether that is another list, who has left their place
        ({"a": [1, 2, 3]}, {"a": [1, 2, 3]}, False, []),
        ({"a": [1, 2, 3]}, {"a": [1, 2, 3, 4]}, True, []),
        ({"a": [1, 2, 3]}, {"a": [1, 3]}, True, [2]),
        ({"a": [1, 2, 3]}, {"a": [3, 1, 2]}, True, []),
        ({"a": [1, 2], "b": [3]}, {"a": [1], "b": [2, 3]}, True, [2]),
        ({"a": [1, 2], "b": [3]}, {"b": [3]}, True, [1, 2]),
        ({}, {"a": [1], "b": []}, True, []),
        ({"a": [1, 2], "b": [9]}, {"a": [9, 1, 2]}, False, [9]),  # there is a form in row 9
    ]
    for before, after, is_other, left in cases:
        shown, newest = [[{"id": name, "keys": keys} for name, keys in each.items()] for each in (before, after)]
        both = {"shown": shown, "newest": newest}
        assert board.run("read/list.js", "isOutOfDate", both, [9]) == is_other, (before, after)
        assert board.run("read/list.js", "keysOutOfPlace", both) == left, (before, after)


def test_the_first_row_in_the_window_stays_where_it_is_at_a_poll_and_at_show(
    without_polls, board, database, write, add
):
    columns = "mentor_id, start_date, expected_return_date, reason, created_at, last_changed"
    rows = [(f"m{number:03}", day(-90), day(-80), "leave", day(-1), day(-1)) for number in range(200)]
    insert(database, "mentor_status (mentor_id, last_updated)", [(name, at) for name, *_, at in rows])
    insert(database, f"pause_record ({columns})", rows)
    board.open()
    board.wait(lambda: len(board.rows()) == 200)
    board.driver.execute_script("document.querySelector('[data-key^=\"m150 \"]').scrollIntoView()")
    board.driver.execute_script("scrollBy(0, -9)")
    place = top(board, "m150")
    write("PUT", f"{MENTORS}/m000", {"status": "active"})
    write("PUT", f"{MENTORS}/m149", {"status": "active"})
    write(
        "POST",
        MENTORS,
        {"mentor_id": "new", "pause_start_date": day(-99), "expected_return_date": day(-95), "status": "paused"},
    )
    board.poll()
    wait_waiting(board, "Some rows have moved: show")
    assert top(board, "m150") == place
    board.driver.execute_script("document.querySelector('#waiting button').click()")
    wait_waiting(board, "")
    board.wait(lambda: len(board.rows()) == 199)
    board.wait(lambda: abs(top(board, "m150") - place) < 1)


def test_a_poll_replaces_nothing_of_a_row_that_has_not_changed(without_polls, board, paths, write):
    board.open()
    script = """window.kept = [...document.querySelectorAll(arguments[0])];
      return kept.length"""
    assert board.driver.execute_script(script, "tbody [data-key]:not([data-key^='ben ']) *") > 30
    write("PUT", paths[1], {"reason": "illness"})
    board.poll()
    board.wait(lambda: board.rows()[1][2] == "Illness")
    assert board.driver.execute_script("return kept.every((each) => each.isConnected)")


def test_focus_hover_selected_text_and_a_half_typed_form_outlive_a_poll(without_polls, board, paths, write):
    board.open()
    script = "getSelection().selectAllChildren(document.querySelector('[data-key^=\"cyd \"] .state'))"
    board.driver.execute_script(script)
    ActionChains(board.driver).move_to_element(board.row("ben")).perform()
    hovered = "return document.querySelector('tbody tr:hover').dataset.key.split(' ')[0]"
    board.wait(lambda: board.driver.execute_script(hovered) == "ben")
    write("PUT", paths[3], {"reason": "illness"})
    write("PUT", f"{MENTORS}/ada", {"status": "active"})
    board.poll()
    wait_waiting(board, "Some rows have moved: show")
    assert board.rows()[3][2] == "Illness"
    assert board.driver.execute_script(hovered) == "ben"
    assert board.driver.execute_script("return getSelection().toString()") == "2 days overdue"

    board.press_in_row("ben", "Other day…")
    field = board.get("Date", "Back on, another date")
    board.date("Back on, another date", day(9))
    field.send_keys(Keys.BACKSPACE)  # the year goes: this is half of a date
    half = "return [arguments[0].validity.badInput, document.activeElement === arguments[0], arguments[0].isConnected]"
    assert board.driver.execute_script(half, field) == [True, True, True]
    for number, (pause, of_day) in enumerate(((paths[2], None), (paths[1], board.get("Date", "Another day")))):
        if of_day:
            of_day.send_keys("05")
        write("PUT", pause, {"reason": "holiday"})
        board.poll()
        board.wait(lambda number=number: board.rows()[2 - number][2] == "Holiday")
        assert board.driver.execute_script(half, of_day or field) == [True, True, True]


def test_with_500_rows_no_task_takes_over_100_ms(without_polls, is_quick, board, database, write):
    fill(database, 10_000, 500)
    attempts = count(1)

    def is_drawn():
        return len(board.rows()) == 500

    def open_anew():
        board.open("show=current")
        board.wait(is_drawn)

    def poll():
        reason = f"{next(attempts)} times"
        for number in range(3):
            write("PUT", f"{MENTORS}/mentor-{number * 20:05}", {"pause_reason": reason})
        board.poll()
        board.wait(lambda: sum(row[2] == reason for row in board.rows()) == 3)

    def sort():
        board.go(f"view=pauses&show=current&sort={'-' * (next(attempts) % 2)}mentor_id")
        board.wait(is_drawn)

    def choose_all():
        board.go("show=current")
        board.wait(is_drawn)
        board.press("Choose all of Paused", "checkbox")
        board.wait(lambda: board.text("#tray strong") == "500 mentors chosen")
        board.press("Untick all")

    board.open("show=current")
    assert board.texts("#counts :is(.current, .active) data") == ["500", "9,500"]
    for act in (open_anew, poll, sort, choose_all):
        assert is_quick(act), act.__name__
