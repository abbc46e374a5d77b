"""Undo on the page: in the row, and in the list of what this tab has changed."""

import pytest

from tests.board.conftest import MENTORS, ON_BOTH, RECORDS, WRITER, day, execute, fill
from tests.board.test_writes import BY_BOB, LATE, LOST
from tests.support.board import Board, untimed
from tests.support.browser import find

GONE = "This mentor was deleted, with their pauses."


@pytest.fixture
def late(add):
    """Add ada, ben and cyd, who were expected five days ago; return their pauses."""
    return [add(name, LATE)[0] for name in ("ada", "ben", "cyd")]


@pytest.fixture
def three(board, late):
    """Back today ada, ben and cyd by the buttons of their rows, and wait until all three are read again."""
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


def undone(board):
    """Return how many of the listed changes were undone."""
    return sum("✓ undone" in text for text in listed(board))


def refusals(board):
    return [untimed(text) for text in board.texts("#panel .refusal li")]


@ON_BOTH
def test_undo_in_the_row_takes_back_what_was_done_and_the_row_is_as_before(board, read, late, add):
    add("dan", LATE, {"start_date": day(-3), "expected_return_date": day(-1), "reason": "illness"})
    before = pauses(read)
    board.open()
    board.press_in_row("dan", "Back today ends 2 pauses")
    board.wait_outcome("dan", "✓ back today")
    board.press_in_row("dan", "Undo")
    board.wait(lambda: board.texts("header a[href*='panel=undo']") == ["Your changes (0)"])
    board.wait(lambda: board.rows()[-1][0] == "dan" and "overdue" in board.rows()[-1][1])
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    assert board.texts("header a[href*='panel=undo']") == ["Your changes (1)"]
    board.press_in_row("ada", "Undo")
    board.wait(lambda: board.rows()[0][:2] == ["ada", "5 days overdue"])
    assert pauses(read) == before
    assert board.texts("header a[href*='panel=undo']") == ["Your changes (0)"]  # the name of who writes is there, too
    assert [entry["changed_by"] for entry in read("/api/v1/history")["data"][:4]] == ["Ada"] * 4  # undos are signed


@ON_BOTH
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
    assert three.text("header a[href*='panel=undo']") == "Your changes (1)"
    assert pauses(read)[2]["end_date"] is None


@ON_BOTH
def test_after_a_later_change_is_undone_the_one_before_can_be_undone_too(board, read, late):
    board.open()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.go("mentor=ada")
    board.press("Change…")
    board.type("Reason", "exam")
    board.press("Save")
    board.wait_outcome("ada", "✓ reason: Exam")  # the row says what was done last
    board.press("Undo")
    board.wait(lambda: board.outcome("ada") == "")
    board.press("Close")
    assert board.texts("#waiting button")[0].startswith("Refresh the list")
    assert board.rows()[0][1] == "ended"
    board.follow("Your changes (1)")
    undo_listed(board, 0)
    board.wait(lambda: board.rows()[0][:2] == ["ada", "5 days overdue"])
    assert [each["end_date"] for each in pauses(read)] == [None] * 3


