"""One way through the page, by mouse and keys, in Firefox and in the engine of Safari."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, RECORDS, WRITER, day, shown
from tests.support import engines
from tests.support.board import Board
from tests.support.browser import find
from tests.support.waiting import wait_until

CONTROL = """const [name] = arguments;
const nameOf = (each) => (each.ariaLabel ?? each.labels?.[0]?.textContent ?? each.textContent).trim();
return [...(document.querySelector("dialog[open]") ?? document).querySelectorAll("button, a, input, select, textarea")]
  .find((each) => each.checkVisibility() && nameOf(each) === name)"""
CHOOSE = """const [field, day] = arguments;
field.value = day;
for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, {bubbles: true}))"""
FAULT = "return document.querySelector('#fault').textContent"


class PlainBoard(Board):
    """The board in a browser that knows no CDP: controls are found by what they say, or by the text of their label."""

    def get(self, role, name):
        return self.wait(lambda: self.driver.execute_script(CONTROL, name))

    def date(self, name, day):
        """Choose a date, as the picker of the browser does."""
        self.driver.execute_script(CHOOSE, self.get("Date", name), day)


@pytest.fixture(params=["firefox", "webkit"])
def engine(request, tmp_path):
    """Start a browser; return its driver, and the folder of what it downloads."""
    if engines.NEEDED[request.param]:
        pytest.skip(engines.NEEDED[request.param])
    with getattr(engines, request.param)(tmp_path) as driver:
        driver.set_window_size(1280, 900)
        yield driver


def test_each_kind_of_work_is_done_in_it_without_a_fault(engine, server, closed_server, add, read, tmp_path):
    for mentor in ("ada", "ben", "cyd"):
        add(mentor, {"start_date": day(-20), "expected_return_date": day(-5)})
    add("fay")
    board = PlainBoard(engine, server.base_url).open()
    assert [row[0] for row in board.rows()] == ["ada", "ben", "cyd"]
    bring_back_and_undo(board, read)
    tick_a_range_by_keys(board)
    see_other_days(board)
    pause_by_the_form_and_undo(board, read)
    take_a_table_down_and_up(board, read, tmp_path)
    assert engine.execute_script(FAULT) == ""
    closed = PlainBoard(engine, closed_server.base_url).open(drawn=False)
    closed.wait(lambda: find(engine, "input[name=token]").send_keys(WRITER) is None)
    closed.press("Continue")
    closed.wait(lambda: closed.text(".nothing").startswith("Nothing to do"))
    assert engine.execute_script(FAULT) == ""


def bring_back_and_undo(board, read):
    board.press_in_row("ada", "Back today")
    board.type("Your name", "Grace")
    board.press("Continue, and bring ada back")
    board.wait_outcome("ada", "back today")
    assert read(f"{MENTORS}/ada")["status"] == "active"
    board.press_in_row("ada", "Undo")
    board.wait(lambda: "Back today" in board.row("ada").text)
    assert {entry["changed_by"] for entry in read("/api/v1/history?limit=2")["data"]} == {"Grace"}


def tick_a_range_by_keys(board):
    board.press("Choose ada")
    board.driver.execute_script("document.querySelector('[aria-label=\"Choose cyd\"]').focus()")
    ActionChains(board.driver).key_down(Keys.SHIFT).send_keys(Keys.SPACE).key_up(Keys.SHIFT).perform()
    board.wait(lambda: board.text("#tray strong") == "3 mentors chosen")
    board.press("Untick all")


def see_other_days(board):
    board.date("Show another day", day(10))
    board.wait(lambda: shown(10) in board.text("#banner strong"))
    board.press("Show today")
    board.wait(lambda: board.texts("#banner") == [])
    board.go("view=changes&when=2026-02-31")
    assert board.texts(".changes li")


def pause_by_the_form_and_undo(board, read):
    board.type("Search for a mentor", "FAY")
    board.press_in_row("fay", "Pause…")
    board.press(f"Tomorrow {shown(1)}")
    board.press(f"After 2 weeks {shown(15)}")
    board.type("Reason", "Exam")
    board.press("Pause")
    board.wait_outcome("fay", "✓ paused from tomorrow")
    (pause,) = read(f"{RECORDS}?mentor_id=fay")["data"]
    assert [pause[name][:10] for name in ("start_date", "expected_return_date", "reason")] == [day(1), day(15), "Exam"]
    board.press_in_row("fay", "Undo")
    board.wait(lambda: read(f"{RECORDS}?mentor_id=fay")["data"] == [])


def take_a_table_down_and_up(board, read, folder):
    board.go("panel=tables")
    board.press("Download")
    wait_until(lambda: any(path.stat().st_size for path in folder.rglob("pause-records*.csv")))
    (table,) = folder.rglob("pause-records*.csv")
    edited = folder / "edited.csv"
    edited.write_text(table.read_text().replace(day(-5), day(9)))
    find(board.driver, "#upload [type=file]").send_keys(str(edited))
    board.press("Apply")
    board.wait(lambda: board.texts("#upload .said") == ["✓ table applied: 0 created, 3 updated, 0 unchanged"])
    assert {each["expected_return_date"][:10] for each in read(RECORDS)["data"]} == {day(9)}
