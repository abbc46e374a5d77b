"""The panel of one mentor: their pauses, what can be done about them, and who did what when."""

from threading import Event
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, ON_BOTH, ONE_WORKER, READER, RECORDS, WRITER, day, shown
from tests.support.board import Board, untimed
from tests.support.browser import find
from tests.support.server import Server

BACK = "Back on, another date"
GONE = "This mentor was deleted, with their pauses."
PEOPLE = """return [...document.querySelectorAll(arguments[0] + " .person")].map((each) =>
  [each.href, each.target, each.rel])"""


def press_in_pause(board, reason, label):
    """Press a button of the pause with this reason, as soon as it takes a click."""

    def pressed():
        pauses = board.driver.find_elements("css selector", "#panel .pauses > li")
        buttons = [
            button
            for pause in pauses
            if find(pause, "strong").text == reason
            for button in pause.find_elements("css selector", "button")
            if button.text == label and button.get_attribute("aria-disabled") != "true"
        ]
        return buttons and buttons[0].click() is None

    board.wait(pressed)


def said(board):
    """Return what the panel says of what was done there."""
    return board.texts("#panel .said")


def wait_said(board, *words):
    board.wait(lambda: said(board) == [f"✓ {each}" for each in words])


def panel_state(board):
    return board.text("#panel .state")


def is_open(board):
    return board.driver.execute_script("return document.querySelector('#panel').open")


def status_of(server, path):
    return server.request("GET", path)[0].status


def dates(record):
    """Return the start, the end, the expected return and the reason of a pause record; each date as a day."""
    instants = [record[name] for name in ("start_date", "end_date", "expected_return_date")]
    return [*(each and each[:10] for each in instants), record["reason"]]


# --- writes


@ON_BOTH
def test_a_pause_and_another_one_beside_it_are_recorded(board, add, read):
    add("ada")
    board.open("mentor=ada")
    board.wait(lambda: board.texts("#panel h3 + .note") == ["None so far."])
    board.press("Pause…")
    board.date(BACK, day(9))
    board.type("Reason", "illness")
    board.type("Note", "by telephone")
    board.press("Pause")
    wait_said(board, f"paused from today, back {shown(9)}, Illness")
    board.wait(lambda: panel_state(board) == f"paused since {shown(0)}, back {shown(9)}")
    board.press("Another pause…")
    board.press("Tomorrow")
    board.press("Pause")
    assert board.driver.switch_to.active_element.get_attribute("name") == "reason"  # the API asks for one here
    board.type("Reason", "exam")
    board.press("Pause")
    wait_said(board, "paused from tomorrow, Exam")
    board.wait(lambda: len(board.texts("#panel .pauses > li")) == 2)
    records = [dates(each) for each in read(f"{RECORDS}?sort=start_date")["data"]]
    assert records == [[day(0), None, day(9), "illness"], [day(1), None, None, "exam"]]
    entry = read(f"{MENTORS}/ada/history")["data"][1]
    assert entry["metadata"] == {"initiated_by": "Ada", "notes": "by telephone"}


@ON_BOTH
def test_a_running_a_coming_and_an_ended_pause_are_changed_in_their_dates_and_their_reason(board, add, read):
    add(
        "ada",
        {"start_date": day(-30), "end_date": day(-20), "reason": "exam"},
        {"start_date": day(-5), "reason": "illness"},
        {"start_date": day(10), "end_date": day(20), "reason": "holiday"},
    )
    board.open("mentor=ada")
    for reason, start, back, other in (
        ("Exam", day(-31), day(-15), "fair"),
        ("Illness", day(-6), day(3), "surgery"),
        ("Holiday", day(11), day(25), "wedding"),
    ):
        press_in_pause(board, reason, "Change…")
        # What has begun has no other start than by its date; what has ended no other return either.
        offers = {"Exam": [], "Illness": ["Not known"], "Holiday": ["Today", "Not known"]}[reason]
        assert [each for each in board.texts("form.write fieldset button") if each in ("Today", "Not known")] == offers
        board.date("From, another date", start)
        board.date(BACK, back)
        board.type("Reason", other)
        board.press("Save")
        board.wait(lambda: other.capitalize() in board.texts("#panel .pauses strong"))  # noqa: B023 called at once
    assert [dates(each) for each in read(f"{RECORDS}?sort=start_date")["data"]] == [
        [day(-31), day(-15), None, "fair"],
        [day(-6), None, day(3), "surgery"],
        [day(11), day(25), None, "wedding"],
    ]
    assert any(text.startswith(f"✓ from: {shown(11)}, instead of {shown(10)}; back: ") for text in said(board))


