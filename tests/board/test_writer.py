"""Who writes: "Your name" is asked for at the first write of a browser, and goes with every write from then on."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, day

pytestmark = pytest.mark.usefixtures("unknown_writer")


def is_asked(board):
    return board.driver.execute_script("return document.querySelector('#name').open")


def writers(read):
    """Return who wrote, the newest first."""
    return [entry["changed_by"] for entry in read("/api/v1/history")["data"]]


def test_the_first_write_waits_for_the_name_escape_writes_nothing_and_the_name_is_kept(board, add, read):
    add("ada", {"start_date": day(-5)})
    add("ben", {"start_date": day(-4)})
    board.open()
    board.go("mentor=ada")
    board.press("Change…")
    board.press("Close")
    assert not is_asked(board)
    board.press_in_row("ada", "Back today")
    board.wait(lambda: is_asked(board))
    assert read(f"{MENTORS}/ada")["status"] == "paused"
    for leave in (lambda: board.driver.switch_to.active_element.send_keys(Keys.ESCAPE), lambda: board.press("Cancel")):
        leave()
        board.wait(lambda: not is_asked(board))
        assert "Back today" in board.row("ada").text
        board.press_in_row("ada", "Back today")
        board.wait(lambda: is_asked(board))
    board.type("Your name", " Grace ")
    assert read(f"{MENTORS}/ada")["status"] == "paused"
    board.press("Continue, and bring ada back")
    board.wait_outcome("ada", "back today")
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "back today")
    assert writers(read)[:2] == ["Grace", "Grace"]
    assert board.driver.execute_script("return localStorage['name at /board']") == "Grace"


def test_one_may_go_on_without_a_name_and_is_not_asked_again_but_can_give_one_later(board, add, read):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.press_in_row("ada", "Back today")
    board.press("Go on without")
    board.wait_outcome("ada", "back today")
    board.press_in_row("ada", "Undo")
    board.wait(lambda: read(f"{MENTORS}/ada")["status"] == "paused")
    assert set(writers(read)) == {None}
    board.go("mentor=ada")
    board.press("Delete this pause…")
    board.press("Delete the pause")
    board.wait(lambda: board.texts("#panel .said"))
    board.go("panel=undo")
    board.type("Your name in the history", f"Grace{Keys.TAB}")
    board.press("Undo")
    board.wait(lambda: writers(read)[0] == "Grace")
