"""The search for a mentor, in a service that has more than the board shows at once."""

from urllib.parse import quote

import pytest

from tests.board.conftest import day, execute, fill, insert, shown
from tests.board.test_views import requests

LISTS = """return performance.getEntriesByType("resource").map((each) => each.name)
  .filter((name) => name.includes("/api/v1/"))"""


@pytest.fixture
def many(database, board):
    """Have 1,100 mentors paused in the window, and `zed`, whose pause has no return date: it is read last of all."""
    names = [f"mentor-{number:05}" for number in range(1100)]
    insert(database, "mentor_status (mentor_id, last_updated)", [(name, day(-1)) for name in [*names, "zed"]])
    columns = "mentor_id, start_date, expected_return_date, reason, created_at, last_changed"
    pauses = [(name, day(-1), day(9), "leave", day(-1), day(-1)) for name in names]
    insert(database, f"pause_record ({columns})", pauses)
    columns = "mentor_id, start_date, reason, created_at, last_changed"
    insert(database, f"pause_record ({columns})", [("zed", day(-3), "illness", day(-1), day(-1))])
    return board


def test_a_mentor_is_found_with_their_pause_though_there_are_more_pauses_than_the_board_shows(many):
    many.open("q=zed")
    assert many.table() == [["zed", "no return date", "Illness", shown(-3), "not known"]]
    many.follow("Reset")
    many.wait(lambda: len(many.table()) == 1000)
    assert "zed" not in [row[0] for row in many.table()]
    many.go("q=ze&show=current&reason=illness")
    assert many.table() == [["zed", "no return date", "Illness", shown(-3), "not known"]]


def test_after_a_purge_a_mentor_is_found_too_and_the_purge_is_said(many, database):
    execute(database, f"UPDATE installation SET purged_before = '{day(-1)}T00:00:00Z'")
    try:
        many.open("q=zed")
        assert many.table() == [["zed", "no return date", "Illness", shown(-3), "not known"]]
        assert many.text("#caption") == f"1 pause of 1 mentor (pauses that ended before {shown(-1)} have been deleted)"
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


def test_where_there_are_more_pauses_than_the_board_shows_it_says_how_many_there_are(many):
    many.open()
    assert many.text("#caption") == (
        "1,000 pauses of 1,000 mentors "
        "(the first 1,000 of 1,101 pauses: choose a shorter time, a state or a reason, or search)"
    )
    many.go("reason=illness")
    assert many.text("#caption") == "1 pause of 1 mentor"


def test_any_part_of_an_id_is_found_among_2000_mentors_whatever_its_case(board, database, add):
    fill(database, 2000, 0)
    add("chidi.1941", {"start_date": day(-3), "reason": "illness"})
    add("Chidi.1942")
    board.open()
    board.type("Mentor", "i.194", "searchbox")
    board.wait(lambda: board.mentors() == ["chidi.1941", "Chidi.1942"])
    board.type("Mentor", "1941", "searchbox")
    board.wait(lambda: board.mentors() == ["chidi.1941", "mentor-01941"])
    assert board.text("#caption") == "1 pause of 1 mentor, 1 mentor without a pause here"
    board.type("Mentor", "IDI.1941", "searchbox")
    board.wait(lambda: board.table() == [["chidi.1941", "no return date", "Illness", shown(-3), "not known"]])
    board.choose("Show", "active mentors")
    board.type("Mentor", "941", "searchbox")
    board.wait(lambda: [row[0] for row in board.table()] == ["mentor-00941", "mentor-01941"])


def test_a_search_says_so_if_it_finds_more_than_the_board_shows(many):
    many.open("q=mentor-")
    assert many.text("#caption") == (
        "1,000 pauses of 1,000 mentors "
        "(the first 1,000 of 1,100 pauses: type more; the first 1,000 of 1,100 mentors: type more)"
    )
    many.go("q=mentor-010")
    assert many.text("#caption") == "100 pauses of 100 mentors"


def test_a_text_that_is_in_no_id_finds_nobody(board, add):
    add("a-b", {"start_date": day(-3)})
    board.open()
    for text in ("not an id", "josé", "a_b", "%", "x" * 64):
        board.go(f"q={quote(text)}")
        assert (text, board.table(), board.trouble()) == (text, [], "")


def test_a_poll_of_a_search_asks_each_list_once_and_never_for_all_mentors(board, database):
    fill(database, 2000, 20)
    board.open("q=mentor-01999")
    assert "history" not in requests(board, board.poll)  # the mentor is no former one
    asked = [path for path in board.driver.execute_script(LISTS) if path.endswith("limit=1000")]
    assert len(asked) == 2
    assert all("mentor_id_contains=mentor-01999" in path for path in asked)


def test_the_first_thousand_of_more_active_mentors_say_so(board, database):
    fill(database, 2000, 1)
    board.open("show=active")
    assert board.text("#caption") == "1,000 mentors (the first 1,000 of 1,999 mentors: search)"


def test_exactly_as_many_as_the_board_shows_are_not_more(board, database):
    fill(database, 1001, 1)
    board.open("show=active")
    assert board.text("#caption") == "1,000 mentors"


def test_blanks_around_an_id_that_was_copied_do_not_matter(board, add):
    add("ada")
    add("ben")
    board.open()
    board.type("Mentor", " ada ", "searchbox")
    board.wait(lambda: board.mentors() == ["ada"])


def test_nobody_in_what_is_shown_leads_to_the_same_search_among_all(board, add):
    add("vera", {"start_date": day(-3)})
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    board.open("show=overdue&q=vera")
    board.follow("Search all pauses")
    board.wait(lambda: [row[0] for row in board.table()] == ["vera"])
