"""The forms of writes: days by a click, the sentence of what would change, and what was typed, which is kept."""

from datetime import date

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import LATE, MENTORS, ON_BOTH, RECORDS, day, path_of, shown

START, BACK = "From, another date", "Back on, another date"
NEXT_MONDAY = 7 - (date.fromisoformat(day(0)).weekday())
PRESSED = "return [...document.querySelectorAll('[aria-pressed=true]')].map((each) => each.textContent)"


def pressed(board):
    """Return the texts of the days that are chosen by their buttons."""
    return board.driver.execute_script(PRESSED)


def plan(board):
    return board.text("form.write .plan")


@pytest.fixture
def form(board, add):
    """Open the form of a pause of ada, who is active, in their panel."""
    add("ada")
    board.open("mentor=ada")
    board.press("Pause…")
    return board


def test_the_days_of_a_pause_are_chosen_by_clicks_and_each_has_its_weekday_beside_it(form, read):
    assert (pressed(form), form.texts("fieldset small")) == (["Today", "Not known"], ["today", "", ""])
    for start, offset, said in (
        ("Today", 0, "today"),
        ("Tomorrow", 1, "tomorrow"),
        ("Next Monday", NEXT_MONDAY, "tomorrow" if NEXT_MONDAY == 1 else shown(NEXT_MONDAY)),
    ):
        form.press(start)
        assert (start in pressed(form), form.value("start"), form.texts("fieldset small")[0]) == (
            True,
            day(offset),
            said,
        )
    for back, days in (("1 week", 7), ("2 weeks", 14), ("3 weeks", 21), ("4 weeks", 28)):
        form.press(f"After {back}")
        assert f"After {back}" in pressed(form)
        assert (form.value("back"), form.texts("fieldset small")[1]) == (day(offset + days), shown(offset + days))
    form.press("Tomorrow")  # the return stays as long after the start
    assert "After 4 weeks" in pressed(form)
    assert form.value("back") == day(1 + 28)
    form.press("Next Monday")
    form.press("Not known")
    assert (form.value("back"), form.texts("fieldset small")[1]) == ("", "")
    form.date(BACK, day(40))
    assert form.texts("fieldset small")[1] == shown(40)
    form.press("Pause")
    form.wait(lambda: form.texts("#panel .said"))
    dates = [read(f"{MENTORS}/ada")[name][:10] for name in ("pause_start_date", "expected_return_date")]
    assert dates == [day(offset), day(40)]


def test_a_date_is_followed_digit_by_digit_and_without_a_start_or_with_a_return_before_it_nothing_is_sent(form, read):
    form.fill_form({"From": day(12), "Back on": day(20)})
    assert (form.value("start"), form.value("back")) == (day(12), day(20))
    assert plan(form) == f"ada: paused from {shown(12)}, back {shown(20)}"
    form.date(BACK, "")
    assert plan(form) == f"ada: paused from {shown(12)}"
    assert "Not known" in pressed(form)
    form.date(START, "")
    assert plan(form) == "ada: paused from which day?"
    form.press("Pause")
    form.fill_form({"From": day(12), "Back on": day(11)})
    form.press("Pause")
    field = form.driver.switch_to.active_element
    assert (field.get_attribute("name"), field.get_attribute("min")) == ("back", day(12))
    assert form.driver.execute_script("return document.activeElement.validity.rangeUnderflow")
    assert read(f"{MENTORS}/ada/history")["data"][0]["event"] == "created"
    form.date(BACK, day(12))
    form.press("Pause")
    form.wait(lambda: form.texts("#panel .said"))


def test_reasons_in_use_are_offered_as_words_another_one_is_new_and_both_are_sent_as_they_are_meant(board, add, read):
    add("ada")
    add("ben", {"start_date": day(-5), "reason": "certification_expiry"}, {"start_date": day(-4), "reason": "illness"})
    board.open("mentor=ada")
    board.press("Pause…")
    offered = 'return [...document.querySelectorAll("[name=reason] ~ button")].map((each) => each.textContent)'
    both = ["Certification expiry", "Illness"]
    board.wait(lambda: sorted(board.driver.execute_script(offered)) == both)
    for text, is_new, reason in (
        ("Certification expiry", False, "certification_expiry"),
        ("Sick_leave of a child", True, "Sick_leave of a child"),
    ):
        board.type("Reason", text)
        assert board.value("reason") == text
        assert ("new reason" in board.texts("form.write fieldset small")) == is_new
        assert board.driver.execute_script(offered) == both  # so that nothing moves
        board.press("Pause")
        board.wait(lambda: board.texts("#panel .said"))
        assert read(f"{MENTORS}/ada")["pause_reason"] == reason
        board.press("Undo")
        board.press("Pause…")


