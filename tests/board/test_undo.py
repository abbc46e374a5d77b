"""Undo takes back what a write did, and nothing that a colleague has done, whenever they did it."""

import re
from itertools import count

import pytest

from tests.board.conftest import MENTORS, ON_BOTH, RECORDS, WRITER, day, execute, shown
from tests.support.board import Board

THEIRS = f"{day(40)}T00:00:00Z"  # the return date that a colleague gives the pause
UNDONE = "Undone: "


def bring_back(board):
    board.press("Bring back now")


def call_off(board):
    board.press("Call off")


def reopen(board):
    board.press("Reopen")


def change(board):
    board.press("Change…")
    board.type("Reason", "illness", "combobox")
    board.press("Save")


def pause(board):
    board.press("Pause…")
    board.press("Pause")


def pause_again(board):
    board.press("Another pause…")
    board.date("From", day(-1))
    board.type("Reason", "illness", "combobox")
    board.press("Pause")


ACTIONS = [
    (bring_back, [{"start_date": day(-5)}, {"start_date": day(-3), "reason": "illness"}]),
    (call_off, [{"start_date": day(3)}]),
    (reopen, [{"start_date": day(-9), "end_date": day(-2)}]),
    (change, [{"start_date": day(-5), "expected_return_date": day(2)}]),
    (pause, []),
    (pause_again, [{"start_date": day(-5)}]),
]


def records_of(read, mentor_id):
    return read(f"{RECORDS}?mentor_id={mentor_id}")["data"]


def output_of(board):
    """Return what the panel says of the write, or of the problem that it met."""
    return "".join(board.texts("#panel .write [role=alert]")) or board.said()


@ON_BOTH
@pytest.mark.parametrize(("act", "pauses"), ACTIONS)
def test_undo_makes_every_pause_what_it_was_before(board, read, add, act, pauses):
    add("ada", *pauses)
    before = records_of(read, "ada")
    board.open("mentor=ada")
    act(board)
    board.wait(lambda: records_of(read, "ada") != before)
    board.press("Undo")
    board.wait_said(UNDONE)
    assert records_of(read, "ada") == before


@pytest.mark.parametrize(("act", "pauses"), ACTIONS)
def test_a_colleague_between_any_two_requests_keeps_what_they_wrote_and_the_page_says_so(
    browser, proxy, read, write, add, act, pauses
):
    board = Board(browser, proxy.base_url).open("panel=add")
    said = []
    for step in count():
        mentor_id = f"ada-{step}"
        add(mentor_id, *pauses)
        writes_since = write_before(proxy, step, lambda mentor=mentor_id: set_their_date(read, write, mentor))
        browser.execute_script("location.hash = arguments[0]", f"mentor={mentor_id}")
        board.wait(lambda mentor=mentor_id: board.has("dialog", mentor))
        before = output_of(board)
        act(board)
        board.wait(lambda text=before: output_of(board) not in ("", text))
        if board.has("button", "Undo"):
            board.press("Undo")
            board.wait(lambda: re.match("Not undone: |Undone: ", board.said()))
        said.append(output_of(board))
        proxy.restore()
        if writes_since() is None:
            break
        dates = [record["expected_return_date"] for record in records_of(read, mentor_id)]
        assert THEIRS in dates, (step, said)
        if step > 1 and writes_since():  # the first two requests read the history, before all that the undo goes by
            assert not said[-1].startswith(UNDONE), (step, said)
    assert said[-1].startswith(UNDONE)  # nobody came between
    refused = [text for text in said if text.startswith("Somebody, ") and "since you opened it." in text]
    parallel = [text for text in said if "at the same time: look there, this has no undo." in text]
    undone = [text for text in said if text.startswith("Not undone: Somebody, ") and "changed a pause of ada-" in text]
    assert refused or act in (pause_again,), said  # a POST has no If-Match
    assert parallel, said
    assert undone, said
    assert len(said) >= 8


def write_before(proxy, step, write):
    """Have `write()` called before a request about a mentor or a pause, that of this number from 0.

    Return a function that returns how many writes of the page there were from this request on; None: it never came.
    """
    numbers, methods = count(), []

    def call(method, path):
        if re.search(r"ada-|pause-rec-|\.csv", path) and next(numbers) == step:
            write()
            methods.append(method)
        elif methods:
            methods.append(method)

    proxy.before = call
    return lambda: sum(method != "GET" for method in methods) if methods else None


def set_their_date(read, write, mentor_id):
    """Write the colleague's date into the pause that was recorded last, or else plan one with that date."""
    records = records_of(read, mentor_id)
    if records:
        write("PUT", f"{RECORDS}/{records[-1]['pause_record_id']}", {"expected_return_date": THEIRS})
    else:
        planned = {"mentor_id": mentor_id, "start_date": day(3), "reason": "holiday"}
        write("POST", RECORDS, planned | {"expected_return_date": THEIRS})


