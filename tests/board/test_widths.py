"""The board at any width, and with text of any size: nothing overlaps, sticks out, is cut, or is too small to hit."""

import json
from itertools import pairwise

import pytest

from tests.board.conftest import MENTORS, RECORDS, day, fill, shown
from tests.support.layout import faults, small, unhit

LONGEST = "w" * 64
RIGHT_TO_LEFT = "חופשה ארוכה מאוד"
WIDTHS = (360, 768, 1280, 1920, 2560)  # one in each form of the page, with text of twice the size, too
VIEWS = (
    "",
    "view=available",
    "show=scheduled",
    "view=pauses",
    "view=pauses&span=year",
    "view=changes",
    "view=forecast",
    "q=o",
)
OTHERS = ("as_of=2031-05-01&expected=true", "view=changes&by=the-dashboard-of-somebody", "q=zzz", "show=undated")
PANELS = (
    "mentor=often",
    f"mentor={LONGEST}",
    "mentor=nobody",
    "panel=add",
    "panel=names",
    "panel=tables",
    "panel=undo",
)
PAUSES = "mentor_id,start_date,expected_return_date,end_date,reason"


@pytest.fixture
def mentors(upload):
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
def names(injected):
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


def show(board, state):
    """Go to a state, and wait until all that it shows was read."""
    board.go(state)
    board.wait(lambda: not any("Loading…" in text for text in board.texts("main, #panel")))


def faults_at(widths, board, window, height=1400):
    """Return what is wrong with what is shown, at each width."""
    found = []
    for width in widths:
        window(width, height)
        found += [(width, fault) for fault in faults(board.driver)]
    return found


@pytest.mark.parametrize(("more", "named", "percent"), [(0, False, 100), (0, True, 200), (188, True, 100)])
def test_nothing_overlaps_sticks_out_or_is_cut_at_any_width_in_any_view_or_panel(
    board, database, window, mentors, names, text_size, more, named, percent
):
    if more:
        fill(database, more, more // 20)
    if named:
        names()
    text_size(percent)
    board.open()
    for state in VIEWS + OTHERS + PANELS:
        show(board, state)
        assert (state, faults_at(WIDTHS, board, window)) == (state, [])


def test_nothing_overlaps_sticks_out_or_is_cut_with_2_000_mentors(board, database, window, mentors, names):
    fill(database, 1988, 99)
    names()
    board.open("view=available")
    board.wait(
        lambda: board.driver.execute_script("return document.querySelectorAll('tbody [data-key]').length") == 1000
    )
    heights = "return [...new Set([...document.querySelectorAll('tbody [data-key]')].map((row) => row.offsetHeight))]"
    for end in (0, 10**6):
        board.driver.execute_script("scrollTo(0, arguments[0])", end)
        assert faults_at((360, 1280, 2560), board, window) == []
        assert len(board.driver.execute_script(heights)) == 1  # also of those that are not laid out yet
    for state in ("", "view=pauses&rows=all", "q=0"):
        show(board, state)
        assert (state, faults_at((360, 1280, 2560), board, window)) == (state, [])


HEIGHTS = """return ["tbody [data-key]:not(.grown)", "tbody .grown"].map((selector) =>
  [...document.querySelectorAll(selector)].map((each) => each.offsetHeight))"""
TOPS = "return [...document.querySelectorAll('tbody [data-key]')].map((row) => row.getBoundingClientRect().top)"


def open_form_and_tray(board):
    """Bring one mentor back, open the form of another one, and choose three."""
    board.press("Back today today")
    board.wait_outcome("today", "back today")
    board.press_in_row("late", "Other day…")
    for name in ("soon", "open", LONGEST):
        board.press(f"Choose {name}", "checkbox")


def test_each_row_has_one_height_whatever_is_in_it_and_only_the_one_with_a_form_grows_downwards(board, window, mentors):
    window(1280, 2000)
    board.open()
    before = board.driver.execute_script(TOPS)
    open_form_and_tray(board)
    tops = board.driver.execute_script(TOPS)
    changed = [now - then for now, then in zip(tops, before, strict=True)]
    place = next(index for index, change in enumerate(changed) if change)
    assert place >= 1
    assert set(changed[:place]) == {0}
    assert len(set(changed[place:])) == 1  # all below by as much
    for width in WIDTHS:
        window(width)
        heights, (grown,) = board.driver.execute_script(HEIGHTS)
        assert (width, len(heights), len(set(heights))) == (width, 6, 1)
        assert grown > heights[0]


CLICK = "document.querySelector(arguments[0]).click(); return true"


@pytest.mark.parametrize("percent", [100, 200])
def test_with_the_tray_and_forms_open_and_a_refusal_nothing_overlaps_and_each_control_can_be_hit(
    board, window, mentors, write, text_size, percent
):
    board.open()
    open_form_and_tray(board)
    text_size(percent)
    for width in WIDTHS:
        assert faults_at([width], board, window, height=800) == []
        assert (width, unhit(board.driver)) == (width, [])
    write("PUT", f"{MENTORS}/soon", {"pause_reason": "r" * 200})
    board.press("Other day…")
    for selector in ("#tray form [aria-pressed]", "#tray form [type=submit]"):
        board.wait(lambda selector=selector: board.driver.execute_script(CLICK, selector))
    board.wait(lambda: board.texts("#tray .refusal"))
    for width in WIDTHS:
        assert faults_at([width], board, window, height=800) == []
        assert (width, unhit(board.driver)) == (width, [])


def test_each_control_of_each_view_and_panel_can_be_hit(board, window, mentors):
    board.open()
    for state in VIEWS + OTHERS + PANELS:
        show(board, state)
        for width in (360, 768, 1280):
            window(width)
            assert (state, width, unhit(board.driver)) == (state, width, [])


def test_a_finger_hits_44_pixels_of_each_control_and_bring_back_stands_apart(board, window, finger, mentors):
    finger()
    board.open()
    open_form_and_tray(board)
    for state in VIEWS + OTHERS + PANELS:
        show(board, state)
        for width in (360, 390, 768):
            window(width)
            assert (state, width, small(board.driver)) == (state, width, [])
    show(board, "")
    for width in (360, 390):
        window(width)
        assert (width, min(board.driver.execute_script(GAPS)) >= 20) == (width, True)


EDGES = """return [...document.querySelectorAll("tbody .box:has(input)")].flatMap((label) => {
  label.scrollIntoView({block: "nearest"});
  const {left, top, right, bottom} = label.getBoundingClientRect();
  const corners = [[left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2]];
  return corners.map(([x, y]) => document.elementFromPoint(x, y)).filter((each) => !label.contains(each))
    .map((each) => `${label.textContent}: ${each?.outerHTML.slice(0, 60)}`);
})"""
SMALL_TEXT = """return [...document.querySelectorAll("input:not([type=checkbox]), select, textarea")]
  .filter((each) => parseFloat(getComputedStyle(each).fontSize) < 16).map((each) => each.outerHTML)"""


def test_a_finger_hits_a_box_up_to_its_edges_and_no_field_has_text_that_a_phone_would_zoom(
    board, window, finger, mentors
):
    finger()
    board.open()
    for width in (390, 768, 1280):
        window(width)
        assert (width, board.driver.execute_script(EDGES)) == (width, [])
    board.press_in_row("late", "Other day…")
    for state in ("", "view=pauses", "view=changes", "panel=add", "panel=tables", "mentor=often"):
        board.go(state)
        assert (state, board.driver.execute_script(SMALL_TEXT)) == (state, [])
        assert (state, faults_at((360, 768), board, window)) == (state, [])


def test_the_day_since_when_somebody_is_away_has_its_name_beside_it_where_there_are_no_headings(board, window, mentors):
    board.open()
    for width in (390, 768, 1100):
        window(width)
        name = "return getComputedStyle(document.querySelector('[data-name=\"Away from\"]'), '::before').content"
        assert (width, board.driver.execute_script(name).lower()) == (
            width,
            '"away from"' if width > 700 else '"from "',
        )


GAPS = """return [...document.querySelectorAll(".bring_back")].map((each) =>
  each.nextElementSibling.getBoundingClientRect().left - each.getBoundingClientRect().right)"""


@pytest.mark.parametrize(("width", "height", "most"), [(1280, 760, 330), (390, 844, 480)])
def test_the_first_action_is_seen_without_scrolling(board, window, finger, mentors, width, height, most):
    if width == 390:
        finger()
    window(width, height)
    board.open()
    bottoms = (
        "return [...document.querySelectorAll('.actions button')].map((each) => each.getBoundingClientRect().bottom)"
    )
    assert min(board.driver.execute_script(bottoms)) <= most


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


NOTE_PLACES = """const boxOf = (each) => JSON.stringify(each.getBoundingClientRect());
window.boxOf = boxOf;
window.places = new Map([...document.querySelectorAll("a, button, input, select")]
  .filter((each) => each.checkVisibility()).map((each) => [each, boxOf(each)]));"""
MOVED = """return [...places].filter(([each, box]) => each.isConnected && each.checkVisibility() && boxOf(each) !== box)
  .map(([each, box]) => `${each.ariaLabel || each.textContent.trim() || each.name}: ${box}, ${boxOf(each)}`)"""


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_nothing_moves_at_a_week_more_and_at_the_days_and_reasons_of_a_form(board, window, finger, mentors, width):
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

    press(board.in_row("late", f"+1 week {shown(7)}"), lambda: board.outcome("late").startswith("✓ back"))
    board.wait_written()
    board.press_in_row("open", "Other day…")
    press_each("tbody")
    board.press("Choose soon", "checkbox")
    board.wait(lambda: board.texts("#tray .bar button"))
    board.driver.find_element("css selector", "#tray .bar button:nth-of-type(3)").click()
    press_each("#tray")
    board.press("Untick all")
    board.go("view=available")
    board.press_in_row("active", "Pause…")
    press_each("tbody")
    board.go("mentor=often")
    board.press("Another pause…")
    press_each("#panel")


LEFTS = """return [...document.querySelectorAll("tbody .name")].map((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  return Math.round(range.getBoundingClientRect().left);
})"""


def test_names_of_either_direction_begin_at_one_side(board, window, mentors, names):
    names()
    board.open()
    for width in (390, 1280):
        window(width)
        assert (width, len(set(board.driver.execute_script(LEFTS)))) == (width, 1)


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
    board.open("view=pauses")
    for span in ("month", "quarter", "year"):
        board.go(f"view=pauses&span={span}&rows=all")
        for width in (360, 1280):
            window(width, 3000)
            labels = board.driver.execute_script(SHOWN, "#timeline .pause span")
            assert len(labels) >= 10
            assert (span, width, board.driver.execute_script(OUTSIDE)) == (span, width, [])
            assert (span, width, board.driver.execute_script(OVER_BARS)) == (span, width, [])
            months = board.driver.execute_script(SHOWN, "#timeline .tick b")
            assert len(months) >= 2
            assert [one for one, other in pairwise(months) if one[2] > other[1]] == []
