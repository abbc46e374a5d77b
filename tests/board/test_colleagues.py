"""What a colleague writes meanwhile is never overwritten: who has changed what is said, and what was typed stays."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, LATE, MENTORS, RECORDS, day, path_of, shown
from tests.support.commands import execute

TYPED = day(12)
NO_LONGER = " Your change no longer fits: “Cancel” closes the form."
AGAIN = " To make your change on top of it, press “{}” again.".format
MOVED = f"back {{}} instead of {shown(-5)}".format
OTHER_DAY = ({"Back on": TYPED}, "Save")
CHANGE = ({"Back on": TYPED, "Note": "by telephone"}, "Save")
PAUSE = ({"From": day(3), "Back on": TYPED, "Reason": "illness"}, "Pause")
ACTS = {  # what a colleague does to a pause, and what is said of it: nothing of another one, which refuses nothing
    "moves it away": MOVED(shown(40)),
    "moves it in its section": MOVED(shown(-3)),
    "ends it": "back",
    "deletes it": "pause deleted",
    "adds another one": None,
}
PAUSED = f"opened a pause: no reason, {shown(0)}, 12:00 UTC \N{EN DASH} not known"
TO_YOURS, AS_TYPED = "Change {}'s pause to yours…", "Pause {} as you typed…"
CASES = [  # place, button, form with its button, what a colleague does since, what is said, where it would fit
    ("row", "Other day…", OTHER_DAY, "moves it away", ACTS["moves it away"], None),
    ("row", "Other day…", OTHER_DAY, "ends it", "back", TO_YOURS),
    ("row", "Pause…", PAUSE, "pauses them", PAUSED, TO_YOURS),
    ("tray", "Other day…", OTHER_DAY, "moves it away", ACTS["moves it away"], None),
    ("tray", "Other day…", OTHER_DAY, "deletes it", "pause deleted", AS_TYPED),
    ("panel", "Change…", CHANGE, "moves it in its section", ACTS["moves it in its section"], None),
    ("panel", "Change…", CHANGE, "deletes it", "pause deleted", AS_TYPED),
    ("panel", "Delete this mentor…", ({}, "Delete the mentor"), "moves it away", ACTS["moves it away"], None),
]


@pytest.fixture
def colleague(write, server):
    """Return a function that has bob do something about the pause of a mentor."""

    def act(what, name, record):
        match what:
            case "moves it away" | "moves it in its section":
                back = day(40) if what == "moves it away" else day(-3)
                write("PUT", path_of(record), {"expected_return_date": back} | BY_BOB)
            case "says another reason":
                write("PUT", f"{MENTORS}/{name}", {"pause_reason": "illness"} | BY_BOB)
            case "ends it":
                write("PUT", f"{MENTORS}/{name}", {"status": "active"} | BY_BOB)
            case "pauses them":
                write("PUT", f"{MENTORS}/{name}", {"status": "paused"} | BY_BOB)
            case "adds another one":
                write("POST", RECORDS, {"mentor_id": name, "start_date": day(9), "reason": "exam"} | BY_BOB)
            case "deletes it" | "deletes them":
                path = path_of(record) if what == "deletes it" else f"{MENTORS}/{name}"
                server.request("DELETE", f"{path}?initiated_by=bob")

    return act


@pytest.fixture
def last_writer(newest):
    """Return a function that reads who has changed a mentor last."""
    return lambda name: newest(name)["changed_by"]


def open_form(board, place, name, label, fields):
    """Press a button of a mentor in a place, and fill in the form that it opens."""
    board.go(f"mentor={name}" if place == "panel" else "view=available" if label == "Pause…" else "")
    if place == "row":
        board.press_in_row(name, label)
    elif place == "tray":
        board.tick(name)
        board.press_in_tray(label)
    else:
        board.press(label)
    board.fill_form(fields)


def typed(board):
    """Return what the fields of the open form hold."""
    script = "return [...document.querySelectorAll('form.write input')].map((each) => each.value)"
    return board.driver.execute_script(script)


@pytest.mark.parametrize(("place", "label", "form", "act", "said", "other"), CASES)
def test_a_form_is_refused_with_who_has_changed_what_since_it_was_opened(
    without_polls, board, add, colleague, last_writer, read, place, label, form, act, said, other
):
    [pause] = add("ada", *([] if label == "Pause…" else [LATE])) or [None]
    fields, button = form
    board.open()
    open_form(board, place, "ada", label, fields)
    values = typed(board)
    around = {"row": "tbody [data-key^='ada ']", "tray": "#tray", "panel": "#panel"}[place]
    before = board.texts(around)
    colleague(act, "ada", pause)
    board.poll()
    board.wait(lambda: board.texts(around) != before)
    assert typed(board) == values
    if place == "panel":  # what is said there moves the form, so a later click would meet something else
        board.press(button)
    else:
        board.click_thrice(board.get("button", button))
    told = f"Not done: bob, 12:00 UTC: {said}."
    beside = "#panel .removal form + .outcome" if label == "Delete this mentor…" else around
    board.wait_texts(f"{beside} .refusal p", told + ("" if other else AGAIN(button)))
    assert (typed(board), last_writer("ada")) == (values, "bob")
    if other:
        board.press(other.format("ada"))
        board.wait(lambda: not board.texts(f"{around} .refusal"))
        assert [value for value in fields.values() if value not in typed(board)] == []
        assert last_writer("ada") == "bob"
    board.press(button if not other else "Save" if other == TO_YOURS else "Pause")
    board.wait(lambda: any(text.startswith("✓") for text in board.texts(f"{around} .said")))
    assert last_writer("ada") == "Ada"


def test_a_form_of_a_mentor_who_is_erased_meanwhile_keeps_what_was_typed_and_says_why_it_is_refused(
    without_polls, board, add, write
):
    add("ada", LATE)
    board.open("mentor=ada")
    board.press("Another pause…")
    board.fill_form({"Reason": "exam"})
    write("DELETE", f"{MENTORS}/ada?erase=true")
    board.poll()
    board.wait_texts("#panel .content > [role=alert]", "There is no mentor ada. Check the id for a typing mistake.")
    board.press("Pause")
    board.wait_texts("#panel .refusal p", "Not done: no longer there." + NO_LONGER)
    assert board.value("reason") == "exam"


def test_a_click_in_a_row_is_refused_with_who_was_faster_and_a_second_one_is_about_what_is_there_now(
    without_polls, board, late, colleague, last_writer
):
    board.open()
    for pause, label, detail, act, said, read in (
        (late[0], "+1 week", f" {shown(7)}", "moves it in its section", MOVED(shown(-3)), ["3 days overdue", "Leave"]),
        (late[1], "Back today", "", "says another reason", "reason Illness instead of Leave",
         ["5 days overdue", "Illness"]),
        (late[2], "Back today", "", "moves it away", MOVED(shown(40)), None),
    ):  # fmt: skip
        name = pause["mentor_id"]
        colleague(act, name, pause)
        board.click_thrice(board.in_row(name, label + detail))
        board.wait_outcome(name, f"Not done: bob, 12:00 UTC: {said}.{AGAIN(label)}")
        assert last_writer(name) == "bob"
        board.wait(lambda: not read or read in [row[1:3] for row in board.rows()])  # noqa: B023
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ expected back {shown(7)}")
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "✓ back today")


def test_a_form_in_a_row_stays_where_it_is_also_when_all_else_is_shown_anew(without_polls, board, late, colleague):
    board.open()
    board.press_in_row("ben", "Other day…")
    board.fill_form({"Back on": TYPED})
    colleague("ends it", "ben", late[1])
    colleague("deletes it", "cyd", late[2])
    board.poll()
    board.wait(lambda: "The list has changed: show it" in board.text("#waiting"))
    assert board.outcome("cyd") == "bob, 12:00 UTC: pause deleted"
    board.driver.find_element("css selector", "#waiting button").click()
    board.shows("ada", "ben")
    assert (board.outcome("ben"), board.value("back")) == ("bob, 12:00 UTC: back", TYPED)
    board.go("view=forecast")
    board.go("")
    board.wait(lambda: board.value("back") == TYPED)
    board.press("Cancel")
    board.wait(lambda: "The list has changed: show it" in board.text("#waiting"))


@pytest.mark.parametrize("is_read", [True, False], ids=["after a reading", "before it"])
def test_of_several_it_is_said_of_each_who_was_changed_and_a_second_try_is_about_what_is_there_now(
    without_polls, board, add, colleague, last_writer, is_read
):
    names = [f"m{number}" for number in range(5)]
    pauses = [add(name, LATE)[0] for name in names]
    board.open()
    board.tick_all()
    board.press_in_tray("Other day…")
    board.fill_form({"Back on": TYPED})
    for name, pause, act in zip(names, pauses, ACTS, strict=True):
        colleague(act, name, pause)
    lines = [f"{name}: bob, 12:00 UTC: {said}" for name, said in zip(names, ACTS.values(), strict=True) if said]
    if is_read:
        board.poll()
        board.wait_texts("#tray li strong", "left out: bob, 12:00 UTC: back", "left out: bob, 12:00 UTC: pause deleted")
        assert board.text("#tray strong") == "3 mentors chosen"
        lines = lines[:2]
    board.press("Save")
    board.wait_texts("#tray .refusal li", *lines)
    assert ([last_writer(name) for name in names], board.value("back")) == (["bob"] * 5, TYPED)
    board.wait(lambda: len(board.texts("#tray li strong")) == 2)
    board.press("Save")
    board.wait_texts("#tray .said", f"✓ expected back {shown(12)}")
    assert [last_writer(name) for name in names] == ["Ada", "Ada", "bob", "bob", "Ada"]


@pytest.mark.parametrize("is_read", [True, False], ids=["after a reading", "before it"])
def test_whom_a_colleague_has_brought_back_does_not_stop_the_tray_and_is_not_said_to_be_ones_own(
    without_polls, board, late, colleague, last_writer, is_read
):
    board.open()
    board.tick("ada", "ben")
    colleague("ends it", "ben", late[1])
    if is_read:
        board.poll()
        board.wait_texts("#tray li strong", "left out: bob, 12:00 UTC: back")
    board.press_in_tray("Back today")
    board.wait_outcome("ada", "✓ back today")
    board.wait_outcome("ben", "bob, 12:00 UTC: back")
    assert (board.texts("#tray li .mentor"), last_writer("ada"), last_writer("ben")) == ([], "Ada", "bob")


def test_of_a_ticked_pause_that_a_colleague_has_deleted_this_is_said_though_they_changed_another_one_since(
    without_polls, board, add, write, server
):
    [ticked, other] = add("ada", LATE, {"start_date": day(3), "reason": "exam"})
    board.open()
    board.tick("ada")
    server.request("DELETE", f"{path_of(ticked)}?initiated_by=bob")
    write("PUT", path_of(other), {"expected_return_date": day(9)} | BY_BOB)
    board.poll()
    board.wait_texts("#tray li strong", "left out: bob, 12:00 UTC: pause deleted")


def test_of_a_ticked_pause_that_ends_by_its_dates_alone_nobody_is_said_to_have_done_it(
    without_polls, board, add, database
):
    add("ada", {"start_date": day(-20), "end_date": day(3)})
    execute(database, f"UPDATE history_entry SET changed_at = '{day(-4)}T00:00:00Z'")
    board.open("show=current")
    board.tick("ada")
    execute(database, f"UPDATE pause_record SET end_date = '{day(-1)}T00:00:00Z'")  # as if the day had come
    board.poll()
    board.wait_texts("#tray li strong", "left out: ended")


def test_of_more_than_40_whom_a_colleague_has_ended_each_is_told_so(without_polls, board, colleague, upload):
    names = [f"m{number:02}" for number in range(60)]
    upload(MENTORS, "mentor_id", [(name,) for name in names])
    upload(
        RECORDS, "mentor_id,start_date,expected_return_date,reason", [(name, *LATE.values(), "leave") for name in names]
    )
    board.open()
    board.tick_all()
    for name in names:
        colleague("ends it", name, None)
    board.press_in_tray("+1 week each")
    board.wait_texts("#tray .refusal li", *(f"{name}: bob, 12:00 UTC: back" for name in names))


def test_what_a_row_says_ends_as_soon_as_a_colleague_changes_the_mentor_and_it_says_who(
    without_polls, board, add, write, read, colleague
):
    _, [ada], [ben] = (add(name, LATE) for name in ("undo", "ada", "ben"))  # a name that is also a word of the page
    board.open()
    board.press_in_row("undo", "Back today")
    board.wait_outcome("undo", "✓ back today")
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ expected back {shown(7)}")
    board.poll()
    assert board.outcome("undo") == "✓ back today"
    write("PUT", f"{MENTORS}/undo", {"status": "paused", "pause_reason": "exam"} | BY_BOB)
    colleague("moves it in its section", "ada", ada)
    board.poll()
    board.wait_outcome("undo", "bob, 12:00 UTC: opened a pause: Exam")
    board.wait_outcome("ada", f"bob, 12:00 UTC: back {shown(-3)} instead of {shown(7)}")
    board.wait(lambda: board.rows()[0][1] == "3 days overdue")  # it stands where it belongs, and can be acted on
    colleague("ends it", "ben", ben)
    board.poll()
    board.wait_outcome("ben", "bob, 12:00 UTC: back")
    newest = read("/api/v1/history?limit=1")["data"][0]["history_entry_id"]
    write("POST", "/api/v1/history/undo", {"history_entry_ids": [newest]})
    board.poll()
    board.wait_outcome("ben", "Somebody, 12:00 UTC: reopened a pause")
    assert board.in_row("ben", "Back today")


def test_a_row_that_a_colleague_has_done_says_who_and_when_and_has_no_actions(
    without_polls, board, write, late, add, database, colleague
):
    add("dan", LATE)
    add("eve")
    board.open()
    for name, act, said in (
        ("ada", "ends it", "back"),
        ("ben", "moves it away", MOVED(shown(40))),
        ("cyd", "deletes it", "pause deleted"),
        ("dan", "deletes them", "mentor deleted"),
    ):
        colleague(act, name, late[["ada", "ben", "cyd", "dan"].index(name) % 3])
        board.poll()
        board.wait_outcome(name, f"bob, 12:00 UTC: {said}")
    assert board.texts("tbody .actions button") == []
    board.go("view=available")
    colleague("pauses them", "eve", None)
    board.poll()
    board.wait_outcome("eve", "bob, 12:00 UTC: opened a pause")
    [first, _] = add("fay", *({"start_date": day(-20), "reason": reason} for reason in ("exam", "illness")))
    execute(database, f"UPDATE mentor_status SET last_updated = '{day(-5)}T00:00:00Z'")  # ETags have its seconds
    board.go("show=undated")
    board.wait(lambda: len(board.rows()) == 3)
    for back in (-2, -1):
        write("PUT", path_of(first), {"end_date": day(back)} | BY_BOB)
    board.poll()
    board.wait_outcome("fay", "bob, 12:00 UTC: ")


def test_a_form_into_which_nothing_was_typed_closes_if_it_no_longer_fits(without_polls, board, write, add):
    add("ada")
    board.open("view=available")
    board.press_in_row("ada", "Pause…")
    write("PUT", f"{MENTORS}/ada", {"status": "paused"} | BY_BOB)
    board.press("Pause")
    board.wait(lambda: board.texts("main .said, main .refusal p"))
    board.wait_written()
    assert board.texts("form.write") == []
    assert not any("Cancel" in text for text in board.texts("main .said, main .refusal p"))


def test_a_reason_that_was_typed_and_deleted_again_clears_no_reason_of_a_colleague(
    without_polls, board, write, read, add
):
    add("ada")
    board.open("view=available")
    board.press_in_row("ada", "Pause…")
    board.fill_form({"Reason": "x", "Back on": day(12)})
    board.type("Reason", Keys.BACKSPACE)
    write("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_reason": "illness"} | BY_BOB)
    board.press("Pause")
    board.press("Change ada's pause to yours…")
    board.press("Save")
    board.wait(lambda: read(RECORDS)["data"][0]["expected_return_date"])
    assert read(RECORDS)["data"][0]["reason"] == "illness"


def test_a_form_that_no_longer_fits_fits_again_when_the_colleague_has_taken_it_back(
    without_polls, board, write, read, add
):
    add("ada")
    board.open("view=available")
    board.press_in_row("ada", "Pause…")
    board.fill_form({"Reason": "exam", "Back on": day(12)})
    write("PUT", f"{MENTORS}/ada", {"status": "paused"} | BY_BOB)
    board.press("Pause")
    board.wait(lambda: board.has("button", "Change ada's pause to yours…"))
    board.wait_written()
    write("PUT", f"{MENTORS}/ada", {"status": "active"} | BY_BOB)
    board.poll()
    board.wait(lambda: not board.has("button", "Change ada's pause to yours…"))
    board.press("Pause")
    board.wait(lambda: [each["reason"] for each in read(f"{RECORDS}?phase=current")["data"]] == ["exam"])


def test_a_note_of_ones_own_is_not_told_as_that_of_somebody_else(board, late):
    board.open()
    board.press_in_row("ada", f"+1 week {shown(7)}")
    board.wait_outcome("ada", f"✓ expected back {shown(7)}")
    board.wait_written()
    board.go("mentor=ada")
    board.press("Change…")
    board.type("Note", "by telephone")
    board.press("Save")
    board.wait(lambda: any("by telephone" in text for text in board.texts("#panel .history q")))
    board.wait_written()
    assert "Ada" not in board.outcome("ada")


def test_a_refusal_in_the_panel_is_still_said_when_the_panel_is_opened_again(without_polls, board, write, late):
    board.open("mentor=ada")
    board.press("Change…")
    board.type("Reason", "exam")
    write("PUT", path_of(late[0]), {"reason": "illness"} | BY_BOB)
    board.press("Save")
    board.wait(lambda: "bob, " in board.text("#panel .refusal p"))
    said = board.text("#panel .refusal p")
    board.press("Close")
    board.wait(lambda: not board.is_panel_open())
    board.follow("ada")
    board.wait(lambda: board.texts("#panel .refusal p") == [said])
    assert board.value("reason") == "exam"


def test_a_mentor_whom_a_colleague_adds_is_shown_where_it_was_said_that_there_is_none(board, add):
    board.open("mentor=ada", drawn=False)
    board.wait_texts("#panel [role=alert]", "There is no mentor ada. Check the id for a typing mistake.")
    add("ada", LATE)
    board.poll()
    board.wait(lambda: board.text("#panel .state").startswith("paused since"))
