"""The calendar: its file, which pauses it has, and when a program that subscribes to it must look again.

test_readings.py has the days of each event. It is half past eight on 26 March 2026, unless a test says otherwise. Each
file is read by icalendar.
"""

from datetime import UTC, datetime

import icalendar
import pytest

from features.calendar import icalendar_file
from tests.support.databases import ON_SQLITE

MENTORS, RECORDS, CALENDAR = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/pause-records.ics"
RECORD = f"{RECORDS}/pause-rec-0001"


@pytest.fixture
def events(client):
    """Return a function that gets the calendar and returns its events."""

    def get(query=""):
        return icalendar.Calendar.from_ical(client.get(CALENDAR + query).data).walk("VEVENT")

    return get


def titles(events):
    return [str(event["SUMMARY"]) for event in events]


def span(event):
    """Return the first day of an event and the day after its last."""
    return str(event["DTSTART"].dt), str(event["DTEND"].dt)


def test_what_ended_more_than_90_days_ago_was_cancelled_or_was_deleted_is_not_there(client, pause, events):
    pause(start_date="2025-01-01", end_date="2025-12-26", reason="ended 90 days ago")
    pause(start_date="2025-01-01", end_date="2025-12-25T23:59:59Z", reason="before")
    pause(start_date="2026-05-01", end_date="2026-05-01", reason="cancelled")
    pause(start_date="2026-05-01", reason="deleted")
    pause(start_date="2199-12-31", reason="to come")
    client.delete(f"{RECORDS}/pause-rec-0004")
    assert titles(events("?reasons=true")) == ["ada paused: ended 90 days ago", "ada paused: to come"]
    assert span(events()[-1]) == ("2199-12-31", "2200-01-01")  # a day, though others without a date end before it
    client.delete(f"{MENTORS}/ada")
    assert events() == []


# --- what is written once, and what moves