def test_of_a_pause_that_is_corrected_in_the_panel_the_row_keeps_its_state_and_its_actions(board, add):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})
    board.open("mentor=ada")
    press_in_pause(board, "Leave", "Change…")
    board.type("Reason", "exam")
    board.press("Save")
    wait_said(board, "reason: Exam, instead of Leave")
    board.wait(lambda: board.rows()[0][1:3] == ["5 days overdue", "Exam"])
    assert board.in_row("ada", "Back today").is_displayed()
    board.press("Close")
    board.go("mentor=ada")
    board.wait(lambda: board.texts("#panel .pauses strong") == ["Exam"])
    assert board.texts("#panel .said") == []  # it was said when the panel was left


def test_until_a_mentor_is_read_again_nothing_else_is_written_about_them(browser, proxy, add):
    add("ada", {"start_date": day(-20)})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Change…"))
    gate = Event()
    proxy.before = lambda method, path: method != "GET" or gate.wait()
    try:
        board.press("Back today")
        wait_said(board, "back today")
        disabled = "return [...document.querySelectorAll('#panel .pauses button')].every((each) => each.ariaDisabled)"
        assert board.driver.execute_script(disabled)
    finally:
        gate.set()
    board.wait(lambda: not board.driver.execute_script(disabled))


@ON_BOTH
def test_bring_back_is_one_request_that_ends_every_pause_in_force_and_says_how_many(browser, proxy, add, read):
    add("ada", {"start_date": day(-5), "end_date": day(5)}, {"start_date": day(-2), "reason": "illness"})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Back today ends 2 pauses"))
    del proxy.requests[:]
    board.press("Back today ends 2 pauses")
    wait_said(board, "back today, 2 pauses ended")
    board.wait(lambda: panel_state(board) == "active")
    assert [method for method, *_ in proxy.requests if method != "GET"] == ["PUT"]
    assert "If-Match" in proxy.requests[0][2]
    assert [record["is_active"] for record in read(RECORDS)["data"]] == [False, False]
    assert board.texts("#panel .pauses .state") == ["ended", "ended"]


@ON_BOTH
def test_a_coming_pause_is_called_off_and_an_ended_one_reopened_and_each_can_be_undone(board, add, read):
    coming, ended = add("ada", {"start_date": day(5), "reason": "exam"}, {"start_date": day(-9), "end_date": day(-2)})
    board.open("mentor=ada")
    press_in_pause(board, "Exam", "Call off")
    wait_said(board, "called off")
    board.wait(lambda: "called off" in board.texts("#panel .pauses .state"))
    board.press("Undo")
    board.wait(lambda: "begins in 5 days" in board.texts("#panel .pauses .state"))
    press_in_pause(board, "Leave", "Reopen")
    board.wait(lambda: panel_state(board).startswith(f"paused since {shown(-9)}"))
    press_in_pause(board, "Leave", "Undo")
    board.wait(lambda: panel_state(board).startswith("active"))
    records = {each["pause_record_id"]: dates(each) for each in read(RECORDS)["data"]}
    assert records == {each["pause_record_id"]: dates(each) for each in (coming, ended)}


@ON_BOTH
def test_a_pause_is_deleted_after_one_question_and_undo_brings_it_back(board, add, read):
    [record] = add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Delete this pause…")
    assert "You can undo it." in board.text("#panel form.write")
    board.press("Cancel")
    board.press("Delete this pause…")
    board.press("Delete the pause")
    wait_said(board, "pause deleted")
    assert board.get("status", None).get_property("textContent") == "pause deleted"  # not behind the dialog
    board.wait(lambda: panel_state(board) == "active")
    assert read(RECORDS)["data"] == []
    board.press("Undo")
    board.wait(lambda: board.texts("#panel .pauses strong") == ["Leave"])
    assert [each["pause_record_id"] for each in read(RECORDS)["data"]] == [record["pause_record_id"]]


