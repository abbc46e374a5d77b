"""The board of a service whose days are those of a time zone: it shows these days, and asks for them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.board.conftest import MENTORS, NOW, RECORDS, written
from tests.support.board import Board

# At any time, the day of one of them is not that of UTC.
SHORT_NAMES = {"Pacific/Kiritimati": "GMT+14", "Pacific/Pago_Pago": "GMT-11"}
UNKNOWN = """const Known = Intl.DateTimeFormat;
Intl.DateTimeFormat = function (language, options) {
  const zone = options?.timeZone;
  if (zone === "Pacific/Kiritimati") throw new RangeError(`Invalid time zone specified: ${zone}`);
  return new Known(language, options);
};"""


class Service:
    """A service in a zone, and its days, counted from the present one."""

    def __init__(self, server, zone):
        self.server, self.zone = server, zone

    def day(self, offset):
        return datetime.fromisoformat(NOW).astimezone(ZoneInfo(self.zone)).date() + timedelta(offset)

    def start_of(self, offset, hour=0):
        day = self.day(offset)
        moment = datetime(day.year, day.month, day.day, hour, 30 if hour else 0, tzinfo=ZoneInfo(self.zone))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def shown(self, offset):
        return written(self.day(offset), self.day(0))

    def add(self, mentor_id, *pauses):
        for path, body in [
            (MENTORS, {"mentor_id": mentor_id}),
            *((RECORDS, {"mentor_id": mentor_id, "reason": "leave"} | pause) for pause in pauses),
        ]:
            response, answer = self.server.request("POST", path, body)
            assert response.status == 201, answer

    def records(self):
        return self.server.request("GET", RECORDS)[1]["data"]


@pytest.fixture(params=SHORT_NAMES)
def service(request, serve, server, empty):
    return Service(serve(TIME_ZONE=request.param), request.param)


def test_a_pause_is_shown_on_its_day_in_the_zone(browser, service):
    service.add("ada", {"start_date": str(service.day(-3)), "expected_return_date": str(service.day(-1))})
    service.add("ben", {"start_date": str(service.day(-3)), "expected_return_date": str(service.day(0))})
    service.add("cleo", {"start_date": service.start_of(-3, hour=23)})
    board = Board(browser, service.server.base_url).open()
    rows = {row[0]: row for row in board.rows()}
    assert rows["ada"][1] == "1 day overdue"
    assert rows["ada"][3] == service.shown(-3)
    assert rows["ben"][1] == "due today"
    assert rows["cleo"][3] == f"{service.shown(-3)} 23:30 {SHORT_NAMES[service.zone]}"
    assert f"Days are {service.zone} days" in board.text("footer")


def test_a_day_that_is_typed_is_that_of_the_zone_and_a_week_later_is_the_same_time(browser, service):
    service.add("ada")
    service.add("ben", {"start_date": str(service.day(-3)), "expected_return_date": str(service.day(2))})
    service.add("cleo", {"start_date": str(service.day(-3)), "expected_return_date": service.start_of(2, hour=23)})
    board = Board(browser, service.server.base_url).open("view=available")
    board.press_in_row("ada", "Pause…")
    board.press(f"Tomorrow {service.shown(1)}")
    board.date("Back on, another date", str(service.day(8)))
    board.press("Pause")
    board.wait_outcome("ada", f"paused from tomorrow, back {service.shown(8)}")
    (record,) = [each for each in service.records() if each["mentor_id"] == "ada"]
    dates = [record["start_date"], record["expected_return_date"]]
    assert dates == [service.start_of(1), service.start_of(8)]
    board.go("")
    for mentor, hour in (("ben", 0), ("cleo", 23)):
        board.press_in_row(mentor, f"+1 week {service.shown(9)}")
        board.wait_outcome(mentor, f"back {service.shown(9)}")
        (record,) = [each for each in service.records() if each["mentor_id"] == mentor]
        assert record["expected_return_date"] == service.start_of(9, hour)


@pytest.mark.parametrize("service", ["Pacific/Kiritimati"], indirect=True)
def test_a_browser_that_does_not_know_the_zone_says_so_and_shows_no_day(browser, service, injected, faulty):
    service.add("ada", {"start_date": str(service.day(-3))})
    injected(UNKNOWN)
    board = Board(browser, service.server.base_url).open(drawn=False)
    board.wait(lambda: "Invalid time zone specified: Pacific/Kiritimati" in board.text("#broken"))
    assert "ada" not in board.text("body")
