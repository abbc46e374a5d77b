"""A mentor is deleted, the history with them or not; a former mentor is found by their history, which can be erased."""

import pytest

from tests.board.conftest import MENTORS, ON_BOTH, READER, RECORDS, WRITER, day, shown
from tests.support.board import Board

GONE = "This mentor was deleted, with their pauses."
PROBLEM = b'{"status": 503, "code": "unavailable", "detail": "Try again soon."}'
HEAD = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n"
UNAVAILABLE = HEAD % len(PROBLEM) + PROBLEM


@pytest.fixture
def ada(add):
    """Add ada.b, who is paused."""
    return add("ada.b", {"start_date": day(-5), "expected_return_date": day(2)})


@pytest.fixture
def former(server, ada):
    """Delete ada.b."""
    server.request("DELETE", f"{MENTORS}/ada.b")


def confirm(board, typed="ada.b", button="Delete this mentor…"):
    board.press(button)
    board.type("To confirm, type ada.b", typed)


def status_of(server, path):
    return server.request("GET", path)[0].status


def test_a_mentor_is_deleted_once_their_id_is_typed_the_history_stays_and_undo_brings_all_back(
    board, server, read, ada
):
    board.open("mentor=ada.b")
    confirm(board, "adaxb")
    board.press("Delete")
    assert read(f"{MENTORS}/ada.b")["status"] == "paused"
    assert board.driver.switch_to.active_element.get_attribute("name") == "typed_id"
    assert "In this tab you can undo it." in board.text("#panel .write")
    board.type("To confirm, type ada.b", "ada.b")
    board.press("Delete")
    board.wait_said("ada.b is deleted.")
    assert status_of(server, f"{MENTORS}/ada.b") == 404
    assert board.text("#panel .state") == GONE
    assert board.texts(".history li")[0].split("\n")[1].startswith("Somebody deleted the mentor")
    board.press("Undo")
    board.wait_said(f"Undone: ada.b is paused until {shown(2)}, Leave.")
    assert read(RECORDS)["data"] == [{name: value for name, value in ada[0].items() if name != "created_at"}]
    assert "Somebody undid an earlier change: created the mentor" in board.texts(".history li")[0]


def test_a_mentor_who_was_added_by_mistake_is_deleted_by_undo(board, server, write):
    board.open("panel=add")
    board.type("Mentor id", "ben")
    board.press("Add")
    board.wait_said("ben is added.")
    board.press("Undo")
    board.wait_said("Undone: ben is deleted.")
    assert status_of(server, f"{MENTORS}/ben") == 404
    board.press("Close")
    board.wait(lambda: board.face() == "empty")


def test_with_the_history_nothing_is_left_though_a_name_is_typed_and_it_has_no_undo(board, server, ada):
    board.open("mentor=ada.b")
    board.type("Your name", "Grace")
    confirm(board)
    board.press("Erase the history, too", "checkbox")
    board.press("Delete")
    board.wait_said("ada.b is deleted.")
    assert board.text("#panel [role=alert]") == "There is no mentor ada.b. Check the id for a typing mistake."
    assert status_of(server, f"{MENTORS}/ada.b/history") == 404
    assert not board.has("button", "Undo")


@ON_BOTH
def test_a_mentor_whom_a_colleague_has_changed_since_is_not_deleted_before_that_was_seen(board, server, write, ada):
    board.open("mentor=ada.b")
    confirm(board)
    write("PUT", f"{MENTORS}/ada.b", {"expected_return_date": day(9)})
    board.press("Delete")
    change = f"expected return date: {shown(2)} → {shown(9)}"
    board.wait(lambda: change in board.text("#panel [role=alert]"))
    assert status_of(server, f"{MENTORS}/ada.b") == 200
    board.press("Send it all the same")
    board.wait_said("ada.b is deleted.")


