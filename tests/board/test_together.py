"""The tray of what is ticked: it outlives what is shown; what is done from it is one request, all of it or none."""

from itertools import count

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, ON_BOTH, READER, RECORDS, day, execute, fill, shown
from tests.board.test_writes import BY_BOB, LATE, REQUESTS, TAKE, fill_form, history
from tests.support.board import Board, untimed
from tests.support.browser import find

CLICK_UNDO = "const undo = [...document.querySelectorAll('.undo')].at(-1); undo?.click(); return Boolean(undo)"
THEIRS = f"{day(40)}T00:00:00Z"  # the return date that a colleague gives a pause


@pytest.fixture
def late(add):
    """Add ada, ben and cyd, who were expected five days ago, and dan, without a return date; return their pauses."""
    return [add(name, LATE)[0] for name in ("ada", "ben", "cyd")] + add("dan", {"start_date": day(-20)})


@pytest.fixture
def requests(injected, browser):
    """Return a function that returns what the page has requested since it was called last, once all is answered."""
    injected(REQUESTS)
    return lambda: browser.execute_script(TAKE)


def tick(board, *names):
    for name in names:
        board.press(f"Choose {name}", "checkbox")


def tray(board):
    """Return the mentors whom the tray names."""
    return board.texts("#tray li .mentor")


def actions(board):
    return board.texts("#tray .bar button")


def press(board, label):
    """Press the button of the tray whose text begins so."""
    board.wait(lambda: any(text.startswith(label) for text in actions(board)))
    buttons = board.driver.find_elements("css selector", "#tray .bar button")
    next(each for each in buttons if each.text.startswith(label)).click()


def refusal(board):
    """Return why the last write of the tray was not done, once that is said."""
    lines = board.wait(lambda: board.texts("#tray .refusal p, #tray .refusal li"))
    return [untimed(line) for line in lines]


def returns(read):
    return [record["expected_return_date"] for record in read(RECORDS)["data"]]


def test_ticks_outlive_search_filters_and_views_and_the_tray_names_each_and_lets_each_go(board, late):
    board.open()
    assert tray(board) == []
    tick(board, "ada", "dan")
    board.go("q=cyd")
    tick(board, "cyd")
    for state in ("view=pauses&show=overdue", "show=undated", "view=changes", "q=nobody", ""):
        board.go(state)
        assert board.wait(lambda: tray(board)) == ["ada", "dan", "cyd"]
    assert board.text("#tray strong") == "3 mentors chosen"
    assert board.get("checkbox", "Choose dan").is_selected()
    board.press("Untick dan")
    assert tray(board) == ["ada", "cyd"]
    assert not board.get("checkbox", "Choose dan").is_selected()
    press(board, "Untick all")
    assert tray(board) == []
    board.go(f"as_of={day(1)}")
    assert not board.has("checkbox", "Choose ada")


def test_a_form_of_the_tray_is_about_what_is_ticked_and_ends_with_it(board, late):
    board.open()
    tick(board, "ada")
    press(board, "Other day…")
    board.press("In 1 week")
    board.press("Untick ada")
    tick(board, "ben")
    assert board.texts("#tray form") == []
    press(board, "Other day…")


def test_a_row_that_is_ticked_once_more_is_once_in_the_form_of_the_tray(board, read, late):
    board.open()
    tick(board, "ada")
    press(board, "Other day…")
    board.press("In 2 weeks")
    board.press("Choose all of Overdue", "checkbox")
    assert board.text("#tray .plan") == f"{len(tray(board))} mentors: back {shown(14)}"
    board.press("Save")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ back {shown(14)}"])
    assert [each[:10] for each in returns(read)[:3]] == [day(14)] * 3


