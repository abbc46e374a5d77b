"""The faces of the board: empty, loading, many mentors, narrow, wide, printed, by keyboard."""

import json
import subprocess

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, day, fill
from tests.support.board import Board

RIGHT_TO_LEFT = "חופשה " * 20


@pytest.fixture
def medium(browser):
    """Return a function that sets the medium and its features (`prefers-color-scheme`) as the browser says them."""

    def set_medium(media="", **features):
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": named})

    yield set_medium
    set_medium()


def test_an_empty_service_says_what_to_do_first_with_a_curl_that_does_it(board, read):
    board.open()
    assert board.has("heading", "There are no mentors yet")
    assert not board.has("search", "Filters")
    command = board.text("#empty pre")
    ended = subprocess.run(["bash", "-c", f"{command} -sS"], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["status"] == "active"
    board.poll()
    board.wait(lambda: board.has("search", "Filters"))
    assert read(f"{MENTORS}/mentor-001")["mentor_id"] == "mentor-001"


def test_the_first_mentor_is_added_from_the_empty_board(board, read):
    board.open()
    board.follow("Add the first mentor")
    board.type("Mentor id", "ada")
    board.press("Add")
    board.wait(lambda: board.texts("#counts data")[0] == "1")


def test_the_empty_board_offers_the_upload_of_a_list_and_says_how_to_fill_it_with_examples(
    board, read, server, tmp_path
):
    board.open()
    assert "flask --app app seed" in board.texts("#empty pre")
    assert "mentor_id in its first line, then one id a line" in board.text("#empty")
    (tmp_path / "list.csv").write_text("mentor_id\nada\nben\n")
    board.follow("Upload a list")
    board.wait(lambda: board.has("button", "Check"))
    board.driver.find_element("css selector", "input[type=file]").send_keys(str(tmp_path / "list.csv"))
    board.press("Check")
    board.press("Apply")
    board.wait(lambda: board.texts("#counts data")[0] == "2")


PRIMARY = """return [...document.querySelectorAll(".primary")].filter((each) => each.checkVisibility())
  .map((each) => each.textContent)"""


def test_add_a_mentor_is_the_one_primary_button_and_the_link_to_the_api_stands_at_the_foot(board, add):
    board.open()
    assert board.driver.execute_script(PRIMARY) == ["Add the first mentor"]
    add("ada", {"start_date": day(-5)})
    board.open()
    board.press("Choose ada", "checkbox")
    board.wait(lambda: board.has("link", "Change together"))
    assert board.driver.execute_script(PRIMARY) == ["Add a mentor"]
    assert board.texts("footer a") == ["API"]
    assert not board.texts("header a[href=docs]")


def test_of_the_counts_only_what_is_overdue_and_what_has_no_return_date_has_a_colour(board, add):
    add("late", {"start_date": day(-9), "expected_return_date": day(-5)})
    add("open", {"start_date": day(-9)})
    add("due", {"start_date": day(-9), "expected_return_date": day(3)})
    add("soon", {"start_date": day(2)})
    board.open()
    colours = "return [...document.querySelectorAll('#counts data')].map((each) => getComputedStyle(each).color)"
    active, paused, overdue, due, undated, coming = board.driver.execute_script(colours)
    assert len({active, paused, due, coming}) == 1
    assert len({active, overdue, undated}) == 3
    board.open("as_of=2020-01-01")
    assert set(board.driver.execute_script(colours)) == {active}  # there are none


def test_where_nothing_is_found_there_is_no_empty_table_but_the_ways_on(board, add):
    add("ada", {"start_date": day(-5)})
    board.open("q=zoe")
    assert board.text("#table") == "Nobody: no mentor and no pause fits what is asked for.\nReset\nAdd a mentor"
    assert not board.driver.find_element("css selector", ".picture").is_displayed()
    board.driver.find_element("css selector", ".nobody [data-writes]").click()
    assert board.get("textbox", "Mentor id").get_property("value") == ""
    board.press("Close")
    board.driver.find_element("css selector", ".nobody .reset:not([aria-current])").click()
    board.wait(lambda: board.mentors() == ["ada"])
    assert board.has("table", "1 pause of 1 mentor")


def test_while_it_loads_everything_has_its_place_and_nothing_jumps_when_the_data_is_there(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    places = """return ["#counts", "#filters", "#table"].map((each) =>
      document.querySelector(each).getBoundingClientRect().top)"""
    proxy.held.clear()
    board = Board(browser, proxy.base_url).open(drawn=False)
    board.wait(lambda: board.text("#freshness") == "Loading…")
    before = browser.execute_script(places)
    proxy.held.set()
    board.wait(lambda: board.mentors() == ["ada"])
    assert browser.execute_script(places) == before


def test_what_a_filter_of_the_api_refuses_is_shown_as_the_api_wrote_it(board, add):
    add("ada")
    board.open("as_of=2500-01-01", drawn=False)
    board.wait(lambda: "as_of" in board.trouble())


def test_ten_thousand_mentors_of_whom_500_are_paused_are_counted_shown_and_searched(board, database):
    fill(database, 10_000, 500)
    board.open()
    assert len(board.table()) == 500
    assert board.texts("#counts data")[:2] == ["9,500", "500"]
    board.type("Mentor", "mentor-09999", "searchbox")
    board.wait(lambda: board.mentors() == ["mentor-09999"])


def test_the_longest_id_and_a_long_reason_from_right_to_left_fit_at_every_width(browser, board, add, window):
    add("w" * 64, {"start_date": day(-5), "reason": RIGHT_TO_LEFT.strip()})
    board.open(f"mentor={'w' * 64}")
    board.wait(lambda: board.has("button", "Bring back now"))
    fits = """return [document.documentElement, document.querySelector('#panel')].map((each) =>
      each.scrollWidth <= each.clientWidth)"""
    for width in (320, 360, 640, 1280, 2560):  # 640: 1280 at a zoom of 200 %
        window(width)
        assert (width, browser.execute_script(fits)) == (width, [True, True])


def test_the_keyboard_alone_reaches_the_table_and_a_mentor_and_comes_back_to_where_it_was(browser, board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    body = browser.switch_to.active_element
    body.send_keys(Keys.TAB, Keys.ENTER)
    board.wait(lambda: browser.switch_to.active_element.get_attribute("id") == "table")
    for _ in range(8):  # the box that chooses all, the headings, the box of the mentor, then the mentor
        browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    board.wait(lambda: board.has("button", "Bring back now"))
    assert browser.execute_script("return document.activeElement.closest('#panel') !== null")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    board.wait(lambda: browser.switch_to.active_element.text.startswith("ada"))


def test_landmarks_a_caption_and_a_live_region_are_there_for_a_screen_reader(board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    assert all(board.has(role, name) for role, name in [("main", ""), ("search", "Filters"), ("status", None)])
    assert all(board.has("navigation", name) for name in ("Pages", "Counts", "Time shown"))
    assert board.has("table", "1 pause of 1 mentor")
    board.choose("Show", "coming")
    board.wait(lambda: board.texts("#results")[0].startswith("0 mentors, "))
    assert board.texts("#results")[0].endswith(", coming")


def test_nothing_moves_for_who_wants_no_motion(browser, board, medium):
    board.open()
    moving = "return getComputedStyle(document.querySelector('a')).transitionDuration"
    medium(prefers_reduced_motion="no-preference")
    assert browser.execute_script(moving) == "0.1s"
    medium(prefers_reduced_motion="reduce")
    assert browser.execute_script(moving) == "0s"


def test_on_paper_there_are_the_counts_the_picture_and_the_table_and_no_controls(browser, board, add, medium):
    add("ada", {"start_date": day(-5)})
    board.open()
    medium("print")
    seen = {name: bool(browser.find_element("css selector", name).is_displayed()) for name in PRINTED}
    assert seen == PRINTED
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    assert len(pdf) > 10_000


PRINTED = {
    "#counts": True,
    ".pause": True,
    ".legend": True,
    "table": True,
    "#filters": False,
    "header nav": False,
    ".writer": False,
    "#timeline nav": False,
    ".actions": False,
}
