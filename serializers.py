"""What the API shows of a row: exactly the contract's keys, in its order; and the bytes of it."""

import orjson

from formats import pause_record_id


def mentor_status(row, at):
    """Represent a mentor and their current pause, as GET one shows them."""
    mentor_id, last_updated, start_date, expected_return_date, reason = row
    is_paused = start_date is not None and start_date <= at
    return {
        "mentor_id": mentor_id,
        "status": "paused" if is_paused else "active",
        "is_paused": is_paused,
        "pause_start_date": start_date,
        "expected_return_date": expected_return_date,
        "pause_reason": reason,
        "last_updated": last_updated,
    }


def without_reason(mentor):
    """Represent a mentor as lists, POST and PUT show her."""
    del mentor["pause_reason"]
    return mentor


def pause_record(row):
    """Represent a pause record, as GET one and POST show it."""
    number, mentor_id, start_date, expected_return_date, end_date, active, reason, created_at = row
    return {
        "pause_record_id": pause_record_id(number),
        "mentor_id": mentor_id,
        "start_date": start_date,
        "expected_return_date": expected_return_date,
        "end_date": end_date,
        "is_active": bool(active),
        "reason": reason,
        "created_at": created_at,
    }


def pause_record_in_list(row):
    """Represent a pause record as lists show it: without the instant it was recorded."""
    shown = pause_record(row)
    del shown["created_at"]
    return shown


def history_entry(row):
    """Represent one write, and the mentor as she was after it; all state is null once she is deleted."""
    changed_at, event, number, is_paused, start_date, expected_return_date, end_date, reason, changed_by, metadata = row
    return {
        "changed_at": changed_at,
        "event": event,
        "pause_record_id": number and pause_record_id(number),
        "status": None if is_paused is None else "paused" if is_paused else "active",
        "is_paused": None if is_paused is None else bool(is_paused),
        "pause_start_date": start_date,
        "expected_return_date": expected_return_date,
        "pause_end_date": end_date,
        "pause_reason": reason,
        "changed_by": changed_by,
        "metadata": metadata and orjson.Fragment(metadata),
    }


def encode(representation):
    """Return the bytes of a representation: JSON, ended by a line break."""
    return orjson.dumps(representation, option=orjson.OPT_APPEND_NEWLINE)
