"""The board by the keyboard alone: a Monday's work, and a focus that is never lost, nor under something else."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import BY_BOB, MENTORS, fill, shown

FOCUSED = """const focused = document.activeElement;
return focused.ariaLabel || focused.textContent.trim() || focused.name"""
COVERED = """const focused = document.activeElement;
const {left, right, top, bottom} = [...focused.getClientRects()].at(-1);
const end = Math.min(right, document.documentElement.clientWidth); // a line of links may be scrolled to the side
const low = Math.min(bottom - 3, top + 40); // of a row that is higher than the window, its beginning
const hit = document.elementFromPoint((left + end) / 2, low);
return focused !== document.body && !focused.contains(hit)"""


class Keyboard:
    """The keys of a page, and what has the focus: by its label, or its text."""

    def __init__(self, board):
        self.board = board

    def press(self, *keys):
        """Press keys, one after the other."""
        ActionChains(self.board.driver).send_keys(*keys).perform()

    def focused(self):
        return self.board.driver.execute_script(FOCUSED)

    def is_covered(self):
        """Say whether something else lies over what has the focus, or it is outside of the window."""
        return self.board.driver.execute_script(COVERED)

    def tab_to(self, name, key=Keys.TAB):
        """Go from control to control until the one of this name has the focus, on the way over none that is covered."""
        passed = [self.focused()]
        while passed[-1] != name:
            assert len(passed) < 150, passed
            self.press(key)
            passed.append(self.focused())
            self.board.wait(lambda: not self.is_covered())


@pytest.fixture
def keyboard(board):
    return Keyboard(board)


def test_the_keyboard_alone_does_a_monday(without_polls, board, keyboard, mentors, write):
    board.open()
    write("PUT", f"{MENTORS}/ada", {"pause_reason": "exam"} | BY_BOB)
    keyboard.press("/")
    assert keyboard.focused() == "Search for a mentor"
    keyboard.tab_to("Back today ada")
    keyboard.press(Keys.ENTER)
    board.wait_outcome("ada", "Not done: bob")
    assert keyboard.focused() == "Back today ada"
    keyboard.press("/", "be")
    board.shows("ben")
    keyboard.tab_to("Other day… or a note ben")
    keyboard.press(Keys.ENTER)
    keyboard.tab_to(f"In 1 week {shown(7)}")
    keyboard.press(Keys.SPACE)
    keyboard.tab_to("Save")
    keyboard.press(Keys.ENTER)
    board.wait_outcome("ben", f"back {shown(7)}")
    assert keyboard.focused() == "ben"  # the row
    keyboard.tab_to("Undo")
    keyboard.press(Keys.ENTER)
    board.wait(lambda: board.has("button", "Back today ben"))
    assert keyboard.focused() == "ben"
    keyboard.press("/", Keys.BACKSPACE, Keys.BACKSPACE)
    board.shows("ada", "ben", "gus")
    keyboard.tab_to("Back today ada")
    keyboard.press(Keys.ENTER)
    board.wait_outcome("ada", "back today")
    assert keyboard.focused() == "ada"
    for name in ("ben", "gus"):
        keyboard.tab_to(f"Choose {name}")
        keyboard.press(Keys.SPACE)
    keyboard.tab_to(f"+1 week each {shown(7)} \N{EN DASH} {shown(11)}")
    keyboard.press(Keys.ENTER)
    board.wait(lambda: "each back a week later" in board.text("#tray"))
    keyboard.tab_to("Undo")
    assert board.driver.execute_script("return document.activeElement.closest('#strip') !== null")
    board.go("mentor=ben")
    board.wait(lambda: board.has("button", "Back today"))
    keyboard.tab_to("Back today")
    keyboard.press(Keys.ENTER)
    board.wait(lambda: "back today" in board.text("#panel .outcome"))
    assert board.driver.execute_script("return document.activeElement.className") == "content"


def test_keys_go_from_row_to_row_and_from_the_search_to_its_first_result_and_a_question_mark_lists_them(
    board, keyboard, mentors
):
    board.open()
    for key, focused in (("j", "ada"), ("j", "ben"), ("j", "gus"), ("j", "gus"), ("k", "ben")):
        keyboard.press(key)
        assert (key, keyboard.focused()) == (key, focused)
        assert not keyboard.is_covered()
    keyboard.press("/", "e")
    board.shows("ben", "eve")
    keyboard.press(Keys.TAB)
    assert keyboard.focused() == "ben"
    keyboard.press("j", Keys.ENTER)
    board.wait(lambda: board.has("dialog", "eve"))
    keyboard.press("k", Keys.ESCAPE)
    board.wait(lambda: not board.is_panel_open())
    assert keyboard.focused() == "eve"
    keyboard.press("/", "z")
    board.wait(lambda: "Nobody has" in board.text("main"))
    keyboard.press("j?")  # typed
    board.wait(lambda: board.driver.current_url.endswith("q=zj%3F"))
    keyboard.press(Keys.SHIFT + Keys.TAB)
    keyboard.press(Keys.NULL, "?")
    board.wait(lambda: board.has("dialog", "Keys"))
    assert board.texts("#panel kbd") == ["/", "j", "k", "?", "Tab", "Enter"]
    keyboard.press("j")
    assert board.is_panel_open()


def test_a_form_that_is_discarded_gives_the_focus_back_to_its_row_and_a_panel_to_its_link(board, keyboard, mentors):
    board.open()
    keyboard.tab_to("Other day… or a note gus")
    keyboard.press(Keys.ENTER)
    board.wait(lambda: board.has("button", "Cancel"))
    keyboard.tab_to("Cancel")
    keyboard.press(Keys.ENTER)
    board.wait(lambda: not board.has("button", "Cancel"))
    board.wait(lambda: keyboard.focused() in ("gus", "Other day… or a note gus"))
    keyboard.press("/")
    for link, title in (
        ("Download or upload", "Download or upload"),
        ("Add mentors", "mentors"),
    ):
        keyboard.tab_to(link)
        keyboard.press(Keys.ENTER)
        board.wait(lambda title=title: keyboard.focused() == title)
        names = set()
        for _ in range(12):
            keyboard.press(Keys.TAB)
            names.add(keyboard.focused())
        assert "Close" in names
        assert not names & {"Search for a mentor", "Pauses"}  # it goes around in the panel
        keyboard.press(Keys.ESCAPE)
        board.wait(lambda link=link: keyboard.focused() == link)


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (360, 640)])
def test_nothing_that_has_the_focus_lies_under_the_strip(board, database, window, keyboard, mentors, width, height):
    fill(database, 300, 15)
    window(width, height)
    board.open("show=current")
    board.tick_all()
    board.wait(lambda: board.texts("#tray"))
    keyboard.press("/")
    keyboard.tab_to("API")
    keyboard.tab_to("Search for a mentor", Keys.SHIFT + Keys.TAB)
