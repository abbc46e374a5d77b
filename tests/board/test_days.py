"""Days: here those of UTC, wherever the reader is; in the reader's language, by the clock of the service."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.board.conftest import day, shown
from tests.support.board import Board

LATE = "T23:30:00Z"
WRONG_CLOCK = "const now = Date.now; Date.now = () => now() + 5 * 86_400_000;"


@pytest.fixture(params=["Pacific/Tongatapu", "Pacific/Pago_Pago"])
def zone(request, browser):
    """Have the browser in UTC+13, and in UTC-11."""
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": request.param})
    yield
    browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})


def test_a_pause_that_begins_at_midnight_or_late_in_the_day_is_shown_on_its_utc_day_in_every_zone(board, add, zone):
    add("ada", {"start_date": day(-3), "expected_return_date": day(4)})
    add("ben", {"start_date": f"{day(-3)}{LATE}", "expected_return_date": day(4)})
    board.open()
    rows = board.table()
    assert [row[3] for row in rows] == [shown(-3), f"{shown(-3)} 23:30 UTC"]
    assert [row[1] for row in rows] == ["back in 4 days", "back in 4 days"]
    titles = "return [...document.querySelectorAll('td[title]')].map((each) => each.title)"
    assert board.driver.execute_script(titles)[1::3] == [f"{day(-3)}T00:00:00Z", f"{day(-3)}{LATE}"]
    board.follow("ben Leave, back in 4 days")
    board.press("Change…")
    assert board.get("Date", "Back on").get_property("value") == day(4)


def test_days_are_in_the_language_of_the_reader(browser, board, add):
    browser.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "de-DE"})
    try:
        add("ada", {"start_date": "2025-03-05", "end_date": "2025-03-20"})
        board.open("from=2025-02")
        assert board.table()[0][3:] == ["5. März 2025", "20. März 2025"]
        assert board.text("#window") == "Februar\N{EN DASH}April 2025"
    finally:
        browser.execute_cdp_cmd("Emulation.setLocaleOverride", {})


def test_a_browser_whose_clock_is_wrong_goes_by_the_clock_of_the_service(browser, board, add):
    add("ada", {"start_date": day(-3), "expected_return_date": day(4)})
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WRONG_CLOCK})
    try:
        board.open()
        assert board.table()[0][1] == "back in 4 days"
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_after_midnight_utc_the_board_shows_the_new_day_though_nobody_wrote(browser, proxy, add):
    add("ada", {"start_date": day(-3), "expected_return_date": day(4)})
    board = Board(browser, proxy.base_url).open()
    assert board.table()[0][1] == "back in 4 days"
    proxy.date = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    board.poll()
    board.wait(lambda: board.table()[0][1] == "back in 3 days")


def test_a_pause_that_has_begun_by_the_clock_alone_is_shown_so_at_the_next_poll(browser, proxy, add):
    add("ada", {"start_date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
    proxy.date = format_datetime(datetime.now(UTC) - timedelta(minutes=1), usegmt=True)
    board = Board(browser, proxy.base_url).open()
    assert board.table()[0][1].startswith("begins")
    proxy.date = None
    board.poll()
    board.wait(lambda: board.table()[0][1] == "no return date")
