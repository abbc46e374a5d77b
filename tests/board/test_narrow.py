"""The board on a phone and a tablet: nothing is cut, lies over another, or has to be scrolled sideways."""

import base64
import re
from itertools import pairwise

import pytest

from tests.board.conftest import MENTORS, RECORDS, day

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


PAUSES = "mentor_id,start_date,expected_return_date,end_date,reason"
LONGEST = "w" * 64
WIDER = """return [document.documentElement, ...document.querySelectorAll("dialog[open], #choice")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.id || each.localName)"""


@pytest.fixture
def phone(window, board):
    """Return the board in a window of 360 pixels."""
    window(360)
    return board


@pytest.fixture
def finger(phone):
    """Return the board in that window, with a finger for the mouse."""
    phone.cdp("Emulation.setTouchEmulationEnabled", enabled=True)
    yield phone
    phone.cdp("Emulation.setTouchEmulationEnabled", enabled=False)


@pytest.fixture
def longest(add):
    """Add a mentor who has the longest texts, and is overdue."""
    add(LONGEST, {"start_date": day(-50), "reason": "r" * 200, "expected_return_date": day(-5)})


@pytest.fixture
def week(upload, longest):
    """Add 19 mentors for "This week" to the one with the longest texts: overdue, due, undated, and paused since now."""
    now = [(f"now-{number}", "paused", f"{day(3)}T09:30:00Z") for number in range(4)]
    pauses = []
    for number in range(5):
        pauses.append((f"late-{number}", day(-500), day(-400 + number), "", "leave"))
        pauses.append((f"due-{number}", day(-20 - number), day(number), "", "leave"))
        pauses.append((f"open-{number}", day(-30 - number), "", "", "certification_expiry"))
    upload(MENTORS, "mentor_id,status,expected_return_date", [*now, *((each[0], "", "") for each in pauses)])
    upload(RECORDS, PAUSES, pauses)


@pytest.fixture
def mentors(upload):
    """Add mentors whose pauses lie everywhere in a month, a quarter and a year, and beyond them."""
    pauses = [("often", day(offset), "", day(offset + 6), f"reason {offset}") for offset in range(-40, 41, 12)]
    for offset in range(-60, 61, 6):
        pauses.append((f"ends-{offset + 100}", day(offset), "", day(offset + 5), "certification_expiry"))
        pauses.append((f"open-{offset + 100}", day(offset), day(offset + 9), "", "certification_expiry"))
    upload(MENTORS, "mentor_id", sorted({each[:1] for each in pauses}))
    upload(RECORDS, PAUSES, pauses)


def test_no_label_of_the_picture_leaves_it_or_is_cut_without_an_ellipsis_or_lies_over_a_bar(phone, mentors):
    phone.open()
    for state in ("span=month", "", "span=year"):
        phone.go(state)
        labels = phone.driver.execute_script(SHOWN, ".pause span")
        assert len(labels) >= 10
        assert (state, phone.driver.execute_script(OUTSIDE)) == (state, [])
        assert (state, phone.driver.execute_script(OVERLAPS)) == (state, [])


def test_the_months_of_a_year_do_not_lie_over_one_another(phone, mentors):
    phone.open("span=year")
    ticks = phone.driver.execute_script(SHOWN, ".tick b")
    assert len(ticks) >= 3
    assert [one for one, other in pairwise(ticks) if one[2] > other[1]] == []


def test_every_column_of_the_table_is_seen_without_scrolling_and_it_is_still_a_table(board, window, longest):
    board.open()
    fits = "const {scrollWidth, clientWidth} = document.querySelector(arguments[0]); return scrollWidth <= clientWidth"
    names = ["Mentor", "State", "Reason", "Away from", "Back on", "Actions"]
    for width in (320, 360, 720, 1024):
        window(width)
        assert (width, board.driver.execute_script(fits, "#table .columns")) == (width, True)
        assert [node["name"]["value"] for node in board.nodes("columnheader", None)] == names
        assert len(board.nodes("cell", None)) == 5


ROWS = """return [...document.querySelectorAll(".week tbody tr")].map((row) => {
  const cells = [...row.cells].filter((cell) => cell.checkVisibility());
  const cut = [cells[3], cells[4]].filter((cell) => cell.scrollWidth > cell.clientWidth);
  const within = cells.map((cell) => { const {left, right} = cell.getBoundingClientRect(); return [left, right]; });
  return [row.offsetHeight, cut.length, within];
})"""
HEADINGS = """return [...document.querySelectorAll(".week section:first-child thead th")]
  .filter((each) => each.offsetHeight > 10 && getComputedStyle(each).clipPath === "none")
  .map((each) => each.innerText)"""


def open_week(board):
    board.open("view=week", drawn=False)
    board.wait(lambda: len(board.texts(".week tbody tr")) >= 20)


@pytest.mark.parametrize("pointer", ["board", "finger"])
def test_this_week_has_one_line_a_row_whose_dates_are_whole_below_the_headings_of_its_columns(
    request, window, week, pointer
):
    board = request.getfixturevalue(pointer)
    open_week(board)
    for width in (720, 768, 1024, 1119, 1280, 2560):
        window(width)
        for height, cut, cells in board.driver.execute_script(ROWS):
            assert (width, height <= 48, cut) == (width, True, 0)
            assert all(one[1] <= other[0] + 0.5 for one, other in pairwise(cells)), width
        headings = ["Mentor", "State", "Reason", "Away from", "Back on", "Actions"]
        assert (width, board.driver.execute_script(HEADINGS)) == (width, headings)
        assert (width, board.driver.execute_script(WIDER)) == (width, [])


