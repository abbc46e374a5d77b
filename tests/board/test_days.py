"""Days: those of the service's zone, wherever the reader is; in the reader's language, by the clock of the service."""

import pytest

from tests.board.conftest import day, shown

LATE = "T23:30:00Z"
WRONG_CLOCK = "const now = Date.now; Date.now = () => now() + 5 * 86_400_000;"
ANSWERS = "return performance.getEntriesByType('resource').length"


@pytest.fixture
def browser_zone(browser):
    """Return a function that has the browser in a zone."""
    yield lambda zone: browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})


def test_a_pause_is_shown_on_its_utc_day_by_the_clock_of_the_service_wherever_the_reader_is(
    board, add, browser_zone, injected
):
    injected(WRONG_CLOCK)
    browser_zone("Pacific/Tongatapu")
    add("ada", {"start_date": day(-3), "expected_return_date": day(4)})
    add("ben", {"start_date": f"{day(-3)}{LATE}", "expected_return_date": day(4)})
    board.open()
    assert [row[3] for row in board.rows()] == [shown(-3), f"{shown(-3)} 23:30 UTC"]
    assert [row[1] for row in board.rows()] == ["due in 4 days", "due in 4 days"]
    assert "Days are UTC days." in board.text("footer")


def test_days_are_in_the_language_of_the_reader(browser, board, add):
    add("ada", {"start_date": "2025-03-05", "end_date": "2025-03-20"})
    browser.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "de-DE"})
    try:
        board.open("view=pauses&from=2025-02&show=ended")
        assert board.rows()[0][3:] == ["Mi., 5. März 2025", "Do., 20. März 2025"]
        board.go("view=pauses&from=2025-02&show=ended&layout=timeline")
        assert board.window() == "Februar\N{EN DASH}April 2025"
    finally:
        browser.execute_cdp_cmd("Emulation.setLocaleOverride", {})


def poll_by_the_clock(board):
    """Poll, and poll again when an answer has said what time it is."""
    board.driver.execute_script("performance.clearResourceTimings()")
    board.poll()
    board.wait(lambda: board.driver.execute_script(ANSWERS))
    board.poll()


def test_when_a_day_or_a_pause_begins_by_the_clock_alone_the_next_poll_shows_it(board, add, service_clock):
    add("ada", {"start_date": day(-3), "expected_return_date": day(4)})
    add("ben", {"start_date": day(-3), "expected_return_date": day(0)})
    board.open("view=pauses")
    assert [row[1] for row in board.rows()] == ["due today", "due in 4 days"]
    service_clock.move(days=1)
    poll_by_the_clock(board)
    board.wait(lambda: [row[1] for row in board.rows()] == ["1 day overdue", "due in 3 days"])
    add("cyd", {"start_date": service_clock()})
    service_clock.move(minutes=-1)
    board.open("view=pauses&show=scheduled")
    board.go("view=pauses")
    board.wait(lambda: any(row[1].startswith("begins") for row in board.rows()))
    service_clock.move(minutes=1)
    poll_by_the_clock(board)
    board.wait(lambda: any(row[:2] == ["cyd", "away since today"] for row in board.rows()))
