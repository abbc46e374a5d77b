"""What goes wrong with a write: a colleague was faster, a rule refuses it, the network fails; what was typed stays."""

from tests.board.conftest import MENTORS, ON_BOTH, RECORDS, day, execute, shown
from tests.support.board import Board
from tests.support.browser import find


@ON_BOTH
def test_a_change_that_a_colleague_was_faster_with_shows_what_is_there_now_and_keeps_what_was_typed(
    board, read, write, add
):
    [record] = add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(12))
    write("PUT", path, {"expected_return_date": day(7)})
    board.press("Save")
    stale = f"expected return date: {shown(2)} → {shown(7)}"
    board.wait(lambda: stale in board.text("#panel [role=alert]"))
    assert board.get("Date", "Back on").get_property("value") == day(12)
    assert read(path)["expected_return_date"][:10] == day(7)
    board.type("Note", "agreed with them")
    board.press("Send it all the same")
    board.wait_said("ada has a changed pause.")
    assert read(path)["expected_return_date"][:10] == day(12)


@ON_BOTH
def test_in_a_conflict_a_field_into_which_nobody_typed_has_what_the_colleague_wrote(board, read, write, add):
    [record] = add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(12))
    write("PUT", path, {"reason": "illness"})
    board.press("Save")
    board.wait(lambda: "reason: Leave → Illness" in board.text("#panel [role=alert]"))
    assert board.get("combobox", "Reason").get_property("value") == "Illness"
    assert board.get("Date", "Back on").get_property("value") == day(12)
    board.press("Send it all the same")
    board.wait_said("ada has a changed pause.")
    assert [read(path)[name] for name in ("reason", "expected_return_date")] == ["illness", f"{day(12)}T00:00:00Z"]


def test_in_a_conflict_what_stands_around_the_form_is_what_is_there_now(board, read, write, add):
    [record, _] = add(
        "ada",
        {"start_date": day(-9), "expected_return_date": day(-2)},
        {"start_date": day(-3), "expected_return_date": day(-1), "reason": "illness"},
    )
    path = f"{RECORDS}/{record['pause_record_id']}"
    board.open("mentor=ada")
    board.press("Change…")
    board.wait(lambda: board.texts(".pauses strong + span")[0] == "2 days overdue")
    board.date("Back on", day(12))
    write("PUT", path, {"expected_return_date": day(7), "reason": "holiday", "metadata": {"initiated_by": "bob"}})
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(3), "reason": "exam"})
    board.press("Save")
    board.wait(lambda: "Your change was not made" in board.text("#panel .write [role=alert]"))
    board.wait(lambda: board.text("#panel .state") == f"paused until {shown(7)}, Holiday")
    assert board.texts(".pauses > li > p > strong") == ["Illness", "Holiday", "Exam"]
    assert f"{shown(-9)} \N{EN DASH} {shown(7)} (expected)" in board.text(f"#{record['pause_record_id']}")
    assert "bob updated a pause: Holiday" in board.texts(".history li")[1]
    seen = """const place = document.querySelector("#panel .write [role=alert]").getBoundingClientRect();
      return place.top >= 0 && place.bottom <= innerHeight"""
    assert board.driver.execute_script(seen)
    assert board.get("Date", "Back on").get_property("value") == day(12)
    assert "Your change was not made" in board.text(f"#{record['pause_record_id']} .write [role=alert]")
    board.press("Send it all the same")
    board.wait_said("ada has a changed pause.")
    assert (read(path)["expected_return_date"][:10], read(path)["reason"]) == (day(12), "holiday")


def test_what_is_typed_and_the_focus_stay_when_what_stands_around_them_is_drawn_anew(board, read, write, add):
    add("ada", {"start_date": day(-5), "expected_return_date": day(2)})
    board.open("mentor=ada")
    board.press("Another pause…")
    board.type("Note", "by telephone")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(7)})
    board.poll()
    board.wait(lambda: board.text("#panel .state") == f"paused until {shown(7)}, Leave")
    focused = board.driver.switch_to.active_element
    assert (focused.get_attribute("name"), focused.get_property("value")) == ("notes", "by telephone")


@ON_BOTH
def test_bring_back_after_a_colleague_has_changed_the_pause_shows_the_change_and_does_nothing(board, read, write, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(7)})
    board.press("Bring back now")
    board.wait(lambda: f"expected return date: nothing → {shown(7)}" in board.text("#panel [role=alert]"))
    assert read(f"{MENTORS}/ada")["status"] == "paused"


