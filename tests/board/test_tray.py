"""The tray of what is ticked: it outlives what is shown, and what can be done from it fits all of it."""

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, MENTORS, RECORDS, day, fill, path_of, shown
from tests.support.browser import find


def tray(board):
    """Return the mentors whom the tray names."""
    return board.texts("#tray li .mentor")


def test_ticks_outlive_search_filters_and_views_and_the_tray_offers_what_fits_all_and_lets_each_go(board, late, add):
    add("dan", {"start_date": day(-20)})
    add("eve")
    board.open()
    assert tray(board) == []
    board.tick("ada", "dan")
    board.go("q=cyd")
    board.tick("cyd")
    for state in ("view=pauses&show=overdue", "show=undated", "view=changes", "q=nobody", ""):
        board.go(state)
        assert board.wait(lambda: tray(board)) == ["ada", "dan", "cyd"]
    assert board.text("#tray strong") == "3 mentors chosen"
    offered = ["Back today", f"+1 week each {shown(7)}", "Other day…", "Untick all"]
    assert board.texts("#tray .bar button") == offered
    board.press("Untick dan")
    assert tray(board) == ["ada", "cyd"]
    assert not board.get("checkbox", "Choose dan").is_selected()
    board.go("view=available")
    board.tick("eve")
    assert "Nothing can be done with all of them together" in board.text("#tray .bar")
    board.press_in_tray("Untick all")
    assert tray(board) == []
    board.go(f"as_of={day(1)}")
    assert not board.has("checkbox", "Choose ada")


def test_a_form_of_the_tray_is_about_each_that_is_ticked_once_and_ends_with_the_last(board, read, late):
    board.open()
    board.tick("ada")
    board.press_in_tray("Other day…")
    board.press(f"In 1 week {shown(7)}")
    board.press("Untick ada")
    board.tick("ben")
    assert board.texts("#tray form") == []
    board.press_in_tray("Other day…")
    board.press(f"In 2 weeks {shown(14)}")
    board.tick_all()
    assert board.text("#tray .plan") == f"3 mentors: expected back {shown(14)}"
    board.press("Save")
    board.wait_texts("#tray .said", f"✓ expected back {shown(14)}")
    assert [each["expected_return_date"][:10] for each in read(RECORDS)["data"]] == [day(14)] * 3


def test_shift_ticks_all_between_and_the_box_of_a_section_all_of_it_by_the_keyboard_too(board, late, add):
    add("dan", {"start_date": day(-20)})
    half = "return document.querySelector('.section input').indeterminate"
    board.open()
    board.tick("ada")
    assert board.driver.execute_script(half)
    box = board.get("checkbox", "Choose cyd")
    ActionChains(board.driver).key_down(Keys.SHIFT).click(box).key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ada", "ben", "cyd"]
    board.tick("cyd", "ben", "ada", "ada")  # the last one is ticked again
    beside = ActionChains(board.driver).move_to_element_with_offset(box, 12, 0)
    beside.key_down(Keys.SHIFT).click().key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ada", "ben", "cyd"]
    assert board.driver.execute_script("return getSelection().toString()") == ""
    section = board.get("checkbox", "Choose all of Overdue")
    assert (section.is_selected(), board.driver.execute_script(half)) == (True, False)
    board.tick("ben")
    assert (tray(board), board.driver.execute_script(half)) == (["ada", "cyd"], True)
    section.send_keys(Keys.SPACE)
    assert sorted(tray(board)) == ["ada", "ben", "cyd"]
    section.send_keys(Keys.SPACE)
    assert tray(board) == []
    board.get("checkbox", "Choose ben").send_keys(Keys.SPACE)
    board.driver.execute_script("document.querySelector('[aria-label=\"Choose dan\"]').focus()")
    ActionChains(board.driver).key_down(Keys.SHIFT).send_keys(Keys.SPACE).key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ben", "cyd", "dan"]


def test_on_a_phone_the_tray_covers_no_other_row_at_the_next_tick(board, late, window):
    window(390)
    board.open()
    board.tick("ada")
    height = find(board.driver, "#tray").rect["height"]
    board.tick("ben", "cyd")
    assert (len(tray(board)), find(board.driver, "#tray").rect["height"]) == (3, height)


def test_at_most_1000_are_ticked_who_are_paused_by_one_request_and_undone_by_another_one(
    board, requests, read, database
):
    fill(database, 1100, 0)
    board.open("view=available")
    board.wait(lambda: len(board.rows()) == 1000)
    board.tick_all()
    board.wait(lambda: board.text("#tray strong") == "1,000 mentors chosen")
    assert "No more rows can be changed together." in board.text("#tray")
    assert len(tray(board)) == 50
    board.press("and 950 more")
    board.wait(lambda: len(tray(board)) == 1000)
    board.wait(requests)
    board.press_in_tray("Pause…")
    board.press("Pause")
    board.wait_texts("#tray .said", "✓ paused from today")
    assert [method for method, *_ in board.wait(requests)].count("POST") == 1
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 1000
    find(board.driver, "#tray .undo").click()
    board.wait_texts("header a[href*='panel=undo']", "Your changes (0)")
    assert [path for method, path, *_ in board.wait(requests) if method != "GET"] == ["history/undo"]
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 0


