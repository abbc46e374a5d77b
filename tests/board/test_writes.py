"""What a row and the panel can do: one request each; the row says how it stands, and what came of it."""

import json

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, ON_BOTH, RECORDS, day, execute, shown
from tests.support.board import Board
from tests.support.browser import find

BY_BOB = {"metadata": {"initiated_by": "bob"}}
LATE = {"start_date": day(-20), "expected_return_date": day(-5)}
LOST = "No answer came: the change may have been made, or not. Trying again is safe."
REQUESTS = """window.requests = []; window.waiting = 0;
const send = fetch;
window.fetch = async (address, init) => {
  const {pathname, search} = new URL(address);
  const path = pathname.split("/api/v1/")[1] + search;
  requests.push([init.method, path, init.headers["If-Match"] ?? null, init.body ?? null]);
  waiting += 1;
  return send(address, init).finally(() => (waiting -= 1));
};"""
TAKE = "if (waiting) return null; const taken = requests; requests = []; return taken"


@pytest.fixture
def requests(injected, browser):
    """Return a function that returns what the page has requested since it was called last, once all of it is answered.

    A request is its method, its path, If-Match and its body.
    """
    injected(REQUESTS)
    return lambda: browser.execute_script(TAKE)


@pytest.fixture
def late(add):
    """Add ada, ben and cyd, who were expected five days ago; return the paths of their pauses."""
    return [f"{RECORDS}/{add(name, LATE)[0]['pause_record_id']}" for name in ("ada", "ben", "cyd")]


def history(read):
    """Return who did what to whom, of all that was written since all were added, oldest first."""
    entries = read("/api/v1/history?limit=50&after=")["data"][::-1]
    added = ("created", "pause_opened")
    return [(each["changed_by"], each["event"], each["mentor_id"]) for each in entries if each["event"] not in added]


def fill_form(board, fields):
    for name, value in fields.items():
        if name in ("From", "Back on"):
            board.date(f"{name}, another date", value)
        else:
            board.type(name, value)


PLAN = {"Back on": day(9), "Reason": "illness"}
PAUSED = {"expected_return_date": day(9), "reason": "illness"}
OF_ROWS = [  # the pause that there is, the button, the form with its button, the path, the fields sent, what is said
    (LATE, "Back today", None, MENTORS, {"status": "active"}, "back today"),
    (LATE, f"+2 weeks {shown(14)}", None, RECORDS, {"expected_return_date": day(14)}, f"back {shown(14)}"),
    ({"end_date": day(2)}, f"+1 week {shown(9)}", None, RECORDS, {"end_date": day(9)}, f"back {shown(9)}"),
    (LATE, "Other day…", ({"Back on": day(12)}, "Save"), RECORDS, {"expected_return_date": day(12)},
     f"back {shown(12)}"),
    (None, "Pause…", (PLAN, "Pause"), MENTORS,
     {"status": "paused", "pause_start_date": day(0), "expected_return_date": day(9), "pause_reason": "illness"},
     f"paused from today, back {shown(9)}, Illness"),
]  # fmt: skip
OF_PANELS = [
    (LATE, "Another pause…", (PLAN | {"From": day(1)}, "Pause"), "POST", RECORDS,
     PAUSED | {"start_date": day(1)}, f"paused from tomorrow, back {shown(9)}, Illness"),
    (LATE, "Change…", ({"Reason": "exam"}, "Save"), "PUT", RECORDS,
     {name: f"{value}T00:00:00Z" for name, value in LATE.items()} | {"reason": "exam"},
     "reason: Exam, instead of Leave"),
    ({"start_date": day(3)}, "Call off", None, "PUT", RECORDS, {"is_active": False}, "called off"),
    ({"end_date": day(-5)}, "Reopen", None, "PUT", RECORDS, {"is_active": True}, "reopened"),
    (LATE, "Delete this pause…", ({}, "Delete the pause"), "DELETE", RECORDS, None, "pause deleted"),
    (LATE, "Delete this mentor…", ({}, "Delete the mentor"), "DELETE", MENTORS, None, "mentor deleted"),
    (LATE, "Erase for good…", ({"To confirm, type": ""}, "Erase"), "DELETE", MENTORS, None,
     "everything is erased"),
]  # fmt: skip
BY_ADA = {"metadata": {"initiated_by": "Ada"}}


def path_below(path):
    return path.removeprefix("/api/v1/")