def test_of_more_than_40_whom_a_colleague_has_ended_each_is_told_so(without_polls, board, write, upload):
    names = [f"m{number:02}" for number in range(60)]
    upload(MENTORS, "mentor_id", [(name,) for name in names])
    pauses = [(name, day(-9), day(-2), "leave") for name in names]
    upload(RECORDS, "mentor_id,start_date,expected_return_date,reason", pauses)
    board.open()
    board.press("Choose all of Overdue", "checkbox")
    for name in names:
        write("PUT", f"{MENTORS}/{name}", {"status": "active"} | BY_BOB)
    press(board, "+1 week each")
    said = refusal(board)
    assert [line for line in said[1:] if not line.endswith("bob, 12:00 UTC: back")] == []
    assert len(said) == 61


def test_what_is_done_together_is_said_of_all_and_in_each_row_of_its_own_pauses(board, add):
    add("ada", LATE, {"start_date": day(-3), "reason": "illness"})
    add("ben", LATE)
    board.open()
    board.get("checkbox", "Choose ada").click()
    tick(board, "ben")
    press(board, "Other day…")
    board.press("In 1 week")
    assert board.text("#tray .plan") == f"2 mentors: back {shown(7)}"
    board.press("Save")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ back {shown(7)}"])
    assert [board.outcome(mentor) for mentor in ("ada", "ben")] == [
        f"✓ this pause: back {shown(7)}",
        f"✓ back {shown(7)}",
    ]


def test_a_reader_has_nothing_to_tick(closed):
    closed.enter(READER)
    closed.wait(lambda: [row[0] for row in closed.rows()] == ["ada"])
    assert closed.driver.find_elements("css selector", "main input[type=checkbox]") == []


def test_shift_ticks_all_between_and_the_box_of_a_section_all_of_it_by_the_keyboard_too(board, late):
    half = "return document.querySelector('.section input').indeterminate"
    board.open()
    tick(board, "ada")
    assert board.driver.execute_script(half)
    box = board.get("checkbox", "Choose cyd")
    ActionChains(board.driver).key_down(Keys.SHIFT).click(box).key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ada", "ben", "cyd"]
    tick(board, "cyd")
    tick(board, "ben")
    tick(board, "ada")
    tick(board, "ada")
    beside = ActionChains(board.driver).move_to_element_with_offset(box, 12, 0)
    beside.key_down(Keys.SHIFT).click().key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ada", "ben", "cyd"]
    assert board.driver.execute_script("return getSelection().toString()") == ""
    section = board.get("checkbox", "Choose all of Overdue")
    assert section.is_selected()
    assert not board.driver.execute_script(half)
    tick(board, "ben")
    assert tray(board) == ["ada", "cyd"]
    assert board.driver.execute_script(half)
    section.send_keys(Keys.SPACE)
    assert sorted(tray(board)) == ["ada", "ben", "cyd"]
    section.send_keys(Keys.SPACE)
    assert tray(board) == []
    board.get("checkbox", "Choose ben").send_keys(Keys.SPACE)
    board.driver.execute_script("document.querySelector('[aria-label=\"Choose dan\"]').focus()")
    ActionChains(board.driver).key_down(Keys.SHIFT).send_keys(Keys.SPACE).key_up(Keys.SHIFT).perform()
    assert tray(board) == ["ben", "cyd", "dan"]


def test_at_most_1000_rows_are_ticked(board, database):
    fill(database, 1100, 0)
    board.open("view=available")
    board.wait(lambda: len(board.rows()) == 1000)
    board.press("Choose all of Available today", "checkbox")
    board.wait(lambda: board.text("#tray strong") == "1,000 mentors chosen")
    assert "No more rows can be changed together." in board.text("#tray")
    assert len(tray(board)) == 50
    board.press("and 950 more")
    board.wait(lambda: len(tray(board)) == 1000)


def test_what_does_not_fit_all_of_them_is_not_offered(board, late, add):
    add("eve")
    board.open()
    tick(board, "ada", "dan")
    assert actions(board) == ["Back today", f"+1 week each {shown(7)}", "Other day…", "Untick all"]
    board.go("view=available")
    tick(board, "eve")
    assert actions(board) == ["Untick all"]
    assert "Nothing can be done with all of them together" in board.text("#tray .bar")
    board.press("Untick ada")
    board.press("Untick dan")
    assert actions(board) == ["Pause…", "Untick all"]