def test_the_sentence_says_what_would_change_and_what_stands_there_now(board, add, read):
    [record] = add("ada", {"start_date": day(-5), "expected_return_date": day(5), "reason": "illness"})
    board.open("mentor=ada")
    board.press("Change…")
    assert (board.value("reason"), board.value("back"), plan(board)) == (
        "Illness",
        day(5),
        "ada: no change",
    )
    board.date(BACK, day(9))
    board.type("Reason", "holiday")
    board.type("Note", "by telephone")
    assert plan(board) == f"ada: back {shown(9)} instead of {shown(5)}; reason Holiday instead of Illness"
    board.press("Save")
    board.wait(lambda: board.texts("#panel .said"))
    changed = read(path_of(record))
    assert [changed["expected_return_date"], changed["reason"]] == [f"{day(9)}T00:00:00Z", "holiday"]
    assert read(f"{MENTORS}/ada/history")["data"][0]["metadata"]["notes"] == "by telephone"


def test_a_page_with_something_that_was_typed_asks_before_it_is_closed(board, add):
    add("ada")
    board.open()
    asks = "return !dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    assert not board.driver.execute_script(asks)
    board.go("mentor=ada")
    board.press("Pause…")
    assert not board.driver.execute_script(asks)
    board.type("Note", "by telephone")
    assert board.driver.execute_script(asks)
    board.press("Cancel")
    assert not board.driver.execute_script(asks)


@ON_BOTH
def test_a_mentor_who_came_back_on_a_day_of_the_past_is_recorded_so(board, add, read):
    [late, other] = [add(name, {"start_date": day(-20), "expected_return_date": day(-9)})[0] for name in ("ada", "ben")]
    board.open()
    board.press_in_row("ada", "Other day…")
    board.date(BACK, day(-3))
    assert plan(board) == f"ada: back since {shown(-3)}"
    board.press("Save")
    board.wait_outcome("ada", f"✓ back since {shown(-3)}")
    assert read(f"{MENTORS}/ada")["status"] == "active"
    assert read(f"{RECORDS}/{late['pause_record_id']}")["end_date"] == f"{day(-3)}T00:00:00Z"
    board.go("mentor=ben")
    board.press_in_pause("Leave", "Change…")
    board.type("Reason", "illness")  # the day that has passed stays as it is
    board.press("Save")
    board.wait(lambda: board.texts("#panel .said"))
    board.wait_written()
    board.press_in_pause("Illness", "Change…")
    board.date(BACK, day(-2))
    assert plan(board) == f"ben: back {shown(-2)} instead of {shown(-9)}; the pause ends"
    board.get("textbox", "Note").click()  # so that the next date is typed from its month on
    board.date(BACK, day(-9))
    assert plan(board) == "ben: no change"
    board.press("Save")
    board.wait_texts("#panel .said", "✓ it is so already: nothing was changed now")
    board.press_in_pause("Illness", "Change…")
    board.date(BACK, day(-2))
    board.press("Save")
    board.wait(lambda: read(f"{RECORDS}/{other['pause_record_id']}")["end_date"] == f"{day(-2)}T00:00:00Z")


def test_a_form_into_which_nothing_was_typed_is_closed_by_escape_and_when_its_place_is_left(board, add):
    add("ada", {"start_date": day(-20)})
    board.open()
    for leave in (lambda: ActionChains(board.driver).send_keys(Keys.ESCAPE).perform(), lambda: board.go("view=pauses")):
        board.press_in_row("ada", "Other day…")
        board.wait(lambda: board.has("form", "Other day: ada"))
        leave()
        board.wait(lambda: not board.has("form", "Other day: ada"))
    for typed in (lambda: board.get("Date", BACK).send_keys("05"), lambda: board.press("In 1 week")):
        board.press_in_row("ada", "Other day…")
        typed()  # half of a date counts, too
        ActionChains(board.driver).send_keys(Keys.ESCAPE).perform()
        board.go("")
        board.go("view=pauses")
        board.wait(lambda: board.has("form", "Other day: ada"))
        board.press("Cancel")


