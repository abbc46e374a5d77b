"""Rows that are chosen and changed together: one table, checked first; all of it is written, or none; and its undo."""

import re
from collections import Counter
from itertools import count

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, ON_BOTH, READER, RECORDS, day, fill, shown
from tests.support.board import Board, untimed

LOOK = " Check again, or close this and choose other rows."
THEIRS = f"{day(40)}T00:00:00Z"  # the return date that a colleague gives a pause
UNDONE = "Undone"


@pytest.fixture
def late(add):
    """Add ada, ben and cyd, who were expected five days ago, and return their pauses."""
    away = {"start_date": day(-20), "expected_return_date": day(-5)}
    return [record for name in ("ada", "ben", "cyd") for record in add(name, away)]


def chosen(board):
    """Return the mentors whose rows are chosen, and what the page says of how many they are."""
    script = "return [...document.querySelectorAll('.choose:checked')].map((each) => each.ariaLabel.slice(7))"
    return board.driver.execute_script(script), board.text("#choice output")


def choose(board, *names):
    for name in names:
        board.press(f"Choose {name}", "checkbox")


def start(board, action, *names):
    """Choose rows, open what can be done with them, and press the button of an action."""
    choose(board, *names)
    board.follow("Change together")
    board.press(action)


def preview(board):
    """Return what would be changed, as soon as that is said."""
    board.wait(lambda: board.has("button", "Apply"))
    return board.texts("#panel .result p, #panel .result li")


def refusal(board):
    board.wait(lambda: any(board.texts("#panel [role=alert] p")))
    return [untimed(text) for text in board.texts("#panel [role=alert] p, #panel [role=alert] li")]


def returns(read):
    return [record["expected_return_date"][:10] for record in read(RECORDS)["data"]]


# --- choosing


def test_rows_are_chosen_one_by_one_with_shift_all_between_and_all_at_once(board, late):
    board.open()
    assert chosen(board) == ([], "")
    assert not board.has("link", "Change together")
    choose(board, "ada")
    assert chosen(board) == (["ada"], "1 chosen")
    ActionChains(board.driver).key_down(Keys.SHIFT).click(board.get("checkbox", "Choose cyd")).key_up(
        Keys.SHIFT
    ).perform()
    assert chosen(board) == (["ada", "ben", "cyd"], "3 chosen")
    choose(board, "ben")
    assert chosen(board) == (["ada", "cyd"], "2 chosen")
    board.press("Choose all", "checkbox")
    assert chosen(board) == (["ada", "ben", "cyd"], "3 chosen")
    board.press("Choose all", "checkbox")
    assert chosen(board) == ([], "")


def test_what_is_chosen_stays_so_while_the_table_is_drawn_anew_and_what_is_not_shown_is_not_chosen(
    board, late, add, write
):
    board.open()
    choose(board, "ada", "cyd")
    add("dan", {"start_date": day(-1)})
    board.poll()
    board.wait(lambda: "dan" in board.mentors())
    assert chosen(board) == (["ada", "cyd"], "2 chosen")
    write("PUT", f"{MENTORS}/cyd", {"status": "active"})
    board.poll()
    board.follow("2 pauses overdue")
    board.wait(lambda: board.mentors() == ["ada", "ben"])
    assert chosen(board) == (["ada"], "1 chosen")


def test_all_is_at_most_1000(board, database):
    fill(database, 1100, 0)
    board.open("show=active")
    board.wait(lambda: len(board.table()) == 1000)
    board.press("Choose all", "checkbox")
    assert chosen(board)[1] == "1,000 chosen"


def test_as_of_another_day_nothing_can_be_chosen(board, late):
    board.open(f"as_of={day(1)}")
    assert not board.has("checkbox", "Choose ada")
    assert not board.has("checkbox", "Choose all")


def test_a_token_that_only_reads_sees_nothing_to_choose(closed):
    closed.enter(READER)
    closed.wait(lambda: closed.mentors() == ["ada"])
    assert not closed.has("checkbox", "Choose ada")
    assert not closed.has("checkbox", "Choose all")


def test_by_the_keyboard_alone_rows_are_chosen_also_with_shift_and_changed(board, read, late):
    board.open()
    board.get("checkbox", "Choose ada").send_keys(Keys.SPACE)
    box = board.get("checkbox", "Choose cyd")
    board.driver.execute_script("arguments[0].focus()", box)
    ActionChains(board.driver).key_down(Keys.SHIFT).send_keys(Keys.SPACE).key_up(Keys.SHIFT).perform()
    assert chosen(board)[1] == "3 chosen"
    board.get("link", "Change together").send_keys(Keys.ENTER)
    board.get("button", "Bring back").send_keys(Keys.ENTER)
    board.wait(lambda: board.driver.switch_to.active_element.text == "Apply")
    board.driver.switch_to.active_element.send_keys(Keys.ENTER)
    board.wait_said("Bring back: done for 3 mentors.")
    assert [mentor["status"] for mentor in read(MENTORS)["data"]] == ["active"] * 3
    assert board.driver.switch_to.active_element.get_attribute("id") == "table"