@ON_BOTH
def test_a_write_of_a_row_is_one_request_about_what_is_shown_and_the_row_says_what_was_done(
    board, requests, server, read, add
):
    board.open()
    for number, (pause, button, form, path, fields, said) in enumerate(OF_ROWS):
        name = f"m{number}"
        records = add(name, *([{"start_date": day(-20)} | pause] if pause else []))
        address = f"{path}/{name if path == MENTORS else records[0]['pause_record_id']}"
        board.go(f"q={name}")
        tag = server.request("GET", address)[0].headers["ETag"]
        board.wait(requests)
        board.press_in_row(name, button)
        if form:
            fill_form(board, form[0])
            board.press(form[1])
        board.wait_outcome(name, f"✓ {said}")
        (*request, body), *others = board.wait(requests)
        assert request == ["PUT", path_below(address), tag], button
        assert json.loads(body) == fields | BY_ADA
        assert {method for method, *_ in others} == {"GET"}, others
        assert read(f"{MENTORS}/{name}/history")["data"][0]["changed_by"] == "Ada"
        assert board.row(name).find_elements("css selector", ".actions button") == []


@ON_BOTH
def test_a_write_of_the_panel_is_one_request_on_condition_of_what_is_shown_and_is_signed(
    board, requests, server, read, add
):
    board.open()
    for number, (pause, button, form, method, path, fields, said) in enumerate(OF_PANELS):
        name = f"m{number}"
        [record] = add(name, {"start_date": day(-20)} | pause)
        address = f"{path}/{name if path == MENTORS else record['pause_record_id']}"
        board.go(f"mentor={name}")
        tag = server.request("GET", address)[0].headers["ETag"]
        board.wait(lambda: board.texts("#panel .pauses"))
        board.wait(requests)
        press = board.remove if button in ("Delete this mentor…", "Erase for good…") else board.press
        press(button)
        if form:
            filled = {f"{label} {name}": name for label in form[0] if label == "To confirm, type"} or form[0]
            fill_form(board, filled)
            board.press(form[1])
        board.wait(lambda: board.texts("[role=status]")[-1] == said)  # noqa: B023
        (*request, body), *others = board.wait(requests)
        query = "" if method != "DELETE" else "?erase=true" if form[1] == "Erase" else "?initiated_by=Ada"
        expected = [method, path_below(address) + query, tag]
        assert request == (["POST", path_below(RECORDS), None] if method == "POST" else expected), button
        sent = fields and fields | BY_ADA | ({"mentor_id": name} if method == "POST" else {})
        assert json.loads(body or "null") == sent
        assert {each[0] for each in others} == {"GET"}, others
        if form and form[1] == "Erase":
            assert server.request("GET", f"{MENTORS}/{name}/history")[0].status == 404
        else:
            assert read(f"{MENTORS}/{name}/history")["data"][0]["changed_by"] == "Ada"


BUTTONS = """const row = document.querySelector(`tbody [data-key^="${arguments[0]} "]`);
return [...row.querySelectorAll(".actions button")].map((each) =>
  [each.innerText.replace("\\n", " "), each.ariaDisabled])"""


FRAME = f"function (arguments) {{{BUTTONS}}}"


@pytest.fixture
def fast_clock(injected):
    """Have time pass for the pages ten times as fast."""
    injected("""const [later, clock, start] = [setTimeout, Date.now, Date.now()];
      window.setTimeout = (act, delay = 0) => later(act, delay / 10);
      Date.now = () => start + 10 * (clock() - start);""")


def test_a_write_says_that_it_is_on_its_way_and_that_it_is_done_as_soon_as_it_is_answered(
    fast_clock, browser, proxy, late
):
    board = Board(browser, proxy.base_url).open()
    proxy.slow = MENTORS
    proxy.held.clear()
    button = board.in_row("ada", "Back today")
    labels = ["Back today", f"+1 week {shown(7)}", f"+2 weeks {shown(14)}", "Other day…"]
    script = (
        f"const [, button, done] = arguments; button.click(); requestAnimationFrame(() => done(({FRAME})(arguments)))"
    )
    assert browser.execute_async_script(script, "ada", button) == [[label, "true"] for label in labels]
    board.wait(lambda: browser.execute_script(BUTTONS, "ada")[0] == ["Saving…", "true"])
    board.wait(lambda: browser.execute_script(BUTTONS, "ada")[0] == ["No answer yet", "true"])
    assert [label for label, _ in browser.execute_script(BUTTONS, "ada")[1:]] == labels[1:]
    assert browser.execute_script(BUTTONS, "ben") == [[label, None] for label in labels]
    assert board.outcome("ada") == ""
    button.click()
    proxy.slow = f"{RECORDS}?"  # the reading after the write waits from now on
    held, proxy.held = proxy.held, type(proxy.held)()
    held.set()
    board.wait_outcome("ada", "✓ back today")
    assert [method for method, *_ in proxy.requests].count("PUT") == 1
    assert board.texts("#counts data")[1] == "3"  # what is read has not come yet
    proxy.held.set()
    board.wait(lambda: board.texts("#counts data")[1] == "2")