def test_what_was_typed_outlives_another_write_of_the_row_another_view_and_a_poll_until_it_is_discarded(
    board, add, read
):
    add("ada", {"start_date": day(-5), "reason": "illness"})
    board.open()
    board.press_in_row("ada", "Other day…")
    assert plan(board) == "ada: back on which day? If that day has passed, the pause ends on it."
    board.date(BACK, day(30))
    add("ben", {"start_date": day(-3)})
    board.poll()
    board.wait(lambda: board.text("#waiting button").startswith("Some rows have moved: show"))
    assert (board.value("back"), board.driver.switch_to.active_element.get_attribute("name")) == (day(30), "back")
    board.go("view=forecast")
    assert board.text("#waiting").endswith("Not saved: ada")
    board.follow("Not saved: ada")
    board.wait(lambda: board.value("back") == day(30))
    board.go("mentor=ada")
    board.press("Change…")
    board.type("Reason", "exam")
    sentence = "ada: reason Exam instead of Illness"
    assert board.text("#panel .plan") == sentence
    board.press("Delete this pause…")
    board.press("Change…")
    assert board.text("#panel .plan") == sentence
    board.press("Cancel")
    board.press("Change…")
    assert board.text("#panel .plan") == "ada: no change"
    board.press("Cancel")
    board.press("Close")
    board.wait(lambda: board.value("back") == day(30))  # of the row
    board.press("Cancel")
    board.press_in_row("ada", "Other day…")
    assert board.value("back") == ""
    assert read(RECORDS)["data"][0]["expected_return_date"] is None


@ON_BOTH
def test_a_refusal_stands_at_the_form_in_a_coordinators_words_and_keeps_what_was_typed(board, add, read):
    add("ada", {"start_date": day(-5), "reason": "illness", "expected_return_date": day(3)}, {"start_date": day(9)})
    board.open("mentor=ada")
    board.press("Another pause…")
    board.fill_form({"From": day(-5), "Back on": day(8), "Reason": "Illness", "Note": "by telephone"})
    board.press("Pause")
    board.wait_texts("#panel .refusal p", "Another pause of this mentor has the same start and the same reason.")
    typed = [day(-5), day(8), "Illness", "by telephone"]
    assert [board.value(name) for name in ("start", "back", "reason", "notes")] == typed
    board.date(START, day(-6))
    assert not board.texts("#panel .refusal")
    board.press("Pause")
    board.wait(lambda: board.texts("#panel .said"))
    assert len(read(RECORDS)["data"]) == 3
    board.press("Another pause…")  # a form that was sent is empty when it is opened again
    assert [board.value(name) for name in ("start", "back", "reason", "notes")] == [day(0), "", "", ""]


def test_what_the_service_says_of_a_field_is_said_once_with_the_words_of_the_form(board, add):
    add("ada", {"start_date": day(-5), "end_date": day(5)})
    board.open("mentor=ada")
    board.press("Change…")
    board.date(BACK, day(-9))
    board.driver.execute_script("document.querySelector('form.write').noValidate = true")  # as an older browser
    board.press("Save")
    said = board.wait(lambda: " ".join(board.text("#panel .refusal").split()))
    assert (said.startswith("Not done: back: "), "“from”" in said, "_" in said) == (True, True, False)
    assert said.removesuffix(" ×") == board.texts("[role=status]")[0]  # noqa: RUF001 the button's own
    assert board.value("back") == day(-9)


def test_an_overdue_row_takes_a_note_alone_and_stays_to_be_done(board, add, read, newest):
    [record] = add("ada", LATE)
    board.open()
    board.press_in_row("ada", "Other day…")
    board.press("Save")  # a day is still missing
    board.type("Note", "called, no answer")
    assert plan(board) == "ada: note saved"
    board.press("Save")
    board.wait_outcome("ada", "✓ note saved")
    assert not board.has("link", "Your changes (1)")  # there is nothing to take back
    assert board.rows()[0][1] == "5 days overdue"
    assert (newest("ada")["metadata"]["notes"], read(path_of(record))) == ("called, no answer", record)
    board.wait_written()
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "✓ back today")
    add("ben", LATE)
    add("cyd", LATE)
    board.open()
    board.tick("ben", "cyd")
    board.press_in_tray("Other day…")
    board.wait(lambda: board.has("form", "Other day: 2 mentors"))
    assert not board.has("textbox", "Note")  # a table has no entry for a line that changes nothing
