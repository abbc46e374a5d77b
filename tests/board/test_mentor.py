"""The panel of one mentor: how they are, their pauses, and who did what when; and how it is closed."""

from urllib.parse import quote

from selenium.webdriver.common.keys import Keys

from tests.board.conftest import LATE, day, path_of, shown
from tests.support.board import untimed
from tests.support.browser import find


def test_the_panel_says_how_the_mentor_is_and_has_every_pause_with_what_needs_somebody_first(board, add):
    recent = [{"start_date": day(-30 + number), "end_date": day(-29 + number)} for number in range(12)]
    add("ada", {"start_date": day(-60), "expected_return_date": day(-40), "reason": "illness"}, *recent)
    add("cyd")
    board.open("mentor=ada")
    board.wait_texts("#panel .content > .state", f"paused since {shown(-60)}, was expected back {shown(-40)}")
    assert len(board.texts("#panel .pauses > li")) == 13
    assert board.texts("#panel .pauses > li > p:first-child")[:2] == ["Illness 40 days overdue", "Leave ended"]
    assert f"{shown(-60)} \N{EN DASH} {shown(-40)} (expected)" in board.text("#panel .pauses")
    board.date("Available on", day(0))
    assert board.text("#panel output").endswith("40 days overdue")
    board.go("mentor=cyd")
    board.wait_texts("#panel .content > .state", "available")
    assert (board.texts("#panel h3 + .note"), board.text("#panel output")) == (["None so far."], "yes")


def test_the_history_says_who_did_what_newest_first_and_leads_to_all_of_it_and_each_pause_has_its_newest_note(
    board, add, write, purged
):
    [first, second] = add("ada", {"start_date": day(-9)}, {"start_date": day(30), "reason": "exam"})
    for record, offset, note in (
        (first, 5, "by <b>telephone</b>"),
        (first, 6, "until the doctor says"),
        (second, 60, "asks in May"),
        (first, 9, None),
    ):
        metadata = {"initiated_by": "bob"} | ({"notes": note} if note else {})
        write("PUT", path_of(record), {"expected_return_date": day(offset), "metadata": metadata})
    board.open("mentor=ada")
    board.wait_texts("#panel .pauses q", "until the doctor says", "asks in May")
    assert not board.has("link", "The whole history")
    said = [untimed(" ".join(text.split())) for text in board.texts("#panel .history li")]
    change = "bob updated a pause (Leave, from {}): back {} (expected) instead of {}".format
    assert said[0].startswith(f"{shown(0)}, 12:00 UTC {change(shown(-9), shown(9), shown(6))} (expected)")
    assert said[3] == f"{shown(0)}, 12:00 UTC {change(shown(-9), shown(5), 'not known')} by <b>telephone</b> Undo"
    assert "deleted" not in board.text("#panel .history + .note")
    purged(-300)
    board.open("mentor=ada")
    board.wait_texts("#panel .history + .note", f"Entries before {shown(-300)} may have been deleted.")
    for offset in range(10, 15):
        write("PUT", path_of(first), {"expected_return_date": day(offset)})
    board.open("mentor=ada")
    board.wait(lambda: len(board.texts("#panel .history li")) == 10)
    board.follow("The whole history")
    board.wait(lambda: len(board.texts(".changes li")) == 12)
    assert not board.is_panel_open()


def click(board, x, y):
    """Click at a point of the window."""
    for kind in ("mousePressed", "mouseReleased"):
        board.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def test_escape_a_button_back_and_a_click_outside_close_the_panel_and_lead_to_the_row_and_what_was_typed_stays(
    board, add
):
    add("ada", LATE)
    board.open()
    for close in (
        lambda: board.driver.switch_to.active_element.send_keys(Keys.ESCAPE),
        lambda: board.press("Close"),
        board.driver.back,
        lambda: click(board, 2, 600),
    ):
        board.follow("ada")
        board.press("Change…")
        box = find(board.driver, "#panel").rect
        click(board, box["x"] + 3, box["y"] + 3)  # within the panel
        title = find(board.driver, "#panel-title").rect  # and a selection of text that ends outside
        start, end = {"x": title["x"] + 20, "y": title["y"] + 10}, {"x": 2, "y": 500}
        for kind, point in (("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)):
            board.cdp("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **point)
        board.type("Reason", "illness of a child")
        close()
        board.wait(lambda: not board.is_panel_open())
        board.follow("ada")
        board.wait(lambda: board.value("reason") == "illness of a child")
        board.press("Cancel")
        close()
        board.wait(lambda: not board.is_panel_open())
        assert "mentor=" not in board.driver.current_url
        assert board.driver.switch_to.active_element.text == "ada"


def test_a_mentor_who_does_not_exist_is_named_in_the_panel(board, add):
    add("ada")
    board.open()
    for mentor in ("nobody", "<img src=x>", "a b"):
        board.go(f"mentor={quote(mentor)}")
        board.wait_texts("#panel [role=alert]", f"There is no mentor {mentor}. Check the id for a typing mistake.")
        assert not board.has("button", "Delete this mentor…")