@ON_BOTH
def test_a_mentor_is_deleted_after_one_question_and_undo_brings_all_back(board, server, add, read):
    records = add("ada", {"start_date": day(-5)}, {"start_date": day(5), "end_date": day(9)})
    board.open("mentor=ada")
    board.remove("Delete this mentor…")
    board.press("Delete the mentor")
    wait_said(board, "mentor deleted")
    board.wait(lambda: panel_state(board) == GONE)
    assert status_of(server, f"{MENTORS}/ada") == 404
    assert board.texts("#panel .history li > span")[0].startswith("Ada deleted the mentor")
    board.press("Undo")
    board.wait(lambda: panel_state(board).startswith("paused"))
    assert [dates(each) for each in read(RECORDS)["data"]] == [dates(each) for each in records]
    assert board.texts("#panel .history li > span")[0].startswith("Ada undid “deleted the mentor” by Ada")


@ON_BOTH
def test_a_mentor_whom_a_colleague_has_changed_since_is_not_deleted_before_that_was_seen(board, server, add, write):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.remove("Delete this mentor…")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(9), "metadata": {"initiated_by": "bob"}})
    board.press("Delete the mentor")
    board.wait(lambda: board.texts("#panel .refusal"))
    refusal = untimed(board.text("#panel .refusal p"))
    assert refusal.startswith(f"Not done: bob, 12:00 UTC: back: {shown(9)}, instead of not known")
    board.wait(lambda: panel_state(board).startswith(f"paused since {shown(-5)}, back {shown(9)}"))
    assert status_of(server, f"{MENTORS}/ada") == 200
    board.press("Delete the mentor")
    wait_said(board, "mentor deleted")


@ON_BOTH
def test_all_of_a_mentor_is_erased_once_the_id_is_typed_and_nothing_is_left_not_even_an_undo(board, server, add):
    add("ada.b", {"start_date": day(-5)})
    board.open("mentor=ada.b")
    board.remove("Erase for good…")
    board.type("To confirm, type ada.b", "adaxb")
    board.press("Erase")
    assert board.driver.switch_to.active_element.get_attribute("name") == "typed_id"
    assert status_of(server, f"{MENTORS}/ada.b") == 200
    board.type("To confirm, type ada.b", "ada.b")
    board.press("Erase")
    wait_said(board, "everything is erased")
    board.wait(lambda: board.text("#panel .content") == "✓ everything is erased")
    assert not board.has("button", "Undo")
    assert status_of(server, f"{MENTORS}/ada.b/history") == 404
    board.driver.refresh()
    board.wait(lambda: board.text("#panel [role=alert]").startswith("There is no mentor ada.b."))


@ON_BOTH
def test_a_former_mentor_has_a_history_that_can_be_erased_but_not_if_a_colleague_has_added_them_again(
    board, server, add, write, read
):
    add("ada", {"start_date": day(-5)})
    write("DELETE", f"{MENTORS}/ada")
    board.open("mentor=ada")
    board.remove("Erase for good…")
    assert panel_state(board) == GONE
    assert not board.has("button", "Pause…") and not board.has("heading", "Pauses")
    write("POST", MENTORS, {"mentor_id": "ada"})
    board.type("To confirm, type ada", "ada")
    board.press("Erase")
    refusal = "Not done: Somebody, 12:00 UTC: restored. Look, and try again."
    board.wait(lambda: untimed(board.text("#panel .refusal p")) == refusal)
    assert len(read(f"{MENTORS}/ada/history")["data"]) == 4
    write("DELETE", f"{MENTORS}/ada")
    board.driver.refresh()
    board.remove("Erase for good…")
    board.type("To confirm, type ada", "ada")
    board.press("Erase")
    wait_said(board, "everything is erased")
    assert status_of(server, f"{MENTORS}/ada/history") == 404


# --- what it shows


