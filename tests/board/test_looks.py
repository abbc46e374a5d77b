"""How each state of the page looks: axe-core finds nothing, light and dark, and at any width and size of text nothing
overlaps, sticks out, is cut, or is too small to hit."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.board.conftest import MENTORS, READER, RECORDS, RIGHT_TO_LEFT, STATUS, day, fill, shown
from tests.support.board import Board
from tests.support.layout import faults, small, unhit

LONGEST = "w" * 64
WIDTHS = (360, 768, 1280, 1920, 2560)  # one in each form of the page, with text of twice the size, too
STATES = (
    "",
    "view=available",
    "show=scheduled",
    "show=undated",
    "view=pauses",
    "view=pauses&span=year&layout=timeline",
    "view=pauses&show=overdue&span=month&layout=timeline",
    "view=pauses&reason=nobody-has-it",
    "view=changes",
    "view=changes&by=the-dashboard-of-somebody",
    "view=forecast",
    "q=o",
    "q=zzz",
    "as_of=2031-05-01&expected=true",
    "mentor=often",
    f"mentor={LONGEST}",
    "mentor=nobody",
    "panel=add",
    "panel=names",
    "panel=tables",
    "panel=undo",
    "panel=keys",
)
PAUSES = "mentor_id,start_date,expected_return_date,end_date,reason"
# What may differ in the dark are the colours.
SCHEMES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """const [options, done] = arguments;
axe.run(options).then(({passes, violations}) => done([passes.length, violations.map((each) =>
  `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join("; ")}`)]))"""


@pytest.fixture
def crowd(upload):
    """Add 12 mentors: some of every kind, with the longest texts, and with texts from right to left."""
    pauses = [("often", day(offset), "", day(offset + 6), f"reason {offset}") for offset in range(-40, 41, 12)]
    pauses += [
        (LONGEST, day(-50), day(-5), "", "r" * 200),
        ("late", day(-500), day(-400), "", "certification_expiry"),
        ("late.of-some.length.1238", f"{day(-30)}T09:30:00Z", f"{day(-3)}T17:45:00Z", "", RIGHT_TO_LEFT),
        ("today", day(-20), day(0), "", "leave"),
        ("soon", f"{day(-20)}T09:30:00Z", f"{day(3)}T09:30:00Z", "", "leave"),
        ("open", day(-30), "", "", "certification_expiry"),
        ("comes", day(5), day(30), "", "leave"),
        ("comes", day(35), "", "", "leave"),
        ("was", day(-25), "", day(-3), "workload"),
    ]
    upload(MENTORS, "mentor_id", [("active",), ("bo",), ("cy",), *sorted({each[:1] for each in pauses})])
    upload(RECORDS, PAUSES, pauses)


@pytest.fixture
def know_names(injected):
    """Return a function that has the browser know names: short and long ones, and some from right to left."""
    known = {f"mentor-{number:05}": f"Bartholomew Featherstone {number}" for number in range(2000)}
    known |= {LONGEST: "Quintilla Maximiliana von Ärzte-Quark zu Hohenstein", "late": "חנה כהן", "open": "נועם"}
    known |= {"soon": "Bo", "often": "Wolfeschlegelsteinhausenbergerdorff", "active": "Åsa"}
    script = f"localStorage['names of mentors at /board'] = {json.dumps(json.dumps(list(known.items())))}"
    return lambda: injected(script)


@pytest.fixture
def text_size(browser):
    """Return a function that sets the size of text that the reader has chosen, in percent."""

    def set_size(percent):
        browser.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 16 * percent // 100}})

    yield set_size
    set_size(100)


@pytest.fixture
def finger(browser):
    """Return a function that puts a finger in the place of the mouse, and bars that lie over the page beside it."""

    def set_finger(is_there=True):
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": is_there})
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": is_there})

    yield set_finger
    set_finger(False)


@pytest.fixture
def media(browser):
    """Return a function that has the reader prefer light or dark, and no colour that changes slowly."""

    def set_media(scheme):
        wanted = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in wanted.items()]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    yield set_media
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def violations(browser, media):
    """Return a function that names what axe-core finds on the page, light and dark."""
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests (npm)")

    def find_them():
        found = []
        if not browser.execute_script("return 'axe' in window"):
            browser.execute_script(f"{AXE.read_text()}; window.axe = axe")
        for scheme, options in SCHEMES.items():
            media(scheme)
            passed, violated = browser.execute_async_script(RUN, options)
            assert passed >= (1 if options else 10)  # rules that had something to look at
            found += [f"{scheme}: {violation}" for violation in violated]
        return found

    return find_them


@pytest.fixture
def faults_at(browser, window):
    """Return a function that names what is wrong with what is shown, at each width."""

    def find_them(widths, height=1400):
        found = []
        for width in widths:
            window(width, height)
            found += [(width, fault) for fault in faults(browser)]
        return found

    return find_them


# --- each state


@pytest.mark.parametrize(("more", "has_names", "percent"), [(0, False, 100), (0, True, 200), (188, True, 100)])
def test_nothing_is_wrong_with_any_view_or_panel_at_any_width_and_each_control_can_be_hit(
    board, database, window, crowd, know_names, text_size, faults_at, violations, subtests, more, has_names, percent
):
    if more:
        fill(database, more, more // 20)
    if has_names:
        know_names()
    text_size(percent)
    board.open()
    for state in STATES:
        with subtests.test(state):
            board.see(state)
            assert faults_at(WIDTHS) == []
            for width in (360, 768, 1280) if not has_names else ():
                window(width)
                assert (width, unhit(board.driver)) == (width, [])
            window(360 if has_names else 1280)
            assert more or violations() == []  # of more rows of the same kinds it would say the same, and take longer


LEFTS = """return [...document.querySelectorAll("tbody .name")].map((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  return Math.round(range.getBoundingClientRect().left);
})"""


def test_nothing_is_wrong_with_2_000_mentors_whose_names_begin_at_one_side(
    board, database, window, crowd, know_names, faults_at
):
    fill(database, 1988, 99)
    know_names()
    board.open("view=available")
    count = "return document.querySelectorAll('tbody [data-key]').length"
    board.wait(lambda: board.driver.execute_script(count) == 1000)
    heights = "return [...new Set([...document.querySelectorAll('tbody [data-key]')].map((row) => row.offsetHeight))]"
    for end in (0, 10**6):
        board.driver.execute_script("scrollTo(0, arguments[0])", end)
        assert faults_at((360, 1280, 2560)) == []
        assert len(board.driver.execute_script(heights)) == 1  # also of those that are not laid out yet
    board.go("")
    for width in (390, 1280):
        window(width)
        assert (width, len(set(board.driver.execute_script(LEFTS)))) == (width, 1)
    for state in ("", "view=pauses&layout=timeline", "q=0"):
        board.see(state)
        assert (state, faults_at((360, 1280, 2560))) == (state, [])


GAPS = """return [...document.querySelectorAll(".bring_back")].map((each) =>
  each.nextElementSibling.getBoundingClientRect().left - each.getBoundingClientRect().right)"""
EDGES = """return [...document.querySelectorAll("tbody .box:has(input)")].flatMap((label) => {
  label.scrollIntoView({block: "nearest"});
  const {left, top, right, bottom} = label.getBoundingClientRect();
  const corners = [[left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2]];
  return corners.map(([x, y]) => document.elementFromPoint(x, y)).filter((each) => !label.contains(each))
    .map((each) => `${label.textContent}: ${each?.outerHTML.slice(0, 60)}`);
})"""
SMALL_TEXT = """return [...document.querySelectorAll("input:not([type=checkbox]), select, textarea")]
  .filter((each) => parseFloat(getComputedStyle(each).fontSize) < 16).map((each) => each.outerHTML)"""


def open_form_and_tray(board):
    """Bring one mentor back, open the form of another one, and choose three."""
    board.press("Back today today")
    board.wait_outcome("today", "back today")
    board.press_in_row("late", "Other day…")
    board.tick("soon", "open", LONGEST)


def test_a_finger_hits_44_pixels_of_each_control_and_a_box_up_to_its_edges_and_no_phone_zooms_the_text_of_a_field(
    board, window, finger, crowd, faults_at, subtests
):
    finger()
    board.open()
    for width in (390, 768, 1280):
        window(width)
        assert (width, board.driver.execute_script(EDGES)) == (width, [])
    window(1280, 2000)
    open_form_and_tray(board)
    for state in STATES:
        with subtests.test(state):
            board.see(state)
            for width in (360, 390, 768):
                window(width)
                assert (width, small(board.driver)) == (width, [])
            assert board.driver.execute_script(SMALL_TEXT) == []
            assert faults_at((360, 768)) == []
    board.see("")
    for width in (360, 390):
        window(width)
        assert (width, min(board.driver.execute_script(GAPS)) >= 20) == (width, True)


OUT_OF_REACH = """return [...document.querySelectorAll("#views a")].filter((each) => {
  const {left, right} = each.getBoundingClientRect();
  return left < 0 || right > innerWidth;
}).map((each) => each.textContent)"""


def test_all_views_can_be_reached_with_text_of_twice_the_size_and_no_part_of_the_page_is_wider_than_its_head(
    board, window, crowd, text_size
):
    text_size(200)
    board.open()
    for width in (360, 390, 768, 1280):
        window(width)
        assert (width, board.driver.execute_script(OUT_OF_REACH)) == (width, [])
    text_size(100)
    window(2560)
    widths = "return ['header', 'main'].map((each) => document.querySelector(each).offsetWidth)"
    for state in ("", "view=available", "view=pauses", "view=changes", "view=forecast"):
        board.see(state)
        assert (state, board.driver.execute_script(widths)) == (state, [1350, 1350])


# --- forms, refusals, and who may not


CLICK = "document.querySelector(arguments[0]).click(); return true"
HEIGHTS = """return ["tbody [data-key]:not(.grown)", "tbody .grown"].map((selector) =>
  [...document.querySelectorAll(selector)].map((each) => each.offsetHeight))"""
TOPS = "return [...document.querySelectorAll('tbody [data-key]')].map((row) => row.getBoundingClientRect().top)"


@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wrong_with_the_tray_forms_and_a_refusal_and_only_the_row_with_the_form_grows_downwards(
    board, window, crowd, write, text_size, faults_at, violations, percent
):
    def look():
        for width in WIDTHS:
            assert faults_at([width], height=800) == []
            assert (width, unhit(board.driver)) == (width, [])
        assert violations() == []

    window(1280, 2000)
    board.open()
    before = board.driver.execute_script(TOPS)
    open_form_and_tray(board)
    moved = [now - then for now, then in zip(board.driver.execute_script(TOPS), before, strict=True)]
    place = next(index for index, distance in enumerate(moved) if distance)
    assert (place >= 1, set(moved[:place]), len(set(moved[place:]))) == (True, {0}, 1)  # all below by as much
    text_size(percent)
    for width in WIDTHS:
        window(width)
        heights, (grown,) = board.driver.execute_script(HEIGHTS)
        assert (width, len(heights), len(set(heights)), grown > heights[0]) == (width, 6, 1, True)
    look()
    write("PUT", f"{MENTORS}/soon", {"pause_reason": "r" * 200})
    board.press("Other day…")
    for selector in ("#tray form [aria-pressed]", "#tray form [type=submit]"):
        board.wait(lambda selector=selector: board.driver.execute_script(CLICK, selector))
    board.wait(lambda: board.texts("#tray .refusal"))
    look()


def test_axe_finds_nothing_on_the_forms_of_a_mentor_what_came_of_a_write_and_of_a_table_and_a_mentor_who_is_gone(
    board, mentors, violations, tmp_path
):
    board.open()
    board.tick("ada", "ben")
    board.press_in_tray("+1 week each")
    board.wait(lambda: "each back a week later" in board.text("#tray"))
    board.wait(lambda: board.texts("#waiting button"))  # it is read again
    assert violations() == []
    board.go("mentor=ada")
    board.press("Another pause…")
    board.press("Change…")
    board.press("Delete this pause…")
    assert violations() == []
    board.press("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait(lambda: "mentor deleted" in board.text("#panel .outcome"))
    assert violations() == []
    for status in ("paused", "asleep"):
        (tmp_path / "edited.csv").write_text(f"mentor_id,status\nzoe,{status}\n")
        board.go("panel=undo")
        assert violations() == []
        board.go("panel=tables")
        board.check_table(tmp_path / "edited.csv")
        board.wait(lambda: any(board.texts("#upload li")))
        assert violations() == []


def test_axe_finds_nothing_where_nobody_is_there(board, violations):
    board.open()
    for state in ("", "view=pauses", "view=changes", "view=forecast"):
        board.see(state)
        assert (state, violations()) == (state, [])


def test_axe_finds_nothing_while_it_loads_where_it_cannot_be_reached_and_without_an_answer(
    browser, proxy, mentors, violations
):
    proxy.held.clear()
    board = Board(browser, proxy.base_url).open(drawn=False)
    board.wait_texts("main", "Loading…")
    assert (board.face(), violations()) == ("loading", [])
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


# --- what is read out, and contrasts


def test_rows_and_their_controls_have_the_name_of_their_mentor_and_headings_lead_through_the_page(board, mentors):
    board.open()
    assert board.has("heading", "To do")
    for title in ("Overdue: 1", f"Back within 7 days (by {shown(6)}): 1", "No return date: 1"):
        assert board.has("heading", title)
    for name in ("ada", "ben", "gus"):
        assert board.has("row", name)
        assert board.has("checkbox", f"Choose {name}")
        assert board.has("button", f"Back today {name}")
        assert board.has("button", f"Other day… or a note {name}")
    assert board.has("checkbox", "Choose all of Overdue")
    columns = ["Mentor", "State", "Reason", "Away from", "Back on", "Bring back, or move the return"]
    assert [node["name"]["value"] for node in board.nodes("columnheader", None)] == columns
    board.go("mentor=ada")
    for title in ("ada", "Pauses", "History"):
        board.wait(lambda title=title: board.has("heading", title))


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


def test_fields_and_bars_stand_out_by_3_to_1_and_the_texts_of_bars_by_4_5_to_1(board, mentors, media):
    board.open()
    for scheme in SCHEMES:
        media(scheme)
        board.go("panel=tables")
        assert (scheme, min(board.driver.execute_script(CONTRAST + BORDERS)) >= 3) == (scheme, True)
        board.go("view=pauses&span=year&layout=timeline")
        bars = board.driver.execute_script(CONTRAST + BARS)
        assert (scheme, len(bars), min(bars) >= 4.5) == (scheme, 6, True)


# --- what stands where


@pytest.mark.parametrize(("width", "height", "most"), [(1280, 760, 330), (390, 844, 480)])
def test_the_first_action_is_seen_without_scrolling_and_the_buttons_of_a_long_form_of_the_tray_too(
    board, window, finger, crowd, width, height, most
):
    finger(width == 390)
    window(width, height)
    board.open()
    bottoms = "return [...document.querySelectorAll(arguments[0])].map((each) => each.getBoundingClientRect().bottom)"
    assert min(board.driver.execute_script(bottoms, ".actions button")) <= most
    name = "return getComputedStyle(document.querySelector('[data-name=\"Away from\"]'), '::before').content"
    for narrow, words in ((390, '"from "'), (768, '"away from"'), (1100, '"away from"')):  # where no headings are
        window(narrow)
        assert (narrow, board.driver.execute_script(name).lower()) == (narrow, words)
    window(width, height - 200)
    board.go("view=available")
    board.tick_all()
    board.press_in_tray("Pause…")
    board.wait(lambda: len(board.driver.find_elements("css selector", "#tray [name=reason] ~ button")) >= 8)
    assert board.driver.execute_script(bottoms, "#tray [type=submit]")[0] <= height - 200


def test_on_a_phone_130_available_mentors_are_ten_screens_and_the_head_is_110_pixels(board, window, finger, database):
    finger()
    window(390, 844)
    fill(database, 130, 0)
    board.open("view=available")
    board.wait(lambda: len(board.rows()) == 130)
    assert board.driver.execute_script("return document.documentElement.scrollHeight") <= 10 * 844
    bottom = "return document.querySelector('#find').getBoundingClientRect().bottom"
    assert board.driver.execute_script(bottom) <= 110
    board.driver.execute_script("scrollTo(0, 5000)")
    assert 0 < board.driver.execute_script(bottom) <= 60  # the search stays within reach
    board.press("More")
    board.follow("Add mentors")
    board.wait(lambda: board.has("dialog", "Add mentors"))


PLACE = """const row = document.querySelector("[data-key='mentor-00030 ']").getBoundingClientRect();
return [row.top, row.bottom, document.querySelector("#find").getBoundingClientRect().bottom]"""


def test_on_a_phone_a_row_is_in_sight_after_its_long_form_was_sent_and_so_is_a_refusal(
    without_polls, board, window, finger, database, write
):
    finger()
    window(390, 700)
    fill(database, 60, 0)
    board.open("view=available")
    board.press_in_row("mentor-00030", "Pause…")
    board.type("Reason", "exam")
    write("PUT", f"{MENTORS}/mentor-00030", {"metadata": {"notes": "by telephone"}})
    board.press("Pause")
    board.wait(lambda: board.row("mentor-00030").find_elements("css selector", ".refusal"))
    bottom = "return document.querySelector('tbody .refusal').getBoundingClientRect().bottom"
    board.wait(lambda: 0 < board.driver.execute_script(bottom) <= 701)
    board.press("Pause")
    board.wait_outcome("mentor-00030", "✓ paused from today")
    top, bottom, covered = board.driver.execute_script(PLACE)
    assert covered - 1 <= top < bottom <= 701


FORM_LEFTS = """const boxes = [...document.querySelectorAll(`${arguments[0]} form :is(button, input)`)];
return [...new Set(boxes.map((each) => Math.round(each.getBoundingClientRect().left)))]"""
SENTENCE = """const said = document.querySelector(".done .said"), undo = document.querySelector(".done .undo");
const [row, name, words, button] = [said.closest("tr"), said.closest("tr").querySelector(".name"), said, undo]
  .map((each) => each.getBoundingClientRect());