@ON_BOTH
def test_undo_after_a_colleague_has_changed_the_pause_shows_what_they_changed(board, read, write, add):
    [record] = add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    board.open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": day(40), "reason": "illness"})
    board.press("Undo")
    board.wait_said("Not undone: Somebody, 12:00 UTC, changed a pause of ada")
    assert f"expected return date: {shown(2)} → {shown(40)}" in board.said()
    assert "reason: Leave → Illness" in board.said()
    assert not board.has("button", "Undo")
    assert read(f"{MENTORS}/ada")["status"] == "active"


@ON_BOTH
def test_undo_after_a_colleague_has_deleted_the_pause_says_that_it_is_gone(board, server, write, add):
    [record] = add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    server.request("DELETE", f"{RECORDS}/{record['pause_record_id']}")
    board.press("Undo")
    board.wait_said("Not undone: Somebody, 12:00 UTC, deleted a pause of ada.")


@ON_BOTH
def test_undo_whose_answer_was_lost_is_tried_again_without_harm(browser, proxy, read, add):
    before = add("ada", {"start_date": day(-5)}, {"start_date": day(-3), "reason": "illness"})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    proxy.lose = "POST"
    board.press("Undo")
    board.wait_said("Trying again is safe.")
    board.undo("ada is back. 2 pauses ended.")
    board.wait_said("Undone: ada is paused")
    assert [read(f"{RECORDS}/{record['pause_record_id']}") for record in before] == before


def test_a_panel_that_is_opened_and_closed_keeps_the_last_undo(board, read, add):
    add("ada")
    add("ben", {"start_date": day(-5)})
    before = records_of(read, "ben")
    board.open("mentor=ben")
    board.press("Bring back now")
    board.wait_said("ben is back.")
    board.press("Close")
    board.wait(lambda: not board.has("dialog", "ben"))
    assert board.said() == "ben is back."
    board.driver.execute_script("location.hash = 'mentor=ada'")
    board.wait(lambda: board.has("button", "Pause…"))
    assert board.said() == "ben is back."
    board.press("Undo")
    board.wait_said(UNDONE)
    assert records_of(read, "ben") == before


def test_a_form_that_is_left_keeps_the_last_undo(board, read, add):
    add("ada", {"start_date": day(-5)})
    before = records_of(read, "ada")
    board.open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    board.press("Pause…")
    board.press("Cancel")
    board.press("Undo")
    board.wait_said("Undone: ada is paused")
    assert records_of(read, "ada") == before


def test_a_write_that_changed_nothing_has_no_undo(board, write, add):
    add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    board.open("mentor=ada")
    board.press("Change…")
    board.press("Save")
    board.wait_said("ada: it is so already, so nothing was changed.")
    assert not board.has("button", "Undo")


# --- only what this page has written


def test_bring_back_that_a_colleague_was_faster_with_has_no_undo(without_polls, board, read, write, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    write("PUT", f"{MENTORS}/ada", {"status": "active"})
    board.press("Bring back now")
    board.wait(lambda: board.said() == "ada: it is so already, so nothing was changed.")
    assert not board.has("button", "Undo")
    assert read(f"{MENTORS}/ada")["status"] == "active"


def test_another_pause_that_repeats_a_colleagues_has_no_undo(without_polls, board, read, write, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Another pause…"))
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(-1), "reason": "illness"})
    pause_again(board)
    board.wait(lambda: board.said() == "ada: it is so already, so nothing was changed.")
    assert not board.has("button", "Undo")
    assert len(records_of(read, "ada")) == 2


@ON_BOTH
def test_undo_leaves_a_pause_that_a_colleague_has_written_since_though_it_is_as_it_was(board, read, write, add):
    [record] = add("ada", {"start_date": day(-5)})
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open("mentor=ada")
    change(board)
    board.wait_said("ada has a changed pause.")
    write("PUT", path, {"expected_return_date": day(9)})
    write("PUT", path, {"expected_return_date": None, "metadata": {"initiated_by": "bob"}})
    board.press("Undo")
    board.wait_said("Not undone: bob, 12:00 UTC, changed a pause of ada.")
    assert read(path)["reason"] == "illness"
    assert not board.has("button", "Undo")