SCROLL = """const [control, done] = arguments;
control.scrollIntoView({block: "center"});
requestAnimationFrame(() => requestAnimationFrame(done)); // rows that are seen for the first time are laid out"""


def click(board, control, times=3):
    """Click on one place so many times within 0.2 seconds, whatever stands there by then."""
    board.driver.execute_async_script(SCROLL, control)
    chain = ActionChains(board.driver, duration=0).move_to_element(control)
    for _ in range(times):
        chain.click().pause(0.06)
    chain.perform()


def test_three_clicks_on_one_place_are_one_write(board, read, add, window):
    names = [f"m{number:02}" for number in range(15)]
    for name in names:
        add(name, LATE)
    written = []
    for width in (1280, 768, 390):
        window(width)
        for state in ("", "view=pauses&show=overdue"):
            board.open(state)
            for label, event in (("Back today", "pause_ended"), (f"+2 weeks {shown(14)}", "pause_updated")):
                name = names[len(written)]
                click(board, board.in_row(name, label))
                board.wait_outcome(name, "back")
                written.append(("Ada", event, name))
    assert history(read) == written
    assert not board.has("dialog", None)


def test_three_clicks_do_not_overwrite_what_a_colleague_has_written_since(without_polls, board, read, write, late):
    board.open()
    write("PUT", late[0], {"expected_return_date": day(-3)} | BY_BOB)
    click(board, board.in_row("ada", f"+1 week {shown(7)}"))
    board.wait_outcome("ada", "Not done: bob")
    board.press_in_row("ben", "Other day…")
    fill_form(board, {"Back on": day(12)})
    write("PUT", late[1], {"reason": "illness"} | BY_BOB)
    click(board, board.get("button", "Save"))
    board.wait_outcome("ben", "Not done: bob")
    board.press_in_row("cyd", "Back today")
    board.wait_outcome("cyd", "✓")
    assert [writer for writer, *_ in history(read)] == ["bob", "bob", "Ada"]


@ON_BOTH
def test_a_colleague_who_was_faster_is_named_and_a_further_click_is_about_what_is_there_now(
    without_polls, board, read, write, late
):
    board.open()
    write("PUT", late[2], {"expected_return_date": day(40)} | BY_BOB)
    board.press_in_row("cyd", "Back today")
    moved = f"back: {shown(40)}, instead of {shown(-5)}"
    board.wait_outcome("cyd", f"Not done: bob, 12:00 UTC: {moved}. Look, and try again.")
    write("PUT", late[0], {"expected_return_date": day(-3)} | BY_BOB)
    board.press_in_row("ada", f"+1 week {shown(7)}")
    dates = f"back: {shown(-3)}, instead of {shown(-5)}"
    board.wait_outcome("ada", f"Not done: bob, 12:00 UTC: {dates}. Look, and try again.")
    board.wait(lambda: board.rows()[0][1] == "3 days overdue")
    write("PUT", f"{MENTORS}/ben", {"pause_reason": "illness"} | BY_BOB)
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "Not done: bob, 12:00 UTC: reason: Illness, instead of Leave")
    board.wait(lambda: board.rows()[1][2] == "Illness")
    assert [writer for writer, *_ in history(read)] == ["bob", "bob", "bob"]
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ back {shown(7)}")
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "✓ back today")


@pytest.mark.parametrize("where", ["panel", "tray"])
def test_a_colleague_is_named_though_the_list_has_been_read_since_the_row_was_opened_or_ticked(
    board, requests, read, write, late, where
):
    board.open("mentor=ada" if where == "panel" else "")
    if where == "panel":
        board.press("Change…")
    else:
        board.press("Choose ada", "checkbox")
        find(board.driver, "#tray .bar button:nth-of-type(3)").click()
    fill_form(board, {"Reason": "exam"} if where == "panel" else {"Back on": day(9)})
    write("PUT", late[0], {"expected_return_date": day(-3)} | BY_BOB)
    board.poll()
    board.wait(lambda: board.rows()[0][1] == "3 days overdue")
    board.press("Save")
    board.wait(lambda: any("Not done: bob, " in text for text in board.texts("#panel .refusal p, #tray .refusal p")))
    assert [writer for writer, *_ in history(read)] == ["bob"]
    board.wait(requests)
    board.press("Save")
    board.wait(lambda: len(history(read)) == 2)