@ON_BOTH
def test_what_is_done_together_is_one_request_and_each_row_says_it_and_undo_takes_all_of_it_back(
    board, requests, read, late
):
    before = read(RECORDS)["data"]
    board.open()
    board.wait(requests)
    tick(board, "ada", "cyd")
    press(board, "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.wait_outcome("cyd", "✓ back today")
    first, *others = [(method, path.partition("?")[0]) for method, path, *_ in board.wait(requests)]
    assert first == ("POST", "mentor-statuses.csv")
    assert {method for method, _ in others} == {"GET"}
    assert [mentor["status"] for mentor in read(MENTORS)["data"]] == ["active", "paused", "active", "paused"]
    assert tray(board) == []
    assert board.text("#tray .said") == "✓ back today"
    assert board.texts("#tray .mentor") == ["ada", "cyd"]
    assert [writer for writer, *_ in history(read)] == ["Ada", "Ada"]
    find(board.driver, "#tray .undo").click()
    board.wait(lambda: board.outcome("ada") == board.outcome("cyd") == "")
    assert read(RECORDS)["data"] == before
    assert [method for method, *_ in board.wait(requests) if method != "GET"] == ["POST"]
    tick(board, "ada")
    press(board, "Back today")
    board.wait(lambda: board.texts("#tray .said"))
    board.press("Dismiss")
    assert board.texts("#tray") == []


@ON_BOTH
def test_a_week_a_date_and_a_pause_are_written_for_all_with_what_is_said_before(board, read, add, late):
    add("eve", {"start_date": day(2), "end_date": day(9), "reason": "'007"})
    add("fay")
    add("gus", {"start_date": day(-20), "end_date": day(-9)})
    board.open()
    tick(board, "ada", "dan")
    board.go("show=scheduled")
    tick(board, "eve")
    press(board, "+1 week each")
    board.wait(lambda: board.texts("#tray .said") == ["✓ each back a week later"])
    ends = {each["mentor_id"]: each["end_date"] or each["expected_return_date"] for each in read(RECORDS)["data"]}
    assert [ends[name][:10] for name in ("ada", "dan", "eve")] == [day(7), day(7), day(16)]
    board.go("")
    tick(board, "ben", "cyd")
    press(board, "Other day…")
    fill_form(board, {"Back on": day(12)})
    assert board.text("#tray .plan") == f"2 mentors: back {shown(12)}"
    board.press("Save")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ back {shown(12)}"])
    assert [each[:10] for each in returns(read)[1:3]] == [day(12), day(12)]
    board.go("view=available")
    tick(board, "fay", "gus")
    press(board, "Pause…")
    fill_form(board, {"From": day(3), "Back on": day(9), "Reason": "exam", "Note": "as agreed"})
    plan = f"2 mentors: paused from {shown(3)}, back {shown(9)}, Exam"
    assert board.text("#tray .plan") == plan
    board.press("Pause")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ {plan.removeprefix('2 mentors: ')}"])
    coming = [each for each in read(f"{RECORDS}?phase=scheduled")["data"] if each["mentor_id"] in ("fay", "gus")]
    assert [(each["start_date"][:10], each["expected_return_date"][:10]) for each in coming] == [(day(3), day(9))] * 2
    entry = read(f"{MENTORS}/gus/history")["data"][0]
    assert (entry["changed_by"], entry["metadata"]["notes"]) == ("Ada", "as agreed")


def test_the_days_that_are_offered_for_several_come_after_the_start_of_that_which_begins_last(board, add):
    add("ada", {"start_date": day(20)})
    add("ben", {"start_date": day(3)})
    board.open("show=scheduled")
    tick(board, "ada", "ben")
    press(board, "Other day…")
    board.press("After 3 weeks")
    assert board.text("#tray .plan") == f"2 mentors: back {shown(41)}"
    assert board.get("Date", "Back on, another date").get_property("min") == day(20)


@ON_BOTH
def test_what_a_colleague_has_changed_since_is_not_written_over_and_a_second_try_is_about_what_is_there_now(
    board, read, write, late
):
    board.open()
    tick(board, "ada", "ben")
    write("PUT", f"{RECORDS}/{late[1]['pause_record_id']}", {"expected_return_date": THEIRS} | BY_BOB)
    press(board, "+1 week each")
    said = refusal(board)
    assert said[0].startswith(("Nothing was changed", "Not done"))
    assert f"ben: bob, 12:00 UTC: back: {shown(40)}, instead of {shown(-5)}" in said
    assert returns(read)[:2] == [late[0]["expected_return_date"], THEIRS]
    board.wait(lambda: board.texts("#tray li small") == ["5 days overdue", "due in 40 days"])
    press(board, "+1 week each")
    board.wait(lambda: board.texts("#tray .said") == ["✓ each back a week later"])
    assert [each[:10] for each in returns(read)[:2]] == [day(7), day(47)]


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (360, 640)])
def test_the_buttons_of_a_long_form_are_in_sight(board, add, window, width, height):
    for number in range(8):
        pause = {"start_date": day(-5), "end_date": day(-4), "reason": f"a reason of several words, number {number}"}
        add(f"m{number}", pause)
    window(width, height)
    board.open("view=available")
    board.press("Choose all of Available today", "checkbox")
    press(board, "Pause…")
    board.wait(lambda: len(board.driver.find_elements("css selector", "[name=reason] ~ button")) == 8)
    place = "return document.querySelector('#tray [type=submit]').getBoundingClientRect().toJSON()"
    assert board.driver.execute_script(place)["bottom"] <= height


