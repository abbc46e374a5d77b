"""The board on a bad network, and in a tab that nobody sees: what it asks, when, and what it shows meanwhile."""

from tests.board.conftest import day
from tests.support.board import Board

POLLS = """window.polls = new Set();
const [start, stop] = [setTimeout, clearTimeout];
window.setTimeout = (act, delay) => {
  const timer = start(() => (polls.delete(timer), act()), delay);
  if (delay === 20_000) polls.add(timer);
  return timer;
};
window.clearTimeout = (timer) => (polls.delete(timer), stop(timer));"""
ANSWERED = """return performance.getEntriesByType("resource").filter((each) =>
  each.responseEnd && each.name.includes(arguments[0])).length >= (arguments[1] ?? 1)"""
TIMEOUTS = """window.timeouts = [];
const later = setTimeout;
window.setTimeout = (act, delay) => delay === 60_000 ? (timeouts.push(act), 0) : later(act, delay);"""
TROUBLES = """window.troubles = [];
const trouble = document.querySelector("#trouble");
new MutationObserver(() => trouble.textContent && troubles.push(trouble.textContent))
  .observe(trouble, {childList: true, characterData: true, subtree: true});"""
AFTER_THE_NEXT_POLL = """window.polled = false;
const later = setTimeout;
window.setTimeout = (act, delay) => (polled ||= delay === 20_000, later(act, delay));
document.dispatchEvent(new Event('visibilitychange'));"""
HIDDEN = """Object.defineProperty(document, "hidden", {configurable: true, value: arguments[0]});
document.dispatchEvent(new Event("visibilitychange"));"""


def test_where_the_service_is_unreachable_the_board_says_so_keeps_what_it_shows_and_tries_again(
    browser, proxy, add, injected
):
    injected("const later = setTimeout; window.setTimeout = (act, delay) => later(act, delay / 100);")
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    proxy.down = "/"
    board.wait(board.trouble)
    assert board.trouble() == "The service cannot be reached. The page tries again by itself."
    assert board.mentors() == ["ada"]
    proxy.down = None
    board.wait(lambda: not board.trouble())