def test_a_refusal_names_whom_it_is_about_and_the_others_are_changed_on_a_phone_too_and_who_stays_is_refused_again(
    without_polls, window, board, newest, write, add
):
    window(390, 844)
    add("ada")
    [coming] = add("ben", {"start_date": day(9), "expected_return_date": day(12)})
    board.open("view=available")
    board.tick("ada", "ben")
    board.press_in_tray("Pause…")
    board.fill_form({"From": day(2)})
    board.press("Pause")
    board.wait(lambda: any(board.texts("#tray .refusal li")))
    assert board.text("#tray .refusal li").startswith("ben: has a pause already, or one to come")
    assert (newest("ada")["event"], tray(board)) == ("created", ["ada", "ben"])
    board.press("Pause the other 1")
    board.wait(lambda: tray(board) == ["ben"] and newest("ada")["event"] == "pause_opened")
    assert board.text("#tray li").startswith("ben\nrefused: has a pause already, or one to come")
    board.wait_written()
    board.press_in_tray("Pause…")
    board.fill_form({"From": day(2)})
    write("PUT", path_of(coming), {"expected_return_date": day(14)} | BY_BOB)
    board.press("Pause")
    board.wait(lambda: "bob, " in "".join(board.texts("#tray .refusal p")))
    assert newest("ben")["changed_by"] == "bob"


def test_a_form_of_which_all_were_left_out_cannot_be_sent(without_polls, board, write, late):
    board.open()
    board.tick("ada", "ben")
    board.press_in_tray("Other day…")
    board.press(f"In 1 week {shown(7)}")
    for mentor in ("ada", "ben"):
        write("PUT", f"{MENTORS}/{mentor}", {"status": "active"} | BY_BOB)
    board.press("Save")
    board.wait_texts("#tray .refusal p", "Nothing was changed.")
    board.wait(lambda: board.text("#tray strong") == "0 mentors chosen")
    assert board.get("button", "Save").get_attribute("aria-disabled") == "true"


def test_what_is_typed_into_the_tray_while_the_last_who_is_ticked_is_brought_back_stays(board, add, late):
    board.open()
    board.tick("ada")
    board.press_in_tray("Other day…")
    board.type("Note", "by telephone")
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.wait_written()
    board.tick("ben")
    board.wait(lambda: board.value("notes") == "by telephone")


def test_a_note_that_was_typed_for_one_goes_along_when_another_one_is_ticked(board, newest, late):
    board.open()
    board.tick("ada")
    board.press_in_tray("Other day…")
    board.type("Note", "by telephone")
    board.tick("ben")
    assert board.value("notes") == "by telephone"
    assert board.text("#tray .plan").startswith("2 mentors: back on which day?")
    board.press(f"In 1 week {shown(7)}")
    board.press("Save")
    board.wait_texts("#tray .said", f"✓ expected back {shown(7)}, note “by telephone”")
    assert [newest(mentor)["metadata"]["notes"] for mentor in ("ada", "ben")] == ["by telephone"] * 2


def test_who_was_left_out_counts_again_as_soon_as_the_colleague_has_undone_what_they_did(
    without_polls, board, write, newest, late
):
    board.open()
    board.tick("ada", "ben")
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    board.poll()
    board.wait(lambda: "left out: bob" in board.text("#tray ul"))
    assert board.text("#tray strong") == "1 mentor chosen"
    write("POST", "/api/v1/history/undo", {"history_entry_ids": [newest("ada")["history_entry_id"]]} | BY_BOB)
    board.poll()
    board.wait(lambda: board.text("#tray strong") == "2 mentors chosen")
    assert "left out" not in board.text("#tray ul")


def test_one_of_several_is_undone_in_their_row_and_done_again(board, read, late):
    board.open()
    board.tick("ada", "ben", "cyd")
    board.press_in_tray("+1 week each")
    board.wait_texts("#tray .said", f"✓ expected back {shown(7)}")
    board.wait_written()
    board.press_in_row("ben", "Undo")
    undone = f"✓ undone: “expected back {shown(7)}”"
    board.wait_outcome("ben", undone)
    board.wait_texts("#tray .bar", f"2 mentors ✓ expected back {shown(7)} Undo ×")  # noqa: RUF001 the button's own
    assert [each["expected_return_date"][:10] for each in read(RECORDS)["data"]] == [day(7), day(-5), day(7)]
    board.press_in_row("ben", "Redo")
    board.wait(lambda: [each["expected_return_date"][:10] for each in read(RECORDS)["data"]] == [day(7)] * 3)


def test_what_was_done_to_many_pauses_at_once_stays_said_of_each(board, upload):
    names = [f"m-{number:02}" for number in range(30)]
    upload(MENTORS, "mentor_id", [[name] for name in names])
    for reason in ("exam", "illness"):
        columns = "mentor_id,start_date,expected_return_date,reason"
        upload(RECORDS, columns, [[name, day(-20), day(-5), reason] for name in names])
    board.open()
    board.tick_all()
    board.press_in_tray("+1 week each")
    board.wait(lambda: board.texts("#tray .said"))
    board.wait_written()
    assert len(board.texts("main tbody .said")) == 60


def test_undo_of_several_goes_on_past_what_a_colleague_has_changed_and_says_for_whom(board, read, write, late):
    board.open()
    board.tick("ada", "ben", "cyd")
    board.press_in_tray("+1 week each")
    board.wait_texts("#tray .said", f"✓ expected back {shown(7)}")
    write("PUT", path_of(late[0]), {"expected_return_date": day(40)} | BY_BOB)
    find(board.driver, "#tray .undo").click()
    board.wait_texts("#tray .refusal p", "Undone in part:")
    board.wait_texts("#tray .refusal li", "ada: since then bob, 12:00 UTC, updated a pause")
    assert [each["expected_return_date"][:10] for each in read(RECORDS)["data"]] == [day(40), day(-5), day(-5)]
    assert board.texts("header a[href*='panel=undo']") == ["Your changes (1)"]