# --- changing


def test_bring_back_shows_first_what_would_change_then_writes_it_and_undo_takes_all_of_it_back(
    board, read, write, late
):
    write("POST", RECORDS, {"mentor_id": "ada", "start_date": day(-3), "reason": "illness"})
    before = read(RECORDS)["data"]
    board.open("show=overdue")
    start(board, "Bring back", "ada", "cyd")
    assert preview(board) == [
        "This would change 2 mentors:",
        "ada: status: paused → active",
        "cyd: status: paused → active",
    ]
    assert read(RECORDS)["data"] == before
    board.press("Apply")
    board.wait(lambda: board.said() == "Bring back: done for 2 mentors. 3 pauses ended.")
    assert [mentor["status"] for mentor in read(MENTORS)["data"]] == ["active", "paused", "active"]
    assert [row[0] for row in board.table()] == ["ben"]
    assert chosen(board) == ([], "")
    board.press("Undo")
    board.wait_said(UNDONE)
    assert read(RECORDS)["data"] == before
    choose(board, "ada")
    board.follow("Change together")
    board.wait(lambda: board.has("button", "Bring back"))
    assert board.said() == "Undone for ada, cyd."


def test_a_panel_that_closes_while_something_is_announced_stays_closed(board, late):
    board.open()
    choose(board, "ada")
    board.follow("Change together")
    board.wait(lambda: board.has("button", "Bring back"))
    announcement = "document.dispatchEvent(new CustomEvent('written', {detail: 'Done.'}))"
    board.driver.execute_script(f"document.querySelector('#panel .close').click(); {announcement}")
    board.wait_said("Done.")
    board.wait(lambda: board.has("checkbox", "Choose ben"))  # a panel that is open hides it


def test_a_week_more_counts_from_the_return_date_of_each_pause(board, read, add):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("ben", {"start_date": day(-20), "expected_return_date": day(3), "reason": "'007"})
    add("cyd", {"start_date": day(-20), "end_date": day(4)})
    add("dan", {"start_date": day(2), "expected_return_date": day(9)}, {"start_date": day(-20)})
    board.open("sort=start_date")
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    board.press("+1 week")
    assert sorted(preview(board)[1:]) == [
        f"ada: expected return date: {shown(-5)} → {shown(7)}",
        f"ben: expected return date: {shown(3)} → {shown(10)}",
        f"cyd: end date: {shown(4)} → {shown(11)}",
        f"dan: expected return date: {shown(9)} → {shown(16)}",
        f"dan: expected return date: nothing → {shown(7)}",
    ]
    board.press("Apply")
    board.wait_said("+1 week: done for 4 mentors.")
    dates = [each["end_date"] or each["expected_return_date"] for each in read(RECORDS)["data"]]
    assert [date[:10] for date in dates] == [day(7), day(10), day(11), day(16), day(7)]


@ON_BOTH
def test_a_date_is_set_for_all_with_a_note_and_a_name_in_the_history(board, read, late):
    board.open()
    start(board, "Set a date…", "ada", "ben")
    board.press("Check")
    assert board.driver.switch_to.active_element.get_attribute("name") == "back"  # it must be there
    board.date("Back on", day(12))
    board.type("Note", "as agreed")
    board.type("Your name", "Grace")
    board.press("Check")
    assert len(preview(board)) == 3
    board.press("Apply")
    board.wait_said("Set a date: done for 2 mentors.")
    assert returns(read) == [day(12), day(12), day(-5)]
    entry = read(f"{MENTORS}/ada/history")["data"][0]
    assert (entry["changed_by"], entry["metadata"]["notes"]) == ("Grace", "as agreed")