@ON_BOTH
def test_undo_whose_entry_was_purged_says_that_it_is_too_late(board, database, read, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    execute(database, "DELETE FROM history_entry")
    board.press("Undo")
    board.wait_said("Not undone: it is too late for ada")
    assert read(f"{MENTORS}/ada")["status"] == "active"


# --- older ones


@pytest.fixture
def three(board, add, read):
    """Bring back ada, ben and cyd by the buttons of their rows."""
    for name in ("ada", "ben", "cyd"):
        add(name, {"start_date": day(-5)})
    board.open("show=current")
    for name in ("ada", "ben", "cyd"):
        board.press(f"Bring back {name}")
        board.wait(lambda text=f"{name} is back.": board.said() == text)
    return board


def paused(read):
    return [mentor["mentor_id"] for mentor in read(f"{MENTORS}?status=paused")["data"]]


@ON_BOTH
@pytest.mark.parametrize("is_loaded_again", [False, True])
def test_three_changes_have_three_undos_in_any_order_also_after_a_reload(three, read, is_loaded_again):
    if is_loaded_again:
        three.open("show=current")
        three.undo("cyd is back.")
    else:
        three.press("Undo")
    three.wait_said("Undone: cyd is paused")
    assert paused(read) == ["cyd"]
    for name in ("ada", "ben"):
        three.undo(f"{name} is back.")
        three.wait_said(f"Undone: {name} is paused")
    assert paused(read) == ["ada", "ben", "cyd"]
    assert not three.has("button", "Undo")
    assert not three.has("DisclosureTriangle", None)


def test_an_older_undo_that_is_no_longer_possible_says_why(three, read, write):
    [record] = records_of(read, "ada")
    note = {"end_date": None, "expected_return_date": day(9), "metadata": {"initiated_by": "bob"}}
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", note)
    three.undo("ada is back.")
    three.wait_said("Not undone: bob, 12:00 UTC, changed a pause of ada")
    assert not three.has("button", "Undo: ada is back.")
    assert three.has("button", "Undo: ben is back.")


@ON_BOTH
def test_two_changes_of_one_pause_are_undone_the_later_one_first(board, read, add):
    before = add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    board.open("mentor=ada")
    change(board)
    board.wait_said("ada has a changed pause.")
    board.press("Bring back now")
    board.wait_said("ada is back.")
    board.undo("ada has a changed pause.")
    board.wait_said("Not undone: undo first what was done to ada later.")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    board.undo("ada has a changed pause.")
    board.wait(lambda: [read(f"{RECORDS}/{record['pause_record_id']}") for record in before] == before)


def test_what_is_kept_for_the_undos_has_no_reason(three):
    kept = three.driver.execute_script("return JSON.stringify(sessionStorage)")
    assert "cyd" in kept
    assert "leave" not in kept


def test_another_token_forgets_the_undos_of_the_one_before(closed, read):
    closed.enter(WRITER)
    closed.press("Bring back ada")
    closed.wait_said("ada is back.")
    closed.driver.execute_script("document.querySelector('#token').showModal()")
    closed.enter(WRITER)
    closed.wait(lambda: not closed.said())
    assert not closed.has("button", "Undo")


@ON_BOTH
def test_every_change_and_its_undo_carry_the_name_that_was_typed_in_the_head(board, read, add):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})

    def written_and_undone(words):
        board.wait_said(words)
        board.press("Undo")
        board.wait_said(UNDONE)

    board.open("show=overdue")
    board.type("Your name", "Grace")
    board.press("Bring back ada")
    written_and_undone("ada is back.")
    board.press("Choose ada", "checkbox")
    board.follow("Change together")
    board.press("+1 week")
    board.press("Apply")
    written_and_undone("+1 week: done for 1 mentor.")
    board.open("mentor=ada")
    change(board)
    written_and_undone("ada has a changed pause.")
    written = [entry["changed_by"] for entry in read(f"{MENTORS}/ada/history")["data"]][:-2]
    assert written == ["Grace"] * 6


# --- where it stands


def test_what_is_said_can_be_dismissed_and_its_undo_is_in_the_list(three, read):
    three.press("Dismiss")
    three.wait(lambda: three.said() == "")
    assert not three.has("button", "Undo")
    assert three.has("DisclosureTriangle", "3 changes to undo")
    three.undo("cyd is back.")
    three.wait_said("Undone: cyd is paused")
    assert paused(read) == ["cyd"]


@pytest.mark.parametrize("state", ["panel=files", "mentor=ada", "panel=chosen"])
def test_what_is_said_covers_no_control_of_the_panel(three, state):
    three.press("Choose ada", "checkbox")
    three.driver.execute_script("location.hash = arguments[0]", f"show=current&{state}")
    three.wait(lambda: three.said() == "cyd is back." and three.texts(".content button"))
    covered = three.driver.execute_script("""
      const controls = [...document.querySelectorAll(".content :is(button, a, input)")];
      return controls.filter((each) => each.checkVisibility()).filter((each) => {
        each.scrollIntoView({ block: "end" });
        const { left, top, width, height } = each.getBoundingClientRect();
        return !each.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      }).map((each) => each.textContent)""")
    assert covered == []
