"""The search for a mentor, in a service that has more than the board shows at once."""

import pytest

from tests.board.conftest import day, execute, shown
from tests.board.test_faces import fill, insert

DASH = "\N{EN DASH}"


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
    many.open("q=ze&show=current&reason=illness")
    assert many.table() == [["zed", "no return date", "Illness", shown(-3), "not known"]]


def test_after_a_purge_a_mentor_is_found_too_and_the_purge_is_said(many, database):
    execute(database, f"UPDATE installation SET purged_before = '{day(-1)}T00:00:00Z'")
    try:
        many.open("q=zed")
        assert many.table() == [["zed", "no return date", "Illness", shown(-3), "not known"]]
        assert many.text("#caption").endswith(f"; pauses that ended before {shown(-1)} have been deleted)")
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


def test_where_there_are_more_pauses_than_the_board_shows_it_says_how_many_there_are(many):
    many.open()
    assert many.text("#caption") == (
        "1,000 pauses of 1,000 mentors "
        "(the first 1,000 of 1,101 pauses: choose a shorter time, a state or a reason, or search)"
    )
    many.open("reason=illness")
    assert many.text("#caption") == "1 pause of 1 mentor"


def test_a_search_says_in_a_large_service_that_it_finds_the_beginnings_of_ids(many):
    many.open("q=zed")
    assert many.text("#caption") == "1 pause of 1 mentor (of over 1,000 mentors, a search finds the beginning of an id)"
    many.open("q=mentor-010")
    assert many.text("#caption").startswith("100 pauses of 100 mentors (of over 1,000 mentors")
    many.open("q=mentor-")
    assert "(the first 100 whose id begins so: type more of it)" in many.text("#caption")
    many.open("q=ed")
    assert many.table() == []
    many.open("q=not+an+id")
    assert many.table() == []


def test_a_search_that_finds_more_mentors_than_it_reads_the_pauses_of_says_so(board, database):
    fill(database, 300, 0)
    columns = "mentor_id, start_date, end_date, created_at, last_changed"
    for offset in range(4):
        pauses = [
            (f"mentor-{number:05}", day(-9 + offset), day(-8 + offset), day(-1), day(-1)) for number in range(300)
        ]
        insert(database, f"pause_record ({columns})", pauses)
    board.open("q=mentor")
    assert (
        board.text("#caption") == "1,000 pauses of 300 mentors (the first 1,000 of 1,200 pauses: type more of the id)"
    )
    board.open("q=00299")
    assert len(board.table()) == 4


def test_a_search_asks_for_the_id_and_not_for_all_mentors(board, database, server):
    fill(database, 10_000, 20)
    board.open()
    asked = len(server.log().splitlines())
    board.type("Mentor", "mentor-09999", "searchbox")
    board.wait(lambda: board.mentors() == ["mentor-09999"])
    board.poll()
    lists = [line for line in server.log().splitlines()[asked:] if "path=/api/v1/mentor-statuses " in line]
    assert board.table() == [["mentor-09999", "active", DASH, DASH, DASH]]
    letters_and_polls = 14
    assert len(lists) <= 5 * letters_and_polls  # three for the search, two for the counts


def test_the_first_thousand_of_more_active_mentors_say_so(board, database):
    fill(database, 2000, 1)
    board.open("show=active")
    assert (
        board.text("#caption") == "1,000 mentors (the first 1,000 of 1,999 mentors: search for the beginning of an id)"
    )


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
