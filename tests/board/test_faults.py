"""What nobody expects is said, and is not "Loading…" for ever."""

import pytest

from tests.board.conftest import MENTORS, WRITER, day
from tests.support.board import Board

BLOCKED = """for (const name of ["sessionStorage", "localStorage"])
  Object.defineProperty(window, name, {get() { throw new DOMException("Access is denied", "SecurityError"); }});"""


def is_broken(board):
    return board.has("heading", "The board does not work here")


def test_a_browser_that_stores_nothing_keeps_the_token_and_the_name_until_the_page_is_left(
    closed, board, injected, unknown_writer, read
):
    injected(BLOCKED)
    closed.open(drawn=False)
    closed.enter(WRITER)
    closed.press_in_row("ada", "Back today")
    closed.wait_outcome("ada", "back today")
    board.open("q=ada")
    board.press_in_row("ada", "Pause…")
    board.press("Pause")
    board.type("Your name", "Grace")
    board.press("Continue, and pause ada")
    board.wait_outcome("ada", "paused from today")
    board.press_in_row("ada", "Undo")  # without another question
    board.wait(lambda: board.text("[role=status]") == "undone" and not board.has("dialog", None))
    assert read(f"{MENTORS}/ada/history")["data"][0]["changed_by"] == "Grace"


@pytest.mark.parametrize(
    "source",
    ["delete Map.groupBy", "delete Array.prototype.toSorted", "delete HTMLScriptElement.prototype.noModule"],
    ids=["grouping", "sorting", "modules"],
)
def test_a_browser_that_is_too_old_is_told_so(board, add, injected, faulty, source):
    injected(source)
    add("ada", {"start_date": day(-5)})
    board.open(drawn=False)
    board.wait(lambda: is_broken(board))
    assert "Chrome or Edge 138, Firefox 128, Safari 17.5" in board.text("#broken")
    board.press("Load it again")
    board.wait(lambda: is_broken(board))


def test_a_file_that_does_not_arrive_is_told(browser, proxy, add, faulty):
    add("ada", {"start_date": day(-5)})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})  # else the browser has the file of an earlier test
    proxy.down = "/show/rows.js"
    board = Board(browser, proxy.base_url).open(drawn=False)
    board.wait(lambda: is_broken(board))
    assert "a file of the page did not arrive" in board.text("#broken")
    proxy.restore()
    board.press("Load it again")
    board.wait(lambda: board.rows() and not is_broken(board))


def test_a_fault_of_the_page_after_it_was_drawn_is_said_above_it_and_keeps_what_is_shown(board, add, faulty):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.driver.execute_script("delete Map.groupBy")
    add("ben", {"start_date": day(-4)})
    board.poll()
    board.wait(lambda: "Map.groupBy is not a function" in board.text("#broken"))
    assert [row[0] for row in board.rows()] == ["ada"]
