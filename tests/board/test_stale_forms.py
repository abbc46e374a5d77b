"""A form knows the state on which it was opened: whatever a colleague writes since, what was typed stays, the refusal
says who has changed what, and nothing is overwritten, wherever the form stands."""

import pytest

from tests.board.conftest import MENTORS, RECORDS, day, shown
from tests.board.test_writes import BY_BOB, LATE, fill_form
from tests.support.board import untimed

TYPED = day(12)
BACK = "back: {}, instead of {}"
EXAM = f"opened a pause: Exam, {shown(9)}"
PUT_BACK = {  # what a colleague does to a pause: what is said of it to who had opened a form of it before
    "moves it away": BACK.format(shown(40), shown(-5)),
    "moves it in its section": BACK.format(shown(-3), shown(-5)),
    "ends it": "back",
    "deletes it": "pause deleted",
    "adds another one": None,  # which refuses nothing
}


@pytest.fixture
def theirs(add, write, server):
    """Add a mentor for each write of a colleague, late; return a function that does the writes, and the pauses."""
    names = dict(zip(PUT_BACK, ("m0", "m1", "m2", "m3", "m4"), strict=True))
    paths = {what: f"{RECORDS}/{add(name, LATE)[0]['pause_record_id']}" for what, name in names.items()}

    def act(*whats):
        for what in whats or names:
            if what == "ends it":
                write("PUT", f"{MENTORS}/{names[what]}", {"status": "active"} | BY_BOB)
            elif what == "deletes it":
                server.request("DELETE", f"{paths[what]}?initiated_by=bob")
            elif what == "adds another one":
                write("POST", RECORDS, {"mentor_id": names[what], "start_date": day(9), "reason": "exam"} | BY_BOB)
            else:
                back = day(40) if what == "moves it away" else day(-3)
                write("PUT", paths[what], {"expected_return_date": back} | BY_BOB)

    return names, act


def newest(read, name):
    """Return who has changed a mentor last."""
    return read(f"{MENTORS}/{name}/history")["data"][0]["changed_by"]


def typed(board, place, name="back"):
    """Return what the fields of the forms in a place hold."""
    script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.value)"
    return board.driver.execute_script(script, f"{place} form.write [name={name}]")


def save_in_row(board, mentor):
    board.row(mentor).find_element("css selector", "[type=submit]").click()


def refused(board, mentor):
    return untimed(" ".join(board.row(mentor).text.split()))


@pytest.mark.parametrize("is_read", [True, False], ids=["after a reading", "before it"])
def test_in_rows(without_polls, board, read, theirs, is_read):
    names, act = theirs
    board.open()
    for name in names.values():
        board.press_in_row(name, "Other day…")
        board.wait(lambda name=name: board.row(name).find_elements("css selector", "[name=back]"))
        board.row(name).find_element("css selector", "[name=back]").send_keys(f"{TYPED[5:7]}{TYPED[8:]}{TYPED[:4]}")
    act()
    if is_read:
        board.poll()
        for what, said in PUT_BACK.items():
            if said:  # the row says it before anything is sent
                board.wait(lambda what=what, said=said: f"bob, 12:00 UTC: {said}" in refused(board, names[what]))
        assert typed(board, "tbody") == [TYPED] * 5
        board.wait(lambda: board.driver.find_elements("css selector", "#waiting button") == [])
    for what, said in PUT_BACK.items():
        save_in_row(board, names[what])
        if said:
            board.wait(lambda what=what, said=said: f"Not done: bob, 12:00 UTC: {said}." in refused(board, names[what]))
    board.wait_outcome("m4", f"✓ back {shown(12)}")
    assert [newest(read, name) for name in names.values()] == ["bob"] * 4 + ["Ada"]
    assert typed(board, "tbody") == [TYPED] * 4
    for what in ("moves it away", "moves it in its section"):  # a second Save is about what is there now
        save_in_row(board, names[what])
        board.wait_outcome(names[what], f"✓ back {shown(12)}")


def test_in_a_row_the_form_stays_where_it_is_also_when_all_else_is_shown_anew(without_polls, board, add, write, theirs):
    _, act = theirs
    board.open()
    board.press_in_row("m2", "Other day…")
    fill_form(board, {"Back on": TYPED})
    act("ends it", "deletes it")
    board.poll()
    board.wait(lambda: "Refresh the list" in board.text("#waiting"))
    assert board.outcome("m3") == "bob, 12:00 UTC: pause deleted"
    board.driver.find_element("css selector", "#waiting button").click()
    board.wait(lambda: [row[0] for row in board.rows()] == ["m0", "m1", "m2", "m4"])
    assert (board.outcome("m2"), typed(board, "tbody")) == ("bob, 12:00 UTC: back", [TYPED])
    board.go("view=forecast")
    board.go("")
    board.wait(lambda: typed(board, "tbody") == [TYPED])
    board.press("Cancel")
    board.wait(lambda: "Refresh the list" in board.text("#waiting"))


