"""Undo on the page: in the list of what this tab has changed, and where a mentor or a change is shown."""

import pytest

from tests.board.conftest import BY_BOB, MENTORS, RECORDS, WRITER, path_of
from tests.support.commands import execute

CHANGES = "header a[href*='panel=undo']"
GONE = "This mentor was deleted, with their pauses."


@pytest.fixture
def three(board, late):
    """Bring ada, ben and cyd back by the buttons of their rows, and wait until all three are read again."""
    board.open()
    for name in ("ada", "ben", "cyd"):
        board.press_in_row(name, "Back today")
        board.wait_outcome(name, "✓ back today")
    board.wait_written()
    return board


def pauses(read):
    return read(RECORDS)["data"]


def listed(board):
    """Return what the list of changes says, without its buttons and times of day."""
    return [text.partition("\n")[2].replace("\nUndo", "").replace("\n", " ") for text in board.texts(".undos > li")]


def undo_listed(board, number):
    """Press Undo in the list of changes, at the one of this number from 0."""
    board.wait(lambda: len(board.driver.find_elements("css selector", ".undos .undo")) > number)
    board.driver.find_elements("css selector", ".undos .undo")[number].click()


def wait_undone(board, count):
    """Wait until so many of the listed changes were undone."""
    board.wait(lambda: sum("✓ undone" in text for text in listed(board)) == count)


def test_your_changes_are_undone_in_any_order_also_after_a_reload_and_while_a_colleague_changes_others(
    three, read, write
):
    kept = three.driver.execute_script("return JSON.stringify(sessionStorage)")
    assert "leave" not in kept
    three.open()
    three.follow("Your changes (3)")
    three.wait(lambda: listed(three) == [f"{name} back today" for name in ("cyd", "ben", "ada")])
    write("PUT", f"{MENTORS}/ben", {"status": "paused"} | BY_BOB)
    undo_listed(three, 2)  # the third last
    done, undone = "back today", "back today ✓ undone"  # each stays where it stands
    three.wait(lambda: listed(three) == [f"cyd {done}", f"ben {done}", f"ada {undone}"])
    assert pauses(read)[0]["end_date"] is None
    undo_listed(three, 0)
    three.wait(lambda: listed(three) == [f"cyd {undone}", f"ben {done}", f"ada {undone}"])
    assert three.text(CHANGES) == "Your changes (1)"
    assert pauses(read)[2]["end_date"] is None


def test_of_two_changes_of_one_pause_the_later_one_is_undone_first(board, read, late):
    before = pauses(read)
    board.open()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.go("mentor=ada")
    board.press("Change…")
    board.fill_form({"Reason": "exam"})
    board.press("Save")
    board.wait_outcome("ada", "✓ reason Exam")  # the row says what was done last
    board.go("panel=undo")
    undo_listed(board, 1)
    board.wait_texts("#panel .refusal li", "ada: since then Ada, 12:00 UTC, updated a pause")
    undo_listed(board, 0)
    wait_undone(board, 1)
    board.press("Close")
    board.wait(lambda: "The list has changed: show it" in board.text("#waiting") and board.rows()[0][1] == "ended")
    board.follow("Your changes (1)")
    undo_listed(board, 0)
    board.wait(lambda: board.rows()[0][:2] == ["ada", "5 days overdue"])
    assert pauses(read) == before


def test_a_mentor_who_was_deleted_is_restored_from_their_panel_whoever_deleted_them(board, read, write, late):
    before = pauses(read)
    write("DELETE", f"{MENTORS}/ben?initiated_by=bob")
    board.open("mentor=ben")
    board.wait_texts("#panel .state", GONE)
    assert len(board.nodes("button", "Restore")) == 2  # below that, and in the history
    board.press("Restore")
    board.wait(lambda: board.text("#panel .state").startswith("paused since"))
    assert pauses(read) == before


def test_an_undo_that_is_refused_says_who_did_what_and_stays_until_that_is_put_back(
    without_polls, three, read, write, late
):
    path = path_of(late[0])
    write("PUT", path, {"reason": "illness"} | BY_BOB)
    refusal = "ada: since then bob, 12:00 UTC, updated a pause"
    three.press_in_row("ada", "Undo")
    three.wait_texts("tbody .refusal p", "Not undone:")
    three.wait_texts("tbody .refusal li", refusal)
    three.follow("Your changes (3)")
    undo_listed(three, 2)
    three.wait_texts("#panel .refusal li", refusal)
    assert three.driver.find_elements("css selector", ".undos li:nth-child(3) a[href*='mentor=ada']")
    assert read(path)["reason"] == "illness"
    write("PUT", path, {"reason": "leave"})
    undo_listed(three, 2)
    wait_undone(three, 1)
    assert read(path)["end_date"] is None


def test_what_the_history_no_longer_has_cannot_be_undone_and_is_no_longer_listed(three, database, read):
    execute(database, "DELETE FROM history_entry")
    three.press_in_row("cyd", "Undo")
    three.wait_texts(CHANGES, "Your changes (2)")
    three.wait_texts("tbody .refusal li", "cyd: it is too late, since the history no longer has what was done")
    assert all(pause["end_date"] for pause in pauses(read))


def test_another_token_may_be_somebody_elses_who_undoes_nothing(closed):
    closed.enter(WRITER)
    closed.press_in_row("ada", "Back today")
    closed.wait_outcome("ada", "✓ back today")
    closed.wait_texts(CHANGES, "Your changes (1)")
    closed.driver.execute_script("document.querySelector('#token').showModal()")
    closed.driver.execute_script("sessionStorage['token at /board'] = 'no-token-of-the-service'")
    closed.poll()
    closed.enter(WRITER)
    closed.wait(lambda: closed.face() == "ready")
    closed.wait_texts(CHANGES)
    closed.go("panel=undo")
    closed.wait(lambda: "Nothing was changed in this tab yet." in closed.text("#panel"))
    assert not closed.has("textbox", "Your name in the history")  # the token has one