def test_the_panel_says_how_the_mentor_is_and_has_every_pause_with_what_needs_somebody_first(board, add):
    recent = [{"start_date": day(-30 + number), "end_date": day(-29 + number)} for number in range(12)]
    add("ada", {"start_date": day(-60), "expected_return_date": day(-40), "reason": "illness"}, *recent)
    add("ben", {"start_date": day(3), "reason": "exam"})
    add("cyd")
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts("#panel .pauses > li")) == 13)
    assert panel_state(board) == f"paused since {shown(-60)}, was expected back {shown(-40)}"
    assert board.texts("#panel .pauses > li > p:first-child")[:2] == ["Illness 40 days overdue", "Leave ended"]
    assert f"{shown(-60)} \N{EN DASH} {shown(-40)} (expected)" in board.text("#panel .pauses")
    for mentor, words in (("ben", f"active, paused from {shown(3)}"), ("cyd", "active")):
        board.go(f"mentor={mentor}")
        board.wait(lambda: panel_state(board) == words)  # noqa: B023 called at once


def test_of_a_mentor_in_two_pauses_the_panel_says_since_when_they_are_away_and_that_there_are_two(board, add):
    add(
        "ada",
        {"start_date": day(-40), "end_date": day(-30)},
        {"start_date": day(-20), "end_date": day(-9), "reason": "exam"},
        {"start_date": day(-9), "expected_return_date": day(3)},
        {"start_date": day(-2), "expected_return_date": day(8), "reason": "illness"},
    )
    board.open("mentor=ada")
    board.wait(lambda: panel_state(board) == f"paused since {shown(-20)}, back {shown(8)}, 2 pauses")


def test_beside_each_pause_stands_its_newest_note(board, add, write):
    [first, second] = add("ada", {"start_date": day(-9)}, {"start_date": day(30), "reason": "exam"})
    notes = (
        (first, 5, "by telephone"),
        (first, 6, "until the doctor says"),
        (second, 60, "asks in May"),
        (first, 9, None),
    )
    for record, offset, text in notes:
        fields = {"expected_return_date": day(offset), "metadata": {"notes": text} if text else {}}
        write("PUT", f"{RECORDS}/{record['pause_record_id']}", fields)
    board.open("mentor=ada")
    board.wait(lambda: board.texts("#panel .pauses q") == ["until the doctor says", "asks in May"])


def test_the_history_says_who_did_what_newest_first_and_leads_to_all_of_it(board, add, write):
    add("ada")
    note = {"initiated_by": "bob", "notes": "by <b>telephone</b>"}
    plan = {"status": "paused", "expected_return_date": day(9), "pause_reason": "illness", "metadata": note}
    write("PUT", f"{MENTORS}/ada", plan)
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts("#panel .history li")) == 2)
    assert not board.has("link", "The whole history")
    newest = untimed(" ".join(" ".join(board.texts("#panel .history li > :not(.undo)")[:2]).split()))
    assert newest.startswith(f"{shown(0)}, 12:00 UTC bob opened a pause: Illness, {shown(0)}")
    assert newest.endswith(f"\N{EN DASH} {shown(9)} (expected) by <b>telephone</b>")
    for offset in range(10, 20):
        write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(offset)})
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts("#panel .history li")) == 10)
    board.follow("The whole history")
    board.wait(lambda: len(board.texts(".changes li")) == 12)
    assert not is_open(board)


def test_a_change_is_undone_in_the_history_of_the_mentor_and_redone_under_your_changes(board, add, read):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Undo this change"))
    board.press("Undo this change")
    board.wait(lambda: board.texts("#panel .history .said") == ["✓ undone: active again"])
    assert read(f"{MENTORS}/ada")["status"] == "active"
    board.press("Close")
    board.wait(lambda: board.texts("#waiting button") != [])
    board.follow("Your changes (1)")
    board.wait(lambda: board.texts("#panel .undos .mentor") == ["ada"])
    board.press("Redo")
    board.wait(lambda: read(f"{MENTORS}/ada")["status"] == "paused")