@pytest.mark.parametrize("is_read", [True, False], ids=["after a reading", "before it"])
def test_in_the_tray(without_polls, board, read, theirs, is_read):
    names, act = theirs
    board.open()
    board.press("Choose all of Overdue", "checkbox")
    board.driver.find_element("css selector", "#tray .bar button:nth-of-type(3)").click()
    fill_form(board, {"Back on": TYPED})
    act()
    lines = {name: f"{name}: bob, 12:00 UTC: {PUT_BACK[what]}" for what, name in names.items() if PUT_BACK[what]}
    if is_read:
        board.poll()
        left = ["left out: bob, 12:00 UTC: back", "left out: bob, 12:00 UTC: pause deleted"]
        board.wait(lambda: [untimed(text) for text in board.texts("#tray li strong")] == left)
        lines = {name: line for name, line in lines.items() if name in ("m0", "m1")}
    board.press("Save")
    board.wait(lambda: [untimed(line) for line in board.texts("#tray .refusal li")] == list(lines.values()))
    assert [newest(read, name) for name in names.values()] == ["bob"] * 5
    assert typed(board, "#tray") == [TYPED]
    board.wait(lambda: len(board.texts("#tray li strong")) == 2)
    board.press("Save")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ back {shown(12)}"])
    assert [newest(read, name) for name in names.values()] == ["Ada", "Ada", "bob", "bob", "Ada"]


@pytest.mark.parametrize("is_read", [True, False], ids=["after a reading", "before it"])
def test_in_the_panel(without_polls, board, read, theirs, is_read):
    names, act = theirs
    board.open()
    for what, name in names.items():
        board.go(f"mentor={name}")
        board.press("Change…")
        board.date("Back on, another date", TYPED)
        board.type("Note", "by telephone")
        act(what)
        if is_read:
            board.poll()
            board.wait(lambda: "bob" in board.text("#panel .history"))
            board.wait(lambda: "bob, " in " ".join(board.texts("#panel .outcome .said")) or what.startswith("adds"))  # noqa: B023
        assert (typed(board, "#panel"), typed(board, "#panel", "notes")) == ([TYPED], ["by telephone"])
        board.press("Save")
        if PUT_BACK[what]:
            said = f"Not done: bob, 12:00 UTC: {PUT_BACK[what]}. Look, and try again."
            board.wait(lambda said=said: untimed(" ".join(board.texts("#panel .refusal p"))) == said)
            assert (newest(read, name), typed(board, "#panel", "notes")) == ("bob", ["by telephone"])
            board.press("Close")  # it stays open: something was typed
            board.wait(lambda: "This stays open" in " ".join(board.texts("#panel .refusal p")))
            board.press("Cancel")
        else:
            board.wait(lambda: board.texts("#panel .said"))
            assert newest(read, name) == "Ada"
        board.press("Close")
        board.wait(lambda: not board.driver.execute_script("return document.querySelector('#panel').open"))


def pause(write, _server, name):
    write("PUT", f"{MENTORS}/{name}", {"status": "paused"} | BY_BOB)


def delete(_write, server, name):
    server.request("DELETE", f"{MENTORS}/{name}?initiated_by=bob")


def change(write, _server, name):
    write("PUT", f"{MENTORS}/{name}", {"expected_return_date": day(40)} | BY_BOB)


def add_another(write, _server, name):
    write("POST", RECORDS, {"mentor_id": name, "start_date": day(40), "reason": "exam"} | BY_BOB)


OF_MENTORS = [  # where the form is, the pause of the mentor, the form, what a colleague does, what is said of it
    ("tbody", None, "Pause…", pause, f"opened a pause: no reason, {shown(0)}"),
    ("tbody", None, "Pause…", delete, "mentor deleted"),
    ("#tray", None, "Pause…", pause, f"opened a pause: no reason, {shown(0)}"),
    ("#tray", None, "Pause…", delete, "mentor deleted"),
    ("#panel", None, "Pause…", pause, f"opened a pause: no reason, {shown(0)}"),
    ("#panel", None, "Pause…", delete, "mentor deleted"),
    ("#panel", LATE, "Another pause…", add_another, None),
    ("#panel", LATE, "Another pause…", change, None),
    ("#panel", LATE, "Another pause…", delete, "mentor deleted"),
]


def test_about_a_mentor(without_polls, board, server, read, add, write):
    for number, (place, late, label, act, said) in enumerate(OF_MENTORS):
        name = f"n{number}"
        add(name, *([late] if late else []))
        if place == "#panel":
            board.open(f"mentor={name}")
            board.press(label)
        else:
            board.open("view=available")
            if place == "#tray":
                board.press(f"Choose {name}", "checkbox")
                board.wait(lambda: board.texts("#tray .bar button")[0] == "Pause…")
                board.driver.find_element("css selector", "#tray .bar button").click()
            else:
                board.press_in_row(name, label)
        fill_form(board, {"From": day(3), "Back on": TYPED, "Reason": "illness"})
        act(write, server, name)
        board.press("Pause")
        if said:
            words = f"Not done: bob, 12:00 UTC: {said}"
            board.wait(lambda words=words: untimed(" ".join(board.texts(".refusal p"))).startswith(words))
            assert (typed(board, place, "reason"), newest(read, name)) == (["illness"], "bob")
        else:
            board.wait(lambda: board.texts("#panel .said"))
            assert newest(read, name) == "Ada"
