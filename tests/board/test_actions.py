"""Every action of the board, against the real server: what is sent, and what the page shows without a reload."""

import pytest

from tests.board.conftest import MENTORS, ON_BOTH, RECORDS, day, execute, shown
from tests.support.board import Board

NOTE = {"initiated_by": "coordinator-007", "notes": "by telephone"}


def status(read, mentor_id):
    """Return what GET one shows of a mentor but for when they were written."""
    mentor = read(f"{MENTORS}/{mentor_id}")
    return {name: mentor[name] for name in ("status", "pause_start_date", "expected_return_date", "pause_reason")}


def midnight(offset):
    return f"{day(offset)}T00:00:00Z"


@ON_BOTH
def test_add_a_mentor_adds_an_active_one_and_shows_them_so_that_they_can_be_paused(board, read, add):
    add("ben")
    board.open()
    board.follow("Add a mentor")
    board.type("Mentor id", "ada")
    board.press("Add")
    board.wait_said("ada is added.")
    assert read(f"{MENTORS}/ada")["status"] == "active"
    assert board.texts("#counts data")[0] == "2"
    assert board.has("dialog", "ada")
    board.press("Pause…")
    board.press("Pause")
    board.wait_said("ada is paused from now on.")
    assert read(f"{MENTORS}/ada")["status"] == "paused"


def test_add_a_mentor_who_is_there_already_says_so(board, add):
    add("ada")
    board.open("panel=add")
    board.type("Mentor id", "ada")
    board.press("Add")
    board.wait(lambda: board.texts("#panel [role=alert]") == ["There is a mentor of this id already."])


@ON_BOTH
def test_pause_with_a_return_date_and_a_reason_pauses_from_now_on(board, read, add):
    add("ada")
    board.open("mentor=ada")
    board.press("Pause…")
    board.date("Back on", day(9))
    board.type("Reason", "illness", "combobox")
    board.type("Note", NOTE["notes"])
    board.type("Your name", NOTE["initiated_by"])
    board.press("Pause")
    board.wait_said("ada is paused from now on.")
    assert status(read, "ada") | {"pause_start_date": None} == {
        "status": "paused",
        "pause_start_date": None,
        "expected_return_date": midnight(9),
        "pause_reason": "illness",
    }
    assert read(f"{MENTORS}/ada/history")["data"][0]["metadata"] == NOTE
    assert board.table()[0][:3] == ["ada", "back in 9 days", "Illness"]
    assert board.text("#panel .state") == f"paused until {shown(9)}, Illness"


@ON_BOTH
def test_pause_from_a_date_plans_a_pause_that_can_be_called_off(board, read, add):
    add("ada")
    board.open("mentor=ada")
    board.press("Pause…")
    board.date("From", day(3))
    board.date("Back on", day(9))
    board.press("Pause")
    board.wait_said(f"ada is paused from {shown(3)}.")
    dates = f"from {shown(3)} until {shown(9)}"
    board.wait(lambda: board.text("#panel .state") == f"active, to be paused {dates}")
    assert status(read, "ada")["pause_start_date"] == midnight(3)
    board.press("Call off")
    board.wait_said("ada has this pause no longer.")
    assert status(read, "ada")["pause_start_date"] is None


@ON_BOTH
@pytest.mark.parametrize(
    ("pause", "name", "kept"),
    [
        ({"expected_return_date": day(2)}, "expected_return_date", {"end_date": None}),
        ({"end_date": day(2)}, "end_date", {"expected_return_date": None}),
    ],
)
def test_change_the_return_date_changes_the_end_where_the_pause_has_one_else_the_expected_return(
    board, read, add, pause, name, kept
):
    [record] = add("ada", {"start_date": day(-5)} | pause)
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(12))
    board.press("Save")
    board.wait_said("ada has a changed pause.")
    changed = read(f"{RECORDS}/{record['pause_record_id']}")
    assert {key: changed[key] for key in (name, *kept)} == {name: midnight(12)} | kept
    assert board.table()[0][1] == "back in 12 days"


@ON_BOTH
def test_bring_back_is_one_request_that_ends_every_pause_in_force(browser, proxy, read, add):
    add("ada", {"start_date": day(-5), "end_date": day(5)}, {"start_date": day(-2), "reason": "illness"})
    board = Board(browser, proxy.base_url).open("mentor=ada")
    board.wait(lambda: board.has("button", "Bring back now"))
    del proxy.requests[:]
    board.press("Bring back now")
    board.wait_said("ada is back. 2 pauses ended.")
    assert [method for method, *_ in proxy.requests[:2]] == ["PUT", "GET"]
    assert read(f"{MENTORS}/ada")["status"] == "active"
    assert [row[1] for row in board.table()] == ["ended", "ended"]


@ON_BOTH
def test_delete_a_mistake_asks_once_and_deletes_the_pause(board, read, add):
    add("ada", {"start_date": day(-5)})
    board.open("mentor=ada")
    board.press("Delete a mistake…")
    board.press("Cancel")
    assert len(read(RECORDS)["data"]) == 1
    board.press("Delete a mistake…")
    board.press("Delete it")
    board.wait_said("ada has one pause fewer.")
    assert read(RECORDS)["data"] == []
    assert board.mentors() == []


@ON_BOTH
def test_another_pause_is_recorded_beside_the_one_in_force_and_an_ended_one_is_reopened(board, read, add):
    add("ada", {"start_date": day(-30), "end_date": day(-20)}, {"start_date": day(-2)})
    board.open("mentor=ada")
    board.press("Another pause…")
    board.date("From", day(1))
    board.type("Reason", "holiday", "combobox")
    board.press("Pause")
    board.wait_said(f"ada has another pause from {shown(1)}.")
    assert len(read(RECORDS)["data"]) == 3
    board.press("Reopen")
    board.wait_said("ada has this pause again.")
    assert [record["is_active"] for record in read(RECORDS)["data"]] == [True, True, True]