@ON_BOTH
def test_active_mentors_are_paused_from_a_day_with_a_reason(board, read, add):
    add("ada")
    add("ben", {"start_date": day(-20), "end_date": day(-9)})
    board.open("show=active&span=year")
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    assert not board.has("button", "Bring back")
    board.press("Pause…")
    board.date("From", day(3))
    board.date("Back on", day(9))
    board.type("Reason", "'holiday'", "combobox")
    board.press("Check")
    dates = f"pause start date: nothing → {shown(3)}; expected return date: nothing → {shown(9)}"
    change = f"status: active → paused; {dates}; pause reason: nothing → 'holiday'"
    assert preview(board)[1:] == [f"ada: {change}", f"ben: {change}"]
    board.press("Apply")
    board.wait_said("Pause: done for 2 mentors.")
    coming = read(f"{RECORDS}?phase=scheduled")["data"]
    assert [(each["mentor_id"], each["reason"], each["start_date"][:10]) for each in coming] == [
        ("ada", "'holiday'", day(3)),
        ("ben", "'holiday'", day(3)),
    ]


def assert_checked_again(board, read):
    """Assert that the last date is only applied once it has been checked."""
    assert not board.has("button", "Apply")
    board.press("Check")
    preview(board)
    board.press("Apply")
    board.wait_said("Set a date: done for 1 mentor.")
    assert returns(read)[0] == day(14)


def test_what_is_typed_after_the_check_is_checked_again(board, read, late):
    board.open()
    start(board, "Set a date…", "ada")
    board.date("Back on", day(12))
    board.press("Check")
    preview(board)
    board.date("Back on", day(14))
    assert_checked_again(board, read)


def test_what_is_typed_during_the_check_is_checked_before_it_is_applied(browser, proxy, read, late):
    board = Board(browser, proxy.base_url).open()
    start(board, "Set a date…", "ada")
    board.date("Back on", day(12))
    proxy.slow = "dry_run"
    proxy.held.clear()
    board.press("Check")
    board.date("Back on", day(14))
    proxy.held.set()
    board.wait(lambda: board.get("button", "Check").is_enabled())
    assert_checked_again(board, read)


def test_rows_that_are_not_alike_have_no_action_together_and_the_panel_says_so(board, late, add):
    add("dan", {"start_date": day(-20), "end_date": day(-9)})
    board.open("span=year")
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    board.wait(lambda: board.has("StaticText", "4 mentors chosen"))
    assert "choose rows that are alike" in board.text("#panel .alike")
    assert not [name for name in ("Bring back", "+1 week", "Set a date…", "Pause…") if board.has("button", name)]
    board.press("Close")
    choose(board, "dan")
    board.follow("Change together")
    board.wait(lambda: board.has("button", "Bring back"))
    assert not board.driver.find_element("css selector", "#panel .alike").is_displayed()


def test_the_panel_opened_by_its_address_says_that_nothing_is_chosen(board, late):
    board.open("panel=chosen")
    board.wait(lambda: board.has("StaticText", "0 mentors chosen"))
    assert not board.has("button", "Bring back")


# --- a colleague who was faster, a rule, a lost answer


def test_a_row_that_a_colleague_has_changed_stays_chosen_with_what_it_shows_now(board, write, late):
    board.open()
    choose(board, "ada", "ben")
    write("PUT", f"{RECORDS}/{late[1]['pause_record_id']}", {"expected_return_date": THEIRS})
    board.poll()
    board.wait(lambda: board.table()[2][1] == "back in 40 days")
    assert chosen(board) == (["ada", "ben"], "2 chosen")
    board.follow("Change together")
    board.press("+1 week")
    assert f"ben: expected return date: {shown(40)} → {shown(47)}" in preview(board)


def test_a_row_that_a_colleague_has_changed_since_the_panel_was_opened_is_said_with_the_way_out(
    board, read, write, late
):
    board.open()
    choose(board, "ada", "ben")
    board.follow("Change together")
    write("PUT", f"{RECORDS}/{late[1]['pause_record_id']}", {"expected_return_date": THEIRS})
    board.poll()
    board.wait(lambda: board.table()[2][1] == "back in 40 days")
    board.press("Bring back")
    change = f"ben: expected return date: {shown(-5)} → {shown(40)} (last changed by Somebody, 12:00 UTC)"
    assert refusal(board) == [f"Not done: this is no longer as it was shown.{LOOK}", change]
    board.press("Check")
    assert "ben: status: paused → active" in preview(board)
    assert read(f"{MENTORS}/ben")["status"] == "paused"


@ON_BOTH
def test_a_mentor_whom_a_colleague_has_brought_back_meanwhile_is_not_paused_again_by_a_week_more(
    board, read, write, late
):
    board.open()
    start(board, "+1 week", "ada", "ben")
    preview(board)
    write("PUT", f"{MENTORS}/ben", {"status": "active"})
    board.press("Apply")
    board.wait(lambda: "ended" in board.table()[2])
    board.wait(lambda: refusal(board)[0] == f"Not done: this is no longer as it was shown.{LOOK}")
    board.press("Check")
    board.wait(lambda: refusal(board) == [f"Nothing was changed.{LOOK}", "ben: is back already"])
    assert read(f"{MENTORS}/ben")["status"] == "active"


