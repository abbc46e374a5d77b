"""Undo on the page: its words and its buttons. What it promises is tested against the API (tests/api/test_undo.py)."""

import pytest

from tests.board.conftest import MENTORS, RECORDS, WRITER, day, execute
from tests.support.board import Board


def records_of(read, mentor_id):
    return read(f"{RECORDS}?mentor_id={mentor_id}")["data"]


def paused(read):
    return [mentor["mentor_id"] for mentor in read(f"{MENTORS}?status=paused")["data"]]


def change_reason(board):
    board.press("Change…")
    board.type("Reason", "illness", "combobox")
    board.press("Save")
    board.wait_said("ada has a changed pause.")


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


def test_three_changes_have_three_undos_in_any_order_also_after_a_reload(three, read):
    kept = three.driver.execute_script("return JSON.stringify(sessionStorage)")
    assert "cyd" in kept
    assert "leave" not in kept
    three.open("show=current")
    for name in ("cyd", "ada", "ben"):
        three.undo(f"{name} is back.")
        three.wait_said(f"Undone: {name} is paused")
    assert paused(read) == ["ada", "ben", "cyd"]
    assert not three.has("button", "Undo")
    assert not three.has("DisclosureTriangle", None)


def test_a_refusal_says_who_did_what_when_and_once_they_have_put_it_back_it_is_undone(three, read, write):
    [record] = records_of(read, "ada")
    path = f"{RECORDS}/{record['pause_record_id']}"
    write("PUT", path, {"reason": "illness", "metadata": {"initiated_by": "bob"}})
    three.undo("ada is back.")
    three.wait_said("Not undone: ada: bob, 12:00 UTC, updated a pause: Illness, ")
    assert ", instead of Leave, " in three.said()
    assert read(path)["reason"] == "illness"
    write("PUT", path, {"reason": "leave"})
    three.undo("ada is back.")
    three.wait_said("Undone: ada is paused")
    assert paused(read) == ["ada"]


def test_two_changes_of_one_pause_are_undone_the_later_one_first(board, read, add):
    before = add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    board.open("mentor=ada")
    change_reason(board)
    board.press("Bring back now")
    board.wait_said("ada is back.")
    board.undo("ada has a changed pause.")
    board.wait_said("Not undone: undo first what was done to ada later.")
    board.undo("ada is back.")
    board.wait_said("Undone: ada is paused")
    board.undo("ada has a changed pause.")
    board.wait(lambda: [read(f"{RECORDS}/{record['pause_record_id']}") for record in before] == before)


def test_an_undo_whose_answer_was_lost_can_be_tried_again(browser, proxy, read, add):
    before = add("ada", {"start_date": day(-5)}, {"start_date": day(-3), "reason": "illness"})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.press("Bring back now")
    board.wait_said("ada is back. 2 pauses ended.")
    proxy.lose = "POST"
    board.press("Undo")
    board.wait_said("Trying again is safe.")
    board.undo("ada is back. 2 pauses ended.")
    board.wait_said("Nothing left to undo: ada is paused")
    assert [read(f"{RECORDS}/{record['pause_record_id']}") for record in before] == before
    assert not board.has("DisclosureTriangle", None)


def test_what_the_history_no_longer_has_cannot_be_undone_and_its_undo_goes(three, database, read):
    execute(database, "DELETE FROM history_entry")
    three.press("Undo")
    three.wait_said("Not undone: cyd: it is too late, since the history no longer has what was done.")
    assert paused(read) == []
    assert three.has("DisclosureTriangle", "2 changes to undo")


def test_another_token_forgets_the_undos_of_the_one_before(closed, read):
    closed.enter(WRITER)
    closed.press("Bring back ada")
    closed.wait_said("ada is back.")
    closed.driver.execute_script("document.querySelector('#token').showModal()")
    closed.enter(WRITER)
    closed.wait(lambda: not closed.said())
    assert not closed.has("button", "Undo")
    assert not closed.has("DisclosureTriangle", None)


def test_every_change_and_its_undo_carry_the_name_that_was_typed_in_the_head(board, read, add):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})

    def undo(words):
        board.wait_said(words)
        board.press("Undo")
        board.wait_said("Undone: ada is paused")

    board.open("show=overdue")
    board.type("Your name", "Grace")
    board.press("Bring back ada")
    undo("ada is back.")
    board.press("Choose ada", "checkbox")
    board.follow("Change together")
    board.press("+1 week")
    board.press("Apply")
    undo("+1 week: done for 1 mentor.")
    board.open("mentor=ada")
    board.press("Delete a mistake…")
    board.press("Delete it")
    undo("ada has one pause fewer.")
    written = [entry["changed_by"] for entry in read(f"{MENTORS}/ada/history")["data"]][:-2]
    assert written == ["Grace"] * 6


def test_what_is_said_covers_no_control_of_the_panel_and_its_undo_outlives_what_is_opened_and_dismissed(three, read):
    three.press("Choose ada", "checkbox")
    for state in ("panel=files", "mentor=ada", "panel=chosen"):
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
    three.press("Close")
    three.press("Dismiss")
    three.wait(lambda: three.said() == "")
    assert not three.has("button", "Undo")
    assert three.has("DisclosureTriangle", "3 changes to undo")
    three.undo("cyd is back.")
    three.wait_said("Undone: cyd is paused")
    assert paused(read) == ["cyd"]