def test_twenty_rows_of_this_week_are_printed_on_two_pages_at_most(board, week):
    open_week(board)
    pdf = base64.b64decode(board.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert 1 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 2


CUT = """return [...document.querySelectorAll("tbody :is(th, td, th a, th bdi)")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth && each.clientWidth)
  .map((each) => each.textContent)"""


def test_on_paper_no_mentor_and_no_reason_is_cut(board, window, week):
    window(1032)  # A4 landscape within its margins
    board.cdp("Emulation.setEmulatedMedia", media="print")
    try:
        board.open()
        for state, place in (("view=week", ".week"), ("show=overdue", "#table")):
            board.go(state)
            assert LONGEST in board.texts(f"{place} tbody th")
            assert (state, board.driver.execute_script(CUT)) == (state, [])
    finally:
        board.cdp("Emulation.setEmulatedMedia", media="")


def test_a_long_mentor_is_whole_in_the_table_where_there_is_room(board, window, add):
    add("bartholomew.featherstone.1238", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "travel"})
    board.open()
    for width in (1024, 1280, 2560):
        window(width)
        assert (width, board.driver.execute_script(CUT)) == (width, [])


BLOCK = """const rows = [...document.querySelectorAll("tbody tr:has(.choose)")];
return rows.filter((row) => row.checkVisibility()).map((row) => {
  const line = document.createRange();
  line.selectNodeContents(row.querySelector("th bdi"));
  const [box, name, state] = [row.querySelector(".choose"), line, row.cells[1]].map((each) =>
    each.getBoundingClientRect());
  const isBeside = box.right < name.left && box.top < name.bottom && box.bottom > name.top;
  return isBeside && state.left === row.getBoundingClientRect().left && state.top >= name.bottom - 1;
})"""


NAMES = """return [...document.querySelectorAll("tbody tr:first-child td")]
  .filter((each) => each.checkVisibility()).map((each) => getComputedStyle(each, "::before").content)
  .filter((each) => each !== "none")"""


def test_on_a_phone_the_name_stands_beside_its_box_the_state_below_it_and_each_date_has_its_name(phone, week):
    phone.open()
    for state in ("view=week", "show=overdue"):
        phone.go(state)
        assert LONGEST in phone.texts("tbody th")
        assert (state, set(phone.driver.execute_script(BLOCK))) == (state, {True})
        assert (state, phone.driver.execute_script(NAMES)[:2]) == (state, ['"Away from "', '"Back on "'])


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


SMALL = """const root = document.querySelector("dialog[open]") ?? document;
return [...root.querySelectorAll("button, input, select, nav a, th a, a.button, .mentor, .reset")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip"))
  .map((each) => [each, each.type === "checkbox" ? each.closest("label") : each])
  .filter(([, area]) => {
    area.scrollIntoView(); // far off it is not laid out
    return area.offsetHeight < 44 || area.offsetWidth < 44;
  })
  .map(([each]) => each.textContent || each.name || each.id);"""


def test_a_finger_hits_44_pixels_of_each_control(finger, window, week, add):
    add("ada")
    finger.open()
    for state, ready in (
        ("", "#table tbody tr"),
        ("show=active", "#table tbody tr"),
        ("view=week", ".week tbody tr"),
        ("mentor=late-0", "#panel .history li"),
        ("panel=add", "#panel form"),
        ("panel=files", "#calendar button"),
    ):
        finger.go(state)
        finger.wait(lambda ready=ready: finger.texts(ready))
        for width in (360, 768):
            window(width)
            assert (state, width, finger.driver.execute_script(SMALL)) == (state, width, [])


def test_what_was_done_is_said_whole_also_of_the_longest_id(phone, add):
    add(LONGEST)
    phone.open(f"mentor={LONGEST}")
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


def test_no_face_is_wider_than_the_window(board, window, mentors, longest):
    board.open()
    for state in (
        "span=month",
        "span=year",
        "",
        "show=active",
        "panel=add",
        "panel=files",
        "view=week",
        "view=changes",
        "view=trend",
    ):
        board.go(state)
        for width in (320, 360, 720, 1280):
            window(width)
            assert (state, width, board.driver.execute_script(WIDER)) == (state, width, [])


def test_a_week_without_work_and_a_table_with_a_note_are_no_wider_than_the_window(board, window, add):
    add("ada")
    board.open()
    for state, text in (("view=week", ".week .nothing p"), ("show=active", "#table caption")):
        board.go(state)
        board.driver.execute_script("document.querySelector(arguments[0]).append(' and so on'.repeat(40))", text)
        for width in (360, 720):
            window(width)
            assert (state, width, board.driver.execute_script(WIDER)) == (state, width, [])


def test_what_would_be_changed_together_and_the_question_before_a_deletion_fit(board, window, longest):
    def assert_fitting():
        for width in (320, 360, 1280):
            window(width)
            assert (width, board.driver.execute_script(WIDER)) == (width, [])

    board.open()
    board.press("Choose all", "checkbox")
    board.follow("Change together")
    board.press("+2 weeks")
    board.wait(lambda: board.has("button", "Apply"))
    assert_fitting()
    board.go(f"mentor={LONGEST}")
    board.press("Delete this mentor…")
    board.wait(lambda: board.has("button", "Delete"))
    assert_fitting()


def test_active_mentors_are_a_list_and_no_picture(phone, add):
    add("ada")
    phone.open("show=active")
    assert [row[:2] for row in phone.table()] == [["ada", "active"]]
    assert not phone.driver.find_element("css selector", ".picture").is_displayed()
    phone.follow("ada")
    phone.press("Close")
    phone.wait(lambda: phone.driver.switch_to.active_element.text == "ada")
