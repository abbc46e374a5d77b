"""The forms of writes: days by a click, the sentence of what would change, and what was typed, which is kept."""

from datetime import date

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import LATE, MENTORS, RECORDS, day, path_of, shown

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


def test_the_days_of_a_pause_are_chosen_by_clicks_and_a_return_moves_with_its_start(form, read):
    form.press(f"Next Monday {shown(NEXT_MONDAY)}")
    form.press(f"After 4 weeks {shown(NEXT_MONDAY + 28)}")
    assert (form.value("start"), form.value("back")) == (day(NEXT_MONDAY), day(NEXT_MONDAY + 28))
    form.press(f"Tomorrow {shown(1)}")
    assert pressed(form) == [f"Tomorrow {shown(1)}", f"After 4 weeks {shown(29)}"]
    assert (form.value("back"), form.texts("fieldset > small")) == (day(29), ["tomorrow", shown(29), ""])
    form.press("Not known")
    assert (form.value("back"), form.texts("fieldset > small")[1]) == ("", "")
    form.date(BACK, day(40))
    form.press("Pause")
    form.wait(lambda: form.texts("#panel .said"))
    dates = [read(f"{MENTORS}/ada")[name][:10] for name in ("pause_start_date", "expected_return_date")]
    assert dates == [day(1), day(40)]


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


def test_a_reason_in_use_is_chosen_by_a_click_and_one_that_is_new_by_typing_it(board, add, read):
    add("ada")
    add("ben", {"start_date": day(-5), "reason": "certification_expiry"}, {"start_date": day(-4), "reason": "illness"})
    board.open("mentor=ada")
    board.press("Pause…")
    offered = "form.write [name=reason] ~ button"
    board.wait(lambda: sorted(board.texts(offered)) == ["Certification expiry", "Illness"])
    board.press("Certification expiry")
    assert board.value("reason") == "Certification expiry"
    board.type("Reason", "Sick_leave of a child")
    assert (board.value("reason"), board.texts("form.write fieldset > small")[-1]) == (
        "Sick_leave of a child",
        "new reason",
    )
    assert len(board.texts(offered)) == 2  # so that nothing moves
    board.press("Certification expiry")
    board.press("Pause")
    board.wait(lambda: board.texts("#panel .said"))
    assert read(f"{MENTORS}/ada")["pause_reason"] == "certification_expiry"


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


def test_a_form_into_which_nothing_was_typed_is_closed_by_escape_and_when_its_place_is_left(board, add):
    add("ada", {"start_date": day(-20)})
    board.open()
    for leave in (lambda: ActionChains(board.driver).send_keys(Keys.ESCAPE).perform(), lambda: board.go("view=pauses")):
        board.press_in_row("ada", "Other day…")
        board.wait(lambda: board.has("form", "Other day: ada"))
        leave()
        board.wait(lambda: not board.has("form", "Other day: ada"))
    for typed in (lambda: board.get("Date", BACK).send_keys("05"), lambda: board.press(f"In 1 week {shown(7)}")):
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
    assert plan(board) == "ada: back on which day? Or only a note."
    board.date(BACK, day(30))
    add("ben", {"start_date": day(-3)})
    board.poll()
    board.wait(lambda: board.text("#waiting button").startswith("The list has changed: show it"))
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


def test_a_refusal_stands_at_the_form_in_a_coordinators_words_and_keeps_what_was_typed(board, add, read):
    add("ada", {"start_date": day(-5), "reason": "illness", "expected_return_date": day(3)}, {"start_date": day(9)})
    board.open("mentor=ada")
    board.press("Another pause…")
    board.driver.execute_script("document.querySelector('form.write').noValidate = true")  # as an older browser
    board.fill_form({"From": day(-5), "Back on": day(-9), "Reason": "Illness", "Note": "by telephone"})
    board.press("Pause")
    said = board.wait(lambda: " ".join(board.text("#panel .refusal").split()))
    assert (said.startswith("Not done: back: "), "“from”" in said) == (True, True)
    assert said.removesuffix(" ×") == board.texts("[role=status]")[0]  # noqa: RUF001 the button's own
    board.date(BACK, day(8))
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


def test_an_overdue_row_takes_a_note_alone_and_stays_to_be_done(board, add, read, newest):
    [record] = add("ada", LATE)
    board.open()
    board.press_in_row("ada", "Other day…")
    board.press("Save")  # a day is still missing
    board.type("Note", "called, no answer")
    assert plan(board) == "ada: note “called, no answer”"
    board.press("Save")
    board.wait_outcome("ada", "✓ note “called, no answer”")
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
