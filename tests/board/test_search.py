"""The search in the head: whom it finds, what it offers, and what of it is sent."""

from urllib.parse import quote

from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, MENTORS, day, shown
from tests.support.board import Board

DASH = "\N{EN DASH}"
VIEWS = {"": "To do", "view=pauses": "Pauses", "view=changes": "What changed", "view=forecast": "Forecast"}
FOCUSED = "return document.activeElement.name"


def search(board, text):
    board.type("Search for a mentor", text, "searchbox")


def test_the_search_is_in_the_head_of_every_view_a_slash_goes_there_and_an_empty_one_leads_back(board, add):
    add("ada", {"start_date": day(-3)})
    board.open()
    for state, title in VIEWS.items():
        board.go(state)
        board.driver.find_element("tag name", "body").send_keys("/")
        assert board.driver.execute_script(FOCUSED) == "q"
        board.driver.switch_to.active_element.send_keys("d/")
        board.wait(lambda: board.text(".nothing").startswith("Nobody has “d/” in the id."))
        board.driver.switch_to.active_element.send_keys(Keys.BACKSPACE)
        board.shows("ada")
        assert board.driver.current_url.endswith("q=d")
        assert board.driver.execute_script(FOCUSED) == "q"
        board.driver.switch_to.active_element.send_keys(Keys.BACKSPACE)
        board.wait(lambda title=title: board.text("h1") == title)
        assert "q=" not in board.driver.current_url


def test_any_part_of_an_id_finds_it_with_a_pause_if_there_is_one_and_names_or_mentors_can_be_added_if_not(board, add):
    add("chidi.1941", {"start_date": day(-3), "reason": "illness"})
    add("Chidi.1942", {"start_date": day(-20), "end_date": day(-9)})  # a pause that has ended is not found
    board.open()
    paused = ["chidi.1941", "away 3 days", "Illness", shown(-3), "not known"]
    search(board, " IDI.194 ")
    board.wait(lambda: board.rows() == [["Chidi.1942", "available", *3 * [DASH]], paused])
    board.go(f"q={quote('josé %')}")
    assert (board.rows(), board.trouble()) == ([], "")
    assert board.text(".nothing").startswith("Nobody has “josé %” in the id.")
    assert board.texts(".nothing a") == ["Names…", "Add mentors"]  # somebody may have typed a name
    board.press("Add mentors", "link")
    board.wait(lambda: board.has("dialog", "Add mentors"))


def test_when_a_refused_form_is_cancelled_a_search_shows_the_pause_that_a_colleague_has_opened(
    without_polls, board, add, write
):
    add("noor")
    board.open("q=noor")
    board.press_in_row("noor", "Pause…")
    board.fill_form({"Reason": "exam"})
    theirs = {"status": "paused", "expected_return_date": day(9), "pause_reason": "illness"}
    write("PUT", f"{MENTORS}/noor", theirs | BY_BOB)
    board.press("Pause")
    board.wait(lambda: board.texts("main .refusal p"))
    board.wait(lambda: [row[1:3] for row in board.rows()] == [[f"paused, back {shown(9)}", "Illness"]])
    board.press("Cancel")
    board.wait(lambda: [row[1:3] for row in board.rows()] == [["due in 9 days", "Illness"]])
    assert board.in_row("noor", "Other day…")


def test_enter_opens_the_only_one_who_is_found_also_if_the_answer_is_still_to_come(browser, proxy, add):
    for mentor in ("ada", "ben", "bea"):
        add(mentor)
    add("cyd", {"start_date": day(-9)}, {"start_date": day(-2), "reason": "illness"})
    board = Board(browser, proxy.base_url).open("q=ada")
    proxy.held.clear()
    search(board, "ben")
    board.driver.switch_to.active_element.send_keys(Keys.ENTER)
    proxy.held.set()
    board.wait(lambda: board.has("dialog", "ben"))
    board.go("q=be")
    board.shows("bea", "ben")
    board.get("searchbox", "Search for a mentor").send_keys(Keys.ENTER)
    assert "mentor=" not in browser.current_url
    board.go("q=cyd")
    board.shows("cyd", "cyd")  # of whom both pauses are found
    board.get("searchbox", "Search for a mentor").send_keys(Keys.ENTER)
    board.wait(lambda: board.has("dialog", "cyd"))


def test_while_an_answer_is_on_its_way_it_is_not_said_that_there_is_nobody(browser, proxy, add):
    add("ada", {"start_date": day(-1)})
    board = Board(browser, proxy.base_url).open("view=pauses&show=overdue")
    assert board.texts(".nothing") == ["No pause fits what is asked for."]
    for ask in (lambda: board.choose("Show", "paused"), lambda: search(board, "ada")):
        proxy.held.clear()
        ask()
        board.wait(lambda: board.text("#waiting").startswith("Loading"))
        assert board.texts(".nothing") == []
        proxy.held.set()
        board.shows("ada")
        board.go("q=zoe")
        assert board.text(".nothing").startswith("Nobody has “zoe” in the id.")


def test_a_search_is_about_the_day_that_is_shown_goes_along_to_another_one_and_ends_with_another_view(board, add):
    def typed():
        return board.get("searchbox", "Search for a mentor").get_attribute("value")

    add("m-1")
    add("m-3", {"start_date": day(5), "end_date": day(15)})
    board.open(f"view=available&as_of={day(12)}")
    board.run("read/names.js", "addNames", [["m-3", "Ann"]])
    search(board, "ann")
    board.wait(lambda: [row[:2] for row in board.rows()] == [["Ann m-3", "away, due in 3 days"]])
    board.date("Show another day", day(10))
    board.wait(lambda: board.text("#banner strong").startswith(shown(10)))
    assert typed() == "ann"
    board.follow("Show today")
    board.wait(lambda: board.texts("#banner") == [])
    assert typed() == "ann"
    board.follow("To do")
    board.wait(lambda: board.text("h1") == "To do")
    assert typed() == ""