def test_a_trouble_that_lasts_is_read_out_once(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    browser.execute_script(TROUBLES)
    proxy.down = "/"
    board.poll()
    board.wait(board.trouble)
    refused = proxy.refused
    browser.execute_script(AFTER_THE_NEXT_POLL)
    board.wait(lambda: proxy.refused > refused and browser.execute_script("return polled"))
    assert len(browser.execute_script("return troubles")) == 1


def test_a_search_that_is_typed_while_an_older_request_fails_is_answered_without_waiting_for_the_next_poll(
    browser, proxy, add, injected
):
    injected("const later = setTimeout; window.setTimeout = (act, delay) => later(act, delay * 20);")
    for mentor in ("ada", "ben"):
        add(mentor, {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    browser.execute_script(TROUBLES)
    proxy.held.clear()
    board.poll()
    board.type("Mentor", "ben", "searchbox")
    proxy.down = "/"
    proxy.held.set()
    board.wait(lambda: proxy.refused)
    proxy.restore()
    board.wait(lambda: board.mentors() == ["ben"])
    assert browser.execute_script("return troubles") == []


def test_a_request_that_hangs_for_a_minute_is_given_up_and_the_board_says_so_and_goes_on(browser, proxy, add, injected):
    injected(TIMEOUTS)
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    proxy.slow = "/pause-records?"
    proxy.held.clear()
    board.poll()
    browser.execute_script("timeouts.forEach((act) => act())")
    board.wait(lambda: board.trouble() == "The service cannot be reached. The page tries again by itself.")
    proxy.held.set()
    add("ben", {"start_date": day(-5)})
    board.poll()
    board.wait(lambda: board.mentors() == ["ada", "ben"])
    assert not board.trouble()


def test_a_mentor_who_cannot_be_read_is_read_at_the_next_poll(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    proxy.down = "/mentor-statuses/ada"
    board.follow("ada Leave, no return date")
    board.wait(lambda: board.texts("#panel .failure") == ["The service cannot be reached."])
    proxy.restore()
    board.poll()
    board.wait(lambda: board.has("button", "Bring back now"))


def test_the_panel_is_closed_at_once_also_where_the_service_is_away(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    proxy.down = "/"
    board.press("Close")
    board.wait(lambda: not board.has("dialog", "ada"))
    board.wait(board.trouble)
    assert board.mentors() == ["ada"]


def test_where_the_service_is_away_the_table_says_the_order_that_it_has(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open("sort=reason")
    proxy.down = "/api/"
    board.follow("Mentor")
    board.wait(board.trouble)
    sorted_by = "return [...document.querySelectorAll('[aria-sort]')].map((each) => each.innerText.trim())"
    assert browser.execute_script(sorted_by) == ["Reason"]


def test_the_panel_follows_the_address_also_where_the_service_is_away(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    board.follow("ada Leave, no return date")
    board.wait(lambda: board.has("button", "Bring back now"))
    proxy.down = "/api/"
    browser.back()
    board.wait(lambda: not board.has("dialog", "ada"))
    board.follow("Add a mentor")
    board.wait(lambda: board.has("textbox", "Mentor id"))


def test_a_mentor_is_shown_as_soon_as_they_are_read_though_the_lists_are_not(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    proxy.slow = "phase=overdue"
    proxy.held.clear()
    board.follow("ada Leave, no return date")
    board.wait(lambda: board.has("button", "Bring back now"))


def test_a_panel_that_is_closed_while_its_mentor_is_read_stays_closed(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    proxy.slow = "mentor-statuses/ada"
    proxy.held.clear()
    board.follow("Set a date… for ada")
    board.wait(lambda: board.has("dialog", "ada"))
    board.press("Close")
    board.wait(lambda: not board.has("dialog", "ada"))
    proxy.held.set()
    board.wait(lambda: browser.execute_script(ANSWERED, "mentor-statuses/ada/history"))
    board.poll()
    board.wait(lambda: browser.execute_script(ANSWERED, "pause-records?from=", 2))
    assert "mentor=" not in browser.current_url
    assert not board.has("dialog", "ada")


def test_a_mentor_who_is_read_late_is_not_shown_under_the_name_of_the_next_one(browser, proxy, add):
    for mentor in ("ada", "ben"):
        add(mentor, {"start_date": day(-5), "reason": f"reason of {mentor}"})
    board = Board(browser, proxy.base_url).open()
    proxy.slow = "mentor-statuses/ada"
    proxy.held.clear()
    browser.execute_script("location.hash = 'mentor=ada'")
    board.wait(lambda: board.has("dialog", "ada"))
    browser.execute_script("location.hash = 'mentor=ben'")
    board.wait(lambda: board.texts(".pauses strong") == ["Reason of ben"])
    proxy.held.set()
    board.wait(lambda: browser.execute_script(ANSWERED, "mentor-statuses/ada/history"))
    board.poll()
    board.wait(lambda: browser.execute_script(ANSWERED, "pause-records?from=", 3))
    assert board.texts("#panel-title, .pauses strong") == ["ben", "Reason of ben"]


def test_while_a_mentor_is_read_the_panel_does_not_show_the_one_who_was_in_it_before(browser, proxy, add):
    for mentor in ("ada", "ben"):
        add(mentor, {"start_date": day(-5), "reason": f"reason of {mentor}"})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.texts(".pauses strong") == ["Reason of ada"])
    board.press("Close")
    board.wait(lambda: not board.has("dialog", "ada"))
    proxy.slow = "mentor-statuses/ben"
    proxy.held.clear()
    browser.execute_script("location.hash = 'mentor=ben'")
    board.wait(lambda: board.has("dialog", "ben"))
    assert board.texts(".pauses strong") == []
    proxy.held.set()
    board.wait(lambda: board.texts(".pauses strong") == ["Reason of ben"])


def test_a_hidden_tab_does_not_poll_and_one_that_is_seen_again_does_at_once(browser, board, add, injected):
    injected(POLLS)
    add("ada", {"start_date": day(-5)})
    board.open()
    board.wait(lambda: browser.execute_script("return polls.size") == 1)
    browser.execute_script(HIDDEN, True)
    assert browser.execute_script("return polls.size") == 0
    add("ben", {"start_date": day(-4)})
    browser.execute_script(HIDDEN, False)
    board.wait(lambda: "ben" in board.mentors())
    assert browser.execute_script("return polls.size") == 1
