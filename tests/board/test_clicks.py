"""One click changes one mentor: a second click on the same spot hits nobody else, and not the Undo, either."""

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, RECORDS, day, shown
from tests.support.board import Board

UNDONE = "Undone: "
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
LATE = {"start_date": day(-20), "expected_return_date": day(-5)}


@pytest.fixture
def clock_of_pages():
    """Leave the pages their clock."""


@pytest.fixture
def late(add):
    """Add six mentors who were expected five days ago."""
    for name in ("ada", "ben", "cyd", "dan", "eve", "fay"):
        add(name, LATE)


@pytest.fixture
def without_timers(injected):
    """Have the pages never do what they put off by 700 ms or by 4 seconds."""
    injected(
        "const later = setTimeout; window.setTimeout = (act, delay) => [700, 4000].includes(delay) || later(act, delay)"
    )


@pytest.fixture
def on_a_phone(board):
    """Show the board at the size of a phone."""
    board.cdp("Emulation.setDeviceMetricsOverride", **PHONE)
    yield board
    board.cdp("Emulation.clearDeviceMetricsOverride")


def click(board, control, times=1, pause=0.2):
    """Click on one spot, so many times in a row, whatever stands there by then."""
    board.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", control)
    chain = ActionChains(board.driver, duration=0).move_to_element(control)
    for _ in range(times):
        chain.click().pause(pause)
    chain.perform()


def changes(read):
    """Return who was changed and what the change was, of what was written since all were added."""
    entries = read("/api/v1/history?limit=100")["data"]
    return [
        (entry["mentor_id"], entry["event"]) for entry in entries if entry["event"] not in ("created", "pause_opened")
    ]


# --- three clicks on one spot


@pytest.mark.parametrize("pause", [0.05, 0.2])
@pytest.mark.parametrize("state", ["", "show=overdue", "sort=-mentor_id", "view=week"])
def test_three_clicks_bring_back_one_mentor_who_stays_so(board, read, late, state, pause):
    board.open(state)
    click(board, board.get("button", "Bring back cyd"), 3, pause)
    board.wait_said("cyd is back.")
    board.wait(lambda: not board.has("button", "+2 weeks for cyd, back on " + shown(14)))
    assert changes(read) == [("cyd", "pause_ended")]
    assert not board.has("dialog", None)


@pytest.mark.parametrize("state", ["show=overdue", "view=week"])
def test_three_taps_on_a_phone_bring_back_one_mentor(on_a_phone, read, late, state):
    board = on_a_phone.open(state)
    click(board, board.get("button", "Bring back cyd"), 3)
    board.wait_said("cyd is back.")
    assert changes(read) == [("cyd", "pause_ended")]


def test_three_clicks_postpone_one_pause_once(board, read, late):
    board.open("show=overdue")
    click(board, board.get("button", f"+1 week for cyd, back on {shown(7)}"), 3)
    board.wait_said("cyd is expected back on")
    assert changes(read) == [("cyd", "pause_updated")]


@pytest.mark.parametrize(
    ("button", "pauses", "event"),
    [
        ("Bring back now", [LATE, {"start_date": day(3)}], "pause_ended"),
        ("Call off", [{"start_date": day(3)}, {"start_date": day(9)}], "pause_ended"),
        ("Reopen", [{"start_date": day(-9), "end_date": day(-2)}], "pause_reopened"),
    ],
)
def test_three_clicks_in_the_panel_are_one_write(board, read, add, button, pauses, event):
    add("ada", *pauses)
    board.open("mentor=ada")
    control = board.get("button", button)
    board.wait(lambda: not board.is_settling())
    click(board, control, 3)
    board.wait(board.said)
    entries = read(f"{MENTORS}/ada/history")["data"]
    assert [entry["event"] for entry in entries[:2]] == [event, "pause_opened"]


def test_three_clicks_on_a_mentor_only_open_the_panel(board, read, late):
    board.open("view=week")
    click(board, board.get("link", "cyd"), 3)
    board.wait(lambda: board.has("button", "Bring back now"))
    assert changes(read) == []


def test_three_clicks_that_close_the_panel_hit_no_row_behind_it(board, read, late):
    board.open("show=overdue&mentor=cyd")
    board.wait(lambda: board.has("button", "Bring back now"))
    click(board, board.get("button", "Close"), 3)
    board.wait(lambda: not board.has("dialog", "cyd"))
    assert changes(read) == []


def test_delete_a_mistake_stands_apart_from_the_other_buttons_of_a_pause(board, add):
    add("ada", LATE)
    board.open("mentor=ada")
    change, delete = (board.get("button", name).rect for name in ("Change…", "Delete a mistake…"))
    assert delete["y"] - (change["y"] + change["height"]) >= 24


def test_two_clicks_on_check_apply_nothing(board, read, late):
    board.open("show=overdue")
    board.press("Choose cyd", "checkbox")
    board.follow("Change together")
    board.press("Set a date…")
    board.date("Back on", day(12))
    click(board, board.get("button", "Check"), 3)
    board.wait(lambda: board.has("button", "Apply"))
    assert changes(read) == []


def test_two_clicks_on_save_do_not_overwrite_a_colleague(without_polls, board, read, write, add):
    [record] = add("ada", LATE)
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(12))
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": day(40)})
    click(board, board.get("button", "Save"), 3)
    board.wait(lambda: board.has("button", "Send it all the same"))
    assert read(RECORDS)["data"][0]["expected_return_date"][:10] == day(40)


