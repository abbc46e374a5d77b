"""Somebody goes on before an answer has come: what they typed, chose and opened stays, and what comes late is said."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, day
from tests.support.board import Board

LOST = "No answer came: the change may have been made, or not. Trying again is safe."
ANNOUNCE = "document.dispatchEvent(new CustomEvent('written', {detail: arguments[0]}))"
SIGN_IN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSign in"


@pytest.fixture
def board(browser, proxy, add):
    """Return the board behind the proxy; ada is active, ben is overdue, and cyd is back in four days."""
    add("ada")
    add("ben", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "illness"})
    add("cyd", {"start_date": day(-20), "expected_return_date": day(4), "reason": "leave"})
    return Board(browser, proxy.base_url)


@pytest.fixture
def hold(proxy):
    """Return a function that holds up requests whose path has a text in it; what it returns lets them go on."""

    def hold_up(text):
        proxy.slow = text
        proxy.held.clear()
        return proxy.held.set

    return hold_up


def title(board):
    return board.texts("#panel[open] #panel-title")


def close(board):
    board.press("Close")
    board.wait(lambda: title(board) == [])


def go_to(board, state):
    board.driver.execute_script("location.hash = arguments[0]", state)


def value(board, name):
    return board.driver.execute_script(f"return document.querySelector('[name={name}]').value")


def begin_to_pause_ada(board, hold):
    """Send the form of a pause, and return what lets the request go on."""
    board.open("mentor=ada")
    board.press("Pause…")
    board.type("Reason", "workload", "combobox")
    release = hold("mentor-statuses/ada")
    board.press("Pause")
    return release


# --- a write whose answer comes late, or never


def test_a_second_try_that_nobody_answers_either_is_not_said_to_be_done(board, proxy, read):
    board.open("mentor=ada")
    board.press("Pause…")
    proxy.down = "mentor-statuses/ada"
    board.press("Pause")
    board.wait(lambda: board.texts("#panel [role=alert] p") == [LOST])
    refused = proxy.refused
    board.press("Try again")
    board.wait(lambda: proxy.refused > refused and board.texts("#panel [role=alert] p") == [LOST])
    assert board.said() == ""
    assert read(f"{MENTORS}/ada")["status"] == "active"


def test_an_answer_of_something_else_is_no_success(board, proxy):
    board.open("mentor=ada")
    board.press("Pause…")
    proxy.before = lambda method, _: method == "PUT" and proxy.instead.append(SIGN_IN)
    board.press("Pause")
    board.wait(lambda: board.texts("#panel [role=alert] p") == [LOST])
    assert board.said() == ""


def test_a_write_that_is_refused_after_its_panel_was_closed_is_said_on_the_page(board, hold, write):
    release = begin_to_pause_ada(board, hold)
    close(board)
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "leave"})
    release()
    board.wait_said(
        "ada: Somebody, 12:00 UTC, changed this since you opened it. Your change was not made. status: active → paused"
    )


def test_a_mentor_who_is_added_late_does_not_close_what_was_opened_meanwhile(board, hold):
    board.open("panel=add")
    board.type("Mentor id", "dan")
    release = hold("/mentor-statuses")
    board.press("Add")
    close(board)
    go_to(board, "panel=files")
    board.wait(lambda: title(board) == ["Tables and calendar"])
    release()
    board.wait_said("dan is added.")
    assert title(board) == ["Tables and calendar"]


def test_what_is_typed_after_a_mentor_was_sent_is_not_said_to_be_added(board, hold, read):
    board.open("panel=add")
    board.type("Mentor id", "dan")
    release = hold("/mentor-statuses")
    board.press("Add")
    board.type("Mentor id", "eve")
    release()
    board.wait_said("dan is added.")
    assert read(f"{MENTORS}/dan")["status"] == "active"


def test_a_mentor_who_is_added_late_leaves_the_next_one_who_is_typed(board, hold):
    board.open("panel=add")
    board.type("Mentor id", "dan")
    release = hold("/mentor-statuses")
    board.press("Add")
    close(board)
    board.follow("Add a mentor")
    board.type("Mentor id", "eve")
    release()
    board.wait_said("dan is added.")
    assert value(board, "mentor_id") == "eve"


def test_a_change_of_chosen_rows_that_ends_late_leaves_what_was_opened_and_chosen_meanwhile(board, hold):
    board.open()
    board.press("Choose ben", "checkbox")
    board.follow("Change together")
    board.press("Bring back")
    board.wait(lambda: board.has("button", "Apply"))
    release = hold("mentor-statuses.csv")
    board.press("Apply")
    close(board)
    board.press("Choose cyd", "checkbox")
    go_to(board, "panel=files")
    board.wait(lambda: title(board) == ["Tables and calendar"])
    release()
    board.wait_said("Bring back: done for 1 mentor.")
    assert title(board) == ["Tables and calendar"]
    assert board.text("#choice output") == "1 chosen"


def test_what_is_announced_before_the_page_is_drawn_is_all_said(board, browser):
    board.open()
    browser.execute_script("""const send = fetch;
      window.late = 0;
      window.fetch = (...request) => (window.late += 1, new Promise((resolve) => setTimeout(resolve, 1000))
        .then(() => send(...request)).finally(() => (window.late -= 1)));
      window.restore = () => (window.fetch = send);""")
    browser.execute_script(ANNOUNCE, "The first.")
    browser.execute_script("restore()")
    browser.execute_script(ANNOUNCE, "The last.")
    board.wait(lambda: board.said() == "The first. The last.")
    board.wait(lambda: browser.execute_script("return late === 0"))
    browser.execute_async_script("setTimeout(arguments[0], 500)")  # the time to draw what has come late
    assert board.said() == "The first. The last."


# --- what is typed, and where the focus is


def test_what_is_typed_stays_when_something_else_is_announced(board):
    board.open("mentor=ada")
    board.press("Pause…")
    board.type("Reason", "workload", "combobox")
    board.driver.execute_script(ANNOUNCE, "ben is back.")
    board.wait_said("ben is back.")
    assert value(board, "pause_reason") == "workload"


def test_after_a_form_was_left_the_mentor_below_it_is_read_anew(board, write):
    board.open("mentor=ada")
    board.press("Pause…")
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "leave"})
    board.press("Cancel")
    board.wait(lambda: board.has("button", "Bring back now"))


def test_what_a_colleague_writes_is_shown_in_an_open_panel_at_the_next_poll(board, write):
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Pause…"))
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "leave"})
    board.poll()
    board.wait(lambda: board.has("button", "Bring back now"))
    assert board.text("#panel .state") == "paused, Leave"


def test_a_panel_of_which_nothing_has_changed_is_not_drawn_anew_so_that_the_focus_stays(board, browser, write):
    board.open("mentor=ada")
    pause = board.wait(lambda: browser.find_element("css selector", "#panel .primary:not([hidden])"))
    browser.execute_script("arguments[0].focus()", pause)
    write("POST", MENTORS, {"mentor_id": "dan"})
    board.poll()
    board.wait(lambda: board.text("#counts data") == "2")
    browser.execute_script("performance.clearResourceTimings()")
    board.poll()
    read = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/ada?')).length"
    board.wait(lambda: browser.execute_script(read))
    assert browser.switch_to.active_element == pause


def test_a_panel_that_cannot_be_read_anew_keeps_what_it_shows(board, proxy):
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Pause…"))
    proxy.down = "/"
    board.poll()
    board.wait(board.trouble)
    assert board.has("button", "Pause…")


def test_escape_closes_the_panel_with_what_is_typed(board):
    board.open("mentor=ada")
    board.press("Pause…")
    board.get("textbox", "Note").send_keys("by telephone", Keys.ESCAPE)
    board.wait(lambda: title(board) == [])
    assert "mentor=" not in board.driver.current_url


def test_what_was_typed_does_not_come_back_with_the_mentor(board):
    board.open("mentor=ada")
    board.press("Pause…")
    close(board)
    go_to(board, "mentor=ada")
    board.wait(lambda: board.has("button", "Pause…"))
    assert not board.has("button", "Pause")


def test_who_types_while_a_write_is_refused_keeps_the_focus(board, hold, write):
    release = begin_to_pause_ada(board, hold)
    board.type("Note", "by telephone")
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "leave"})
    release()
    board.wait(lambda: board.has("button", "Send it all the same"))
    assert board.driver.switch_to.active_element.get_attribute("name") == "notes"


def test_the_panel_gives_the_focus_back_to_the_link_that_opened_it(board):
    board.open()
    board.follow("ben")  # in the table: that of the picture says more
    board.wait(lambda: board.has("button", "Bring back now"))
    close(board)
    assert board.driver.execute_script("return document.activeElement.closest('tr') !== null")


def test_the_focus_is_in_the_table_again_though_the_row_was_drawn_anew(board):
    board.open()
    board.follow("ben")
    board.press("Bring back now")
    board.wait_said("ben is back.")
    close(board)
    focused = "return [document.activeElement.closest('tr') !== null, document.activeElement.textContent]"
    assert board.driver.execute_script(focused) == [True, "ben"]


def test_closing_the_panel_leaves_the_page_where_it_was(board, browser, upload):
    upload(MENTORS, "mentor_id,status", [(f"mentor-{number:02}", "paused") for number in range(80)])
    board.open()
    browser.execute_script("window.scrollTo(0, 1500)")
    before = browser.execute_script("return scrollY")
    assert before > 1000
    go_to(board, "mentor=ada")
    board.wait(lambda: board.has("button", "Pause…"))
    close(board)
    assert browser.execute_script("return scrollY") == before


def test_the_name_in_the_panel_is_that_in_the_head_and_is_kept_until_it_is_cleared(board, browser, read):
    def name():
        return board.get("textbox", "Your name").get_property("value")

    board.open()
    board.type("Your name", "Grace")
    board.follow("ben")
    board.wait(lambda: title(board) == ["ben"])
    assert name() == "Grace"
    board.type("Your name", "eva")
    close(board)
    assert name() == "eva"
    browser.refresh()
    board.wait(board.mentors)
    assert name() == "eva"
    board.type("Your name", Keys.DELETE)
    board.press("Bring back ben")
    board.wait_said("ben is back.")
    assert read(f"{MENTORS}/ben/history")["data"][0]["changed_by"] is None


def test_a_name_that_another_tab_takes_is_taken_here_too_and_what_is_said_stays(board, browser):
    board.open()
    board.press("Bring back ben")
    board.wait_said("ben is back.")
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        board.open()
        board.type("Your name", "Grace")
    finally:
        browser.close()
        browser.switch_to.window(first)
    board.wait(lambda: board.get("textbox", "Your name").get_property("value") == "Grace")
    assert board.said() == "ben is back."


# --- the address


def test_a_mentor_whose_id_is_that_of_a_panel_is_another_one(board, add):
    add("add")
    board.open("panel=add")
    go_to(board, "mentor=add")
    board.wait(lambda: board.text("#panel .state") == "active")
    assert title(board) == ["add"]


def test_enter_opens_who_was_typed_and_not_who_is_drawn_still(board, browser):
    board.open("q=ben")
    browser.execute_script("""const { q } = document.querySelector("#filters").elements;
      q.value = "ada";
      q.dispatchEvent(new Event("input", { bubbles: true }));
      q.form.requestSubmit();""")
    board.wait(lambda: title(board) == ["ada"])


def test_a_filter_is_added_to_what_the_address_asks_for_though_that_is_not_drawn_yet(board, browser, hold):
    board.open()
    release = hold("/pause-records")
    board.follow("1 pause overdue")
    board.type("Mentor", "b", "searchbox")
    release()
    board.wait(lambda: board.mentors() == ["ben"])
    assert "show=overdue" in browser.current_url
    assert "q=b" in browser.current_url


def test_the_filters_say_what_the_address_says_though_nothing_is_drawn_anew(board, browser, hold):
    board.open()
    release = hold("/pause-records")
    board.choose("Show", "coming")
    board.wait(lambda: "show=scheduled" in browser.current_url)
    browser.back()
    board.wait(lambda: value(board, "show") == "")
    release()
    browser.forward()
    board.wait(lambda: value(board, "show") == "scheduled")
    board.wait(lambda: board.mentors() == [])


def test_a_heading_keeps_a_filter_that_is_not_drawn_yet(board, browser, hold):
    board.open()
    release = hold("/pause-records")
    board.choose("Show", "overdue")
    board.follow("Reason")
    release()
    board.wait(lambda: board.mentors() == ["ben"])
    assert browser.current_url.endswith("#show=overdue&sort=reason")


@pytest.mark.parametrize("selector", ["tbody tr:first-child th a", ".pause", ".rows .mentor", ".actions a"])
def test_a_link_to_a_mentor_keeps_a_filter_that_is_not_drawn_yet(board, browser, hold, selector):
    board.open()
    release = hold("/pause-records")
    board.choose("Show", "overdue")
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)
    board.wait(lambda: title(board) == ["ben"])
    release()
    board.wait(lambda: board.mentors() == ["ben"])
    assert "show=overdue" in browser.current_url
    board.wait(lambda: board.has("button", "Bring back now"))
    assert board.has("button", "Save") == (selector == ".actions a")


def test_a_reason_of_the_address_is_chosen_before_anything_is_read(board, hold):
    board.open()
    release = hold("/pause-records")
    go_to(board, "reason=exam")
    board.wait(lambda: value(board, "reason") == "exam")
    release()
    board.wait(lambda: board.mentors() == [])
    assert value(board, "reason") == "exam"


def test_reset_clears_a_date_that_is_half_typed(board, browser):
    board.open("show=overdue")
    board.get("Date", "As of").send_keys("05")
    board.follow("Reset")
    half = "return document.querySelector('[name=as_of]').validity.badInput"
    board.wait(lambda: not browser.execute_script(half))


def test_a_date_that_is_half_typed_stays_when_there_is_news(board, add, browser):
    board.open()
    board.get("Date", "As of").send_keys("05")
    add("dan", {"start_date": day(-1)})
    board.poll()
    board.wait(lambda: "dan" in board.mentors())
    assert browser.execute_script("return document.querySelector('[name=as_of]').validity.badInput")


def test_to_skip_to_the_table_changes_nothing_of_what_is_seen(board, browser):
    board.open("show=overdue&sort=reason")
    before = browser.current_url
    browser.switch_to.active_element.send_keys(Keys.TAB, Keys.ENTER)
    board.wait(lambda: browser.switch_to.active_element.get_attribute("id") == "table")
    assert browser.current_url == before
