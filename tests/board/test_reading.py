"""What the board shows: counts, the picture, the table, filters, and the address that holds all of it."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import day, execute, shown

DASH = "\N{EN DASH}"
CRAFTED = "<img src=x onerror=alert(1)>"


@pytest.fixture
def mentors(add):
    """Add one mentor for each phase, and one who is active."""
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5), "reason": "illness"})
    add("ben", {"start_date": day(-3), "expected_return_date": day(4), "reason": "holiday"})
    add("cyd", {"start_date": day(-2), "expected_return_date": day(20), "reason": "illness"})
    add("dan", {"start_date": day(3), "end_date": day(30), "reason": "holiday"})
    add("eve", {"start_date": day(-25), "end_date": day(-21), "reason": "workload"})
    add("fay")


def test_the_counts_say_how_many_mentors_and_pauses_there_are_of_each_kind(board, mentors):
    board.open()
    assert board.texts("#counts a") == [
        "3\nmentors active",
        "3\nmentors paused",
        "1\npause overdue",
        "1\npause back in the 7 days from today",
        "0\npauses without a return date",
        "1\npause coming",
    ]


def test_a_count_is_a_link_to_those_that_it_counts(board, mentors):
    board.open("span=year")
    for label, found in (
        ("3 mentors active", ["dan", "eve", "fay"]),
        ("3 mentors paused", ["ada", "ben", "cyd"]),
        ("1 pause overdue", ["ada"]),
        ("1 pause back in the 7 days from today", ["ben"]),
        ("1 pause coming", ["dan"]),
    ):
        board.follow(label)
        board.wait(lambda found=found: sorted(board.mentors()) == found)
        assert sorted(row[0] for row in board.table()) == found
    board.follow("Reset")
    board.wait(lambda: len(board.mentors()) == 5)


def test_a_count_leads_to_those_that_it_counts_also_from_a_year_in_which_nobody_was_away(board, mentors):
    board.open()
    for label in ("3 mentors paused", "1 pause overdue", "1 pause coming"):
        board.go("from=2020-01")
        assert board.mentors() == []
        board.follow(label)
        board.wait(board.mentors)
        assert board.texts("#counts [aria-current=true] data") == [str(len(board.mentors()))]


def test_a_count_leads_to_those_that_it_counts_whatever_reason_and_text_were_looked_for(board, mentors):
    board.open()
    for filters in ("reason=workload", "q=zzz"):
        board.go(filters)
        board.follow("3 mentors paused")
        board.wait(lambda: board.mentors() == ["ada", "ben", "cyd"])
        assert board.texts("#counts [aria-current]") == ["3\nmentors paused"]


def test_after_a_purge_of_days_that_would_be_shown_the_board_shows_what_is_left_and_says_so(board, add, database):
    add("ada", {"start_date": day(-2)})
    execute(database, f"UPDATE installation SET purged_before = '{day(-1)}T00:00:00Z'")
    try:
        board.open()
        assert board.mentors() == ["ada"]
        assert board.text("caption") == f"1 pause of 1 mentor (pauses that ended before {shown(-1)} have been deleted)"
        assert board.trouble() == ""
        board.open("from=2020-01", drawn=False)
        board.wait(lambda: f"What was before {day(-1)}T00:00:00Z has been deleted by a purge" in board.trouble())
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


def test_a_pause_without_a_return_date_is_counted_and_shown_by_its_count(board, mentors, add):
    add("gil", {"start_date": day(-100), "reason": "illness"})
    board.open()
    board.follow("1 pause without a return date")
    board.wait(lambda: board.mentors() == ["gil"])
    assert board.table() == [["gil", "no return date", "Illness", shown(-100), "not known"]]


def test_the_table_says_of_each_pause_what_the_picture_shows_with_what_is_urgent_first(board, mentors):
    board.open("span=year")
    assert board.table() == [
        ["ada", "5 days overdue", "Illness", shown(-20), f"{shown(-5)} expected"],
        ["ben", "back in 4 days", "Holiday", shown(-3), f"{shown(4)} expected"],
        ["cyd", "back in 20 days", "Illness", shown(-2), f"{shown(20)} expected"],
        ["dan", "begins in 3 days", "Holiday", shown(3), shown(30)],
        ["eve", "ended", "Workload", shown(-25), shown(-21)],
    ]
    assert board.mentors() == ["ada", "ben", "cyd", "dan", "eve"]
    bars = board.driver.execute_script("return [...document.querySelectorAll('.pause')].map((each) => each.className)")
    assert [[word for word in ("overdue", "current", "scheduled", "ended") if word in each] for each in bars] == [
        ["overdue"],
        ["current"],
        ["current"],
        ["scheduled"],
        ["ended"],
    ]
    assert ["open" in each for each in bars] == [True, True, True, False, False]
    assert board.has("link", "ada Illness, 5 days overdue")


def test_a_mentor_with_three_pauses_at_once_has_one_row_with_three_bars_one_below_the_other(board, add):
    begin = [{"start_date": day(-9)}, {"start_date": day(-4), "reason": "illness"}]
    add("ada", *begin, {"start_date": day(-1), "end_date": day(2), "reason": "holiday"})
    board.open()
    assert board.mentors() == ["ada"]
    tops = "return [...document.querySelectorAll('.pause')].map((each) => each.getBoundingClientRect().top)"
    assert len(set(board.driver.execute_script(tops))) == 3


def test_the_caption_counts_pauses_and_mentors_and_mentors_who_have_no_pause_here(board, add):
    add("ada", {"start_date": day(-20)}, {"start_date": day(-9), "reason": "illness"})
    add("ben", {"start_date": day(-3)})
    add("fay")
    board.open()
    for state, caption in (
        ("", "3 pauses of 2 mentors"),
        ("q=a", "2 pauses of 1 mentor, 1 mentor without a pause here"),
        ("show=active", "1 mentor"),
        ("q=fay", "1 mentor"),
    ):
        board.go(state)
        assert board.text("caption") == caption


def test_a_reason_is_shown_as_words_and_sent_as_it_is(board, add, read):
    pause = {"start_date": day(-5), "expected_return_date": day(3), "reason": "certification_expiry"}
    (record,) = add("ada", pause)
    add("ben", {"start_date": day(-5), "reason": "family-leave"})
    board.open()
    assert [row[2] for row in board.table()] == ["Certification expiry", "Family leave"]
    assert board.texts(".pause span") == ["Certification expiry", "Family leave, no return date"]
    assert board.has("link", "ada Certification expiry, back in 3 days")
    board.choose("Reason", "Certification expiry")
    board.wait(lambda: board.mentors() == ["ada"])
    assert board.driver.current_url.endswith("#reason=certification_expiry")
    assert ", Certification expiry" in board.texts("#results")[0]
    board.follow("ada Certification expiry, back in 3 days")
    board.wait(lambda: board.texts(".pauses strong") == ["Certification expiry"])
    assert board.text(".state").endswith(", Certification expiry")
    assert "opened a pause: Certification expiry, " in board.text(".history")
    board.press("Change…")
    field = board.get("combobox", "Reason")
    assert field.get_property("value") == "Certification expiry"
    board.date("Back on", day(9))
    board.press("Save")
    board.wait_said("ada has a changed pause.")
    assert read(f"/api/v1/pause-records/{record['pause_record_id']}")["reason"] == "certification_expiry"
    assert "certification_expiry" not in board.text("body")


OFFERED = "return [...document.querySelector(arguments[0]).options].map(({ value, text }) => [value, text])"
REASONS = "#filters [name=reason]"


@pytest.mark.parametrize("state", ["", "view=week"])
def test_a_reason_that_is_typed_as_the_board_writes_it_is_sent_as_the_one_in_use(board, add, read, state):
    add("ada", {"start_date": day(-5), "reason": "personal_leave"})
    add("ben")
    board.open(f"{state}&q=", drawn=False)
    board.wait(lambda: any(row[2] == "Personal leave" for row in board.table()))
    board.driver.execute_script("location.hash += '&mentor=ben'")
    board.press("Pause…")
    assert board.driver.execute_script(OFFERED, "#reasons") == [["Personal leave", "Personal leave"]]
    board.type("Reason", "personal leave ", "combobox")
    board.press("Pause")
    board.wait_said("ben is paused from now on.")
    assert [pause["reason"] for pause in read("/api/v1/pause-records")["data"]] == ["personal_leave"] * 2
    board.open()
    assert board.driver.execute_script(OFFERED, REASONS) == [["", "all reasons"], ["personal_leave", "Personal leave"]]


def test_of_two_reasons_that_read_the_same_the_filter_shows_the_second_as_it_is_stored(board, add, read):
    (record,) = add("ada", {"start_date": day(-5), "reason": "personal_leave"})
    add("ben", {"start_date": day(-5), "reason": "Personal leave"})
    board.open("mentor=ada")
    board.press("Change…")
    assert board.get("combobox", "Reason").get_property("value") == "Personal leave"
    assert board.driver.execute_script(OFFERED, "#reasons") == [["Personal leave", "Personal leave"]]
    board.type("Note", "no other reason")
    board.press("Save")
    board.wait_said("ada has a changed pause.")
    assert read(f"/api/v1/pause-records/{record['pause_record_id']}")["reason"] == "personal_leave"
    board.open()
    options = [["", "all reasons"], ["Personal leave", "Personal leave"], ["personal_leave", "personal_leave"]]
    assert board.driver.execute_script(OFFERED, REASONS) == options
    board.choose("Reason", "personal_leave")
    board.wait(lambda: board.mentors() == ["ada"])


def test_a_heading_of_the_table_sorts_it_and_again_the_other_way_round_and_the_picture_with_it(board, mentors):
    board.open("span=year")
    board.follow("Reason")
    board.wait(lambda: [row[2] for row in board.table()] == ["Holiday", "Holiday", "Illness", "Illness", "Workload"])
    board.follow("Reason")
    board.wait(lambda: board.mentors() == ["eve", "ada", "cyd", "ben", "dan"])
    assert board.driver.execute_script("return document.querySelector('[aria-sort]').ariaSort") == "descending"


def test_the_search_finds_a_mentor_by_any_part_of_the_id_whether_paused_or_not_and_enter_opens_the_only_one(
    board, mentors, add
):
    add("Mentor-ABA")
    board.open()
    board.type("Mentor", "a", "searchbox")
    board.wait(lambda: board.mentors() == ["ada", "dan", "Mentor-ABA", "fay"])
    board.type("Mentor", "aba", "searchbox")
    board.wait(lambda: board.mentors() == ["Mentor-ABA"])
    assert board.table() == [["Mentor-ABA", "active", DASH, DASH, DASH]]
    board.get("searchbox", "Mentor").send_keys(Keys.ENTER)
    board.wait(lambda: board.has("dialog", "Mentor-ABA"))


def test_a_search_says_paused_of_who_is_paused_outside_the_window_and_stays_within_the_filters(board, mentors):
    board.open("from=2020-01&q=ad")
    assert board.table() == [["ada", "paused", DASH, DASH, DASH]]
    board.go("reason=holiday&q=ad")
    assert board.table() == []
    board.go("show=active&q=a")
    assert [row[0] for row in board.table()] == ["dan", "fay"]
    board.go("show=active&reason=holiday")
    assert [row[0] for row in board.table()] == ["dan"]


def test_filters_go_into_the_address_and_back_and_forward_undo_and_redo_them(board, mentors):
    board.open("span=year")
    board.choose("Show", "paused now")
    board.wait(lambda: board.mentors() == ["ada", "ben", "cyd"])
    board.choose("Reason", "Illness")
    board.wait(lambda: board.mentors() == ["ada", "cyd"])
    assert board.driver.current_url.endswith("#show=current&reason=illness&span=year")
    board.driver.back()
    board.wait(lambda: board.mentors() == ["ada", "ben", "cyd"])
    assert board.get("combobox", "Reason").get_property("value") == ""
    board.driver.forward()
    board.wait(lambda: board.mentors() == ["ada", "cyd"])
    board.open("show=current&reason=illness")
    assert board.mentors() == ["ada", "cyd"]
    assert board.get("combobox", "Show").get_property("value") == "current"
    board.follow("Reset")
    board.wait(lambda: len(board.mentors()) == 5)


def test_as_of_a_date_shows_that_day_and_expected_reads_an_open_pause_as_ended_when_expected(board, mentors):
    board.open("span=year")
    board.date("As of", day(10))
    late = ["15 days overdue", "6 days overdue"]
    board.wait(lambda: [row[1] for row in board.table()][:2] == late)
    assert board.texts("#counts a")[1:3] == ["4\nmentors paused", "2\npauses overdue"]
    assert shown(day(10)) in board.text(".legend")
    board.press("if all come back when expected", "checkbox")
    board.wait(lambda: board.texts("#counts a")[1:3] == ["2\nmentors paused", "0\npauses overdue"])
    assert board.table()[0][:2] == ["cyd", "back in 10 days"]


def test_the_window_is_a_month_a_quarter_or_a_year_and_moves_back_and_forth(board, add):
    add(
        "ada",
        {"start_date": "2026-02-10", "end_date": "2026-02-20"},
        {"start_date": "2026-04-10", "end_date": "2026-04-20"},
    )
    board.open("span=month&from=2026-02")
    assert (board.window(), len(board.table())) == ("February 2026", 1)
    board.follow("Later")
    board.wait(lambda: board.window() == "March 2026")
    board.wait(lambda: board.table() == [])
    assert board.has("StaticText", "Nobody: no mentor and no pause fits what is asked for.")
    board.follow("Quarter")
    board.wait(lambda: DASH in board.window())
    board.open("from=2026-02")
    assert (board.window(), len(board.table())) == (f"February {DASH} April 2026", 2)
    board.follow("Earlier")
    board.wait(lambda: board.window() == f"November 2025 {DASH} January 2026")
    board.follow("Today")
    board.wait(lambda: "from" not in board.driver.current_url)


def test_a_pause_that_is_not_in_the_window_stands_at_its_edge_with_its_date(board, add):
    add("ada", {"start_date": day(200), "end_date": day(210)})
    board.open("show=scheduled")
    assert board.texts(".pause") == [f"Leave, {shown(200)} →"]
    edges = """return [".pause span", ".track"].map((each) =>
      document.querySelector(each).getBoundingClientRect().right)"""
    label, track = board.driver.execute_script(edges)
    assert track - 10 < label <= track


def test_ids_and_reasons_that_look_like_html_are_shown_as_they_are(board, add):
    add("a" * 64, {"start_date": day(-1), "reason": CRAFTED})
    board.open(f"mentor={'a' * 64}")
    board.wait(lambda: CRAFTED in board.text("#panel"))
    assert board.table()[0][2] == CRAFTED
    assert board.driver.find_elements("css selector", "img") == []


def test_a_reason_has_the_same_colour_on_every_page_and_another_reason_another(board, mentors):
    hues = """return [...document.querySelectorAll('.pause')].map((each) =>
      [each.innerText, each.style.getPropertyValue('--hue')])"""
    board.open("span=year")
    before = dict(board.driver.execute_script(hues))
    assert len(set(before.values())) == 3
    board.open("reason=illness")
    assert dict(board.driver.execute_script(hues)) == {"Illness": before["Illness"]}


def test_a_reason_with_two_blanks_is_offered_once_and_finds_its_pauses(board, add):
    add("ada", {"start_date": day(-5), "reason": "on  leave"})
    board.open()
    add("ben", {"start_date": day(-5), "reason": "illness"})
    board.poll()
    board.wait(lambda: board.mentors() == ["ada", "ben"])
    options = "return [...document.querySelector('#filters [name=reason]').options].map(({ value }) => value)"
    assert board.driver.execute_script(options) == ["", "illness", "on  leave"]
    board.choose("Reason", "On leave")  # as it looks
    board.wait(lambda: board.mentors() == ["ada"])


def test_what_a_colleague_writes_is_shown_at_the_next_poll_and_nothing_is_drawn_where_nothing_has_changed(
    board, mentors, add, server
):
    board.open()
    board.driver.execute_script("document.querySelector('tbody tr').dataset.kept = ''")
    asked = server.log().count("method=GET")
    board.poll()
    board.wait(lambda: server.log().count("method=GET") >= asked + 6)
    assert server.log().splitlines()[-1].split(" status=")[1].startswith("304")
    assert board.driver.find_elements("css selector", "tr[data-kept]") != []
    add("gus", {"start_date": day(-1)})
    board.poll()
    board.wait(lambda: "gus" in board.mentors())