return [words.top >= name.bottom && words.bottom <= row.bottom, said.scrollHeight <= said.clientHeight,
  button.left >= words.right]"""
COVERED = """const covered = [...document.querySelectorAll("main button, #find input")]
  .filter((each) => each.checkVisibility({visibilityProperty: true}));
return [covered.length, Math.round(document.querySelector("#tray").getBoundingClientRect().top)]"""


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_a_form_has_two_columns_below_its_mentor_and_what_was_done_is_one_sentence_under_the_name(
    board, window, finger, crowd, width
):
    finger()
    window(width, 844)
    board.open("view=available")
    board.press_in_row("active", "Pause…")
    heading = "return getComputedStyle(document.querySelector('form.write'), '::before').content"
    assert "Pause: active" in board.driver.execute_script(heading)
    assert len(board.driver.execute_script(FORM_LEFTS, "tbody")) == 2
    for choice in (f"Tomorrow {shown(1)}", f"After 2 weeks {shown(15)}", "Certification expiry", "Pause"):
        board.press(choice)
    board.wait_outcome("active", "✓ paused from ")
    assert board.driver.execute_script(SENTENCE) == [True, True, True]
    board.wait_written()
    board.tick("bo", "cy")
    board.press_in_tray("Pause…")
    board.wait(lambda: board.driver.execute_script(COVERED) == [0, 0])
    assert board.text("#tray strong") == "2 mentors chosen"
    seen = "return [...document.querySelectorAll('#tray > :is(.bar, ul) > *')].filter((each) => each.checkVisibility())"
    assert len(board.driver.execute_script(seen)) == 1  # its tray is one line


NOTE_PLACES = """const boxOf = (each) => JSON.stringify(each.getBoundingClientRect());
window.boxOf = boxOf;
window.places = new Map([...document.querySelectorAll("a, button, input, select")]
  .filter((each) => each.checkVisibility()).map((each) => [each, boxOf(each)]));"""
MOVED = """return [...places].filter(([each, box]) => each.isConnected && each.checkVisibility() && boxOf(each) !== box)
  .map(([each, box]) => `${each.ariaLabel || each.textContent.trim() || each.name}: ${box}, ${boxOf(each)}`)"""


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_nothing_moves_at_a_week_more_and_at_the_days_and_reasons_of_a_form(board, window, finger, crowd, width):
    finger(width < 1000)
    window(width, 844)
    board.open()

    def press(control, is_done=lambda: True):
        board.driver.execute_script("arguments[0].scrollIntoView({block: 'nearest'})", control)
        board.driver.execute_script(NOTE_PLACES)
        label = control.text
        control.click()
        board.wait(is_done)
        assert (label, board.driver.execute_script(MOVED)) == (label, [])

    def press_each(place):
        choices = f"{place} form [aria-pressed]"
        board.wait(lambda: board.texts(choices))
        for number, label in enumerate(board.texts(choices)):
            if len(label) < 100:  # a reason of 200 letters is wider than a phone
                press(board.driver.find_elements("css selector", choices)[number])
        board.press("Cancel")

    press(board.in_row("late", f"+1 week {shown(7)}"), lambda: board.outcome("late").startswith("✓ expected back"))
    board.wait_written()
    board.press_in_row("open", "Other day…")
    press_each("tbody")
    board.tick("soon")
    board.press_in_tray("Other day…")
    press_each("#tray")
    board.press("Untick all")
    board.go("view=available")
    board.press_in_row("active", "Pause…")
    press_each("tbody")
    board.go("mentor=often")
    board.press("Another pause…")
    press_each("#panel")


SHOWN = """return [...document.querySelectorAll(arguments[0])]
  .filter((each) => each.textContent && each.checkVisibility({opacityProperty: true}))
  .map((each) => [each.textContent, each.getBoundingClientRect().left, each.getBoundingClientRect().right]);"""
OUTSIDE = """const box = document.querySelector(".lines").getBoundingClientRect();
return [...document.querySelectorAll("#timeline .pause span, .tick b")]
  .filter((label) => label.textContent && label.checkVisibility({opacityProperty: true}))
  .filter((label) => {
    const {left, right} = label.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1
      || (label.scrollWidth > label.clientWidth && getComputedStyle(label).textOverflow !== "ellipsis");
  }).map((label) => label.textContent);"""
OVER_BARS = """return [...document.querySelectorAll(".lane")].flatMap((lane) => {
  const boxes = (selector) => [...lane.querySelectorAll(selector)]
    .filter((each) => each.checkVisibility({opacityProperty: true})).map((each) => each.getBoundingClientRect());
  return boxes(".pause span").filter((label) => boxes(".body").some((bar) =>
    bar.left > label.left + 6 && bar.left < label.right - 1));
});"""


def test_no_label_of_the_timeline_leaves_it_or_is_cut_without_an_ellipsis_or_lies_over_a_bar(board, window, upload):
    pauses = [("often", day(offset), "", day(offset + 6), f"reason {offset}") for offset in range(-40, 41, 12)]
    for offset in range(-60, 61, 6):
        pauses.append((f"ends-{offset + 100}", day(offset), "", day(offset + 5), "certification_expiry"))
        pauses.append((f"open-{offset + 100}", day(offset), day(offset + 9), "", "certification_expiry"))
    upload(MENTORS, "mentor_id", sorted({each[:1] for each in pauses}))
    upload(RECORDS, PAUSES, pauses)
    board.open()
    for span in ("month", "quarter", "year"):
        board.go(f"view=pauses&span={span}&layout=timeline")
        for width in (360, 1280):
            window(width, 3000)
            labels = board.driver.execute_script(SHOWN, "#timeline .pause span")
            assert len(labels) >= 10
            assert (span, width, board.driver.execute_script(OUTSIDE)) == (span, width, [])
            assert (span, width, board.driver.execute_script(OVER_BARS)) == (span, width, [])
            months = board.driver.execute_script(SHOWN, "#timeline .tick b")
            assert len(months) >= 2
            assert [one for one, other in pairwise(months) if one[2] > other[1]] == []
