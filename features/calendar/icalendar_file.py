"""The calendar as a file (iCalendar, RFC 5545).

Loading the library icalendar takes 3.5 MiB, so routes.py imports this file only when it renders one.
"""

from datetime import date, datetime, timedelta
from functools import cache

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDDDTypes, vText, vUri

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
    # Many events share a day or an instant: to make each once saves a quarter of the time.
    date_value = cache(vDDDTypes)
    today = date.fromisoformat(calendar.today)
    for *columns, mentor_id, last_changed in calendar.rows:
        pause = Pause(*columns)
        changed = date_value(datetime.fromisoformat(last_changed))
        first, day_after = days_of(pause, today)
        event = Event()
        event["uid"] = vText(f"{pause_record_id(pause.number)}@{calendar.installation_id}")
        event["last-modified"] = event["dtstamp"] = changed
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
    """Return the first day of an event, and the day after its last day: it has at least one day.

    The event of an overdue pause ends today. That of an open pause without an expected return ends with the third month
    from now.
    """
    first = zone.day_of(pause.start_date)
    if pause.expected_return is None:
        day_after = first_of_month(today, OPEN_MONTHS_SHOWN + 1)
    elif pause.is_overdue(zone.start_of(today)):
        day_after = today + DAY
    else:
        day_after = zone.day_of(pause.expected_return)
        if zone.start_of_day(pause.expected_return) < pause.expected_return:
            day_after += DAY
    return first, max(day_after, first + DAY)


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
    component = Timezone()
    component.add("tzid", "UTC")
    component.add_component(standard)
    return component