@ON_BOTH
@pytest.mark.parametrize("action", ["Bring back", "+2 weeks"])
def test_what_a_colleague_changes_after_the_check_is_said_by_name_and_nothing_is_written(
    board, read, write, late, action
):
    board.open()
    start(board, action, "ada", "ben")
    preview(board)
    theirs = {"expected_return_date": THEIRS, "metadata": {"initiated_by": "bob"}}
    write("PUT", f"{RECORDS}/{late[1]['pause_record_id']}", theirs)
    board.press("Apply")
    change = f"ben: expected return date: {shown(-5)} → {shown(40)} (last changed by bob, 12:00 UTC)"
    assert refusal(board) == [f"Not done: this is no longer as it was shown.{LOOK}", change]
    assert returns(read) == [day(-5), day(40), day(-5)]
    assert read(f"{MENTORS}/ada")["status"] == "paused"
    board.wait(lambda: board.table()[2][1] == "back in 40 days")
    board.press("Check")
    change = f"expected return date: {shown(40)} → {shown(54)}" if action == "+2 weeks" else "status: paused → active"
    assert f"ben: {change}" in preview(board)
    board.press("Apply")
    board.wait_said(f"{action}: done for 2 mentors.")


@ON_BOTH
def test_a_pause_that_a_colleague_has_deleted_is_said_by_name(board, server, write, late):
    board.open()
    start(board, "+1 week", "ada", "ben")
    preview(board)
    server.request("DELETE", f"{RECORDS}/{late[0]['pause_record_id']}")
    board.press("Apply")
    board.wait(lambda: refusal(board)[1:] == ["ada: it is deleted (last changed by Somebody, 12:00 UTC)"])
    board.wait(lambda: "ada" not in [row[0] for row in board.table()])
    board.press("Check")
    assert [line.split(":")[0] for line in preview(board)] == ["This would change 1 mentor", "ben"]


@ON_BOTH
def test_a_rule_that_refuses_one_is_said_by_name_and_nothing_is_written(board, read, add):
    add("ada")
    add("ben", {"start_date": day(9), "expected_return_date": day(12)})
    add("cyd", {"start_date": day(-20), "end_date": day(-9)}, {"start_date": day(-2), "reason": "illness"})
    before = read(MENTORS)["data"]
    board.open("show=active")
    start(board, "Pause…", "ada", "ben")
    board.date("From", day(2))
    board.press("Check")
    assert refusal(board) == [
        "Nothing was changed.",
        "ben: has a pause already, or one to come; open this mentor to change that one, or to add another one",
    ]
    board.open("show=ended")
    start(board, "Pause…", "cyd")
    board.press("Check")
    assert refusal(board) == [f"Nothing was changed.{LOOK}", "cyd: is paused already"]
    assert chosen(board) == (["cyd"], "1 chosen")
    assert read(MENTORS)["data"] == before


@ON_BOTH
def test_a_lost_answer_is_said_and_trying_again_says_that_it_is_so_already_with_one_entry_each(
    browser, proxy, read, late
):
    board = Board(browser, proxy.base_url).open()
    start(board, "Bring back", "ada", "ben")
    preview(board)
    proxy.lose = "POST"
    board.press("Apply")
    board.wait(lambda: "Trying again is safe." in board.text("#panel [role=alert]"))
    assert read(f"{MENTORS}/ada")["status"] == "active"
    board.press("Apply")
    board.wait_said("Bring back: it is so already, so nothing was changed.")
    assert len(read(f"{MENTORS}/ada/history")["data"]) == 3
    assert not board.has("button", "Undo")


def test_undo_takes_back_only_what_was_written_and_not_what_a_colleague_did_after_the_check(board, read, write, late):
    board.open()
    start(board, "Bring back", "ada", "ben")
    preview(board)
    write("PUT", f"{MENTORS}/ada", {"status": "active"})
    board.press("Apply")
    board.wait_said("Bring back: done for 1 mentor.")
    board.press("Undo")
    board.wait_said(UNDONE)
    assert [mentor["status"] for mentor in read(MENTORS)["data"]] == ["active", "paused", "paused"]


