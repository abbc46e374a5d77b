"""/api/v1/pause-records.ics: the pauses, for calendar programs; /api/v1/calendar-address: where they find them."""

from functools import partial

from flask import Blueprint, current_app, request

from db.pool import TimedSemaphore
from features.calendar.reading import read_calendar
from features.calendar.schemas import CalendarAddress, CalendarQuery
from mentors.representations import etag_of
from settings import VERSION, calendar_secret
from web.auth import CALENDARS, READERS, token_of_request
from web.requests import accepts, requested_instant
from web.responses import answer, answer_or_304, returns

blueprint = Blueprint("calendar", __name__)
PATH = "/api/v1/pause-records.ics"
HEADERS = {
    "Content-Type": "text/calendar; charset=utf-8",
    "Content-Disposition": 'inline; filename="pause-records.ics"',
}
# One at a time: to render a big one takes much of a second of Python, and the other threads wait for it.
TURNS = TimedSemaphore(1)


@blueprint.get(PATH)
@accepts(CALENDARS, query=CalendarQuery)
@returns({"type": "string"}, media_types=["text/calendar"])
def show_calendar(query):
    """Show the pauses as a calendar (iCalendar), for programs that subscribe to it.

    There is an event of whole days for each pause that has not ended, or ended at most 90 days ago; over 20,000 events
    are a 413.
    """
    calendar = read_calendar(query["reasons"], current_app.config["SETTINGS"].mentor_url, requested_instant(query))
    # The tag comes from the data, so a 304 does not render the file. A new release may render it in another way.
    etag = etag_of([VERSION, *calendar])
    # No shared cache may keep it, since its address may have a token, and no cache at all if it tells reasons.
    caching = {"Cache-Control": "no-store" if query["reasons"] else "private"}
    return answer_or_304(etag, partial(render, calendar), HEADERS | caching)


@blueprint.get("/api/v1/calendar-address")
@accepts(READERS)
@returns(CalendarAddress)
def show_calendar_address():
    """Show the address of the calendar for a calendar program, which sends no header.

    `path` has a token that belongs to the token of the request. It opens the calendar alone, without reasons, until the
    token of the request is replaced. While the service has no tokens, `path` has none.
    """
    token = token_of_request()
    query = f"?token={calendar_secret(token)}" if token else ""
    return answer({"path": f"{request.script_root}{PATH}{query}"}, headers=[("Cache-Control", "no-store")])


def render(calendar):
    """Return the bytes of the file. Raises WaitedTooLong if other requests render theirs for too long."""
    from features.calendar import icalendar_file  # noqa: PLC0415 it loads icalendar; many services never need it

    with TURNS:
        return icalendar_file.render(calendar)
