"""What a mentor and a pause record look like after a write, as GET one, POST and PUT show them; bytes, and their ETag.

An answer to a write, `If-Match`, and a line of a table all go by these representations. (reads/ has the same keys, from
the SQL of a read.)
"""

from hashlib import blake2b

import orjson

from mentors.formats import pause_record_id
from mentors.pauses import NO_PAUSE, is_paused

PIECE = 2047  # bytes: for more at once, hashlib releases the GIL and waits for it (8 % fewer lists with eight clients)


def mentor_status(mentor):
    """Return what GET one shows of a Mentor at the instant of the write."""
    shown = mentor.pause_shown()
    paused = is_paused(shown, mentor.now)
    pause = shown or NO_PAUSE
    return {
        "mentor_id": mentor.mentor_id,
        "status": "paused" if paused else "active",
        "is_paused": paused,
        "pause_start_date": pause.start_date,
        "expected_return_date": pause.expected_return,
        "pause_reason": pause.reason,
        "last_updated": mentor.last_updated,
    }


def mentor_status_without_reason(mentor):
    """Return what POST and PUT of a mentor show, and lists: no reason."""
    shown = mentor_status(mentor)
    del shown["pause_reason"]
    return shown


def pause_record(mentor, pause):
    """Return what GET one shows of a pause of a Mentor at the instant of the write."""
    return {
        "pause_record_id": pause_record_id(pause.number),
        "mentor_id": mentor.mentor_id,
        "start_date": pause.start_date,
        "expected_return_date": pause.expected_return_date,
        "end_date": pause.end_date,
        "is_active": not pause.has_ended(mentor.now),
        "reason": pause.reason,
        "created_at": pause.created_at,
    }


def pause_record_updated(mentor, pause):
    """Return what PUT of a pause record shows."""
    shown = pause_record(mentor, pause)
    del shown["reason"], shown["created_at"]
    return shown


def history_entry_id(entry):
    """Return the id of an item of Mentor.entries as text; None if there is no entry, or it is not saved."""
    return str(entry["id"]) if entry and entry["id"] else None


def encode(representation):
    """Return the bytes of a representation: JSON and a line break."""
    return orjson.dumps(representation, option=orjson.OPT_APPEND_NEWLINE)


def etag_of(representation):
    """Return the entity tag of a representation (RFC 9110 section 8.8.3), without its quotes."""
    return etag_of_bytes(encode(representation))


def etag_of_bytes(data):
    """Return the entity tag of the bytes of a representation."""
    digest = blake2b(digest_size=16)
    for start in range(0, len(data), PIECE):
        digest.update(data[start : start + PIECE])
    return digest.hexdigest()
