"""What changed: who did what to whom and when, and what was before."""

import re

from selenium.webdriver.common.by import By

from tests.board.conftest import BY_BOB, MENTORS, RECORDS, TODAY, day, insert, path_of, shown
from tests.support.board import untimed

DASH = "\N{EN DASH}"
CRAFTED = "<img src=x onerror=alert(1)>"
ENTRIES = "history_entry (mentor_id, event, changed_at, is_paused, pause_records)"
NEW = "Show new changes"


def lines(board):
    """Return the changes that are shown, each as one line, with noon as its time, without what stands at its end."""
    lines = [untimed(" ".join(line.split()))[6:] for line in board.texts(".changes li[data-key]")]
    return [re.sub(" (Undo|Restore|undone|undone: .*)$", "", line) for line in lines]


def changed(board, *expected):
    board.wait(lambda: lines(board) == list(expected))


def insert_entries(database, count):
    """Insert so many entries of mentors who were created, the newest last."""
    rows = [(f"mentor-{number:05}", "created", f"{day(-1)}T10:00:00Z", False, "[]") for number in range(count)]
    insert(database, ENTRIES, rows)


def test_each_change_says_who_did_what_to_whom_and_what_was_before_and_since_when_none_is_missing(
    board, add, write, purged
):
    [pause] = add("ada", {"start_date": day(20), "reason": "exam"})
    write("PUT", path_of(pause), {"reason": "fair", "metadata": {"initiated_by": "Grace", "notes": CRAFTED}})
    write("DELETE", f"{MENTORS}/ada")
    purged(-1)
    board.open("view=changes")
    coming = f"{shown(20)} {DASH} not known"
    assert lines(board) == [
        f"ada Somebody deleted the mentor; deleted a pause: Fair, {coming}",
        f"ada Grace updated a pause (Exam, from {shown(20)}): reason Fair instead of Exam {CRAFTED}",
        f"ada Somebody opened a pause: Exam, {coming}; available until then",
        "ada Somebody added the mentor",
    ]
    assert board.driver.find_elements(By.TAG_NAME, "img") == []
    assert board.texts(".changes > section > h2") == [f"{TODAY:%A, %B} {TODAY.day}, {TODAY.year}"]
    assert f"Entries before {shown(-1)} may have been deleted." in board.text(".changes > .note")
    board.driver.find_elements(By.CSS_SELECTOR, ".changes li[data-key] .mentor")[-1].click()
    board.wait(lambda: board.has("dialog", "ada"))


def test_any_change_of_the_past_is_undone_where_it_is_shown_but_no_mentor_is_deleted_so(board, add, write, read):
    add("ada", {"start_date": day(-5)})
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    before = read(RECORDS)["data"]
    board.open("view=changes")
    buttons = board.texts(".changes li > :is(.undo, small)")
    assert buttons == ["Undo", "Undo"]  # and none of the mentor who was added
    board.press("Undo this change")
    board.wait(lambda: any("undone" in text for text in board.texts(".changes li > :is(.said, small)")))
    assert read(f"{MENTORS}/ada")["status"] == "paused"
    assert read("/api/v1/history?limit=1")["data"][0]["changed_by"] == "Ada"
    board.wait(lambda: board.driver.find_element(By.CSS_SELECTOR, "#waiting button").click() is None)
    board.wait(lambda: len(lines(board)) == 4)
    assert board.texts(".changes .said") == ["✓ undone: paused again"]
    assert board.texts(".changes .undo") == ["Undo", "Redo", "Undo"]
    board.follow("Your changes (1)")
    undone = f"undone: “ended a pause (Leave, from {shown(-5)}): back "
    board.wait(lambda: board.text(".undos li > span:not(.whom)").startswith(undone))
    board.press("Redo")
    board.wait(lambda: read(RECORDS)["data"] == before)
    board.press("Close")
    board.wait(lambda: not any("✓ undone" in text for text in board.texts(".changes .said")))
    board.go("mentor=ada")
    board.wait(lambda: board.texts("#panel .history .undo")[:1] == ["Undo"])
    board.press("Undo this change")
    board.wait(lambda: read(f"{MENTORS}/ada")["status"] == "paused")
    board.wait(lambda: any(text.startswith("✓ undone") for text in board.texts("#panel .history .said")))


def test_a_change_on_which_a_later_one_rests_is_not_undone_and_that_one_is_named(board, add, write, read):
    grace = {"metadata": {"initiated_by": "Grace"}}
    add("ada")
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(-5), "reason": "exam"} | grace)
    board.open("view=changes")
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    board.press("Undo this change")
    board.wait(lambda: board.texts(".changes .refusal p") == ["Not undone:"])
    assert untimed(board.text(".changes .refusal li")) == "ada: since then bob, 12:00 UTC, ended a pause"
    assert read(f"{MENTORS}/ada")["status"] == "active"


