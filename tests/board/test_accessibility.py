"""axe-core finds nothing on any face of the board, light and dark; and a screen reader is told what is seen."""

import json
from pathlib import Path

import pytest

from tests.board.conftest import MENTORS, READER, STATUS, day, shown
from tests.support.board import Board

# What may differ in the dark are the colours.
SCHEMES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """const [options, done] = arguments;
axe.run(options).then(({passes, violations}) => done([passes.length, violations.map((each) =>
  `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join("; ")}`)]))"""
pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci --prefix tests (npm)")


@pytest.fixture
def violations(browser):
    """Return a function that names what axe-core finds on the page, light and dark."""

    def find_them():
        found = []
        if not browser.execute_script("return 'axe' in window"):
            browser.execute_script(f"{AXE.read_text()}; window.axe = axe")
        for scheme, options in SCHEMES.items():
            wanted = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}  # no colour in between
            features = [{"name": name, "value": value} for name, value in wanted.items()]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            passed, violated = browser.execute_async_script(RUN, options)
            assert passed >= (1 if options else 10)  # rules that had something to look at
            found += [f"{scheme}: {violation}" for violation in violated]
        return found

    yield find_them
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def mentors(add):
    """Add a mentor who is overdue, one who is due, one with a coming pause, one without a date, and one who is back."""
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "illness"})
    add("ben", {"start_date": day(-3), "expected_return_date": day(4), "reason": "holiday"})
    add("cyd", {"start_date": day(3), "end_date": day(30), "reason": "certification_expiry"})
    add("dan", {"start_date": day(-25), "end_date": day(-21), "reason": "workload"})
    add("eve", {"start_date": day(-9), "reason": "חופשה ארוכה מאוד"})


STATES = (
    "",
    "show=overdue",
    "view=available",
    "show=scheduled",
    "q=a",
    "q=zzz",
    "view=pauses",
    "view=pauses&show=overdue&span=month",
    "view=pauses&reason=nobody-has-it&span=year",
    "view=changes",
    "view=changes&by=nobody",
    "view=forecast",
    "as_of=2031-05-01&expected=true",
    "mentor=ada",
    "mentor=nobody",
    "panel=add",
    "panel=names",
    "panel=tables",
    "panel=undo",
)


def show(board, state):
    """Go to a state, and wait until all that it shows was read."""
    board.go(state)
    board.wait(lambda: not any("Loading…" in text for text in board.texts("main, #panel")))


def test_axe_finds_nothing_in_any_view_or_panel(board, mentors, violations):
    board.open()
    for state in STATES:
        show(board, state)
        assert (state, violations()) == (state, [])


def test_axe_finds_nothing_on_a_phone_with_names_of_either_direction(board, window, add, mentors, injected, violations):
    add("w" * 64, {"start_date": day(-5)})
    names = [["ada", "Quintilla Maximiliana von Ärzte-Quark"], ["ben", "חנה כהן"]]
    injected(f"localStorage['names of mentors at /board'] = {json.dumps(json.dumps(names))}")
    window(360, 800)
    board.open()
    for state in ("", "view=pauses", "view=changes", "mentor=ada", f"mentor={'w' * 64}", "panel=tables"):
        show(board, state)
        assert (state, violations()) == (state, [])


def test_axe_finds_nothing_on_forms_the_tray_and_what_came_of_a_write(board, mentors, write, violations):
    board.open()
    board.press_in_row("ada", "Other day…")
    board.press("Choose ben", "checkbox")
    board.press("Choose eve", "checkbox")
    assert violations() == []
    board.press(f"+1 week each {shown(7)} \N{EN DASH} {shown(11)}")
    board.wait(lambda: "each back a week later" in board.text("#tray"))
    board.wait(lambda: board.texts("#waiting button"))  # it is read again
    assert violations() == []
    write("PUT", f"{MENTORS}/ada", {"pause_reason": "holiday"})  # so that the row stays where it is
    board.press("In 1 week")
    board.press("Save")
    board.wait(lambda: board.texts(".refusal"))
    assert violations() == []


