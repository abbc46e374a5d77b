"""Nothing moves unless you ask: a list keeps its order, and a reading changes its rows in place."""

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, MENTORS, RECORDS, day, insert
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
    wait_waiting(board, "The list has changed: show it")
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


def test_a_row_that_is_read_long_after_a_colleague_has_moved_it_away_says_so(board, paths, write, service_clock):
    board.open()
    write("PUT", paths[0], {"expected_return_date": day(30)} | BY_BOB)
    service_clock.move(minutes=1)
    board.go("view=forecast")  # whose answers say what time it is
    board.go("")
    board.wait(lambda: board.outcome("ada").startswith("bob, 12:00 UTC: back "))


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
    wait_waiting(board, "The list has changed: show it")
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
    wait_waiting(board, "The list has changed: show it")
    assert board.rows()[3][2] == "Illness"
    assert board.driver.execute_script(hovered) == "ben"
    assert board.driver.execute_script("return getSelection().toString()") == "2 days overdue"

    board.press_in_row("ben", "Other day…")
    field = board.get("Date", "Back on, another date")
    board.date("Back on, another date", day(9))
    field.send_keys(Keys.BACKSPACE)  # the year goes: this is half of a date
    half = "return [arguments[0].validity.badInput, document.activeElement === arguments[0], arguments[0].isConnected]"
    assert board.driver.execute_script(half, field) == [True, True, True]
    for number, (pause, of_day) in enumerate(((paths[2], None), (paths[1], board.get("Date", "Show another day")))):
        if of_day:
            of_day.send_keys("05")
        write("PUT", pause, {"reason": "holiday"})
        board.poll()
        board.wait(lambda number=number: board.rows()[2 - number][2] == "Holiday")
        assert board.driver.execute_script(half, of_day or field) == [True, True, True]
