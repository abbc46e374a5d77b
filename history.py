"""The history of a mentor: one entry a write, and how to tell a write that repeats the last one."""

import orjson

import statements
from formats import HIGHEST_NUMBER
from problems import exhausted


def changed_by(mentor, metadata):
    """Return who makes a write: the name of the token, else `initiated_by` of the metadata where it is text."""
    initiated_by = metadata.get("initiated_by") if metadata else None
    return mentor.caller_name or (initiated_by if isinstance(initiated_by, str) else None)


def append(mentor, event, number, metadata):
    """Insert one history entry, with the mentor as they are after the write; all state is null once they are deleted.

    Raises a Problem (503) where the numbers are used up.
    """
    deleted = event == "deleted"
    shown = None if deleted else mentor.current_pause()
    row = (
        statements.insert_history()
        .run(
            mentor_id=mentor.mentor_id,
            changed_at=mentor.now,
            event=event,
            pause_record_id=number,
            is_paused=None if deleted else bool(mentor.pauses_in_force()),
            pause_start_date=shown and shown.start_date,
            expected_return_date=shown and shown.expected_return_date,
            pause_end_date=shown and shown.end_date,
            pause_reason=shown and shown.reason,
            changed_by=changed_by(mentor, metadata),
            metadata=None if metadata is None else orjson.dumps(metadata).decode(),
        )
        .fetchone()
    )
    if row[0] > HIGHEST_NUMBER:
        raise exhausted("history entries")


def repeats_last_entry(mentor, number, metadata):
    """Say whether the last entry has the same metadata and changed_by; with `number`, that of this pause record."""
    if number is None:
        row = statements.last_entry().run(mentor_id=mentor.mentor_id).fetchone()
    else:
        row = statements.last_entry_of_record().run(mentor_id=mentor.mentor_id, number=number).fetchone()
    if row is None or row[0] is None:
        return False
    kept, kept_by = row
    return canonical(orjson.loads(kept)) == canonical(metadata) and kept_by == changed_by(mentor, metadata)


def canonical(metadata):
    """Return the JSON text of metadata with its keys in order: as objects, 1, 1.0 and true would be equal."""
    return orjson.dumps(metadata, option=orjson.OPT_SORT_KEYS)
