"""A service that asks for tokens, and one behind a proxy that adds a path."""

from tests.board.conftest import MENTORS, READER, RECORDS, STATUS, WRITER, day
from tests.support.board import Board
from tests.support.proxy import PATH

WRITES = ["Bring back now", "Another pause…", "Change…", "Delete a mistake…"]


def test_the_board_asks_for_a_token_and_keeps_it_for_the_tab_and_out_of_addresses_and_the_log(closed, closed_server):
    closed.enter(WRITER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    closed.driver.refresh()
    closed.wait(lambda: closed.mentors() == ["ada"])
    assert WRITER not in closed.driver.current_url
    assert WRITER not in closed_server.log()
    assert closed.driver.execute_script("return Object.values(localStorage)") == []


def test_a_token_that_is_wrong_and_one_that_is_revoked_are_asked_for_again_in_plain_words(closed):
    closed.enter("not-a-token-of-this-service")
    closed.wait(lambda: "This service does not know the token." in closed.text("#token [role=alert]"))
    closed.enter(WRITER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    closed.driver.execute_script("sessionStorage.setItem('token', 'one-that-was-revoked')")
    closed.poll()
    closed.wait(lambda: "This service does not know the token." in closed.text("#token [role=alert]"))
    assert closed.mentors() == ["ada"]


def test_a_token_that_may_write_is_the_name_in_the_history_and_no_other_name_is_asked_for(closed, read):
    closed.enter(WRITER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    assert not closed.has("textbox", "Your name")
    closed.follow("ada Leave, no return date")
    closed.press("Change…")
    closed.type("Reason", "illness", "combobox")
    assert not closed.has("textbox", "Your name")
    closed.press("Save")
    closed.wait_said("ada has a changed pause.")
    assert read(f"{MENTORS}/ada/history")["data"][0]["changed_by"] == "ada"


def test_a_token_that_only_reads_sees_no_button_that_writes(closed):
    closed.enter(READER)
    closed.follow("ada Leave, no return date")
    closed.wait(lambda: closed.texts(".history li"))
    assert [name for name in WRITES if closed.has("button", name)] == []
    assert not closed.has("link", "Add a mentor")
    closed.press("Close")
    closed.follow("Tables and calendar")
    closed.wait(lambda: closed.has("button", "Download"))
    assert not closed.has("button", "Check")


def test_a_token_that_only_reads_is_not_told_on_the_empty_board_how_to_write(closed, write):
    write("DELETE", f"{MENTORS}/ada")
    closed.enter(READER)
    closed.wait(lambda: closed.has("heading", "There are no mentors yet"))
    parts = closed.driver.find_elements("css selector", "#empty > *")
    assert [part.text for part in parts if part.is_displayed()] == [
        "There are no mentors yet",
        "A mentor is active until you pause them; then they stand here, with the day they are expected back.",
        "To look around first, your operator can fill this service with example mentors:",
        "flask --app app seed",
    ]


def test_a_token_that_only_reads_gets_no_form_by_an_address_either(closed, read):
    closed.enter(READER)
    closed.open("panel=add")
    assert not closed.has("dialog", "Add a mentor")
    closed.open(f"mentor=ada&change={read(RECORDS)['data'][0]['pause_record_id']}")
    closed.wait(lambda: closed.texts(".history li"))
    assert closed.texts("#panel .write") == []


def test_a_token_that_may_not_read_pauses_is_told_so_and_another_one_may_be_given(closed):
    closed.enter(STATUS)
    closed.wait(lambda: closed.face() == "forbidden")
    assert "may only read mentor statuses" in closed.text("#forbidden")
    assert not closed.has("link", "Tables and calendar")
    assert not closed.has("link", "Add a mentor")
    closed.press("Use another token")
    closed.enter(READER)
    closed.wait(lambda: closed.mentors() == ["ada"])


def test_behind_a_proxy_that_adds_a_path_every_address_is_below_that_path(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert len(loaded) >= 10
    assert [address for address in loaded if not address.startswith(f"{proxy.base_url}/")] == []
    board.press("Close")
    assert PATH in browser.find_element("link text", "API").get_property("href")
