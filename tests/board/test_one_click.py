"""What a row of the table offers with one click: bring back, one or two weeks more, a date; each with its undo."""

import pytest

from tests.board.conftest import MENTORS, ON_BOTH, READER, RECORDS, day, shown
from tests.support.board import Board

UNDONE = "Undone: "


def midnight(offset):
    return f"{day(offset)}T00:00:00Z"


@pytest.fixture
def late(add):
    """Add ada, who was expected five days ago, and return the pause."""
    [record] = add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})
    return record


def test_only_what_is_overdue_due_or_without_a_return_date_has_actions(board, add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("due", {"start_date": day(-20), "expected_return_date": day(6)})
    add("open", {"start_date": day(-20)})
    add("away", {"start_date": day(-20), "expected_return_date": day(7)})
    add("coming", {"start_date": day(2), "expected_return_date": day(5)})
    add("back", {"start_date": day(-20), "end_date": day(-5)})
    board.open()
    assert [name for name in ("late", "due", "open") if board.has("button", f"Bring back {name}")] == [
        "late",
        "due",
        "open",
    ]
    assert len(board.texts(".actions :is(button, a)")) == 12
    board.open(f"as_of={day(1)}")
    assert board.texts(".actions :is(button, a)") == []


@ON_BOTH
@pytest.mark.parametrize(
    ("pause", "name", "offset"),
    [
        ({"expected_return_date": day(-5)}, "expected_return_date", 7),  # than today, since it has passed
        ({"expected_return_date": day(3)}, "expected_return_date", 10),
        ({"end_date": day(3)}, "end_date", 10),
        ({}, "expected_return_date", 7),
    ],
)
def test_a_week_more_is_one_entry_and_undo_takes_it_back(board, read, add, pause, name, offset):
    [record] = add("ada", {"start_date": day(-20)} | pause)
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open()
    board.press(f"+1 week for ada, back on {shown(offset)}")
    board.wait_said(f"ada is expected back on {shown(offset)}.")
    assert read(path) == record | {name: midnight(offset)}
    assert len(read(f"{MENTORS}/ada/history")["data"]) == 3
    board.elapse()
    board.wait(lambda: board.table()[0][1] == f"back in {offset} days")
    board.press("Undo")
    board.wait_said(UNDONE)
    assert read(path) == record


@ON_BOTH
def test_two_weeks_more(board, read, late):
    board.open("show=overdue")
    board.press(f"+2 weeks for ada, back on {shown(14)}")
    board.wait_said(f"ada is expected back on {shown(14)}.")
    assert read(RECORDS)["data"][0]["expected_return_date"] == midnight(14)
    board.elapse()
    board.wait(lambda: board.table() == [])


@ON_BOTH
def test_bring_back_ends_every_pause_of_the_mentor_and_undo_reopens_them(board, read, late, write):
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(-3), "reason": "illness"})
    before = read(RECORDS)["data"]
    board.open("sort=start_date")
    board.press("Bring back ada")
    board.wait(lambda: board.said() == "ada is back. 2 pauses ended.")
    assert read(f"{MENTORS}/ada")["status"] == "active"
    board.press("Undo")
    board.wait_said(UNDONE)
    assert read(RECORDS)["data"] == before


@ON_BOTH
def test_bring_back_says_that_it_ended_another_pause_too_though_the_page_has_not_shown_it(
    without_polls, board, read, late, write
):
    board.open("show=overdue")
    away = {"start_date": day(-3), "expected_return_date": day(20), "reason": "illness"}
    write("POST", RECORDS, {"mentor_id": "ada"} | away)
    board.press("Bring back ada")
    board.wait(lambda: board.said() == "ada is back. 2 pauses ended.")
    board.press("Undo")
    board.wait_said(UNDONE)
    assert [record["end_date"] for record in read(RECORDS)["data"]] == [None, None]


def test_set_a_date_opens_the_form_of_this_pause_at_the_date(board, read, late, write):
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(2), "reason": "holiday"})
    board.open("show=overdue")
    board.follow("Set a date… for ada")
    board.wait(lambda: board.driver.switch_to.active_element.get_attribute("name") == "expected_return_date")
    board.date("Back on", day(9))
    board.press("Save")
    board.wait_said("ada has a changed pause.")
    assert [record["expected_return_date"] for record in read(RECORDS)["data"]] == [midnight(9), None]
    assert not board.has("button", "Save")


@ON_BOTH
def test_what_a_colleague_has_changed_since_the_row_was_drawn_is_said_and_not_overwritten(
    without_polls, board, read, late, write
):
    path = f"{RECORDS}/{late['pause_record_id']}"
    board.open()
    write("PUT", path, {"expected_return_date": day(40)})
    board.press(f"+1 week for ada, back on {shown(7)}")
    change = f"expected return date: {shown(-5)} → {shown(40)}"
    board.wait_said(f"Not done: this is no longer as it was shown. ada: {change} (last changed by Somebody, 12:00 UTC)")
    assert read(path)["expected_return_date"] == midnight(40)
    assert board.table()[0][1] == "back in 40 days"
    assert not board.has("button", "Undo")


