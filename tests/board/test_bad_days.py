"""Days that are easily counted wrong: what the page shows and writes on them is what a calendar says.

The days are those of Cairo. In 2026 the clocks there go on by an hour at the beginning of Friday 24 April, and back at
the end of Thursday 29 October.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.board.conftest import MENTORS, RECORDS, written

CAIRO = ZoneInfo("Africa/Cairo")
BAD_DAYS = {  # by what the clocks show; where they show it twice, the second time
    "before a day without midnight": "2026-04-23T23:50",
    "on a day without midnight": "2026-04-24T01:00",
    "a week before a day of 23 hours": "2026-04-17T12:00",
    "at an hour that comes twice": "2026-10-29T23:30",
    "after a day of 25 hours": "2026-10-30T00:00",
    "a week before a day of 25 hours": "2026-10-22T12:00",
    "on a Sunday": "2026-05-03T23:50",
    "on a Monday": "2026-05-04T00:00",
    "at the end of a month": "2027-01-31T12:00",
    "at the end of February": "2027-02-28T23:50",
    "on 29 February": "2028-02-29T00:00",
    "on New Year's Eve": "2026-12-31T23:50",
}


def instant_of(local):
    return datetime.fromisoformat(local).replace(tzinfo=CAIRO, fold=1).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def start_of(day):
    """Return the first instant of a day; where the clocks skip midnight, it is that at which they do."""
    return datetime(day.year, day.month, day.day, tzinfo=CAIRO).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("server", [{"TIME_ZONE": CAIRO.key}], ids=["Cairo"], indirect=True)
@pytest.mark.parametrize(
    ("service_clock", "now"),
    [pytest.param(instant_of(local), local, id=words) for words, local in BAD_DAYS.items()],
    indirect=["service_clock"],
)
def test_days_are_counted_offered_and_written_as_a_calendar_has_them(service_clock, now, board, add, read):
    today = date.fromisoformat(now[:10])

    def day(offset):
        return today + timedelta(offset)

    def shown(offset):
        return written(day(offset), today)

    def dates_of(mentor):
        (record,) = read(f"{RECORDS}?mentor_id={mentor}")["data"]
        return record["start_date"], record["expected_return_date"]

    for name, offset in {"late": -1, "today": 0, "tomorrow": 1, "sixth": 6, "seventh": 7}.items():
        add(name, {"start_date": str(day(-40)), "expected_return_date": str(day(offset))})
    add("leaving", {"start_date": str(day(1))})
    add("fay")

    board.open()
    soon = ["today", "tomorrow", "sixth"]
    assert board.sections() == [["Overdue: 1", "late"], [f"Back within 7 days (by {shown(6)}): 3", *soon]]
    states = ["1 day overdue", "due today", "due tomorrow", "due in 6 days"]
    assert [row[1] for row in board.rows()] == states
    assert board.rows()[0][3:] == [shown(-40), f"{shown(-1)} expected"]
    for query, names in (("phase=overdue", ["late"]), ("due_within_days=6", ["late", *soon])):
        assert {each["mentor_id"] for each in read(f"{RECORDS}?{query}")["data"]} == set(names)
    assert read(f"{MENTORS}?status=active")["pagination"]["total"] == 2

    board.press_in_row("late", f"+1 week {shown(7)}")
    board.wait_outcome("late", f"back {shown(7)}")
    assert dates_of("late") == (start_of(day(-40)), start_of(day(7)))
    board.press_in_row("today", f"+2 weeks {shown(14)}")
    board.wait_outcome("today", f"back {shown(14)}")
    assert dates_of("today")[1] == start_of(day(14))

    board.go("view=available")
    board.press_in_row("fay", "Pause…")
    monday = 7 - today.weekday()
    board.press(f"Next Monday {shown(monday)}")
    board.press(f"After 4 weeks {shown(monday + 28)}")
    board.press("Pause")
    board.wait_outcome("fay", "✓ paused from ")
    assert dates_of("fay") == (start_of(day(monday)), start_of(day(monday + 28)))
