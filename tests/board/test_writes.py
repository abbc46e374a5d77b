"""A write of a row, the panel or the tray: one request about what is shown, which is said, signed and undone."""

import json

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import LATE, MENTORS, RECORDS, day, path_of, shown
from tests.support.board import Board
from tests.support.browser import find
from tests.support.commands import execute

LOST = "No answer came: the change may have been made, or not. Trying again is safe."
OPEN, COMING, ENDED = {"start_date": day(-20)}, {"start_date": day(3), "end_date": day(9)}, {"end_date": day(-5)}
ILL = {"start_date": day(-3), "reason": "illness"}
PLAN = {"Back on": day(9), "Reason": "illness"}
PLANNED = {"expected_return_date": day(9), "reason": "illness"}
PAUSED = {
    "status": "paused",
    "pause_start_date": day(0),
    "expected_return_date": day(9),
    "pause_reason": "illness",
}
UNCHANGED = {name: f"{value}T00:00:00Z" for name, value in LATE.items()}
WRITES = [  # one of each way: where, the pauses that there are, the button, the form with its button, the request, what
    # is said
    ("row", [LATE], "Back today", None, ("PUT", MENTORS, {"status": "active"}), "back today"),
    ("row", [LATE], f"+2 weeks {shown(14)}", None, ("PUT", RECORDS, {"expected_return_date": day(14)}),
     f"expected back {shown(14)}"),
    ("row", [], "Pause…", (PLAN, "Pause"), ("PUT", MENTORS, PAUSED), f"paused from today, back {shown(9)}, Illness"),
    ("panel", [LATE], "Another pause…", (PLAN | {"From": day(1)}, "Pause"),
     ("POST", RECORDS, PLANNED | {"start_date": day(1)}), f"paused from tomorrow, back {shown(9)}, Illness"),
    ("panel", [LATE], "Change…", ({"Reason": "exam"}, "Save"), ("PUT", RECORDS, UNCHANGED | {"reason": "exam"}),
     "reason Exam instead of Leave"),
    ("panel", [COMING], "Call off", None, ("PUT", RECORDS, {"is_active": False}), "called off"),
    ("panel", [LATE, COMING], "Delete this mentor…", ({}, "Delete the mentor"), ("DELETE", MENTORS, None),
     "mentor deleted"),
]  # fmt: skip
TOGETHER = [  # the pauses of both, the button, the form with its button, the list, what is said, also in the rows, the
    # pauses afterwards
    ([LATE], [LATE, ILL], "Back today", None, MENTORS, "back today",
     ["back today", "back today, 2 pauses ended"],
     [[(day(-20), day(0), "leave")], [(day(-20), day(0), "leave"), (day(-3), day(0), "illness")]]),
    ([OPEN], [COMING], "+1 week each", None, RECORDS, "each back a week later",
     [f"expected back {shown(7)}", f"back {shown(16)}"],
     [[(day(-20), day(7), "leave")], [(day(3), day(16), "leave")]]),
    ([], [OPEN | ENDED], "Pause…", (PLAN | {"From": day(3), "Reason": "'007", "Note": "as agreed"}, "Pause"),
     MENTORS, f"paused from {shown(3)}, back {shown(9)}, '007",
     [f"paused from {shown(3)}, back {shown(9)}, '007, note “as agreed”"] * 2,
     [[(day(3), day(9), "'007")], [(day(-20), day(-5), "leave"), (day(3), day(9), "'007")]]),
]  # fmt: skip
BY_ADA = {"metadata": {"initiated_by": "Ada"}}


@pytest.fixture
def records(read):
    """Return a function that reads the pauses of a mentor."""
    return lambda name: read(f"{RECORDS}?mentor_id={name}&sort=start_date")["data"]


@pytest.fixture
def history(read):
    """Return a function that reads who did what to whom since all were added, the oldest first."""

    def read_history():
        entries = read("/api/v1/history?limit=50&after=")["data"][::-1]
        written = [(each["changed_by"], each["event"], each["mentor_id"]) for each in entries]
        return [entry for entry in written if entry[1] not in ("created", "pause_opened")]

    return read_history


def press(board, place, name, button):
    if place == "row":
        board.press_in_row(name, button)
    else:
        board.press(button)