def test_a_ticked_row_that_a_colleague_has_ended_does_not_stop_the_tray(board, read, write, late):
    board.open()
    tick(board, "ada", "ben")
    write("PUT", f"{MENTORS}/ben", {"status": "active"} | BY_BOB)
    board.poll()
    left = ["left out: bob, 12:00 UTC: back"]
    board.wait(lambda: [untimed(text) for text in board.texts("#tray li strong")] == left)
    assert board.text("#tray strong") == "1 mentor chosen"
    press(board, "Back today")
    board.wait_outcome("ada", "✓ back today")
    assert (board.outcome("ben"), tray(board)) == ("bob, 12:00 UTC: back", [])
    assert history(read) == [("bob", "pause_ended", "ben"), ("Ada", "pause_ended", "ada")]


def test_whom_a_colleague_brought_back_just_before_is_not_said_to_be_ones_own(without_polls, board, read, write, late):
    board.open()
    tick(board, "ada", "ben")
    write("PUT", f"{MENTORS}/ben", {"status": "active"} | BY_BOB)
    press(board, "Back today")
    board.wait_outcome("ada", "✓ back today")
    board.wait_outcome("ben", "bob, 12:00 UTC: back")
    assert history(read) == [("bob", "pause_ended", "ben"), ("Ada", "pause_ended", "ada")]


def test_what_a_rule_refuses_is_said_by_name_and_nothing_is_written(board, read, add):
    add("ada")
    add("ben", {"start_date": day(9), "expected_return_date": day(12)})
    before = read(MENTORS)["data"]
    board.open("view=available")
    tick(board, "ada", "ben")
    press(board, "Pause…")
    fill_form(board, {"From": day(2)})
    board.press("Pause")
    [_, line] = refusal(board)
    assert line.startswith("ben: has a pause already, or one to come")
    assert read(MENTORS)["data"] == before
    assert tray(board) == ["ada", "ben"]


def test_a_lost_answer_is_resolved_by_what_is_read_next_and_can_be_undone(browser, proxy, read, late):
    board = Board(browser, proxy.base_url).open()
    tick(board, "ada", "ben")
    proxy.lose = "POST"
    press(board, "Back today")
    board.wait(lambda: board.texts("#tray .said") == ["✓ back today"])
    board.wait_outcome("ada", "✓ back today")
    assert board.texts("header a[href*='panel=undo']") == ["Your changes (1)"]
    assert history(read) == [("Ada", "pause_ended", "ada"), ("Ada", "pause_ended", "ben")]