@ON_BOTH
def test_a_refusal_leaves_the_undo_of_the_change_before(without_polls, board, add, late, write):
    [record] = add("ben", {"start_date": day(-20), "expected_return_date": day(-3)})
    board.open()
    board.press("Bring back ada")
    board.wait_said("ada is back.")
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": day(40)})
    board.press(f"+1 week for ben, back on {shown(7)}")
    board.wait(lambda: board.said().startswith("Not done: this is no longer as it was shown. ben: "))
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")


@pytest.mark.parametrize("name", [f"+1 week for ada, back on {shown(7)}", "Bring back ada"])
@pytest.mark.parametrize("step", range(6))
def test_a_colleague_between_any_two_requests_of_one_click_keeps_what_they_wrote(
    browser, proxy, read, late, write, name, step
):
    path = f"{RECORDS}/{late['pause_record_id']}"
    board = Board(browser, proxy.base_url).open()
    asked = []

    def interrupt(_, request):
        if "ada" in request or ".csv" in request:
            asked.append(request)
            if len(asked) == step + 1:
                write("PUT", path, {"expected_return_date": day(40)})

    proxy.before = interrupt
    board.press(name)
    board.wait(board.said)
    if board.has("button", "Undo"):
        board.press("Undo")
        board.wait(lambda: board.said().startswith(("Not undone: ", UNDONE)))
    assert len(asked) > step
    assert read(path)["expected_return_date"] == midnight(40)
    assert not board.said().startswith(UNDONE)


@ON_BOTH
def test_an_answer_that_is_lost_is_said_and_the_row_shows_what_is_there(browser, proxy, read, late):
    board = Board(browser, proxy.base_url).open()
    proxy.lose = "POST"
    board.press(f"+1 week for ada, back on {shown(7)}")
    board.wait_said("No answer came: the change may have been made, or not.")
    assert board.table()[0][1] == "back in 7 days"


def test_a_token_that_only_reads_sees_no_actions(closed):
    closed.enter(READER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    assert not closed.has("button", "Bring back ada")
    assert not closed.has("columnheader", "Actions")


def test_the_keyboard_comes_back_to_the_row_after_an_action(board, late):
    board.open()
    board.get("button", f"+1 week for ada, back on {shown(7)}").send_keys(" ")
    board.wait_said("ada is expected back")
    board.wait(lambda: board.driver.execute_script("return document.activeElement.closest('tr') !== null"))


# --- several at once


@pytest.fixture
def two(browser, proxy, add):
    """Have ada and ben brought back before the page is drawn; return the board and the two pauses."""
    away = {"start_date": day(-20), "expected_return_date": day(-5)}
    pauses = [record for name in ("ada", "ben") for record in add(name, away)]
    board = Board(browser, proxy.base_url).open()
    browser.execute_script("window.written = 0; document.addEventListener('written', () => (written += 1))")
    proxy.slow = "phase=overdue"
    proxy.held.clear()
    board.press("Bring back ada")
    board.wait(lambda: browser.execute_script("return written") == 1)
    board.press("Bring back ben")
    board.wait(lambda: browser.execute_script("return written") == 2)
    proxy.held.set()
    board.wait(lambda: board.said() == "ada is back. ben is back.")
    return board, [f"{RECORDS}/{each['pause_record_id']}" for each in pauses]


@ON_BOTH
def test_two_that_are_brought_back_at_once_are_both_said_and_each_has_an_undo(two, read):
    board, paths = two
    assert not board.has("button", "Undo")
    board.undo("ben is back.")
    board.wait_said("Undone: ben is paused")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    assert [read(path)["end_date"] for path in paths] == [None, None]
    assert not board.has("button", "Undo")


@ON_BOTH
def test_of_two_one_is_undone_though_a_colleague_has_changed_the_other(two, read, write):
    board, paths = two
    write("PUT", paths[1], {"end_date": day(2)})
    board.undo("ben is back.")
    board.wait_said("Not undone: Somebody, 12:00 UTC, changed a pause of ben")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    assert read(paths[0])["end_date"] is None
    assert read(paths[1])["end_date"] == midnight(2)


@ON_BOTH
def test_an_undo_that_ends_late_says_what_is_undone_and_leaves_the_undo_of_what_was_done_meanwhile(
    browser, proxy, read, late, add
):
    [other] = add("ben", {"start_date": day(-20), "expected_return_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    board.press("Bring back ada")
    board.wait_said("ada is back.")
    proxy.slow = "pause-records.csv?mentor_id=ada"
    proxy.held.clear()
    board.press("Undo")
    board.press("Bring back ben")
    board.wait(lambda: board.said() == "ben is back.")
    proxy.held.set()
    board.wait_said("Undone: ada is paused")
    board.undo("ben is back.")
    board.wait_said("Undone: ben is paused")
    assert [read(f"{RECORDS}/{each['pause_record_id']}")["end_date"] for each in (late, other)] == [None, None]
