"""The digest: what a coordinator should know this week, read from the pauses at one instant.

Its windows are whole UTC days: the last days up to, but not including, the day of the instant, and the next days from
this day on. So if somebody reads a digest of 7 days every 7 days, each start of a pause is in one `beginning` and in
one `begun`, and each end is in one `ended`. (A start or an end that is recorded too late for that is in none.)
"""

from operator import attrgetter
from typing import NamedTuple

from peewee import SQL, Select, Table, fn

from db import db, parameter, slow_read, statement
from db.pages import FetchedPage, counted_page, read_rows, side_by_side
from mentors import answers, retention
from mentors.filters import not_cancelled
from mentors.formats import seconds_after
from mentors.pauses import At
from mentors.serializers import Serializer
from models import PauseRecord, columns_of

PAUSES_SHOWN = SQL("100")  # of a section
PAUSE = Serializer(answers.PauseRecordInList, "is_paused")  # whether the mentor is paused, for the mail
SECTIONS = ("overdue", "due", "beginning", "begun", "ended", "undated")


class Digest(NamedTuple):
    """The digest of some days: its instant, its sections, and the ids of their pauses whose mentors are paused."""

    as_of: str
    days: int
    sections: dict[str, FetchedPage]
    of_paused_mentors: set[str]


@statement
def digest():
    """Select, as one row, the instant, and the total and the pauses of each section."""
    at, record = At.of_read(), PauseRecord
    today = db.dialect.start_of_day(at.instant)
    first_day = db.dialect.days_later(today, parameter("days_back"))
    day_after = db.dialect.days_later(today, parameter("days"))

    def between(column, first, after):
        return not_cancelled(at) & (column >= first) & (column < after)

    start, end, expected = attrgetter("start_date"), attrgetter("end_date"), attrgetter("expected_return_date")
    # The condition of each section, and what its pauses are ordered by.
    sections = {
        "overdue": (at.overdue(record), expected),
        "due": (at.due(record, parameter("days_after_today")) & ~at.overdue(record), at.expected_return),
        "beginning": (between(record.start_date, today, day_after), start),
        "begun": (between(record.start_date, first_day, today), start),
        "ended": (between(record.end_date, first_day, today), end),
        "undated": (at.undated(record), start),
    }
    pages = {name: section(at, *sections[name]) for name in SECTIONS}
    return side_by_side(first=Select(columns=[at.instant]), **pages)


def section(at, condition, order):
    """Return the pauses of a section as a counted_page(); `order` returns what they are ordered by."""
    matching, other = Table("matching", alias="matching"), PauseRecord.alias("other")
    pause = matching.c
    in_force = other.select(SQL("1")).where((other.mentor == pause.mentor_id) & at.in_force(other))
    computed = {"pause_record_id": pause.id, "is_active": at.is_active(pause), "is_paused": fn.EXISTS(in_force)}
    columns = {name: getattr(pause, name) for name in columns_of(PauseRecord)} | computed
    page = Select([matching], PAUSE.columns(columns)).order_by(order(pause), pause.id).limit(PAUSES_SHOWN)
    total = Select([matching], [fn.COUNT(SQL("*"))])
    return counted_page(total, page, PAUSE, matching=PauseRecord.select().where(condition))


def read_digest(days, at):
    """Return the Digest at an instant (None: now); raises the 410 if its first day was purged. It is a slow read."""
    with slow_read():
        values = {"at": at, "days": days, "days_back": -days, "days_after_today": days - 1}
        ((as_of, *columns),) = read_rows(digest(), **values)
    retention.refuse_purged({"as_of": seconds_after(f"{as_of[:10]}T00:00:00Z", -days * 24 * 3600)})
    sections, of_paused_mentors = {}, set()
    for name, total, data in zip(SECTIONS, columns[::2], columns[1::2], strict=True):  # two columns for each section
        rows = db.dialect.rows_of_json(data, PAUSE.instants)
        pauses = PAUSE.represent(rows)
        sections[name] = FetchedPage(pauses, total)
        # The last column is the hidden one, is_paused.
        of_paused_mentors |= {pause["pause_record_id"] for pause, row in zip(pauses, rows, strict=True) if row[-1]}
    return Digest(as_of, days, sections, of_paused_mentors)
