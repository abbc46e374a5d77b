"""The cursor: up to where a client has read the changes, as text that means nothing to the client."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import NamedTuple

import orjson

from mentors.formats import HIGHEST_NUMBER, MENTOR_ID, is_instant

CHECK_BYTES = 8
NUMBER = "[1-9][0-9]{0,17}"  # of a write, at most HIGHEST_NUMBER: both databases take it
VISIBLE_WRITES = re.compile(f"(?:0|{NUMBER}):(?:{NUMBER}(?:,{NUMBER})*)?")


class Snapshot(NamedTuple):
    """What a read of the database saw: the visible writes (as text, see order.py), and the instant on its clock."""

    writes: str
    instant: str

    @property
    def newest_write(self):
        return int(self.writes.partition(":")[0])

    @property
    def in_progress(self):
        """The numbers of the writes in progress, with commas."""
        return self.writes.partition(":")[2]


class Position(NamedTuple):
    """Where the last item of a page stands: the number of its index range, and its value and mentor in this range.

    `value` is the number of a write, or the instant at which a pause begins or ends.
    """

    range_number: int
    value: int | str
    mentor_id: str


class Cursor(NamedTuple):
    """Up to where a client has read the changes of a database: it knows all that the snapshot `since` shows.

    Between two pages of a round, a cursor also has the position of the last item, and the snapshot `until`. It was
    taken with the first page, and the next round begins there.
    """

    database: str
    since: Snapshot
    until: Snapshot | None = None
    position: Position | None = None

    def encode(self):
        """Return the cursor as text for a URL."""
        parts = [self.database, *self.since]
        if self.position:
            parts += [*self.until, *self.position]
        data = orjson.dumps(parts)
        return urlsafe_b64encode(check_of(data) + data).rstrip(b"=").decode()


def decode(text):
    """Return the cursor that a text encodes. Raises ValueError if the text was cut or changed, or is no cursor."""
    decoded = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    data = decoded[CHECK_BYTES:]
    require(decoded[:CHECK_BYTES] == check_of(data))
    try:
        database, writes, instant, *rest = orjson.loads(data)
        require(isinstance(database, str))
        since = snapshot_of(writes, instant)
        if not rest:
            return Cursor(database, since)
        writes, instant, *position = rest
        return Cursor(database, since, snapshot_of(writes, instant), position_of(*position))
    except TypeError:  # a wrong number of parts, or a part of a wrong type
        raise ValueError from None


def check_of(data):
    return blake2b(data, digest_size=CHECK_BYTES).digest()


def snapshot_of(writes, instant):
    require(VISIBLE_WRITES.fullmatch(writes) and is_instant(instant))
    return Snapshot(writes, instant)


def position_of(range_number, value, mentor_id):
    require(type(range_number) is int and range_number >= 0)
    require((type(value) is int and 0 < value <= HIGHEST_NUMBER) or is_instant(value))
    require(MENTOR_ID.fullmatch(mentor_id))
    return Position(range_number, value, mentor_id)


def require(condition):
    if not condition:
        raise ValueError
