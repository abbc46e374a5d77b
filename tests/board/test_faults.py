"""What nobody expects is said, and is not "Loading…" for ever."""

import pytest

from tests.board.conftest import WRITER, day
from tests.support.board import Board

BLOCKED = """for (const name of ["sessionStorage", "localStorage"])
  Object.defineProperty(window, name, {get() { throw new DOMException("Access is denied", "SecurityError"); }});"""


@pytest.fixture
def faulty(browser):
    """Let the page have faults: leave it, and forget what the browser noted of them."""
    yield
    browser.get("about:blank")
    browser.get_log("browser")


@pytest.mark.parametrize("value", ["constructor", "toString", "bogus"])
def test_words_in_the_address_that_the_board_does_not_know_are_as_if_they_were_not_there(board, add, value):
    add("ada", {"start_date": day(-5)})
    board.open("&".join(f"{part}={value}" for part in ("span", "show", "sort", "panel", "from", "__proto__")))
    assert board.mentors() == ["ada"]
    assert not board.driver.execute_script("return document.querySelector('#panel').open")
    assert board.has("link", "Quarter")


def test_a_browser_that_stores_nothing_asks_for_the_token_and_keeps_it_until_the_page_is_left(
    browser,
    closed,
    injected,
):
    injected(BLOCKED)
    closed.open(drawn=False)
    closed.enter(WRITER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    closed.follow("ada Leave, no return date")
    closed.press("Bring back now")
    closed.wait_said("ada is back.")


@pytest.mark.parametrize("missing", ["Map.groupBy", "Array.prototype.toSorted"])
def test_a_browser_that_is_too_old_is_told_so(board, add, injected, faulty, missing):
    injected(f"delete {missing}")
    add("ada", {"start_date": day(-5)})
    board.open(drawn=False)
    board.wait(lambda: board.has("heading", "The board does not work here"))
    assert "Chrome or Edge 138, Firefox 128, Safari 17.5" in board.text("#broken")
    assert "is not a function" in board.text("#broken")
    assert not board.has("search", "Filters")
    board.press("Load it again")
    board.wait(lambda: board.has("heading", "The board does not work here"))


def test_a_browser_without_modules_is_told_so(board, write, injected, faulty):
    injected("delete HTMLScriptElement.prototype.noModule")
    board.open(drawn=False)
    board.wait(lambda: board.has("heading", "The board does not work here"))


def test_a_script_that_does_not_arrive_is_told(browser, proxy, add, faulty):
    add("ada", {"start_date": day(-5)})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})  # else the browser has the file of an earlier test
    proxy.down = "/table.js"
    board = Board(browser, proxy.base_url).open(drawn=False)
    board.wait(lambda: board.has("heading", "The board does not work here"))
    proxy.restore()
    board.press("Load it again")
    board.wait(lambda: board.mentors() == ["ada"])


def test_a_fault_of_the_board_after_it_was_drawn_is_said_above_it_and_keeps_what_is_shown(board, add, faulty):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.driver.execute_script("delete Map.groupBy")
    add("ben", {"start_date": day(-4)})
    board.poll()
    board.wait(lambda: "Map.groupBy is not a function" in board.text("#broken"))
    assert board.mentors() == ["ada"]


def test_an_answer_that_is_not_the_services_own_is_said(browser, proxy, add, injected):
    page = """const real = window.fetch; window.fetch = async (address, init) => String(address).includes("/api/")
      ? new Response("<p>Sign in</p>", {headers: {"Content-Type": "text/html"}}) : real(address, init);"""
    injected(page)
    board = Board(browser, proxy.base_url).open(drawn=False)
    board.wait(board.trouble)
    assert board.trouble().startswith("Something other than this service answered")