def test_what_one_request_has_written_stands_together_with_one_undo_and_unfolds(board, upload, read):
    names = ("ada", "ben", "cyd")
    upload(MENTORS, "mentor_id", [(name,) for name in names])
    upload(RECORDS, "mentor_id,start_date,reason,initiated_by", [(name, day(3), "exam", "bob") for name in names])
    board.open("view=changes")
    assert lines(board)[0] == "cyd and 2 more bob opened 3 pauses"
    for shown_then in (3, 0):
        board.press("cyd and 2 more")
        board.wait(lambda count=shown_then: len(board.texts(".changes li li")) == count)
    board.press("Undo this change")
    board.wait_texts(".changes .said", "✓ undone")
    assert read(RECORDS)["data"] == []
    board.press(NEW)
    undid = "cyd and 2 more Ada deleted 3 pauses (undid “opened 3 pauses” by bob, "
    board.wait(lambda: lines(board)[0].startswith(undid))
    board.press("Redo")
    board.wait(lambda: len(read(RECORDS)["data"]) == 3)


def test_since_i_last_looked_shows_what_this_browser_has_not_shown_yet(board, add):
    add("ada")
    board.open("view=changes")
    changed(board, "ada Somebody added the mentor")
    add("ben")
    board.open("view=changes&by=bob")  # of one writer: the others are not seen by that
    board.wait_texts(".changes .nothing", "No changes")
    board.go("view=changes")
    board.choose("When", "since I last looked")
    changed(board, "ben Somebody added the mentor")
    add("cyd")
    board.poll()
    board.press(NEW)
    changed(board, "cyd Somebody added the mentor", "ben Somebody added the mentor")
    board.go("")
    board.go("view=changes&when=seen")
    board.wait_texts(".changes .nothing", "Nobody has changed anything since you last looked.")
    assert not board.has("button", "Show more")


def test_the_changes_of_one_writer_about_one_mentor_or_of_a_time_are_chosen_and_reset_leads_back_to_all(
    board, write, database
):
    grace, linus = ({"metadata": {"initiated_by": name}} for name in ("Grace", "Linus & Ken"))
    write("POST", MENTORS, {"mentor_id": "ada"} | grace)
    write("POST", MENTORS, {"mentor_id": "ben"} | linus)
    write("PUT", f"{MENTORS}/ben", {"status": "paused"} | grace)
    insert(database, ENTRIES, [("old", "created", f"{day(-9)}T10:00:00Z", False, "[]")])
    board.open("view=changes")
    assert len(lines(board)) == 4
    assert board.texts("#filters label:first-child option") == ["everybody", "Grace", "Linus & Ken"]
    board.choose("By", "Linus & Ken")
    changed(board, "ben Linus & Ken added the mentor")
    board.follow("Reset")
    board.wait(lambda: len(lines(board)) == 4)
    board.follow("Linus & Ken")
    changed(board, "ben Linus & Ken added the mentor")
    board.go("view=changes&by=Grace&of=ada")
    changed(board, "ada Grace added the mentor")
    assert board.text("#filters span") == "Only changes to ada"
    board.go("view=changes")
    board.choose("When", "today")
    board.wait(lambda: len(lines(board)) == 3)
    board.date("or on a day", day(-9))
    changed(board, "old Somebody added the mentor")
    assert board.get("combobox", "When").get_property("value") == day(-9)
    board.go(f"view=changes&when={day(-10)}")
    assert board.text(".changes .nothing") == "No changes"


def test_what_was_undone_can_be_undone_again_once_a_colleague_has_taken_that_back(board, add, write, read):
    add("ada")
    write("PUT", f"{MENTORS}/ada", {"status": "paused"} | BY_BOB)
    board.open("view=changes")
    board.press("Undo this change")
    board.wait(lambda: board.texts(".changes .said") == ["✓ undone: available again"])
    newest = read("/api/v1/history?limit=1")["data"][0]["history_entry_id"]
    write("POST", "/api/v1/history/undo", {"history_entry_ids": [newest]})
    board.poll()
    board.wait_texts(".changes li > :is(.undo, .said)", "Undo")


def test_more_is_shown_on_demand_and_what_is_new_waits_behind_the_line(board, write, database):
    insert_entries(database, 120)
    board.open("view=changes")
    assert len(lines(board)) == 50
    board.press("Show more")
    board.wait(lambda: len(lines(board)) == 100)
    write("POST", MENTORS, {"mentor_id": "zoe"})
    board.poll()
    board.wait(lambda: board.texts("#waiting button"))
    assert NEW in board.text("#waiting")
    assert lines(board)[0].startswith("mentor-00119 ")
    board.driver.find_element(By.CSS_SELECTOR, "#waiting button").click()
    board.wait(lambda: lines(board)[0].startswith("zoe "))
    assert NEW not in board.text("#waiting")
    board.press("Show more")
    board.wait(lambda: len(lines(board)) == 121)
    assert not board.has("button", "Show more")
    write("DELETE", f"{MENTORS}/zoe?erase=true")
    board.poll()
    board.wait(lambda: NEW in board.text("#waiting"))