@ON_BOTH
def test_a_deletion_whose_answer_was_lost_is_found_out_by_trying_again(browser, proxy, server, ada):
    board = Board(browser, proxy.base_url).open("mentor=ada.b")
    confirm(board)
    proxy.lose = "DELETE"
    board.press("Delete")
    board.press("Try again")
    board.wait_said("ada.b is deleted.")
    assert status_of(server, f"{MENTORS}/ada.b") == 404
    board.press("Close")
    board.open("mentor=ada.b")
    confirm(board, button="Erase the history…")
    proxy.lose = "DELETE"
    board.press("Erase")
    board.press("Try again")
    board.wait_said("ada.b is erased.")
    assert status_of(server, f"{MENTORS}/ada.b/history") == 404


@ON_BOTH
def test_a_deletion_that_was_made_though_the_answer_is_a_503_is_found_out_by_trying_again(browser, proxy, server, ada):
    board = Board(browser, proxy.base_url).open("mentor=ada.b")
    confirm(board)
    proxy.instead = [UNAVAILABLE]
    board.press("Delete")
    board.wait(lambda: board.text("#panel [role=alert]") == "Try again soon.")
    assert status_of(server, f"{MENTORS}/ada.b") == 404
    board.press("Delete")
    board.wait_said("ada.b is deleted.")


def test_a_search_for_the_id_of_a_former_mentor_finds_their_history(board, add, former):
    add("ada")
    board.open("q=ada")
    assert [row[:2] for row in board.table()] == [["ada", "active"]]
    board.open("q=ada.b")
    assert [row[:2] for row in board.table()] == [["ada.b", "deleted"]]
    assert not board.has("checkbox", "Choose ada.b")
    board.follow("ada.b no pause here")
    board.wait(lambda: board.texts("#panel .history li"))
    assert board.text("#panel .state") == GONE
    assert not board.has("button", "Pause…")
    assert not board.has("heading", "Pauses")
    board.open("q=ada.b&show=current")
    assert board.table() == []
    board.open("q=nobody")
    assert board.table() == []


@ON_BOTH
def test_the_history_of_a_former_mentor_is_erased_once_the_id_is_typed(board, server, former):
    board.open("mentor=ada.b")
    confirm(board, button="Erase the history…")
    board.press("Erase")
    board.wait_said("ada.b is erased.")
    assert board.text("#panel [role=alert]") == "There is no mentor ada.b. Check the id for a typing mistake."
    assert status_of(server, f"{MENTORS}/ada.b/history") == 404


@ON_BOTH
def test_a_former_mentor_whom_a_colleague_has_added_again_is_not_erased(board, write, read, former):
    board.open("mentor=ada.b")
    confirm(board, button="Erase the history…")
    write("POST", MENTORS, {"mentor_id": "ada.b"})
    board.press("Erase")
    board.wait(lambda: "somebody has added this mentor again" in board.text("#panel [role=alert]"))
    assert read(f"{MENTORS}/ada.b")["status"] == "active"
    assert len(read(f"{MENTORS}/ada.b/history")["data"]) == 4


def test_a_token_that_may_write_deletes_and_one_that_only_reads_sees_no_button_for_it(closed, server):
    closed.enter(READER)
    closed.follow("ada Leave, no return date")
    closed.wait(lambda: closed.texts(".history li"))
    assert not closed.has("button", "Delete this mentor…")
    server.request("DELETE", f"{MENTORS}/ada")
    closed.open("mentor=ada")
    closed.wait(lambda: closed.text("#panel .state") == GONE)
    assert not closed.has("button", "Erase the history…")
    closed.driver.execute_script("sessionStorage.setItem('token', arguments[0])", WRITER)
    closed.open("mentor=ada")
    closed.press("Erase the history…")
    closed.type("To confirm, type ada", "ada")
    closed.press("Erase")
    closed.wait_said("ada is erased.")
    assert server.request("GET", f"{RECORDS}?mentor_id=ada")[1]["data"] == []
