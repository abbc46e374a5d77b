"""What a row of the table offers with one click: bring back, one or two weeks more, a date; each with its undo."""

from itertools import count

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


@pytest.mark.parametrize(
    ("pause", "name", "offset"),
    [
        ({"expected_return_date": day(-5)}, "expected_return_date", 7),  # than today, since it has passed
        ({"expected_return_date": day(3)}, "expected_return_date", 10),
        ({"end_date": day(3)}, "end_date", 10),
        ({}, "expected_return_date", 7),
    ],
)
def test_a_week_more_is_one_entry(board, read, add, pause, name, offset):
    [record] = add("ada", {"start_date": day(-20)} | pause)
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open()
    board.press(f"+1 week for ada, back on {shown(offset)}")
    board.wait_said(f"ada is expected back on {shown(offset)}.")
    assert read(path) == record | {name: midnight(offset)}
    assert len(read(f"{MENTORS}/ada/history")["data"]) == 3
    board.elapse()
    board.wait(lambda: board.table()[0][1] == f"back in {offset} days")


@ON_BOTH
def test_two_weeks_more(board, read, late):
    board.open("show=overdue")
    board.press(f"+2 weeks for ada, back on {shown(14)}")
    board.wait_said(f"ada is expected back on {shown(14)}.")
    assert read(RECORDS)["data"][0]["expected_return_date"] == midnight(14)
    board.elapse()
    board.wait(lambda: board.table() == [])


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


@pytest.mark.parametrize(
    ("name", "table"),
    [(f"+1 week for ada, back on {shown(7)}", "pause-records"), ("Bring back ada", "mentor-statuses")],
)
def test_a_click_costs_a_reading_and_a_write_and_its_undo_one_request(without_polls, browser, proxy, late, name, table):
    board = Board(browser, proxy.base_url).open()
    del proxy.requests[:]
    board.press(name)
    board.wait_said("ada is ")
    assert asked(proxy) == [("GET", f"{table}.csv?mentor_id=ada"), ("POST", f"{table}.csv")]
    del proxy.requests[:]
    board.press("Undo")
    board.wait_said(UNDONE)
    assert asked(proxy) == [("POST", "history/undo")]


def asked(proxy):
    """Return the requests up to the last write, as pairs of the method and the path below the API's."""
    requests = [(method, path.partition("/api/v1/")[2]) for method, path, *_ in proxy.requests]
    while requests[-1][0] == "GET":
        requests.pop()
    return requests


def change_pause(write, record):
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": day(40)})


def add_pause(write, record):
    write("POST", RECORDS, {"mentor_id": record["mentor_id"], "start_date": day(9), "reason": "exam"})


@pytest.mark.parametrize("theirs", [change_pause, add_pause])
@pytest.mark.parametrize("name", ["+1 week", "Bring back"])
def test_a_colleague_between_any_two_requests_of_one_click_loses_nothing_and_costs_no_undo_of_what_they_left_alone(
    browser, proxy, read, add, write, name, theirs
):
    board = Board(browser, proxy.base_url).open()
    said = []
    for step in count():
        mentor_id = f"ada-{step}"
        [record] = add(mentor_id, {"start_date": day(-20), "expected_return_date": day(-5)})
        board.open()
        steps = []

        def interrupt(_, request, record=record, step=step, steps=steps):
            if any(part in request for part in (record["mentor_id"], ".csv", "history")):
                steps.append(request)
                if len(steps) == step + 1:
                    theirs(write, record)

        proxy.before = interrupt
        label = f"{name} {mentor_id}" if name == "Bring back" else f"{name} for {mentor_id}, back on {shown(7)}"
        board.press(label)
        board.wait(board.said)
        is_written = board.has("button", "Undo")
        if is_written:
            board.press("Undo")
            board.wait(lambda: board.said().startswith(("Not undone: ", UNDONE)))
        said.append(board.said())
        proxy.restore()
        if len(steps) <= step:
            break
        now = read(f"{RECORDS}/{record['pause_record_id']}")
        if theirs == add_pause:
            assert now == record, (step, said)
            assert read(f"{RECORDS}?mentor_id={mentor_id}")["pagination"]["total"] == 2
            assert said[-1].startswith(UNDONE) == is_written, (step, said)
        else:
            assert now["expected_return_date"] == midnight(40), (step, said)
            later = steps[step:]  # what the page sent after the colleague had written
            is_write_refused = any(request.endswith(".csv") for request in later)
            is_undo_refused = any("history/undo" in request for request in later)
            assert not (is_write_refused and is_written), (step, said)
            assert not (is_undo_refused and said[-1].startswith(UNDONE)), (step, said)
    assert said[-1].startswith(UNDONE)  # nobody came between


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


def test_two_that_are_brought_back_at_once_are_both_said_and_each_has_an_undo(two, read):
    board, paths = two
    assert not board.has("button", "Undo")
    board.undo("ben is back.")
    board.wait_said("Undone: ben is paused")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    assert [read(path)["end_date"] for path in paths] == [None, None]
    assert not board.has("button", "Undo")


def test_of_two_one_is_undone_though_a_colleague_has_changed_the_other(two, read, write):
    board, paths = two
    write("PUT", paths[1], {"end_date": day(2)})
    board.undo("ben is back.")
    board.wait_said("Not undone: ben: Somebody, 12:00 UTC, reopened a pause: Leave, ")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    assert read(paths[0])["end_date"] is None
    assert read(paths[1])["end_date"] == midnight(2)


def test_an_undo_that_ends_late_says_what_is_undone_and_leaves_the_undo_of_what_was_done_meanwhile(
    browser, proxy, read, late, add
):
    [other] = add("ben", {"start_date": day(-20), "expected_return_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    board.press("Bring back ada")
    board.wait_said("ada is back.")
    proxy.slow = "history/undo"
    proxy.held.clear()
    board.press("Undo")
    board.press("Bring back ben")
    board.wait(lambda: board.said() == "ben is back.")
    proxy.held.set()
    board.wait_said("Undone: ada is paused")
    board.undo("ben is back.")
    board.wait_said("Undone: ben is paused")
    assert [read(f"{RECORDS}/{each['pause_record_id']}")["end_date"] for each in (late, other)] == [None, None]
