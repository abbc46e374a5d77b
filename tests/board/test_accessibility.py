"""axe-core finds nothing on any face of the board, light and dark."""

from pathlib import Path

import pytest

from tests.board.conftest import MENTORS, READER, STATUS, day
from tests.support.board import Board

NOBODY = "Nobody: no mentor and no pause fits what is asked for."
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """const done = arguments[0];
axe.run().then(({passes, violations}) => done([passes.length, violations.map((each) =>
  `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join("; ")}`)]))"""
pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci --prefix tests (npm)")


@pytest.fixture
def violations(browser):
    """Return a function that names what axe-core finds on the page, light and dark."""

    def find_them():
        found = []
        if not browser.execute_script("return 'axe' in window"):
            browser.execute_script(f"{AXE.read_text()}; window.axe = axe")
        for scheme in ("light", "dark"):
            wanted = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}  # no colour in between
            features = [{"name": name, "value": value} for name, value in wanted.items()]
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            passed, violated = browser.execute_async_script(RUN)
            assert passed >= 10  # rules that had something to look at
            found += [f"{scheme}: {violation}" for violation in violated]
        return found

    yield find_them
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def mentors(add):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "illness"})
    add("ben", {"start_date": day(-3), "expected_return_date": day(4), "reason": "holiday"})
    add("cyd", {"start_date": day(3), "end_date": day(30), "reason": "certification_expiry"})
    add("dan", {"start_date": day(-25), "end_date": day(-21), "reason": "workload"})


def test_axe_finds_nothing_on_the_board_and_its_panels(board, mentors, violations):
    board.open()
    for state, control in (
        ("", ("table", None)),
        ("show=active&q=a&span=month", ("link", "Reset")),
        ("show=scheduled&from=2026-01", ("table", "1 pause of 1 mentor")),
        ("span=year&q=zzz", ("StaticText", NOBODY)),
        ("mentor=ada", ("button", "Bring back now")),
        ("panel=add", ("button", "Add")),
        ("panel=files", ("button", "Download")),
        ("panel=chosen", ("StaticText", "0 mentors chosen")),
        ("mentor=nobody", ("alert", None)),
        ("view=week", ("heading", "Overdue: 1")),
        ("view=changes", ("listitem", None)),
        ("view=trend", ("table", "The same as a table")),
    ):
        board.go(state)
        board.wait(lambda control=control: board.has(*control))
        assert (state, violations()) == (state, [])


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_with_names(board, window, mentors, violations, width):
    window(width, 800)
    board.open()
    names = '[["ada","Quintilla Maximiliana von Ärzte-Quark"],["ben","חופשה"]]'
    board.driver.execute_script("localStorage['names of mentors at /board'] = arguments[0]", names)
    board.open()
    assert "Quintilla" in board.driver.page_source
    for state in ("", "mentor=ada", "panel=files", "view=week", "view=changes", "q=zzz", "show=active"):
        board.go(state)
        if state == "mentor=ada":
            board.wait(lambda: board.has("button", "Bring back now"))
        assert (state, violations()) == (state, [])


def test_axe_finds_nothing_on_a_form_that_was_refused(board, mentors, violations):
    board.open("mentor=ada")
    board.press("Change…")
    board.date("Back on", day(-50))
    board.press("Save")
    board.wait(lambda: board.driver.find_elements("css selector", "[aria-invalid]"))
    assert violations() == []


def test_axe_finds_nothing_on_a_form_a_question_and_what_is_said_of_a_write(board, mentors, violations):
    board.open("mentor=ada")
    board.press("Another pause…")
    assert violations() == []
    board.press("Delete a mistake…")
    board.wait(lambda: board.has("button", "Delete it"))
    assert violations() == []
    board.press("Bring back now")
    board.wait_said("ada is back.")
    assert violations() == []


def test_axe_finds_nothing_on_a_change_that_a_colleague_was_faster_with(board, mentors, write, violations):
    board.open("mentor=ada")
    board.press("Change…")
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(7)})
    board.type("Reason", "holiday", "combobox")
    board.press("Save")
    board.wait(lambda: board.has("button", "Send it all the same"))
    assert violations() == []


