"""Pauses: the filters, the table, the timeline, and the address that holds all of it."""

from tests.board.conftest import RIGHT_TO_LEFT, day, fill, shown

DASH = "\N{EN DASH}"
CRAFTED = "<img src=x onerror=alert(1)>"
HEADINGS = "return [...document.querySelectorAll('[aria-sort]')].map((each) => [each.innerText.trim(), each.ariaSort])"
REASONS = """return [...document.querySelector("#filters label:nth-of-type(2) select").options].map(
  ({value, text}) => [value, text])"""
BARS = """return [...document.querySelectorAll(".pause")].map((each) =>
  [each.className.replace(" label-before", ""), each.innerText])"""


def test_the_table_says_of_each_pause_what_the_timeline_shows_with_what_is_urgent_first(board, mentors):
    board.open("view=pauses&span=year")
    assert board.rows() == [
        ["ada", "5 days overdue", "Illness", shown(-20), f"{shown(-5)} expected"],
        ["ben", "due in 4 days", "Holiday", shown(-3), f"{shown(4)} expected"],
        ["cyd", "due in 20 days", "Illness", shown(-2), f"{shown(20)} expected"],
        ["gus", "away 9 days", RIGHT_TO_LEFT, shown(-9), "not known"],
        ["dan", "begins in 3 days", "Holiday", shown(3), f"{shown(30)} ends by itself"],
        ["eve", "ended", "Workload", shown(-25), shown(-21)],
    ]
    caption = board.text("caption")
    board.follow("Timeline")
    board.wait(lambda: board.texts("table") == [])
    assert caption == f"6 pauses of 6 mentors in {board.text('#window')}"
    assert board.mentors() == ["ada", "ben", "cyd", "gus", "dan", "eve"]  # in the order of the list
    assert board.driver.execute_script(BARS) == [
        ["pause overdue open", "Illness"],
        ["pause current open", "Holiday"],
        ["pause current open", "Illness"],
        ["pause undated open", f"{RIGHT_TO_LEFT}, no return date"],
        ["pause scheduled", "Holiday"],
        ["pause ended", "Workload"],
    ]
    assert board.has("StaticText", "Illness, 5 days overdue")
    explained = ["paused", "overdue", "no return date", "leaving later", "ended"]
    assert board.texts(".legend span") == [*explained, "expected back", "since then", "no end yet", "today"]
    board.follow("List")
    board.wait(lambda: (board.texts("#timeline"), len(board.rows())) == ([], 6))


def test_filters_go_into_the_address_so_that_they_are_undone_sent_and_reset(board, mentors, add):
    add("hal", {"start_date": day(1), "expected_return_date": day(5)})  # not back within 7 days: not away yet
    board.open("view=pauses&span=year")
    board.choose("Show", "back within 7 days")
    board.shows("ben")
    board.choose("Show", "paused")
    board.shows("ada", "ben", "cyd", "gus")
    board.choose("Reason", "Illness")
    board.shows("ada", "cyd")
    assert board.text("caption") == "2 pauses of 2 mentors (paused, Illness)"
    assert board.driver.current_url.endswith("#view=pauses&show=current&reason=illness&span=year")
    board.driver.back()
    board.shows("ada", "ben", "cyd", "gus")
    assert board.get("combobox", "Reason").get_property("value") == ""
    board.driver.forward()
    board.shows("ada", "cyd")
    board.open("view=pauses&show=current&reason=illness")
    assert board.get("combobox", "Show").get_property("value") == "current"
    board.wait(lambda: ["holiday", "Holiday"] in board.driver.execute_script(REASONS))  # not only that of the address
    assert board.driver.execute_script(REASONS)[0] == ["", "all reasons"]
    board.follow("Reset")
    board.wait(lambda: len(board.rows()) == 7)
    board.go("view=pauses&reason=exam")
    assert board.text(".nothing") == "No pause fits what is asked for."
    assert ["exam", "Exam"] in board.driver.execute_script(REASONS)


def test_a_heading_sorts_the_table_and_again_the_other_way_round(board, mentors):
    board.open("view=pauses&span=year")
    for order, found in (
        ("ascending", ["ben", "dan", "ada", "cyd", "eve", "gus"]),
        ("descending", ["gus", "eve", "ada", "cyd", "ben", "dan"]),
    ):
        board.follow("Reason")
        board.shows(*found)
        assert board.driver.execute_script(HEADINGS) == [["Reason", order]]


def test_the_timeline_shows_a_month_a_quarter_or_a_year_and_moves_and_all_dates_are_a_table(board, add):
    february, april, overlapping = (
        {"start_date": f"2026-{start}", "end_date": f"2026-{end}"}
        for start, end in (("02-10", "02-20"), ("04-10", "04-20"), ("04-15", "04-25"))
    )
    add("ada", february, april, overlapping)
    board.open("view=pauses&span=month&from=2026-02&layout=timeline")
    assert (board.window(), len(board.texts(".pause"))) == ("February 2026", 1)
    board.follow("Later")
    board.wait(lambda: (board.window(), board.texts(".pause")) == ("March 2026", []))
    board.follow("Earlier")
    board.follow("Quarter")
    board.wait(lambda: (board.window(), len(board.texts(".pause"))) == (f"February {DASH} April 2026", 3))
    tops = "return [...document.querySelectorAll('.pause')].map((each) => each.getBoundingClientRect().top)"
    assert len(set(board.driver.execute_script(tops))) == 2  # those that overlap stand below each other
    board.follow("Earlier")
    board.wait(lambda: board.window() == f"November 2025 {DASH} January 2026")
    board.follow("Today")
    board.wait(lambda: "from" not in board.driver.current_url)
    board.follow("All dates")
    board.shows("ada", "ada", "ada")
    assert board.texts("#timeline") == []
    board.follow("Timeline")
    board.wait(lambda: board.texts("#timeline h2") != [] and board.texts("#timeline li") == [])


def test_the_timeline_shows_all_mentors_of_the_list(board, database):
    fill(database, 1400, 70)
    board.open("view=pauses&show=current&layout=timeline")
    board.wait(lambda: len(board.texts("#timeline li")) == 70)


def test_after_a_purge_the_service_says_what_a_view_can_no_longer_show(board, add, purged):
    add("ada", {"start_date": day(-2)})
    purged(-1)
    board.open()  # the reasons of the last year are not known any more
    board.shows("ada")
    assert board.trouble() == ""
    board.open("view=pauses&from=2020-01", drawn=False)
    board.wait(lambda: f"{day(-1)}T00:00:00Z" in board.trouble())


def test_ids_and_reasons_that_look_like_html_are_shown_as_they_are(board, add):
    add("a" * 64, {"start_date": day(-1), "reason": CRAFTED})
    board.open(f"view=pauses&mentor={'a' * 64}")
    board.wait(lambda: CRAFTED in board.text("#panel"))
    assert board.rows()[0][2] == CRAFTED
    board.go("view=pauses&layout=timeline")
    board.wait_texts(".pause", f"{CRAFTED}, no return date")
    assert board.driver.find_elements("css selector", "img") == []