@ON_SQLITE
def test_an_event_is_of_whole_days_shows_nobody_as_busy_and_has_the_id_of_its_record_in_this_installation(
    pause, events, rows
):
    pause()
    (event,) = events()
    (installation,) = rows("installation")
    assert event["UID"] == f"pause-rec-0001@{installation['installation_id']}"
    assert event["DTSTART"].params["VALUE"] == event["DTEND"].params["VALUE"] == "DATE"
    assert (event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("TRANSPARENT", "FREE")
    assert event.errors == []


def test_a_moved_date_moves_the_event_and_says_when_it_was_changed(client, pause, events, clock):
    pause(expected_return_date="2026-05-01")
    (before,) = events()
    clock.at = "2026-03-27T10:00:00Z"
    client.put(RECORD, json={"expected_return_date": "2026-06-01"})
    client.put(f"{MENTORS}/ada", json={"expected_return_date": "2026-07-01"})
    (after,) = events()
    assert after["UID"] == before["UID"]
    assert span(after) == ("2026-03-02", "2026-07-01")
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        assert before[name].dt == datetime(2026, 3, 26, 8, 30, tzinfo=UTC)
        assert after[name].dt == datetime(2026, 3, 27, 10, tzinfo=UTC)


# --- asking again


EVERY_KIND = [
    {"start_date": "2026-03-27T12:00:00Z", "expected_return_date": "2026-03-27T18:00:00Z"},
    {"expected_return_date": "2026-03-27T12:00:00Z", "reason": "becomes overdue"},
    {"expected_return_date": "2026-03-10", "reason": "overdue"},
    {"end_date": "2026-03-27T12:00:00Z", "reason": "ends"},
    {"start_date": "2025-12-01", "end_date": "2025-12-27T12:00:00Z", "reason": "ended"},
    {"reason": "open"},
]


def test_the_bytes_are_the_same_at_any_time_of_a_day_and_a_304_renders_nothing(client, pause, clock, monkeypatch):
    for sent in EVERY_KIND:
        pause(**sent)
    clock.at = "2026-03-27T00:00:00Z"
    first = client.get(CALENDAR)
    for time in ("11:59:59", "12:00:00", "18:00:01", "23:59:59"):
        clock.at = f"2026-03-27T{time}Z"
        again = client.get(CALENDAR)
        assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    monkeypatch.setattr(icalendar_file, "render", None)
    known = client.get(CALENDAR, headers={"If-None-Match": first.headers["ETag"]})
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_the_etag_changes_with_a_write_the_day_the_reasons_and_the_time_zone(client, pause, clock, in_zone):
    pause(expected_return_date="2026-03-10")
    queries = ["", "?reasons=true"]
    etags = {client.get(CALENDAR + query).headers["ETag"] for query in queries}
    clock.at = "2026-03-26T08:30:01Z"
    client.put(RECORD, json={"reason": "another"})
    etags |= {client.get(CALENDAR + query).headers["ETag"] for query in queries}
    clock.at = "2026-03-27T00:00:00Z"
    etags |= {client.get(CALENDAR).headers["ETag"]}
    in_zone("Africa/Abidjan")  # it has the days of UTC
    etags |= {client.get(CALENDAR).headers["ETag"]}
    assert len(etags) == 6


@ON_SQLITE
@pytest.mark.parametrize(("query", "cache"), [("", "private"), ("?reasons=true", "no-store")])
def test_it_is_shown_in_the_browser_and_kept_by_no_shared_cache_and_with_reasons_by_none(client, query, cache):
    got, head = client.get(CALENDAR + query), client.head(CALENDAR + query)
    assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert got.headers["Content-Disposition"].startswith("inline")
    assert (head.data, head.headers["ETag"]) == (b"", got.headers["ETag"])
    known = client.get(CALENDAR + query, headers={"If-None-Match": got.headers["ETag"]})
    assert known.status_code == 304
    for answer in (got, head, known):
        assert answer.headers.getlist("Cache-Control") == [cache]


# --- the file


REASONS = ["日本" * 60, "🦉" * 99, "a,b;c\\n\\d:\"e'", "x\u2028\u00e9", "x" * 200, "BEGIN:VEVENT", "END:VCALENDAR"]


@ON_SQLITE
def test_any_reason_comes_back_as_it_is_and_no_line_is_longer_than_75_octets(client, pause, events):
    client.post(MENTORS, json={"mentor_id": "bob", "status": "paused"})
    for reason in REASONS:
        pause(reason=reason)
    assert titles(events()) == ["bob paused", *["ada paused"] * len(REASONS)]
    assert titles(events("?reasons=true")) == ["bob paused", *(f"ada paused: {reason}" for reason in REASONS)]
    for line in client.get(f"{CALENDAR}?reasons=true").data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line and line.decode() is not None


@ON_SQLITE
def test_a_calendar_without_a_pause_is_valid(client, events):
    assert events() == []
    assert client.get(CALENDAR).data.decode().splitlines() == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Peer Mentor Status Repository//Pauses//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Paused mentors",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VTIMEZONE",  # RFC 5545 section 3.6 asks for one component
        "TZID:UTC",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0000",
        "END:STANDARD",
        "END:VTIMEZONE",
        "END:VCALENDAR",
    ]


@ON_SQLITE
def test_an_event_leads_to_its_mentor_and_a_program_hears_of_another_address(client, configured, events):
    mentor_id = "a.b~c@d:e_" + "f" * 54
    client.post(MENTORS, json={"mentor_id": mentor_id, "status": "paused"})
    assert "URL" not in events()[0]
    etags = {client.get(CALENDAR).headers["ETag"]}
    address = "https://app.example/people/{mentor_id}?from=calendar,pauses;x"
    for url in (address, address.replace("people", "mentors")):
        configured(MENTOR_URL=url)
        shown = url.replace("{mentor_id}", "a.b~c%40d%3Ae_" + "f" * 54)
        assert str(events()[0]["URL"]) == shown
        etags.add(client.get(CALENDAR).headers["ETag"])
    assert len(etags) == 3