def test_an_overdue_mentor_was_expected_on_a_day_and_is_not_paused_until_it(board, write, add):
    add("ada")
    away = {"pause_start_date": day(-20), "expected_return_date": day(-5), "pause_reason": "illness"}
    write("PUT", f"{MENTORS}/ada", {"status": "paused"} | away)
    board.open("mentor=ada")
    board.wait(lambda: board.text("#panel .state") == f"paused, was expected on {shown(-5)}, Illness")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(0)})
    board.open("mentor=ada")
    board.wait(lambda: board.text("#panel .state") == f"paused until {shown(0)}, Illness")


def test_the_pause_in_force_is_shown_also_if_many_have_begun_since(board, write, add):
    recent = [{"start_date": day(-30 + number), "end_date": day(-29 + number)} for number in range(12)]
    add("ada", {"start_date": day(-60), "reason": "illness"}, *recent)
    board.open("mentor=ada")
    reasons = board.wait(lambda: board.texts(".pauses strong"))
    assert reasons == ["Illness", *["Leave"] * 9]
    assert board.has("StaticText", "10 of them, with what needs somebody first:")


def test_of_ten_pauses_it_is_not_said_that_there_are_others(board, add):
    add("ada", *[{"start_date": day(-30 + number), "end_date": day(-29 + number)} for number in range(10)])
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts(".pauses strong")) == 10)
    assert board.text("#panel .note") == ""


def test_reasons_in_use_are_suggested(board, add):
    add("ada", {"start_date": day(-5), "reason": "illness"}, {"start_date": day(-4), "reason": "holiday"})
    board.open("mentor=ada")
    board.press("Another pause…")
    values = "return [...document.querySelectorAll('#reasons option')].map((each) => each.value)"
    assert board.driver.execute_script(values) == ["Holiday", "Illness"]


def test_the_history_says_in_words_who_did_what_newest_first_and_leads_to_all_of_it(board, write, add):
    add("ben")
    add("ada")
    until = {"expected_return_date": day(9), "pause_reason": "illness"}
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "metadata": NOTE} | until)
    for offset in range(10, 20):
        write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(offset)})
    write("PUT", f"{MENTORS}/ada", {"status": "active"})
    board.open("mentor=ada")
    entries = board.wait(lambda: board.texts(".history li"))
    assert "Somebody ended a pause: Illness, " in entries[0]
    assert ", instead of Illness, " in entries[0]
    assert entries[0].endswith(f" \u2013 {shown(19)} (expected); then active")
    assert len(entries) == 10
    board.follow("The whole history")
    entries = board.wait(lambda: len(board.texts(".changes li")) == 13 and board.texts(".changes li"))
    assert "coordinator-007 opened a pause: Illness, " in entries[11]
    assert f" \u2013 {shown(9)} (expected); then paused" in entries[11]
    assert "by telephone" in entries[11]
    assert entries[12].endswith("Somebody created the mentor; then active")
    assert not board.has("dialog", "ada")
    assert board.text(".changes > p").startswith("Only changes to ada.")
    board.follow("Show what everybody changed")
    board.wait(lambda: len(board.texts(".changes li")) == 14)


@pytest.fixture
def purged(database, empty):
    """Note that what was before 2025 was purged; afterwards nothing is."""
    execute(database, "UPDATE installation SET purged_before = '2025-01-01T00:00:00Z'")
    yield
    execute(database, "UPDATE installation SET purged_before = NULL")


def test_below_its_oldest_entry_a_history_says_that_older_ones_may_have_been_deleted(board, write, add, purged):
    add("ada", {"start_date": day(-5)})
    for number in range(10):
        write("PUT", f"{MENTORS}/ada", {"metadata": {"number": number}})
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts(".history li")) == 10)
    assert board.texts(".purged") == [""]
    board.follow("The whole history")
    board.wait(lambda: len(board.texts(".changes li")) == 12)
    assert board.text(".changes .purged") == f"Entries before {shown('2025-01-01')} may have been deleted."


def test_the_history_of_a_service_that_never_purged_says_nothing_of_it(board, add):
    add("ada")
    board.open("mentor=ada")
    board.wait(lambda: board.texts(".history li"))
    assert board.texts(".purged") == [""]


def test_the_history_says_of_each_write_which_pause_it_was_about_and_how_the_mentor_was_after_it(board, add):
    add("ada", {"start_date": day(-5)}, {"start_date": day(3), "reason": "holiday"})
    board.open("mentor=ada")
    entries = board.wait(lambda: board.texts(".history li"))
    assert entries[0].endswith(f"Somebody opened a pause: Holiday, {shown(3)} \u2013 not known; then paused")
    assert entries[1].endswith(f"Somebody opened a pause: Leave, {shown(-5)} \u2013 not known; then paused")


def test_the_address_of_a_mentor_opens_them_and_back_and_escape_close_them(board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.follow("ada Leave, no return date")
    board.wait(lambda: board.has("dialog", "ada"))
    board.driver.back()
    board.wait(lambda: not board.has("dialog", "ada"))
    board.driver.forward()
    board.wait(lambda: board.has("button", "Bring back now"))
    board.get("button", "Close").send_keys("\ue00c")  # Escape
    board.wait(lambda: not board.has("dialog", "ada"))
    board.wait(lambda: board.driver.switch_to.active_element.text.startswith("ada"))


def test_a_mentor_who_is_not_there_is_named_in_the_panel(board):
    board.open("mentor=nobody")
    board.wait(lambda: "There is no mentor nobody." in board.text("#panel"))
    assert "Check the id for a typing mistake." in board.text("#panel")
