"""What the page is to whom: with a token that may write, read, or neither, and behind a proxy."""

from urllib.parse import quote

from tests.board.conftest import MENTORS, READER, STATUS, WRITER, day
from tests.support.board import Board
from tests.support.proxy import PATH

CONTROLS = """return [...document.querySelectorAll("button, input, a.button")].filter((each) => each.checkVisibility())
  .map((each) => each.ariaLabel ?? (each.textContent.trim() || each.type)).sort()"""
PEOPLE = """return [...document.querySelectorAll(`${arguments[0]} .person`)].filter((each) => each.checkVisibility())
  .map((each) => [each.href, each.target, each.rel, each.textContent.trim()])"""
UNKNOWN = "This service does not know the token."
LOOKING = ["Download or upload", "Search for a mentor", "date"]


def test_the_page_asks_for_a_token_and_keeps_it_for_the_tab_and_out_of_addresses_and_the_log(closed, closed_server):
    closed.enter("not-a-token-of-this-service")
    closed.wait(lambda: UNKNOWN in closed.text("#token [role=alert]"))
    closed.enter(WRITER)
    closed.shows("ada")
    closed.driver.refresh()
    closed.shows("ada")
    assert WRITER not in closed.driver.current_url
    assert WRITER not in closed_server.log()
    assert WRITER not in str(closed.driver.execute_script("return Object.values(localStorage)"))
    closed.press_in_row("ada", "Other day…")
    closed.type("Note", "no answer")
    closed.driver.execute_script("sessionStorage.setItem('token at /board', 'one-that-was-revoked')")
    closed.poll()
    closed.wait(lambda: UNKNOWN in closed.text("#token [role=alert]"))
    closed.shows("ada")
    closed.enter(WRITER)
    closed.wait(lambda: closed.value("notes") == "no answer")


def test_a_token_that_only_reads_may_look_and_not_change_in_any_view_nor_by_an_address(closed, write):
    closed.enter(READER)
    closed.shows("ada")
    for state, controls in {
        "": LOOKING,
        "view=pauses": LOOKING,
        "view=changes": LOOKING,
        "view=forecast": LOOKING[:2],
        "q=ada": LOOKING,
        "panel=add": LOOKING,
    }.items():
        closed.go(state)
        assert (state, closed.driver.execute_script(CONTROLS)) == (state, controls)
        assert (state, "You may look, not change." in closed.text("#waiting")) == (state, True)
    closed.go("mentor=ada")
    closed.wait(lambda: closed.texts(".history li"))
    assert closed.texts("#panel .content :is(button, form)") == []
    closed.go("panel=tables")
    closed.wait(lambda: closed.has("button", "Download"))
    assert not closed.has("button", "Check")
    write("DELETE", f"{MENTORS}/ada")
    closed.open()
    assert closed.has("heading", "There are no mentors yet")
    assert closed.texts("#empty a") == []


def test_a_token_that_may_not_read_pauses_is_told_so_and_another_one_may_be_given(closed):
    closed.enter(STATUS)
    closed.wait(lambda: closed.face() == "forbidden")
    assert closed.text("#forbidden [role=alert]")
    assert closed.driver.execute_script(CONTROLS) == ["Use another token"]
    closed.press("Use another token")
    closed.enter(READER)
    closed.shows("ada")


def test_behind_a_proxy_that_adds_a_path_every_address_is_below_that_path(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.texts(".history li"))
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert len(loaded) >= 10
    assert [address for address in loaded if not address.startswith(f"{proxy.base_url}/")] == []
    assert PATH in browser.find_element("link text", "API").get_property("href")


def test_rows_and_the_panel_lead_to_the_person_where_the_service_knows_the_address(browser, board, serve, add):
    mentor = "a~b:c@d"
    add(mentor, {"start_date": day(-9)})
    linked = serve(MENTOR_URL="https://app.example/people/{mentor_id}?from=board")
    address = f"https://app.example/people/{quote(mentor, safe='~')}?from=board"
    person = [address, "_blank", "noopener", f"Page of {mentor}"]
    linking = Board(browser, linked.base_url).open()
    for state in ("", "view=pauses", "view=changes", "q=a"):
        linking.go(state)
        found = browser.execute_script(PEOPLE, "main")
        assert (state, bool(found), [each for each in found if each != person]) == (state, True, [])
    linking.go(f"mentor={quote(mentor)}")
    linking.wait(lambda: linking.texts(".history li"))
    assert browser.execute_script(PEOPLE, "#panel") == [person]
    board.open("view=pauses")
    assert browser.execute_script(PEOPLE, "body") == []