def test_undo_of_several_goes_on_past_what_a_colleague_has_changed_and_says_for_whom(board, read, write, late):
    board.open()
    tick(board, "ada", "ben", "cyd")
    press(board, "+1 week each")
    board.wait(lambda: board.texts("#tray .said") == [f"✓ back {shown(7)}"])
    write("PUT", f"{RECORDS}/{late[0]['pause_record_id']}", {"expected_return_date": THEIRS} | BY_BOB)
    find(board.driver, "#tray .undo").click()
    [_, line] = refusal(board)
    assert line == "ada: since then bob, 12:00 UTC, updated a pause"
    assert [each[:10] for each in returns(read)[:3]] == [day(40), day(-5), day(-5)]
    assert board.texts("header a[href*='panel=undo']") == ["Your changes (1)"]


def test_300_mentors_are_one_request_and_their_undo_another_one(board, requests, read, database):
    fill(database, 6000, 300)
    board.open("show=current")
    board.wait(lambda: len(board.rows()) == 300)
    board.press("Choose all of Paused", "checkbox")
    board.wait(requests)
    press(board, "Back today")
    board.wait(lambda: board.texts("#tray .said") == ["✓ back today"])
    assert [method for method, *_ in board.wait(requests)].count("POST") == 1
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 0
    find(board.driver, "#tray .undo").click()
    board.wait(lambda: board.texts("header a[href*='panel=undo']") == ["Your changes (0)"])
    assert [path for method, path, *_ in board.wait(requests) if method != "GET"] == ["history/undo"]
    assert read(f"{MENTORS}?status=paused")["pagination"]["total"] == 300


def change_pause(write, record):
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": THEIRS} | BY_BOB)


def add_pause(write, record):
    pause = {"mentor_id": record["mentor_id"], "start_date": day(9), "reason": "exam"}
    write("POST", RECORDS, pause | BY_BOB)


@pytest.mark.parametrize(
    ("label", "theirs"),
    [
        ("Back today", change_pause),
        ("Back today", add_pause),
        (f"+1 week {shown(7)}", change_pause),
        ("together Back today", change_pause),
        ("together +1 week each", change_pause),
    ],
)
def test_a_colleague_between_any_two_requests_is_not_overwritten_and_is_named(
    without_polls, browser, proxy, requests, read, add, write, database, label, theirs
):
    """A colleague writes before each request of a write and of its Undo, in turn; the last time before none of them."""
    board = Board(browser, proxy.base_url)
    for step in count():
        names = [f"{name}-{step}" for name in ("ada", "ben")]
        [mine], [other] = [add(name, LATE) for name in names]
        execute(database, f"UPDATE mentor_status SET last_updated = '{day(-5)}T00:00:00Z'")  # ETags have its seconds
        board.open()
        steps = []

        def interrupt(method, path, step=step, steps=steps, mine=mine):
            steps.append((method, path))
            if len(steps) == step + 1:
                theirs(write, mine)

        if label.startswith("together "):
            tick(board, *names)
        proxy.before = interrupt
        if label.startswith("together "):
            press(board, label.removeprefix("together "))
        else:
            board.press_in_row(names[0], label)
        board.wait(lambda: board.texts(".said, .refusal p"))
        board.wait(requests)
        said = board.texts("main .said, main .refusal p, main .refusal li, #tray .refusal li")
        if board.driver.execute_script(CLICK_UNDO):
            board.wait(lambda: board.texts("[role=status]")[0].startswith(("undone", "Undone", "Not undone")))
            said += board.texts(".refusal li")
            board.wait(requests)
        proxy.before = None
        if len(steps) <= step:
            break
        assert read(f"{MENTORS}/{names[0]}/history")["data"][0]["changed_by"] == "bob" or theirs == add_pause
        later = [method for method, _ in steps[step:] if method != "GET"]
        if "PUT" in later or (later and theirs == change_pause):  # what the page wrote after them was refused
            assert any("bob, " in text for text in said), (later, said)
            assert read(f"{RECORDS}/{other['pause_record_id']}") == other
    assert board.texts("[role=status]") == ["undone"]  # nobody came between