def test_a_write_of_one_mentor_is_one_request_on_condition_of_what_is_shown_which_is_signed_said_and_undone(
    board, requests, server, add, records, newest, subtests
):
    board.open()
    for number, (place, pauses, button, form, (method, path, fields), said) in enumerate(WRITES):
        with subtests.test(place=place, button=button, pauses=len(pauses)):
            name = f"m{number}-"
            add(name, *pauses)
            before = records(name)
            address = path_of(before[0]) if path == RECORDS and before else f"{MENTORS}/{name}"
            tag = server.request("GET", address)[0].headers["ETag"]
            board.go(f"q={name}" if place == "row" else f"mentor={name}")
            board.wait(lambda: place == "row" or board.texts("#panel .history li"))  # noqa: B023
            board.wait(requests)
            press(board, place, name, button)
            if form:
                board.fill_form(form[0])
                board.press(form[1])
            if place == "row":
                board.wait_outcome(name, f"✓ {said}")
                assert board.row(name).find_elements("css selector", ".actions button") == []
            board.wait(lambda: board.texts("[role=status]")[-1] == said)  # noqa: B023
            (*request, body), *others = board.wait(requests)
            query = "?initiated_by=Ada" if method == "DELETE" else ""
            expected = [method, address.removeprefix("/api/v1/") + query, tag]
            assert request == (["POST", "pause-records", None] if method == "POST" else expected), button
            sent = fields and fields | BY_ADA | ({"mentor_id": name} if method == "POST" else {})
            assert json.loads(body or "null") == sent
            assert {each[0] for each in others} == {"GET"}, others
            assert newest(name)["changed_by"] == "Ada"
            press(board, place, name, "Undo")
            board.wait(lambda: board.texts("[role=status]")[-1] == "undone")
            assert (records(name), newest(name)["changed_by"]) == (before, "Ada")
            assert board.texts("header a[href*='panel=undo']") == ["Your changes (0)"]


def test_a_write_of_several_is_one_request_which_is_said_of_all_and_in_each_row_and_undone(
    board, requests, add, records, newest, subtests
):
    board.open()
    for number, (*pauses, button, form, path, said, in_rows, written) in enumerate(TOGETHER):
        with subtests.test(button=button):
            names = [f"m{number}-{letter}" for letter in "ab"]
            for name, each in zip(names, pauses, strict=True):
                add(name, *each)
            before = [records(name) for name in names]
            board.go("view=pauses" if button.startswith("+1 week") else f"q=m{number}-")
            board.tick(*names)
            board.wait(requests)
            board.press_in_tray(button)
            if form:
                board.fill_form(form[0])
                assert board.text("#tray .plan") == f"2 mentors: {said}"
                board.press(form[1])
            note = ", note “as agreed”" if form and "Note" in form[0] else ""
            board.wait_texts("#tray .said", f"✓ {said}{note}")
            assert board.text("#tray .bar").startswith("2 mentors\n")
            board.wait(lambda: [board.outcome(name) for name in names] == [f"✓ {words}" for words in in_rows])  # noqa: B023
            (method, address, *_), *others = board.wait(requests)
            assert (method, f"/api/v1/{address}") == ("POST", f"{path}.csv")
            assert {each[0] for each in others} == {"GET"}, others
            after = [
                [
                    (each["start_date"][:10], (each["end_date"] or each["expected_return_date"])[:10], each["reason"])
                    for each in records(name)
                ]
                for name in names
            ]
            assert after == written
            metadata = {"initiated_by": "Ada"} | ({"notes": "as agreed"} if note else {})
            assert [newest(name)["metadata"] for name in names] == [metadata] * 2
            find(board.driver, "#tray .undo").click()
            board.wait(lambda: board.outcome(names[0]) == board.outcome(names[1]) == "")  # noqa: B023
            assert [records(name) for name in names] == before
            assert [method for method, *_ in board.wait(requests) if method != "GET"] == ["POST"]
            board.press("Dismiss")
            assert board.texts("#tray") == []


BUTTONS = """const row = document.querySelector(`tbody [data-key^="${arguments[0]} "]`);
return [...row.querySelectorAll(".actions button")].map((each) =>
  [each.innerText.replace("\\n", " "), each.ariaDisabled])"""
CLICK = f"""const [, button, done] = arguments;
button.click();
requestAnimationFrame(() => done((function (arguments) {{{BUTTONS}}})(arguments)))"""


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
    labels = ["Back today", f"+1 week {shown(7)}", f"+2 weeks {shown(14)}", "Other day… or a note"]
    assert browser.execute_async_script(CLICK, "ada", button) == [[label, "true"] for label in labels]
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


def test_a_form_is_not_closed_while_it_is_on_its_way(browser, proxy, late):
    board = Board(browser, proxy.base_url).open()
    board.press_in_row("ada", "Other day…")
    board.press(f"In 1 week {shown(7)}")
    proxy.slow = RECORDS
    proxy.held.clear()
    board.press("Save")
    board.get("button", "Cancel").click()
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert board.has("form", "Other day: ada")
    proxy.held.set()
    board.wait_outcome("ada", f"✓ expected back {shown(7)}")


