"""When the page reads, what that costs, and what it says and keeps if no answer comes, a late one, or another's."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, day, fill
from tests.support.board import Board
from tests.support.browser import find

AWAY = "The service cannot be reached. The page tries again by itself."
POLLS = """window.polls = new Map();  // the delays of those to come, by their timers
const [start, stop] = [setTimeout, clearTimeout];
window.setTimeout = (act, delay, ...values) => {
  const timer = start(() => (polls.delete(timer), act(...values)), delay);
  if ([20_000, 300_000].includes(delay)) polls.set(timer, delay);
  return timer;
};
window.clearTimeout = (timer) => (polls.delete(timer), stop(timer));"""
NEXT_POLLS = "return [...polls.values()]"
FASTER = """const later = setTimeout;
window.setTimeout = (act, delay, ...values) => later(act, delay === 20_000 ? 200 : delay, ...values);"""
IMPATIENT = """window.hung = [];
const later = setTimeout;
window.setTimeout = (act, delay, ...values) => delay === 60_000 ? hung.push(act) : later(act, delay, ...values);"""
HIDDEN = """Object.defineProperty(document, "hidden", {configurable: true, value: arguments[0]});
document.dispatchEvent(new Event("visibilitychange"));"""
TROUBLES = """window.observer?.disconnect();
window.troubles = [];
const trouble = document.querySelector("#trouble");
window.observer = new MutationObserver(() => trouble.textContent && troubles.push(trouble.textContent));
observer.observe(trouble, {childList: true, characterData: true, subtree: true});"""
KEEP = "document.querySelectorAll('main *, #views *').forEach((each) => (each.kept = true))"
NEW = "return [...document.querySelectorAll('main *, #views *')].filter((each) => !each.kept).length"
ANSWERED = """return performance.getEntriesByType("resource").some((each) =>
  each.responseEnd && each.name.includes(arguments[0]))"""
TITLE = "return document.querySelector('#panel[open] #panel-title')?.innerText ?? null"
PROXYS = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSign in"
SIGN_IN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSign in"
PROBLEM = b'{"status": 503, "code": "unavailable", "detail": "The database does not answer."}'
BUSY = b"HTTP/1.1 503 Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n" % len(
    PROBLEM
)
VIEWS = ["", "view=pauses", "view=changes", "view=forecast", "q=ada"]


@pytest.fixture
def remote(browser, proxy, add):
    """Return the board behind the proxy; ada is overdue, ben has no return date."""
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("ben", {"start_date": day(-20), "reason": "illness"})
    return Board(browser, proxy.base_url)


@pytest.fixture
def hold(proxy):
    """Return a function that holds up requests whose path has a text in it; what it returns lets them go on."""

    def hold_up(text="/api/"):
        proxy.slow = text
        proxy.held.clear()
        return proxy.held.set

    return hold_up


def read_again(remote):
    """Poll, and wait until the page waits for its next poll; it has the script POLLS."""
    remote.poll()
    remote.wait(lambda: remote.driver.execute_script(NEXT_POLLS))


def test_a_poll_of_what_has_not_changed_costs_a_few_304s_and_draws_nothing(remote, browser, proxy, injected):
    injected(POLLS)
    remote.open()
    for state, paths in {
        "": ["mentor-statuses", "pause-records"],
        "view=pauses": ["pause-records"],
        "view=changes": ["history"],
        "view=forecast": ["mentor-statuses", "mentor-statuses", "statistics"],
        "q=ada": ["mentor-statuses", "pause-records"],
        "mentor=ada": ["mentor-statuses", "pause-records"],  # the panel is left as it is
    }.items():
        remote.go(state)
        remote.wait(lambda: browser.execute_script(NEXT_POLLS))
        browser.execute_script(KEEP)
        proxy.requests.clear()
        proxy.statuses.clear()
        read_again(remote)
        asked = sorted(path.partition("/api/v1/")[2].partition("?")[0] for _, path, *_ in proxy.requests)
        assert (state, asked, set(proxy.statuses)) == (state, paths, {304})
        assert (state, browser.execute_script(NEW)) == (state, 0)


def test_the_page_polls_every_20_seconds_the_forecast_every_5_minutes_and_a_hidden_tab_never(
    remote, browser, injected, write
):
    injected(POLLS)
    remote.open("view=forecast")
    remote.wait(lambda: browser.execute_script(NEXT_POLLS) == [300_000])
    for state in ("q=ada&view=forecast", "view=changes", ""):
        remote.go(state)
        remote.wait(lambda: browser.execute_script(NEXT_POLLS) == [20_000])
    browser.execute_script(HIDDEN, True)
    assert browser.execute_script(NEXT_POLLS) == []
    write("PUT", f"{MENTORS}/ada", {"status": "active"})
    browser.execute_script(HIDDEN, False)
    remote.wait_outcome("ada", "Somebody, 12:00 UTC: back")
    remote.wait(lambda: browser.execute_script(NEXT_POLLS) == [20_000])


def test_what_a_colleague_adds_waits_until_it_is_asked_for_also_if_somebody_comes_back_to_a_view(
    remote, browser, add, hold
):
    remote.open()
    add("cyd", {"start_date": day(-9), "expected_return_date": day(-7)})
    remote.poll()
    remote.wait(lambda: "The list has changed: show it" in remote.text("#waiting"))
    assert remote.names() == ["ada", "ben"]
    remote.follow("Forecast")
    remote.wait(lambda: remote.texts(".forecast"))
    release = hold()
    remote.follow("To do")
    remote.shows("ada", "ben")  # as it was read
    release()
    remote.wait(lambda: "The list has changed: show it" in remote.text("#waiting"))
    assert remote.names() == ["ada", "ben"]
    find(browser, "#waiting button").click()
    remote.shows("cyd", "ada", "ben")
    assert remote.texts("#waiting button") == []


def test_if_the_service_does_not_answer_the_page_says_so_keeps_what_it_shows_and_tries_again(
    remote, browser, proxy, injected, add
):
    injected(FASTER)
    remote.open()
    for number, (answer, words) in enumerate(
        (
            (None, AWAY),
            (PROXYS, AWAY),
            (BUSY + PROBLEM, "The database does not answer. The page tries again by itself."),
            (SIGN_IN, "Something other than this service answered: a proxy, or a network that asks you to sign in."),
        ),
        1,
    ):
        browser.execute_script(TROUBLES)
        if answer:
            proxy.instead = [answer] * 1000
        else:
            proxy.down = "/api/"
        remote.wait(lambda: words in remote.trouble())  # noqa: B023
        requests = len(proxy.requests)
        remote.wait(lambda: len(proxy.requests) > requests + 4)  # noqa: B023
        assert len(browser.execute_script("return troubles")) == 1  # so that it is read out once
        assert remote.names() == ["ada", "ben"]
        assert remote.text("#waiting").startswith("As of ")
        proxy.restore()
        add(f"cyd-{number}", {"start_date": day(-9)})
        remote.wait(lambda: (remote.text("#waiting button"), remote.trouble()) == ("The list has changed: show it", ""))


def test_a_request_that_hangs_for_a_minute_is_given_up(remote, browser, injected, hold):
    injected(IMPATIENT)
    remote.open()
    hold("/pause-records?")
    remote.poll()
    browser.execute_script("hung.forEach((giveUp) => giveUp())")
    remote.wait(lambda: remote.trouble() == AWAY)


def test_of_a_view_that_was_never_read_it_is_not_said_that_it_loads_and_each_says_when_it_was_read(remote, proxy):
    proxy.down = "/api/"
    for state in VIEWS:
        remote.open(state, drawn=False)
        remote.wait(lambda: remote.trouble() == AWAY)
        assert (state, "Loading" in remote.text("body"), "Not read yet." in remote.text("main")) == (
            *(state, False, True),
        )
    proxy.restore()
    remote.open()
    proxy.down = "/api/"
    remote.follow("What changed")
    remote.wait(lambda: remote.trouble() == AWAY)
    assert remote.text("#waiting span") == "Not read yet."
    remote.follow("To do")
    remote.wait(lambda: remote.text("#waiting").startswith("As of "))
    assert remote.names() == ["ada", "ben"]


def test_a_slow_answer_to_an_earlier_question_is_not_shown(remote, browser, proxy, hold):
    remote.open("view=pauses")
    release = hold("phase=overdue")
    remote.choose("Show", "overdue")
    remote.wait(lambda: any("phase=overdue" in path for _, path, *_ in proxy.requests))
    remote.choose("Show", "no return date")
    remote.shows("ben")
    release()
    remote.wait(lambda: browser.execute_script(ANSWERED, "phase=overdue"))
    remote.go("view=pauses&show=undated&rows=all")
    assert remote.names() == ["ben"]
    remote.driver.back()
    remote.wait_read()
    assert (remote.names(), remote.get("combobox", "Show").get_property("value")) == (["ben"], "undated")


def test_filters_are_added_to_what_the_address_asks_for_though_that_is_not_read_yet(remote, browser, hold):
    remote.open("view=pauses")
    release = hold()
    remote.choose("Show", "no return date")
    remote.follow("Reason")
    remote.choose("Reason", "Illness")
    release()
    remote.shows("ben")
    assert browser.current_url.endswith("#view=pauses&show=undated&reason=illness&sort=reason")


def test_the_panel_follows_the_address_whatever_comes_late_or_not_at_all(remote, browser, proxy, hold):
    remote.open()
    release = hold("mentor-statuses/ada")
    remote.follow("ada")
    remote.wait(lambda: browser.execute_script(TITLE) == "ada")
    browser.execute_script("location.hash = 'mentor=ben'")
    remote.wait(lambda: remote.texts(".pauses strong") == ["Illness"])
    release()
    remote.wait(lambda: browser.execute_script(ANSWERED, "mentor-statuses/ada/history"))
    remote.go("mentor=ben&rows=all")
    assert (browser.execute_script(TITLE), remote.texts(".pauses strong")) == ("ben", ["Illness"])
    remote.press("Close")
    remote.wait(lambda: browser.execute_script(TITLE) is None)
    release = hold("mentor-statuses/ada")
    remote.follow("ada")
    remote.wait(lambda: remote.texts("#panel .content") == ["Loading…"])  # and not ben
    remote.press("Close")
    release()
    remote.poll()
    remote.wait_read()
    assert (browser.execute_script(TITLE), "mentor=" in browser.current_url) == (None, False)


def test_a_panel_that_was_not_read_when_the_page_polls_is_read_then(remote, browser, proxy, hold):
    remote.open()
    release = hold("mentor-statuses/ada")
    remote.follow("ada")
    remote.wait(lambda: remote.texts("#panel .content") == ["Loading…"])
    remote.poll()
    release()
    remote.wait(lambda: remote.texts(".pauses .state") == ["5 days overdue"])
    remote.press("Close")
    proxy.down = "mentor-statuses/ben"
    remote.follow("ben")
    remote.wait(lambda: remote.texts("#panel .content") == [AWAY])
    proxy.restore()
    remote.poll()
    remote.wait(lambda: "away" in remote.text(".pauses .state"))


def test_a_panel_that_is_closed_leaves_the_page_where_it_was_with_the_focus_on_its_link(
    remote, browser, database, window
):
    window(1280)
    fill(database, 2000, 80)
    remote.open("view=pauses&show=current")
    remote.wait(lambda: len(remote.names()) == 82)
    link = remote.row("mentor-01040").find_element("css selector", ".mentor")
    place = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'}); return scrollY"
    before = browser.execute_script(place, link)
    assert before > 100
    link.click()
    remote.wait(lambda: remote.texts(".history"))
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    remote.wait(lambda: browser.execute_script(TITLE) is None)
    assert browser.execute_script("return scrollY") == before
    assert browser.switch_to.active_element == link