def test_a_condition_that_fails_though_nobody_wrote_is_put_down_to_the_clock(
    without_polls, board, requests, late, database
):
    execute(database, f"UPDATE history_entry SET changed_at = '{day(-4)}T00:00:00Z'")
    board.open()
    execute(database, f"UPDATE pause_record SET created_at = '{day(-4)}T00:00:00Z'")
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", "Not done: a pause has begun or ended by itself. Look, and try again.")
    board.wait(requests)
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ back {shown(7)}")


def test_an_answer_that_is_lost_is_said_and_trying_again_does_nothing_twice(browser, proxy, read, late, add):
    add("dan", {"start_date": day(-20), "end_date": day(40), "reason": "exam"})
    board = Board(browser, proxy.base_url).open()
    proxy.lose = "PUT"
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ back {shown(7)}")  # what is read says that it was made
    assert board.in_row("ada", "Undo")
    proxy.lose = "PUT"
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "✓ back today")
    board.go("mentor=dan")
    board.press("Another pause…")
    fill_form(board, {"Reason": "leave"})
    proxy.lose = "POST"
    board.press("Pause")
    board.wait(lambda: board.texts("#panel .said") == ["✓ paused from today, Leave"])
    assert not board.has("textbox", "Note")  # the form is closed
    board.remove("Delete this mentor…")
    proxy.lose = "DELETE"
    board.press("Delete the mentor")
    board.wait(lambda: board.text("#panel .state").startswith("This mentor was deleted"))
    assert [event for _, event, _ in history(read)] == ["pause_updated", "pause_ended", "deleted"]
    assert len(read(f"{MENTORS}/dan/history")["data"]) == 4  # nothing was done twice


def test_a_row_keeps_what_it_says_whatever_the_mentor_is_called(without_polls, board, add):
    for mentor in ("undo", "ada"):
        add(mentor, {"start_date": day(-20), "expected_return_date": day(-5)})
    board.open()
    for mentor in ("undo", "ada"):
        board.press_in_row(mentor, "Back today")
        board.wait_outcome(mentor, "✓ back today")
    assert board.outcome("undo") == "✓ back today"


def test_what_a_row_says_ends_as_soon_as_a_colleague_changes_the_mentor_and_it_says_who(
    without_polls, board, late, write
):
    board.open()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.press_in_row("ben", f"+1 week {shown(7)}")
    board.wait_outcome("ben", f"✓ back {shown(7)}")
    board.poll()
    assert board.outcome("ada") == "✓ back today"
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "exam"} | BY_BOB)
    write("PUT", late[1], {"expected_return_date": day(-2)} | BY_BOB)
    board.poll()
    board.wait_outcome("ada", "bob, 12:00 UTC: opened a pause: Exam")
    board.wait_outcome("ben", f"bob, 12:00 UTC: back: {shown(-2)}, instead of {shown(7)}")
    assert board.rows()[1][1] == "2 days overdue"  # it stands where it belongs, and can be acted on
    assert board.in_row("ben", "Back today")


def test_a_row_whose_change_a_colleague_has_taken_back_is_as_before(without_polls, board, late, write, read):
    board.open()
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    board.poll()
    board.wait_outcome("ada", "bob, 12:00 UTC: back")
    newest = read("/api/v1/history?limit=1")["data"][0]["history_entry_id"]
    write("POST", "/api/v1/history/undo", {"history_entry_ids": [newest]})
    board.poll()
    board.wait_outcome("ada", "Somebody, 12:00 UTC: reopened a pause")
    assert board.in_row("ada", "Back today")


def test_a_form_is_not_closed_while_it_is_on_its_way(browser, proxy, add):
    add("ada", {"start_date": day(-20)})
    board = Board(browser, proxy.base_url).open()
    board.press_in_row("ada", "Other day…")
    board.press("In 1 week")
    proxy.slow = RECORDS
    proxy.held.clear()
    board.press("Save")
    board.get("button", "Cancel").click()
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert board.has("form", "Other day: ada")
    proxy.held.set()
    board.wait_outcome("ada", f"✓ back {shown(7)}")