@ON_BOTH
def test_what_a_colleague_did_is_said_if_nothing_that_the_form_shows_has_changed(board, read, write, add, database):
    add("ada", {"start_date": day(-5)})
    execute(database, f"UPDATE mentor_status SET last_updated = '{day(-5)}T00:00:00Z'")  # the ETag changes each second
    board.open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    metadata = {"initiated_by": "Grace"}
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(9), "reason": "holiday", "metadata": metadata})
    board.press("Bring back now")
    done = f"opened a pause: Holiday, {shown(9)} \N{EN DASH} not known; then paused"
    board.wait(lambda: board.texts("#panel .write [role=alert] li") == [done])
    assert read(f"{MENTORS}/ada")["status"] == "paused"


@ON_BOTH
def test_a_refusal_though_nobody_wrote_is_put_down_to_the_clock(board, add, database):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Change…")
    board.type("Reason", "illness", "combobox")
    execute(database, f"UPDATE pause_record SET created_at = '{day(-4)}T00:00:00Z'")
    board.press("Save")
    said = "A pause has begun or ended by its dates since you opened it. Your change was not made."
    board.wait(lambda: board.text("#panel .write [role=alert]") == said)


@ON_BOTH
def test_a_start_and_a_reason_that_another_pause_has_show_that_pause(board, add):
    add("ada", {"start_date": day(-5), "expected_return_date": day(3)})
    board.open("mentor=ada")
    board.press("Another pause…")
    board.date("From", day(-5))
    board.date("Back on", day(8))
    board.type("Reason", "leave", "combobox")
    board.press("Pause")
    board.wait(lambda: "Another pause of this mentor has the same start" in board.text("#panel [role=alert]"))
    assert f"expected return date: {shown(3)}" in board.text("#panel [role=alert]")


def test_an_end_before_the_start_is_marked_at_its_field_with_what_the_api_says(board, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(-9))
    board.press("Save")
    field = board.get("Date", "Back on")
    board.wait(lambda: field.get_attribute("aria-invalid") == "true")
    assert "It is before the start of the pause" in board.text("#expected_return_date-error")
    assert board.driver.switch_to.active_element == field


def test_what_was_wrong_with_a_field_is_said_no_more_once_it_is_mended(board, add):
    add("ada", {"start_date": day(-5)}, {"start_date": day(-3), "reason": "illness"})
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(-9))
    board.press("Save")
    board.wait(lambda: "It is before the start of the pause" in board.text("#panel .write"))
    board.date("Back on", day(9))
    board.date("From", day(-5))
    board.type("Reason", "leave", "combobox")
    board.press("Save")
    board.wait(lambda: "Another pause of this mentor" in board.text("#panel .write"))
    assert "It is before the start of the pause" not in board.text("#panel .write")
    assert board.driver.find_elements("css selector", "[aria-invalid]") == []


@ON_BOTH
def test_an_answer_lost_in_the_middle_of_a_put_says_so_and_trying_again_finds_it_done_with_one_history_entry(
    browser, proxy, read, add
):
    add("ada")
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.press("Pause…")
    board.type("Reason", "illness", "combobox")
    proxy.lose = "PUT"
    board.press("Pause")
    board.wait(lambda: "Trying again is safe." in board.text("#panel [role=alert]"))
    assert board.get("combobox", "Reason").get_property("value") == "illness"
    assert read(f"{MENTORS}/ada")["status"] == "paused"
    board.press("Try again")
    board.wait_said("ada: it is so already, so nothing was changed.")
    assert len(read(f"{MENTORS}/ada/history")["data"]) == 2


@ON_BOTH
def test_a_lost_answer_of_a_post_and_of_a_delete_are_found_out_by_trying_again(browser, proxy, read, add):
    board = Board(browser, proxy.base_url).open("panel=add")
    board.type("Mentor id", "ben")
    proxy.lose = "POST"
    board.press("Add")
    board.press("Try again")
    board.wait_said("ben is added.")
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Delete a mistake…")
    proxy.lose = "DELETE"
    board.press("Delete it")
    board.press("Try again")
    board.wait_said("ada has one pause fewer.")
    assert read(RECORDS)["data"] == []


def test_a_network_that_is_down_before_the_request_keeps_the_form_and_another_try_writes(browser, proxy, read, add):
    add("ada")
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.press("Pause…")
    proxy.down = "/"
    board.press("Pause")
    board.wait(lambda: "Trying again is safe." in board.text("#panel [role=alert]"))
    assert read(f"{MENTORS}/ada")["status"] == "active"
    proxy.down = None
    board.press("Try again")
    board.wait_said("ada is paused from now on.")
    assert find(browser, "#trouble").is_displayed() is False
