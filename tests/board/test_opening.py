"""Opening the board: what a browser shows before the scripts, and what it asks for before the first row."""

import pytest

from tests.board.conftest import LATE, ONE_WORKER, WRITER
from tests.support.board import Board
from tests.support.server import Server

SEEN = "return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility()).length"
WATCH = """window.beforeFirstRow = [];
const ask = fetch;
window.fetch = (address, init) => {
  const [method, list] = [init.method, new URL(address).pathname.split("/api/v1/")[1]];
  if (!document.querySelector("[data-key]")) beforeFirstRow.push(`${method} ${list}`);
  return ask(address, init);
};"""
READ = {  # by view
    "": ["GET mentor-statuses", "GET pause-records"],
    "view=available": ["GET mentor-statuses", "GET mentor-statuses"],
    "view=pauses": ["GET pause-records"],
    "view=changes": ["GET history"],
}
TOPS = """return ["#wordmark", "#views a", "[name=q]"].flatMap((selector) =>
  [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect().toJSON()))"""
LOAD = """const {src} = document.querySelector("script[type=module]");
document.head.append(Object.assign(document.createElement("script"), {type: "module", src: `${src}?again`}));"""


def test_before_the_first_row_the_page_asks_the_api_for_what_its_view_shows_and_nothing_else(board, add, injected):
    add("ada", LATE)
    add("ben")
    injected(WATCH)
    for state, read in READ.items():
        board.open(state)
        assert (state, sorted(board.driver.execute_script("return beforeFirstRow"))) == (state, read)


def test_what_a_token_may_do_is_asked_for_beside_the_lists(closed, injected):
    injected(WATCH)
    closed.enter(WRITER)
    closed.shows("ada")
    closed.open()
    asked = closed.driver.execute_script("return beforeFirstRow")
    assert sorted(asked) == [*READ[""], "OPTIONS pause-records/any"]


def test_the_reasons_in_use_are_offered_although_no_row_waits_for_them(board, proxy, browser, add):
    add("ada", LATE | {"reason": "sabbatical"})
    add("ben")
    proxy.slow = "/statistics?"
    proxy.held.clear()
    slow = Board(browser, proxy.base_url).open("view=available")
    slow.shows("ben")
    slow.press_in_row("ben", "Pause…")
    assert not slow.has("button", "Sabbatical")
    proxy.held.set()
    slow.wait(lambda: slow.has("button", "Sabbatical"))


@pytest.fixture
def blocked(browser):
    """Return a function that has the browser load no file whose address has one of these endings."""

    def block(*endings):
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": [f"*{ending}" for ending in endings]})

    yield block
    block()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_before_the_scripts_the_head_stands_where_it_stays_with_grey_rows_and_what_is_typed_there_is_searched(
    browser, board, add, window, blocked, width
):
    add("ada", LATE)
    window(width)
    blocked("board.js", "faults.js")
    board.open(drawn=False)
    assert board.texts("#wordmark") == ["Mentor board"]
    assert board.texts("#views a") == ["To do", "Available", "Pauses", "What changed", "Forecast"]
    assert browser.execute_script(SEEN, "#coming li") == 8
    tops = browser.execute_script(TOPS)
    board.get("searchbox", "Search for a mentor").send_keys("ad")
    blocked()
    browser.execute_script(LOAD)
    board.shows("ada")
    assert browser.current_url.endswith("#q=ad")
    assert browser.execute_script(SEEN, "#coming li") == 0
    assert browser.execute_script(TOPS) == tops


@pytest.mark.parametrize("title", ["Peers of Zürich & <b>Bern</b>", "M" * 40])
def test_the_board_has_the_title_that_the_operator_has_set(browser, database, running, write, title, window):
    server = running(Server, database, **ONE_WORKER, BOARD_TITLE=title)
    board = Board(browser, server.base_url).open("view=pauses")
    assert (board.text("#wordmark"), browser.title) == (title, f"Pauses \N{EN DASH} {title}")
    tabs = "return [...document.querySelectorAll('#views a')].map((each) => each.getBoundingClientRect().top)"
    for width in (360, 768, 1280, 1920):
        window(width)
        assert (width, len(set(browser.execute_script(tabs)))) == (width, 1)
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