def test_below_its_oldest_entry_a_history_says_that_older_ones_may_have_been_deleted(board, add, purged):
    add("ada")
    board.open("mentor=ada")
    board.wait(lambda: board.texts("#panel .history li"))
    assert "deleted" not in board.text("#panel .history + .note")
    purged(-300)
    board.open("mentor=ada")
    board.wait(lambda: board.text("#panel .history + .note") == f"Entries before {shown(-300)} may have been deleted.")


def test_the_panel_is_closed_by_escape_its_button_back_and_a_click_outside_which_all_lead_to_the_row(board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    for close in (
        lambda: board.driver.switch_to.active_element.send_keys(Keys.ESCAPE),
        lambda: board.press("Close"),
        board.driver.back,
        lambda: click(board, 2, 600),
    ):
        board.follow("ada")
        board.press("Change…")
        box = find(board.driver, "#panel").rect
        click(board, box["x"] + 3, box["y"] + 3)  # within the panel
        board.press("Cancel")
        close()
        board.wait(lambda: not is_open(board))
        assert "mentor=" not in board.driver.current_url
        assert board.driver.switch_to.active_element.text == "ada"


def test_a_selection_of_text_that_ends_outside_of_the_panel_leaves_it_open(board, add):
    add("ada")
    board.open("mentor=ada")
    title = find(board.driver, "#panel-title").rect
    start = {"x": title["x"] + 20, "y": title["y"] + 10}
    for kind, point in (
        ("mousePressed", start),
        ("mouseMoved", {"x": 2, "y": 500}),
        ("mouseReleased", {"x": 2, "y": 500}),
    ):
        board.cdp("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **point)
    assert is_open(board)
    click(board, 2, 500)
    board.wait(lambda: not is_open(board))


def click(board, x, y):
    """Click at a point of the window."""
    for kind in ("mousePressed", "mouseReleased"):
        board.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def test_a_mentor_who_does_not_exist_is_named_in_the_panel(board, add):
    add("ada")
    for mentor in ("nobody", "<img src=x>", "a b"):
        board.open(f"mentor={quote(mentor)}")
        said = f"There is no mentor {mentor}. Check the id for a typing mistake."
        board.wait(lambda: board.text("#panel [role=alert]") == said)  # noqa: B023 called at once
        assert not board.has("button", "Erase for good…")


def test_a_token_that_may_only_read_sees_the_panel_without_its_writes_and_one_that_may_write_acts(closed, server):
    closed.enter(READER)
    closed.follow("ada")
    closed.wait(lambda: closed.texts("#panel .history li"))
    buttons = "return [...document.querySelectorAll('#panel button')].map((each) => each.textContent)"
    assert closed.driver.execute_script(buttons) == ["×"]  # noqa: RUF001 the button's own
    closed.driver.execute_script("sessionStorage.setItem('token at /board', arguments[0])", WRITER)
    closed.open("mentor=ada")
    closed.press("Back today")
    wait_said(closed, "back today")
    assert server.request("GET", f"{MENTORS}/ada/history")[1]["data"][0]["changed_by"] == "ada"


# --- the person


@pytest.fixture
def linked(database, running):
    """Run a service that knows where a mentor's own page is."""
    return running(Server, database, **ONE_WORKER, MENTOR_URL="https://app.example/people/{mentor_id}?from=board")


def test_rows_and_the_panel_lead_to_the_mentors_own_page_if_the_service_knows_where_it_is(browser, server, linked, add):
    mentor = "a~b:c@d"
    add(mentor, {"start_date": day(-9)})
    page = [[f"https://app.example/people/{quote(mentor, safe='~')}?from=board", "_blank", "noopener"]]
    board = Board(browser, linked.base_url).open()
    assert browser.execute_script(PEOPLE, "main") == page
    board.go("view=changes")
    board.wait(lambda: browser.execute_script(PEOPLE, ".changes li") == page * 2)
    board.go(f"mentor={quote(mentor)}")
    board.wait(lambda: browser.execute_script(PEOPLE, "#panel") == page)
    assert board.has("link", f"Page of {mentor}")
    board = Board(browser, server.base_url).open(f"mentor={quote(mentor)}")
    board.wait(lambda: board.texts("#panel .history li"))
    assert browser.execute_script(PEOPLE, "body") == []
