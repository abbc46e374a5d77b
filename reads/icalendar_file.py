"""The calendar as a file (iCalendar, RFC 5545).

Loading the library icalendar takes 3.5 MiB, so routes/calendar.py imports this file only when it renders one.
"""

from datetime import date, datetime, timedelta
from functools import cache

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDDDTypes, vInt, vText, vUri

from mentors.days import zone
from mentors.formats import pause_record_id, url_of_mentor
from mentors.pauses import Pause

DAY = timedelta(days=1)
OPEN_MONTHS_SHOWN = 3  # if a pause has neither an end nor an expected return


def render(calendar):
    """Return the bytes of the file of a PauseCalendar."""
    file = Calendar()
    file.add("prodid", "-//Peer Mentor Status Repository//Pauses//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("x-wr-calname", "Paused mentors")
    file.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", "PT1H")
    # Many events share a day, an instant or a number. To make each once saves a quarter of the time.
    date_value = cache(vDDDTypes)
    number = cache(vInt)
    today = date.fromisoformat(calendar.today)
    for *columns, mentor_id, last_changed, change_count in calendar.rows:
        pause = Pause(*columns)
        changed = datetime.fromisoformat(last_changed)
        first, day_after, moved_at = days_of(pause, today)
        event = Event()
        event["uid"] = vText(f"{pause_record_id(pause.number)}@{calendar.installation_id}")
        event["sequence"] = number(change_count)
        event["last-modified"] = date_value(changed)
        event["dtstamp"] = date_value(datetime.fromisoformat(max(last_changed, moved_at or last_changed)))
        event["dtstart"] = date_value(first)
        event["dtend"] = date_value(day_after)
        event["summary"] = vText(title(pause, mentor_id, today))
        if url := url_of_mentor(calendar.mentor_url, mentor_id):
            event["url"] = vUri(url)
        event["transp"] = vText("TRANSPARENT")  # the subscriber is not shown as busy
        event["x-microsoft-cdo-busystatus"] = vText("FREE")
        file.add_component(event)
    if not calendar.rows:
        file.add_component(time_zone())  # a file needs at least one component (section 3.6)
    return file.to_ical(sorted=False)


def days_of(pause, today):
    """Return the first day of an event, the day after its last day, and the instant at which its last day moved.

    The event of an overdue pause ends today, so its last day moves every day. That of an open pause without an expected
    return ends with the third month from now, so it moves every month. The last day of all others does not move: None.
    An event has at least one day, and if it has just that, it does not move either.
    """
    first = zone.day_of(pause.start_date)
    moved_at = None
    if pause.expected_return is None:
        day_after = first_of_month(today, OPEN_MONTHS_SHOWN + 1)
        moved_at = zone.start_of(first_of_month(today, 0))
    elif pause.is_overdue(zone.start_of(today)):
        day_after = today + DAY
        moved_at = zone.start_of(today)
    else:
        day_after = zone.day_of(pause.expected_return)
        if zone.start_of_day(pause.expected_return) < pause.expected_return:
            day_after += DAY
    return (first, day_after, moved_at) if day_after > first + DAY else (first, first + DAY, None)


def first_of_month(day, months):
    """Return the first day of a month: so many months after the month of `day`."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def title(pause, mentor_id, today):
    """Return the title of an event, with the reason of the pause if that was read."""
    overdue = " (overdue)" if pause.is_overdue(zone.start_of(today)) else ""
    reason = f": {pause.reason}" if pause.reason else ""
    return f"{mentor_id} paused{overdue}{reason}"


def time_zone():
    """Return a component that shows nothing: the time zone UTC."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone
