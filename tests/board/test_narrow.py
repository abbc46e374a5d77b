"""The board on a phone and a tablet: nothing is cut, lies over another, or has to be scrolled sideways."""

import base64
import re
from itertools import pairwise

import pytest

from tests.board.conftest import MENTORS, day

OUTSIDE = """const box = document.querySelector(".lines").getBoundingClientRect();
return [...document.querySelectorAll(".pause span, .tick b")].map((label) => [label.textContent, label])
  .filter(([text, label]) => text && label.checkVisibility({opacityProperty: true}))
  .filter(([, label]) => {
    const {left, right} = label.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1
      || (label.scrollWidth > label.clientWidth && getComputedStyle(label).textOverflow !== "ellipsis");
  }).map(([text]) => text);"""
SHOWN = """return [...document.querySelectorAll(arguments[0])]
  .filter((each) => each.textContent && each.checkVisibility({opacityProperty: true}))
  .map((each) => [each.textContent, each.getBoundingClientRect().left, each.getBoundingClientRect().right]);"""
OVERLAPS = """return [...document.querySelectorAll(".lane")].flatMap((lane) => {
  const boxes = (selector) => [...lane.querySelectorAll(selector)]
    .filter((each) => each.checkVisibility({opacityProperty: true})).map((each) => each.getBoundingClientRect());
  return boxes(".pause span").filter((label) => boxes(".body").some((bar) =>
    bar.left > label.left + 6 && bar.left < label.right - 1));
});"""


@pytest.fixture
def phone(request, browser, board):
    """Have a window of 360 pixels, or of as many as the test asks for, and return the board in it."""
    metrics = {"width": getattr(request, "param", 360), "height": 760, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield board
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def finger(phone):
    """Return the board in such a window, with a finger for the mouse."""
    phone.cdp("Emulation.setTouchEmulationEnabled", enabled=True)
    yield phone
    phone.cdp("Emulation.setTouchEmulationEnabled", enabled=False)


@pytest.fixture
def paper(phone):
    """Return the board in such a window, as it is printed."""
    phone.cdp("Emulation.setEmulatedMedia", media="print")
    yield phone
    phone.cdp("Emulation.setEmulatedMedia", media="")


@pytest.fixture
def week(add, write):
    """Add 20 mentors for "This week": overdue, due, undated, and paused since now; one has the longest texts."""
    for number in range(5):
        add(f"late-{number}", {"start_date": day(-500), "expected_return_date": day(-400 + number)})
        add(f"due-{number}", {"start_date": day(-20 - number), "expected_return_date": day(number)})
        add(f"open-{number}", {"start_date": day(-30 - number), "reason": "certification_expiry"})
    for number in range(4):
        add(f"now-{number}")
        write("PUT", f"{MENTORS}/now-{number}", {"status": "paused", "expected_return_date": f"{day(3)}T09:30:00Z"})
    add("w" * 64, {"start_date": day(-50), "reason": "r" * 200, "expected_return_date": day(-5)})


@pytest.fixture
def mentors(add):
    """Add mentors whose pauses lie everywhere in a month, a quarter and a year, and beyond them."""
    for offset in range(-60, 61, 6):
        away = {"start_date": day(offset), "reason": "certification_expiry"}
        add(f"ends-{offset + 100}", away | {"end_date": day(offset + 5)})
        add(f"open-{offset + 100}", away | {"expected_return_date": day(offset + 9)})
    away = [{"start_date": day(offset), "end_date": day(offset + 6)} for offset in range(-40, 41, 12)]
    add("often", *[{**pause, "reason": f"reason {index}"} for index, pause in enumerate(away)])


@pytest.mark.parametrize("span", ["month", "quarter", "year"])
def test_no_label_of_the_picture_leaves_it_or_is_cut_without_an_ellipsis_or_lies_over_a_bar(phone, mentors, span):
    phone.open(f"span={span}")
    labels = phone.driver.execute_script(SHOWN, ".pause span")
    assert len(labels) >= 10
    assert phone.driver.execute_script(OUTSIDE) == []
    assert phone.driver.execute_script(OVERLAPS) == []


def test_the_months_of_a_year_do_not_lie_over_one_another(phone, mentors):
    phone.open("span=year")
    ticks = phone.driver.execute_script(SHOWN, ".tick b")
    assert len(ticks) >= 3
    assert [one for one, other in pairwise(ticks) if one[2] > other[1]] == []


@pytest.mark.parametrize("phone", [320, 360, 720, 1024], indirect=True)
def test_every_column_of_the_table_is_seen_without_scrolling_and_it_is_still_a_table(phone, add):
    add("w" * 64, {"start_date": day(-50), "reason": "r" * 200, "expected_return_date": day(-5)})
    phone.open()
    fits = "const {scrollWidth, clientWidth} = document.querySelector(arguments[0]); return scrollWidth <= clientWidth"
    assert phone.driver.execute_script(fits, "#table .columns")
    names = ["Mentor", "State", "Reason", "Away from", "Back on", "Actions"]
    assert [node["name"]["value"] for node in phone.nodes("columnheader", None)] == names
    assert len(phone.nodes("cell", None)) == 5


ROWS = """return [...document.querySelectorAll(".week tbody tr")].map((row) => {
  const cells = [...row.cells].filter((cell) => cell.checkVisibility());
  const cut = [cells[3], cells[4]].filter((cell) => cell.scrollWidth > cell.clientWidth);
  const within = cells.map((cell) => { const {left, right} = cell.getBoundingClientRect(); return [left, right]; });
  return [row.offsetHeight, cut.length, within];
})"""
HEADINGS = """return [...document.querySelectorAll(".week section:first-child thead th")]
  .filter((each) => each.offsetHeight > 10 && getComputedStyle(each).clipPath === "none")
  .map((each) => each.innerText)"""
WIDTHS = [720, 768, 1024, 1119, 1280, 2560]


def open_week(board):
    board.open("view=week", drawn=False)
    board.wait(lambda: len(board.texts(".week tbody tr")) >= 20)


@pytest.mark.parametrize("pointer", ["phone", "finger"])
@pytest.mark.parametrize("phone", WIDTHS, indirect=True)
def test_this_week_has_one_line_a_row_whose_dates_are_whole_below_the_headings_of_its_columns(
    request, phone, week, pointer
):
    request.getfixturevalue(pointer)
    open_week(phone)
    for height, cut, cells in phone.driver.execute_script(ROWS):
        assert (height <= 48, cut) == (True, 0)
        assert all(one[1] <= other[0] + 0.5 for one, other in pairwise(cells))
    assert phone.driver.execute_script(HEADINGS) == ["Mentor", "State", "Reason", "Away from", "Back on", "Actions"]
    assert phone.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_twenty_rows_of_this_week_are_printed_on_two_pages_at_most(board, week):
    open_week(board)
    pdf = base64.b64decode(board.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert 1 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 2


CUT = """return [...document.querySelectorAll("tbody :is(th, td, th a, th bdi)")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth && each.clientWidth)
  .map((each) => each.textContent)"""


@pytest.mark.parametrize("phone", [1032], indirect=True)  # A4 landscape within its margins
@pytest.mark.parametrize("state", ["view=week", "show=overdue"])
def test_on_paper_no_mentor_and_no_reason_is_cut(paper, week, state):
    paper.open(state, drawn=False)
    paper.wait(lambda: "w" * 64 in paper.texts("tbody th"))
    assert paper.driver.execute_script(CUT) == []


@pytest.mark.parametrize("phone", [1024, 1280, 2560], indirect=True)
def test_a_long_mentor_is_whole_in_the_table_where_there_is_room(phone, add):
    add("bartholomew.featherstone.1238", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "travel"})
    phone.open()
    assert phone.driver.execute_script(CUT) == []


BLOCK = """return [...document.querySelectorAll("tbody tr:has(.choose)")].map((row) => {
  const line = document.createRange();
  line.selectNodeContents(row.querySelector("th bdi"));
  const [box, name, state] = [row.querySelector(".choose"), line, row.cells[1]].map((each) =>
    each.getBoundingClientRect());
  const isBeside = box.right < name.left && box.top < name.bottom && box.bottom > name.top;
  return isBeside && state.left === row.getBoundingClientRect().left && state.top >= name.bottom - 1;
})"""


@pytest.mark.parametrize("state", ["view=week", "show=overdue"])
def test_on_a_phone_the_name_stands_beside_its_box_and_the_state_below_it(phone, week, state):
    phone.open(state, drawn=False)
    phone.wait(lambda: "w" * 64 in phone.texts("tbody th"))
    assert set(phone.driver.execute_script(BLOCK)) == {True}


def test_on_a_phone_two_rows_of_this_week_are_on_the_first_screen(phone, week):
    open_week(phone)
    seen = "return document.querySelectorAll('tbody tr')[1].getBoundingClientRect().bottom <= innerHeight"
    assert phone.driver.execute_script(seen)


def test_the_headings_above_cards_say_that_they_are_for_sorting(phone, add):
    add("ada", {"start_date": day(-5)})
    phone.open()
    before = """return getComputedStyle(document.querySelector("#table thead tr"), "::before").content"""
    assert phone.driver.execute_script(before).startswith('"Sort by"')


def test_the_numbers_of_a_line_of_counts_are_level_for_a_finger(finger, add):
    add("ada")
    finger.open()
    tops = """return [...document.querySelectorAll("#counts data")].map((each) =>
      each.getBoundingClientRect().top - each.parentElement.getBoundingClientRect().top)"""
    assert len(set(finger.driver.execute_script(tops))) == 1


@pytest.mark.parametrize("state", ["view=week", "show=overdue"])
def test_on_a_phone_each_of_the_two_dates_of_a_row_has_its_name(phone, week, state):
    phone.open(state, drawn=False)
    phone.wait(lambda: phone.texts("tbody tr"))
    names = """return [...document.querySelectorAll("tbody tr:first-child td")]
      .map((each) => getComputedStyle(each, "::before").content).filter((each) => each !== "none")"""
    assert phone.driver.execute_script(names)[:2] == ['"Away from "', '"Back on "']


@pytest.mark.parametrize("phone", [360, 768], indirect=True)
@pytest.mark.parametrize(
    ("state", "ready"),
    [
        ("", "#table tbody tr"),
        ("show=active", "#table tbody tr"),
        ("view=week", ".week tbody tr"),
        ("mentor=late-0", "#panel .history li"),
        ("panel=add", "#panel form"),
        ("panel=files", "#calendar button"),
    ],
)
def test_a_finger_hits_44_pixels_of_each_control(finger, week, add, state, ready):
    add("ada")
    finger.open(state, drawn=False)
    finger.wait(lambda: finger.texts(ready))
    small = """const root = document.querySelector("dialog[open]") ?? document;
      return [...root.querySelectorAll("button, input, select, nav a, th a, a.button, .mentor, .reset")]
        .filter((each) => each.checkVisibility() && !each.matches(".skip"))
        .map((each) => [each, each.type === "checkbox" ? each.closest("label") : each])
        .filter(([, area]) => {
          area.scrollIntoView(); // far off it is not laid out
          return area.offsetHeight < 44 || area.offsetWidth < 44;
        })
        .map(([each]) => each.textContent || each.name || each.id);"""
    assert finger.driver.execute_script(small) == []


def test_what_was_done_is_said_whole_also_of_the_longest_id(phone, add):
    add("w" * 64)
    phone.open(f"mentor={'w' * 64}")
    phone.press("Pause…")
    phone.press("Pause")
    phone.wait_said("is paused from now on")
    fits = """const {scrollWidth, clientWidth, scrollHeight, clientHeight} = document.querySelector("#panel .said");
      return scrollWidth <= clientWidth && scrollHeight <= clientHeight"""
    assert phone.driver.execute_script(fits)


def test_on_a_phone_the_filters_are_folded_away_but_for_the_search(phone, add):
    add("ada", {"start_date": day(-5), "reason": "illness"})
    add("ben", {"start_date": day(-5), "reason": "holiday"})
    phone.open()
    assert phone.has("searchbox", "Mentor")
    assert not phone.has("combobox", "Reason")
    phone.press("Filters")
    phone.choose("Reason", "Illness")
    phone.wait(lambda: phone.mentors() == ["ada"])
    phone.press("Filters")
    phone.wait(lambda: not phone.has("combobox", "Reason"))
    phone.follow("Reset")
    phone.wait(lambda: phone.mentors() == ["ada", "ben"])


@pytest.mark.parametrize("phone", [320, 360, 720, 1280], indirect=True)
@pytest.mark.parametrize(
    "state",
    [
        "",
        "span=month",
        "span=year",
        "show=active",
        "panel=add",
        "panel=files",
        "view=week",
        "view=changes",
        "view=trend",
    ],
)
def test_no_face_is_wider_than_the_window(phone, mentors, add, state):
    add("w" * 64, {"start_date": day(-50), "reason": "r" * 200, "expected_return_date": day(-5)})
    phone.open(state)
    wider = """return [document.documentElement, ...document.querySelectorAll("dialog[open]")]
      .filter((each) => each.scrollWidth > each.clientWidth).length"""
    assert phone.driver.execute_script(wider) == 0


@pytest.mark.parametrize("phone", [360, 720], indirect=True)
def test_a_week_without_work_and_a_table_with_a_note_are_no_wider_than_the_window(phone, add):
    add("ada")
    for state, text in (("view=week", ".week .nothing p"), ("show=active", "#table caption")):
        phone.open(state, drawn=False)
        phone.wait(lambda text=text: any(phone.texts(text)))
        phone.driver.execute_script("document.querySelector(arguments[0]).append(' and so on'.repeat(40))", text)
        assert phone.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("phone", [320, 360, 1280], indirect=True)
def test_what_would_be_changed_together_and_the_question_before_a_deletion_fit(phone, add):
    add("w" * 64, {"start_date": day(-50), "reason": "r" * 200, "expected_return_date": day(-5)})
    fits = """return [document.documentElement, document.querySelector("#choice"), document.querySelector("#panel")]
      .every((each) => each.scrollWidth <= each.clientWidth)"""
    phone.open()
    phone.press("Choose all", "checkbox")
    phone.follow("Change together")
    phone.press("+2 weeks")
    phone.wait(lambda: phone.has("button", "Apply"))
    assert phone.driver.execute_script(fits)
    phone.open(f"mentor={'w' * 64}")
    phone.press("Delete this mentor…")
    phone.wait(lambda: phone.has("button", "Delete"))
    assert phone.driver.execute_script(fits)


def test_active_mentors_are_a_list_and_no_picture(phone, add):
    add("ada")
    phone.open("show=active")
    assert [row[:2] for row in phone.table()] == [["ada", "active"]]
    assert not phone.driver.find_element("css selector", ".picture").is_displayed()
    phone.follow("ada")
    phone.press("Close")
    phone.wait(lambda: phone.driver.switch_to.active_element.text == "ada")