@ON_BOTH
def test_a_mentor_who_was_deleted_is_brought_back_from_their_panel_whoever_deleted_them(board, read, write, late):
    before = pauses(read)
    board.open("mentor=ada")
    board.remove("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait_outcome("ada", "✓ mentor deleted")
    board.press("Undo")
    board.wait(lambda: board.rows()[0][:2] == ["ada", "5 days overdue"])
    write("DELETE", f"{MENTORS}/ben?initiated_by=bob")
    board.open("mentor=ben")
    board.wait(lambda: board.texts("#panel .state") == [GONE])
    board.press("Restore")
    board.wait(lambda: board.text("#panel .state").startswith("paused since"))
    assert pauses(read) == before


@ON_BOTH
def test_an_undo_that_is_refused_says_who_did_what_and_stays_until_that_is_put_back(
    without_polls, three, read, write, late
):
    path = f"{RECORDS}/{late[0]['pause_record_id']}"
    write("PUT", path, {"reason": "illness"} | BY_BOB)
    three.press_in_row("ada", "Undo")
    three.wait(lambda: three.texts("tbody .refusal p") == ["Not undone:"])
    [said] = three.texts("tbody .refusal li")
    assert untimed(said) == "ada: since then bob, 12:00 UTC, updated a pause"
    three.follow("Your changes (3)")
    three.wait(lambda: len(listed(three)) == 3)
    undo_listed(three, 2)
    three.wait(lambda: len(refusals(three)) == 1)
    assert refusals(three)[0].startswith("ada: since then bob, 12:00 UTC, ")
    assert three.driver.find_elements("css selector", ".undos li:nth-child(3) a[href*='mentor=ada']")
    assert read(path)["reason"] == "illness"
    write("PUT", path, {"reason": "leave"})
    undo_listed(three, 2)
    three.wait(lambda: undone(three) == 1)
    assert read(path)["end_date"] is None


def test_of_two_changes_of_one_pause_the_later_one_is_undone_first(board, read, late):
    before = pauses(read)
    board.open()
    board.press_in_row("ada", "Other day…")
    board.date("Back on, another date", day(2))
    find(board.driver, "tbody form").submit()
    board.wait_outcome("ada", "✓ back")
    find(board.driver, "#waiting").click()
    board.go("view=pauses")
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.follow("Your changes (2)")
    undo_listed(board, 1)
    board.wait(lambda: refusals(board) == ["ada: since then Ada, 12:00 UTC, ended a pause"])
    undo_listed(board, 0)
    board.wait(lambda: undone(board) == 1)
    undo_listed(board, 0)
    board.wait(lambda: undone(board) == 2)
    assert pauses(read) == before


def test_an_undo_without_an_answer_says_so_and_is_tried_again(browser, proxy, read, late):
    before = pauses(read)
    board = Board(browser, proxy.base_url).open()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.follow("Your changes (1)")
    proxy.lose = "POST"
    undo_listed(board, 0)
    board.wait(lambda: LOST in board.texts("#panel .refusal p"))
    undo_listed(board, 0)
    board.wait(lambda: undone(board) == 1)
    assert pauses(read) == before


def test_what_the_history_no_longer_has_cannot_be_undone_and_is_no_longer_listed(three, database, read):
    execute(database, "DELETE FROM history_entry")
    three.press_in_row("cyd", "Undo")
    three.wait(lambda: three.texts("header a[href*='panel=undo']") == ["Your changes (2)"])
    said = "cyd: it is too late, since the history no longer has what was done"
    three.wait(lambda: three.texts("tbody .refusal li") == [said])
    assert all(pause["end_date"] for pause in pauses(read))


def test_another_token_may_be_somebody_elses_who_undoes_nothing(closed):
    closed.enter(WRITER)
    closed.press_in_row("ada", "Back today")
    closed.wait_outcome("ada", "✓ back today")
    closed.wait(lambda: closed.texts("header a[href*='panel=undo']") == ["Your changes (1)"])
    closed.driver.execute_script("document.querySelector('#token').showModal()")
    closed.driver.execute_script("sessionStorage['token at /board'] = 'no-token-of-the-service'")
    closed.poll()
    closed.enter(WRITER)
    closed.wait(lambda: closed.face() == "ready")
    closed.wait(lambda: closed.texts("header a[href*='panel=undo']") == [])
    closed.go("panel=undo")
    closed.wait(lambda: "Nothing was changed in this tab yet." in closed.text("#panel"))


def test_an_upload_of_300_lines_is_undone_by_one_click(board, read, database, tmp_path):
    fill(database, 6000, 300)
    table = tmp_path / "pauses.csv"
    ids = "\n".join(f"mentor-{number:05},active" for number in range(0, 6000, 20))
    table.write_text(f"mentor_id,status\n{ids}\n")
    board.open("panel=tables")
    board.wait(lambda: find(board.driver, "#panel input[accept='.csv,text/csv']").send_keys(str(table)) is None)
    board.press("Check")
    board.press("Apply")
    board.wait(lambda: board.texts("header a[href*='panel=undo']") == ["Your changes (1)"])
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 0
    board.go("panel=undo")
    undo_listed(board, 0)
    board.wait(lambda: undone(board) == 1)
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 300


@ON_BOTH
def test_deleting_a_pause_or_a_mentor_asks_once_and_is_undone_and_erasing_needs_the_id(board, server, read, late):
    before = pauses(read)
    board.open("mentor=ada")
    board.press("Delete this pause…")
    board.press("Cancel")
    board.press("Delete this pause…")
    assert "You can undo it." in board.text("#panel form")
    board.press("Delete the pause")
    board.wait(lambda: [each["mentor_id"] for each in pauses(read)] == ["ben", "cyd"])
    board.press("Undo")
    board.wait(lambda: pauses(read) == before)
    board.remove("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait(lambda: board.text("#panel .state") == GONE)
    assert not board.has("button", "Pause…")
    board.press("Undo")
    board.wait(lambda: "aused since" in board.text("#panel .state"))
    assert pauses(read) == before
    board.remove("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait(lambda: board.text("#panel .state") == GONE)
    board.remove("Erase for good…")
    board.type("To confirm, type ada", "adA")
    board.press("Erase")
    assert server.request("GET", f"{MENTORS}/ada/history")[0].status == 200
    board.type("To confirm, type ada", "ada")
    board.press("Erase")
    board.wait(lambda: "everything is erased" in board.text("#panel"))
    assert server.request("GET", f"{MENTORS}/ada/history")[0].status == 404


@ON_BOTH
def test_what_a_colleague_has_changed_or_added_again_is_not_deleted_or_erased(board, server, read, write, late):
    board.open("mentor=ada")
    board.remove("Delete this mentor…")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(9)} | BY_BOB)
    board.press("Delete the mentor")
    board.wait(lambda: any("Not done: bob, " in text for text in board.texts("#panel .refusal p")))
    server.request("DELETE", f"{MENTORS}/ben")
    board.go("mentor=ben")
    board.wait(lambda: board.text("#panel .state") == GONE)
    board.remove("Erase for good…")
    board.type("To confirm, type ben", "ben")
    write("POST", MENTORS, {"mentor_id": "ben"} | BY_BOB)
    board.press("Erase")
    board.wait(lambda: any("Not done: bob, " in text for text in board.texts("#panel .refusal p")))
    assert [read(f"{MENTORS}/{name}")["status"] for name in ("ada", "ben")] == ["paused", "active"]