# --- what happens after a click


def test_the_row_stays_and_says_what_was_done_until_it_is_drawn_anew(without_timers, board, late):
    board.open("show=overdue")
    board.press("Bring back cyd")
    board.wait_said("cyd is back.")
    assert [row[0] for row in board.table()] == ["ada", "ben", "cyd", "dan", "eve", "fay"]
    assert board.texts("tbody .done") == ["cyd is back."]
    board.poll()
    board.follow("Reset")  # what is asked for anew is drawn at once
    board.wait(lambda: board.texts("tbody .done") == [])


def test_what_is_said_of_one_view_is_not_said_of_another_but_can_be_undone_there(board, late):
    board.open()
    board.press("Bring back cyd")
    board.wait_said("cyd is back.")
    board.follow("Trend")
    board.wait(lambda: board.said() == "")
    board.undo("cyd is back.")
    board.wait_said(UNDONE)


def test_another_search_among_the_names_is_drawn_at_once(without_timers, board, late):
    board.open()
    board.driver.execute_script('localStorage[\'names of mentors at /board\'] = \'[["cyd", "Ina"], ["dan", "Jo"]]\'')
    board.open()
    board.press("Bring back Ina (cyd)")
    board.wait_said("Ina (cyd) is back.")
    board.type("Mentor", "Jo", "searchbox")
    board.wait(lambda: [row[0] for row in board.table()] == ["Jo (dan)"])


def test_the_row_goes_by_itself_after_some_seconds(board, late):
    board.open("show=overdue")
    board.press("Bring back cyd")
    board.wait(lambda: [row[0] for row in board.table()] == ["ada", "ben", "dan", "eve", "fay"])


def test_undo_takes_no_click_and_no_key_at_first(without_timers, board, read, late):
    board.open("show=overdue")
    board.press("Bring back cyd")
    board.wait_said("cyd is back.")
    undo = board.get("button", "Undo")
    click(board, undo)
    board.driver.execute_script("arguments[0].focus()", undo)
    ActionChains(board.driver).send_keys(Keys.ENTER, Keys.SPACE).perform()
    assert not undo.is_enabled()
    assert changes(read) == [("cyd", "pause_ended")]


def test_undo_takes_back_what_the_row_says_at_once(board, read, late):
    board.open("show=overdue")
    board.press("Bring back cyd")
    board.press("Undo")
    board.wait_said(UNDONE)
    board.press("Bring back cyd")
    board.wait_said("cyd is back.")
    board.press("Undo")
    board.wait_said(UNDONE)
    assert board.texts("tbody .done") == []
    assert len(read(f"{RECORDS}?phase=overdue")["data"]) == 6


@pytest.mark.parametrize("height", [700, 1000])
def test_undo_is_away_from_the_button_that_was_clicked(board, late, height):
    board.cdp("Emulation.setDeviceMetricsOverride", **(PHONE | {"height": height}))
    try:
        board.open("view=week")
        button = board.get("button", "Bring back fay")
        board.driver.execute_script("arguments[0].scrollIntoView({block: 'end'})", button)
        place = board.driver.execute_script("return arguments[0].getBoundingClientRect().toJSON()", button)
        button.click()
        board.wait_said("fay is back.")
        undo = board.get("button", "Undo").rect
        scrolled = board.driver.execute_script("return scrollY")
        top = undo["y"] - scrolled
        assert top + undo["height"] < place["top"] or top > place["bottom"]
    finally:
        board.cdp("Emulation.clearDeviceMetricsOverride")


# --- rows that a colleague moves


@pytest.mark.parametrize("state", ["show=overdue", "view=week"])
def test_a_click_on_a_row_that_has_just_moved_there_does_nothing(without_timers, board, server, read, late, state):
    board.open(state)
    server.request("DELETE", f"{MENTORS}/ada")
    board.driver.execute_script("window.dispatchEvent(new Event('hashchange'))")
    board.wait(lambda: not board.has("button", "Bring back ada"))
    click(board, board.get("button", "Bring back dan"))
    board.get("button", "Bring back ben").send_keys(Keys.ENTER)  # a key is meant for what has the focus
    board.wait_said("ben is back.")
    assert changes(read) == [("ben", "pause_ended"), ("ada", "deleted")]


def test_a_click_on_a_row_that_has_not_moved_counts_at_once(without_timers, board, read, add, late):
    board.open("view=week")
    add("zoe", LATE)
    board.driver.execute_script("window.dispatchEvent(new Event('hashchange'))")
    board.wait(lambda: board.has("button", "Bring back zoe"))
    assert board.is_settling()
    click(board, board.get("button", "Bring back ben"))
    board.wait_said("ben is back.")
    assert changes(read) == [("ben", "pause_ended")]


def test_by_a_proxy_that_is_slow_three_clicks_are_one_write(browser, proxy, read, late):
    board = Board(browser, proxy.base_url).open("show=overdue")
    proxy.slow = "pause-records.csv"
    proxy.held.clear()
    button = board.get("button", f"+1 week for cyd, back on {shown(7)}")
    click(board, button, 3)
    proxy.held.set()
    board.wait_said("cyd is expected back on")
    assert changes(read) == [("cyd", "pause_updated")]