def test_what_is_not_sent_for_want_of_a_network_says_so(board, requests, read, late):
    board.open()
    board.wait(requests)
    board.cdp("Network.enable")
    network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    try:
        board.cdp("Network.emulateNetworkConditions", offline=True, **network)
        board.press_in_row("ada", "Back today")
        board.wait_outcome("ada", "Not sent: this device is offline.")
    finally:
        board.cdp("Network.emulateNetworkConditions", offline=False, **network)
        board.cdp("Network.disable")
    assert "PUT" not in [method for method, *_ in board.wait(requests)]
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    assert history(read) == [("Ada", "pause_ended", "ada")]


def test_the_keyboard_stays_on_the_row(without_polls, board, write, late):
    focused = "return [document.activeElement.tagName, document.activeElement.closest('[data-key]')?.ariaLabel]"
    board.open()
    write("PUT", late[0], {"reason": "illness"} | BY_BOB)
    board.in_row("ada", f"+1 week {shown(7)}").send_keys(Keys.ENTER)
    board.wait_outcome("ada", "Not done: bob")
    assert board.driver.execute_script(focused) == ["BUTTON", "ada"]
    board.in_row("ben", "Back today").send_keys(Keys.ENTER)
    board.wait_outcome("ben", "✓ back today")
    assert board.driver.execute_script(focused) == ["TR", "ben"]
    board.in_row("ben", "Undo").send_keys(Keys.ENTER)
    board.wait(lambda: board.outcome("ben") == "")
    assert board.driver.execute_script(focused) == ["TR", "ben"]
    board.in_row("cyd", "Other day…").send_keys(Keys.ENTER)
    assert board.driver.execute_script(focused)[1] == "cyd"
    fill_form(board, {"Back on": day(12)})
    find(board.driver, "input[name=back]").send_keys(Keys.ENTER)
    board.wait_outcome("cyd", "✓ back")
    assert board.driver.execute_script(focused) == ["TR", "cyd"]


@ON_BOTH
def test_a_row_that_a_colleague_has_done_says_who_and_when_and_has_no_actions(
    without_polls, board, server, write, late, add, database
):
    add("dan", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "exam"})
    add("eve")
    board.open()
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    write("PUT", late[1], {"expected_return_date": day(40)} | BY_BOB)
    server.request("DELETE", f"{late[2]}?initiated_by=bob")
    server.request("DELETE", f"{MENTORS}/dan?initiated_by=bob")
    board.poll()
    board.wait_outcome("ada", "bob, 12:00 UTC: back")
    board.wait_outcome("ben", f"bob, 12:00 UTC: back: {shown(40)}, instead of {shown(-5)}")
    board.wait_outcome("cyd", "bob, 12:00 UTC: pause deleted")
    board.wait_outcome("dan", "bob, 12:00 UTC: mentor deleted")
    assert board.texts("tbody .actions button") == []
    board.go("view=available")
    write("PUT", f"{MENTORS}/eve", {"status": "paused"} | BY_BOB)
    board.poll()
    board.wait_outcome("eve", "bob, 12:00 UTC: opened a pause")
    [first, _] = add("fay", *({"start_date": day(-20), "reason": reason} for reason in ("exam", "illness")))
    execute(database, f"UPDATE mentor_status SET last_updated = '{day(-5)}T00:00:00Z'")  # ETags have its seconds
    board.go("show=undated")
    board.wait(lambda: len(board.rows()) == 3)
    for back in (-2, -1):
        write("PUT", f"{RECORDS}/{first['pause_record_id']}", {"end_date": day(back)} | BY_BOB)
    board.poll()
    board.wait_outcome("fay", "bob, 12:00 UTC: ")


def test_what_the_service_refuses_is_said_and_what_was_typed_stays(board, read, add):
    add("ada", LATE, {"start_date": day(3)})
    board.open("mentor=ada")
    board.press("Another pause…")
    fill_form(board, {"From": day(3), "Back on": day(12), "Reason": "leave", "Note": "by telephone"})
    board.press("Pause")
    board.wait(lambda: "Another pause of this mentor has the same start" in " ".join(board.texts("#panel .refusal p")))
    assert board.get("textbox", "Note").get_property("value") == "by telephone"
    fill_form(board, {"Reason": "exam"})
    assert board.texts("#panel .refusal p") == []
    board.press("Pause")
    board.wait(lambda: not board.has("textbox", "Note"))
    assert read(f"{MENTORS}/ada/history")["data"][0]["metadata"] == {"initiated_by": "Ada", "notes": "by telephone"}