def test_axe_finds_nothing_on_rows_that_are_chosen_what_would_change_and_what_is_refused(
    board, mentors, write, violations
):
    board.open()
    board.press("Choose ada", "checkbox")
    board.press("Choose ben", "checkbox")
    assert violations() == []
    board.follow("Change together")
    board.press("+1 week")
    board.wait(lambda: board.has("button", "Apply"))
    assert violations() == []
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(9)})
    board.press("Apply")
    board.wait(lambda: any(board.texts("#panel [role=alert] li")))
    assert violations() == []


def test_axe_finds_nothing_on_the_question_before_a_deletion_and_on_a_former_mentor(board, mentors, violations):
    board.open("mentor=ada")
    board.press("Delete this mentor…")
    board.type("To confirm, type ada", "ada")
    assert violations() == []
    board.press("Delete")
    board.wait_said("ada is deleted.")
    assert violations() == []
    board.open("q=ada")
    assert violations() == []


@pytest.mark.parametrize("rows", ["zoe,paused", "zoe,asleep"])
def test_axe_finds_nothing_on_what_would_become_of_a_table_and_on_what_is_wrong_with_it(
    board, mentors, violations, tmp_path, rows
):
    (tmp_path / "edited.csv").write_text(f"mentor_id,status\n{rows}\n")
    board.open("panel=files")
    board.wait(lambda: board.has("button", "Check"))
    board.driver.find_element("css selector", "input[type=file]").send_keys(str(tmp_path / "edited.csv"))
    board.press("Check")
    board.wait(lambda: any(board.texts("#upload li")))
    assert violations() == []


def test_axe_finds_nothing_on_a_phone_with_the_longest_id_and_a_reason_from_right_to_left(
    board, window, mentors, add, violations
):
    add("w" * 64, {"start_date": day(-5), "reason": "חופשה ארוכה מאוד"})
    window(360)
    board.open()
    assert violations() == []
    board.go(f"mentor={'w' * 64}")
    board.wait(lambda: board.has("button", "Bring back now"))
    assert violations() == []


def test_axe_finds_nothing_on_the_board_and_its_views_where_nobody_is_there(board, violations):
    board.open()
    for view in ("", "week", "changes", "trend"):
        board.go(f"view={view}")
        assert (view, violations()) == (view, [])


def test_axe_finds_nothing_while_it_loads_and_where_it_cannot_be_reached(browser, proxy, mentors, violations):
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
    board.poll()
    board.wait(board.trouble)
    assert violations() == []


def test_axe_finds_nothing_on_a_form_whose_answer_was_lost(browser, proxy, mentors, violations):
    board = Board(browser, proxy.base_url).open("mentor=ada")
    proxy.lose = "PUT"
    board.press("Bring back now")
    board.wait(lambda: board.has("button", "Try again"))
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
    closed.follow("ada Leave, no return date")
    closed.wait(lambda: closed.texts(".history li"))
    assert violations() == []


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
CONTRASTS = """
const bar = document.querySelector(".pause.current");
const page = getComputedStyle(document.body).backgroundColor;
return Array.from({length: 12}, (_, index) => {
  bar.style.setProperty("--hue", 70 + 23 * index);
  const {borderTopColor: edge, backgroundColor: fill, color: text} = getComputedStyle(bar.firstElementChild);
  return Math.min(contrast(edge, page), contrast(text, fill), contrast(text, page));
});"""


BORDERS = """
return ["#filters [name=q]", "#filters [name=show]", "#filters [name=as_of]", ".write input"].map((selector) => {
  const {borderTopColor, backgroundColor} = getComputedStyle(document.querySelector(selector));
  const {backgroundColor: form} = getComputedStyle(document.querySelector(".write"));
  return Math.min(contrast(borderTopColor, backgroundColor), contrast(borderTopColor, form));
});"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_border_of_each_field_stands_out_from_what_is_in_it_and_around_it_by_3_to_1(board, mentors, scheme):
    board.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    board.open("panel=add")
    board.wait(lambda: board.has("textbox", "Mentor id"))
    borders = board.driver.execute_script(CONTRAST + BORDERS)
    board.cdp("Emulation.setEmulatedMedia", features=[])
    assert min(borders) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_colour_of_a_reason_stands_out_from_the_page_and_its_text_from_it_by_4_5_to_1(board, mentors, scheme):
    board.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    board.open()
    contrasts = board.driver.execute_script(CONTRAST + CONTRASTS)
    board.cdp("Emulation.setEmulatedMedia", features=[])
    assert len(contrasts) == 12
    assert min(contrasts) >= 4.5