def test_until_a_mentor_is_read_again_nothing_else_is_written_about_them(browser, proxy, late):
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Change…"))

    def hold_readings(method, _path):
        if method != "GET":
            proxy.held.clear()

    proxy.before = hold_readings
    board.press("Back today")
    board.wait_texts("#panel .said", "✓ back today")
    disabled = "return [...document.querySelectorAll('#panel .pauses button')].every((each) => each.ariaDisabled)"
    assert browser.execute_script(disabled)
    proxy.held.set()
    board.wait(lambda: not browser.execute_script(disabled))


def test_three_clicks_on_one_place_are_one_write(board, add, window, history):
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
                board.click_thrice(board.in_row(name, label))
                board.wait_outcome(name, "back")
                written.append(("Ada", event, name))
    assert history() == written
    assert not board.has("dialog", None)


def test_a_condition_that_fails_though_nobody_wrote_is_put_down_to_the_clock(
    without_polls, board, requests, late, database
):
    execute(database, f"UPDATE history_entry SET changed_at = '{day(-4)}T00:00:00Z'")
    board.open()
    execute(database, f"UPDATE pause_record SET created_at = '{day(-4)}T00:00:00Z'")
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", "Not done: a pause has begun or ended by itself. To make your change")
    board.wait(requests)
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ expected back {shown(7)}")


def test_if_an_answer_is_lost_the_next_reading_says_what_is_there_and_pressing_again_does_nothing_twice(
    browser, proxy, add, late, history, records
):
    for mentor in ("dan", "eve", "fay"):
        add(mentor, LATE)
    board = Board(browser, proxy.base_url).open()
    board.tick("cyd", "dan")
    proxy.lose = "PUT"
    board.press_in_row("ada", "Back today")
    board.wait(lambda: board.outcome("ada") == "Ada, 12:00 UTC: back")
    proxy.lose = "PUT"
    board.press_in_row("ben", f"+1 week {shown(7)}")
    board.wait(lambda: board.outcome("ben") == f"Ada, 12:00 UTC: back {shown(7)} instead of {shown(-5)}")
    proxy.lose = "POST"
    board.press_in_tray("Back today")
    board.wait_texts("#tray .refusal p", "No answer came. This has changed:")
    board.wait_texts("#tray .refusal li", "cyd: Ada, 12:00 UTC: back", "dan: Ada, 12:00 UTC: back")
    proxy.down = f"{MENTORS}/eve"
    board.press_in_row("eve", "Back today")
    board.wait_outcome("eve", "5 days overdue: not made so far. Press “Back today” again.")
    proxy.down = None
    board.press_in_row("eve", "Back today")
    board.wait_outcome("eve", "✓ back today")
    board.go("mentor=fay")
    board.press("Another pause…")
    board.fill_form({"Reason": "leave"})
    proxy.lose = "POST"
    board.press("Pause")
    board.wait_texts("#panel .said", f"Ada, 12:00 UTC: opened a pause: Leave, {shown(0)} \N{EN DASH} not known")
    assert board.value("reason") == "leave"
    board.press("Pause")
    board.wait_texts("#panel .said", "✓ it is so already: nothing was changed now")
    assert not board.has("textbox", "Note")  # the form is closed
    assert [(event, name) for _, event, name in history()] == [
        ("pause_ended", "ada"),
        ("pause_updated", "ben"),
        ("pause_ended", "cyd"),
        ("pause_ended", "dan"),
        ("pause_ended", "eve"),
    ]
    assert len(records("fay")) == 2


def test_if_the_answer_to_an_undo_is_lost_pressing_again_says_that_it_was_undone(browser, proxy, late, records):
    before = records("ada")
    board = Board(browser, proxy.base_url).open()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.go("panel=undo")
    proxy.lose = "POST"
    board.press("Undo")
    board.wait_texts("#panel .refusal p", "No answer came. This has changed:")
    assert records("ada") == before
    board.press("Undo")
    board.wait(lambda: "✓ undone" in board.text(".undos"))
    assert records("ada") == before


def test_what_is_not_sent_for_want_of_a_network_says_so(board, requests, late, history):
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
    assert history() == [("Ada", "pause_ended", "ada")]


def test_of_a_pause_that_is_corrected_in_the_panel_the_row_keeps_its_state_and_its_actions(board, late):
    board.open("mentor=ada")
    board.press("Change…")
    board.fill_form({"Reason": "exam"})
    board.press("Save")
    board.wait_texts("#panel .said", "✓ reason Exam instead of Leave")
    board.wait(lambda: board.rows()[0][1:3] == ["5 days overdue", "Exam"])
    assert board.in_row("ada", "Back today").is_displayed()
    board.press("Close")
    board.go("mentor=ada")
    board.wait_texts("#panel .pauses strong", "Exam")
    assert board.texts("#panel .said") == []  # it was said when the panel was left