def test_undo_of_many_goes_on_past_what_a_colleague_has_changed_and_says_for_whom(board, read, write, late):
    board.open()
    start(board, "+1 week", "ada", "ben", "cyd")
    preview(board)
    board.press("Apply")
    board.wait_said("+1 week: done for 3 mentors.")
    theirs = {"expected_return_date": THEIRS, "metadata": {"initiated_by": "bob"}}
    write("PUT", f"{RECORDS}/{late[1]['pause_record_id']}", theirs)
    board.press("Undo")
    before, after = (f"Leave, {shown(-20)} \N{EN DASH} {shown(offset)} (expected)" for offset in (7, 40))
    theirs = f"bob, 12:00 UTC, updated a pause: {after}, instead of {before}; then paused"
    board.wait_said(f"Undone for ada, cyd. Not undone: ben: {theirs}.")
    assert returns(read) == [day(-5), day(40), day(-5)]


@pytest.mark.parametrize("action", ["Bring back", "+1 week"])
def test_a_colleague_between_any_two_requests_keeps_what_they_wrote_and_all_or_nothing_is_written(
    browser, proxy, read, write, add, action
):
    """A colleague gives ada another return date: at each step, both have what the board wrote, or neither has."""
    board = Board(browser, proxy.base_url)
    said = []
    for step in count():
        names = [f"{name}-{step}" for name in ("ada", "ben")]
        [mine], [other] = [add(name, {"start_date": day(-20), "expected_return_date": day(-5)}) for name in names]
        board.open()
        choose(board, *names)
        board.follow("Change together")
        writes = colleague_before(proxy, step, lambda record=mine: change(write, record))
        board.press(action)
        board.wait(lambda: board.has("button", "Apply") or any(board.texts("#panel [role=alert] p")))
        if board.has("button", "Apply"):
            board.press("Apply")
            board.wait(lambda: board.said() or any(board.texts("#panel [role=alert] p")))
        if board.has("button", "Undo"):
            board.press("Undo")
            board.wait(lambda: board.said().startswith(("Not undone: ", UNDONE)))
        said.append(board.said() or " ".join(board.texts("#panel [role=alert] p")))
        proxy.restore()
        if not writes:
            break
        ours, theirs = (read(f"{RECORDS}/{record['pause_record_id']}") for record in (mine, other))
        assert ours["expected_return_date"] == THEIRS, (step, said)
        if said[-1].startswith(("Not done: ", "Nothing was changed.")):
            assert theirs == other, (step, said)
    assert said[-1].startswith(UNDONE)  # nobody came between
    for words in ("Not done: ", "Nothing was changed.", "Undone: ben-", "Not undone: ada-"):
        assert [text for text in said if words in text], said


def colleague_before(proxy, step, write):
    """Have `write()` called before the request of this number from 0; return the methods of this and of later ones."""
    numbers, methods = count(), []

    def call(method, path):
        if ".csv" not in path and "/history" not in path:
            return
        if next(numbers) == step:
            write()
            methods.append(method)
        elif methods:
            methods.append(method)

    proxy.before = call
    return methods


def change(write, record):
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": THEIRS})


def test_three_hundred_mentors_cost_a_request_for_each_forty_and_one_upload_and_their_undo_one_request(
    board, read, database, server
):
    fill(database, 6000, 300)
    board.open("show=current")
    board.wait(lambda: len(board.table()) == 300)
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    board.wait(lambda: board.has("button", "Bring back"))
    before = requests(server)
    board.press("Bring back")
    preview(board)
    board.press("Apply")
    board.wait_said("Bring back: done for 300 mentors.")
    asked = requests(server)
    assert asked - before == {
        f"GET {MENTORS}.csv": 8,
        f"POST {MENTORS}.csv": 2,
        "GET /api/v1/history": 6,  # afterwards: how many pauses were ended
    }
    board.press("Undo")
    board.wait_said(UNDONE)
    assert requests(server) - asked == {"POST /api/v1/history/undo": 1}
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 300


def requests(server):
    """Count what the server was asked for that concerns tables and histories, by methods and paths."""
    lines = re.findall(r"method=(\S+) path=(\S+)", server.log())
    return Counter(f"{method} {path}" for method, path in lines if ".csv" in path or "/history" in path)


@ON_BOTH
def test_the_longest_ids_of_which_each_character_is_encoded_fit_into_a_request(board, write, read):
    names = [f"m{':' * 61}{number:02}" for number in range(50)]
    write("POST", f"{MENTORS}.csv", ("mentor_id,status\n" + "".join(f"{name},paused\n" for name in names)).encode())
    board.open("show=current")
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    board.press("Bring back")
    preview(board)
    board.press("Apply")
    board.wait_said("Bring back: done for 50 mentors.")
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 0
