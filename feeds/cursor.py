"""The cursor of who follows the changes: how far they have come, in text that means nothing to them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from feeds.order import is_mark
from mentors.formats import MENTOR_ID, is_instant

CHECK_BYTES = 8
DIGITS = 18  # of a number, so that it is one for either database


class NoCursorError(ValueError):
    """The text is none that this service has made."""


@dataclass(frozen=True)
class Mark:
    """A point in both orders: `writes` is the mark of order.py, `instant` what the clock says."""

    writes: str
    instant: str


@dataclass(frozen=True)
class Place:
    """A place within a round of pages: the last item of a page, as it came from one of the sources of changes.

    `position` is the write (its number) or the instant (text) by which that source is in order.
    """

    source: int
    position: int | str
    mentor_id: str


@dataclass(frozen=True)
class Cursor:
    """How far one has come in a database: all that is not new since `since` is known.

    Within a round of pages it also has the mark `until`, taken with its first page, at which the next round begins, and
    the place of the page before.
    """

    database: str
    since: Mark
    until: Mark | None = None
    place: Place | None = None

    def encode(self):
        """Return the cursor as text for a URL."""
        parts = [self.database, self.since.writes, self.since.instant]
        if self.place:
            parts += [self.until.writes, self.until.instant, *vars(self.place).values()]
        data = orjson.dumps(parts)
        return urlsafe_b64encode(check_of(data) + data).rstrip(b"=").decode()


def decode(text):
    """Return the cursor that a text is. Raises NoCursorError where it is cut, changed, or made by nobody here."""
    try:
        whole = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        data = whole[CHECK_BYTES:]
        if whole[:CHECK_BYTES] != check_of(data):
            raise NoCursorError
        database, writes, instant, *rest = orjson.loads(data)
        since = mark_of(writes, instant)
        if not isinstance(database, str):
            raise NoCursorError
        if not rest:
            return Cursor(database, since)
        until_writes, until_instant, source, position, mentor_id = rest
        return Cursor(database, since, mark_of(until_writes, until_instant), place_of(source, position, mentor_id))
    except (ValueError, TypeError):
        raise NoCursorError from None


def check_of(data):
    return blake2b(data, digest_size=CHECK_BYTES).digest()


def mark_of(writes, instant):
    if not is_mark(writes) or not is_instant(instant):
        raise NoCursorError
    return Mark(writes, instant)


def place_of(source, position, mentor_id):
    is_source = type(source) is int and source >= 0
    is_position = (type(position) is int and 0 < position < 10**DIGITS) or is_instant(position)
    if not (is_source and is_position and MENTOR_ID.fullmatch(mentor_id)):
        raise NoCursorError
    return Place(source, position, mentor_id)