def test_axe_finds_nothing_on_the_forms_of_a_mentor_the_question_before_a_deletion_and_a_mentor_who_is_gone(
    board, mentors, violations
):
    board.open("mentor=ada")
    board.press("Another pause…")
    board.press("Change…")
    board.press("Delete this pause…")
    assert violations() == []
    board.remove("Erase for good…")
    assert violations() == []
    board.remove("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait(lambda: "mentor deleted" in board.text("#panel .outcome"))
    assert violations() == []
    board.go("panel=undo")
    assert violations() == []


@pytest.mark.parametrize("row", ["zoe,paused", "zoe,asleep"])
def test_axe_finds_nothing_on_what_would_become_of_a_table_and_on_what_is_wrong_with_it(
    board, mentors, violations, tmp_path, row
):
    (tmp_path / "edited.csv").write_text(f"mentor_id,status\n{row}\n")
    board.open("panel=tables")
    board.driver.find_element("css selector", "#upload [type=file]").send_keys(str(tmp_path / "edited.csv"))
    board.press("Check")
    board.wait(lambda: any(board.texts("#upload li")))
    assert violations() == []


def test_axe_finds_nothing_where_nobody_is_there(board, violations):
    board.open()
    for state in ("", "view=pauses", "view=changes", "view=forecast"):
        show(board, state)
        assert (state, violations()) == (state, [])


def test_axe_finds_nothing_while_it_loads_where_it_cannot_be_reached_and_without_an_answer(
    browser, proxy, mentors, violations
):
    proxy.held.clear()
    board = Board(browser, proxy.base_url).open(drawn=False)
    assert violations() == []
    proxy.down = "/"
    proxy.held.set()
    board.wait(board.trouble)
    assert violations() == []
    proxy.restore()
    board.open()
    proxy.down = "/"
    board.press_in_row("ada", "Back today")
    board.wait_outcome("ada", "No answer came")
    assert violations() == []


def test_axe_finds_nothing_where_the_name_is_asked_for(board, mentors, unknown_writer, violations):
    board.open()
    board.press_in_row("ada", "Back today")
    board.wait(lambda: board.has("dialog", "Who are you?"))
    assert violations() == []


def test_axe_finds_nothing_where_a_token_is_asked_for_and_where_it_may_only_read_or_not_even_that(closed, violations):
    closed.wait(lambda: closed.has("dialog", "This service asks for a token"))
    assert violations() == []
    closed.enter("not-a-token-of-this-service")
    closed.wait(lambda: closed.text("#token [role=alert]"))
    assert violations() == []
    closed.enter(STATUS)
    closed.wait(lambda: closed.has("heading", "This token may not read the pauses"))
    assert violations() == []
    closed.press("Use another token")
    closed.enter(READER)
    closed.follow("ada")
    closed.wait(lambda: closed.texts(".history li"))
    assert violations() == []


def test_rows_and_their_controls_have_the_name_of_their_mentor_and_headings_lead_through_the_page(board, mentors):
    board.open()
    assert board.has("heading", "To do")
    for title in ("Overdue: 1", f"Back within 7 days (by {shown(6)}): 1", "No return date: 1"):
        assert board.has("heading", title)
    for name in ("ada", "ben", "eve"):
        assert board.has("row", name)
        assert board.has("checkbox", f"Choose {name}")
        assert board.has("button", f"Back today {name}")
        assert board.has("button", f"Other day… {name}")
    assert board.has("checkbox", "Choose all of Overdue")
    columns = ["Mentor", "State", "Reason", "Away from", "Back on", "Bring back, or move the return"]
    assert [node["name"]["value"] for node in board.nodes("columnheader", None)] == columns
    board.go("mentor=ada")
    for title in ("ada", "Pauses", "History"):
        board.wait(lambda title=title: board.has("heading", title))


def test_a_screen_reader_is_told_what_was_done_and_what_was_refused(board, mentors, write):
    said = "return document.querySelector('[role=status]').textContent"
    board.open()
    assert board.driver.execute_script(said) == ""
    board.press_in_row("ben", "Back today")
    board.wait(lambda: board.driver.execute_script(said) == "back today")
    board.press("Undo")
    board.wait(lambda: board.driver.execute_script(said) == "undone")
    board.press("Choose all of Overdue", "checkbox")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(7)})
    board.press("Back today")
    board.wait(lambda: "instead of" in board.text("#tray .refusal p"))
    assert board.driver.execute_script(said) == board.text("#tray .refusal p")


CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const luminance = (color) => {
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const linear = (part) => (part <= 10.31 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(linear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
};
const contrast = (one, other) => Math.max(luminance(one) / luminance(other), luminance(other) / luminance(one));
"""
BORDERS = """
return ["[name=q]", ".day input", ".write input", ".write select"].map((selector) => {
  const {borderTopColor, backgroundColor} = getComputedStyle(document.querySelector(selector));
  const {backgroundColor: form} = getComputedStyle(document.querySelector(".write"));
  return Math.min(contrast(borderTopColor, backgroundColor), contrast(borderTopColor, form));
});"""
BARS = """
const page = getComputedStyle(document.body).backgroundColor;
return [...document.querySelectorAll("#timeline .pause")].map((bar) => {
  const {borderTopColor: edge, backgroundColor: fill} = getComputedStyle(bar.querySelector(".body"));
  const {color: text} = getComputedStyle(bar);
  const behind = fill === "rgba(0, 0, 0, 0)" ? page : fill;
  return Math.min(contrast(edge, page) * 1.5, contrast(text, behind), contrast(text, page));
});"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fields_and_bars_stand_out_by_3_to_1_and_the_texts_of_bars_by_4_5_to_1(board, mentors, scheme):
    board.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    board.open("panel=tables")
    borders = board.driver.execute_script(CONTRAST + BORDERS)
    board.go("view=pauses")
    bars = board.driver.execute_script(CONTRAST + BARS)
    board.cdp("Emulation.setEmulatedMedia", features=[])
    assert min(borders) >= 3
    assert len(bars) == 5
    assert min(bars) >= 4.5
