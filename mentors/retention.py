"""Retention: a purge deletes what is older than a date, and reads say so.

A purge deletes pauses that ended before the date, and history entries from before it.
All other pauses stay. The history entries that opened or reopened such a pause stay, too: they say who did it and why,
but no longer say anything about pauses that are gone. A read of an instant before the date is a 410, and a
history says `purged_before`.
"""

import time

import orjson
from peewee import SQL, fn

from db import connected, db, statement, transactional
from mentors.formats import seconds_after
from mentors.loading import ids_in_list, lock
from mentors.problems import Problem
from mentors.queries import fix_instant
from models import HistoryEntry, Installation, PauseRecord, columns_of

INSTANTS = ("as_of", "from", "to", "updated_since")  # of a query; a read of one before the purge date is refused
SHORTEST = 2 * 60 * 60  # seconds; younger rows are never purged
BATCH_ROWS = 200  # a transaction deletes no more, so that other writers wait for it less than 250 ms
LEAST_REST = 0.02  # seconds after a transaction, in which others write
SHOWN_PAUSE = ("pause_start_date", "expected_return_date", "pause_end_date", "pause_reason")  # of a history entry


class TooLateError(ValueError):
    """The date is less than two hours ago; the text is one line that names the latest date."""


# --- reading


@statement
def purge_date():
    return Installation.select(Installation.purged_before).where(Installation.id == 1)


def purged_before():
    """Return the date of the latest purge, or None. Rows from before it may be missing.

    Call it after the read. A purge writes its date before it deletes anything, so if the read missed a deleted row, the
    date is there.
    """
    return purge_date().row()[0]


def refuse_purged(query):
    """Raise the 410 if an instant of a query is before the purge date. Call it after the read.

    `query` has parameters by name. `to` is the first instant after a window.
    """
    asked = [seconds_after(query[name], -1 if name == "to" else 0) for name in INSTANTS if name in query]
    if asked and (before := purged_before()) and min(asked) < before:
        detail = f"What was before {before} has been deleted by a purge; ask for this instant or a later one."
        raise Problem(410, "purged", detail)


# --- purging


def purge(before, dry_run=False, report=lambda rows: None):
    """Delete what is older than the date, and return how many rows: {"pauses": 12, "history entries": 340, …}.

    A purge works in batches: it may be interrupted and begun again. It calls `report` with the number of history
    entries that it has looked at since the last call. With `dry_run` it changes nothing. Raises TooLateError.
    """
    refuse_too_late(before)
    if not dry_run:
        transactional(write_date)(before)
    deleted = {
        "pauses": delete_rows(PauseRecord, PauseRecord.end_date < before, dry_run),
        "history entries": delete_rows(HistoryEntry, is_old_entry(before), dry_run, report),
    }
    if not dry_run:
        last_id = 0
        while last_id is not None:
            started = time.monotonic()
            last_id = forget_purged_records(before, last_id)
            rest(started)
    return deleted


def rest(started):
    """Wait as long as a batch took that began at `started` (time.monotonic()): a writer that polls gets its turn."""
    time.sleep(max(time.monotonic() - started, LEAST_REST))


def refuse_too_late(before):
    now = fix_instant(None)
    if before > (latest := seconds_after(now, -SHORTEST)):
        raise TooLateError(f"{before} is less than 2 hours ago; {latest} is the latest that can be purged now.")


def write_date(before):
    """Write the date of a purge, unless a later one is there; within a transaction."""
    earlier = Installation.purged_before.is_null() | (Installation.purged_before < before)
    Installation.update(purged_before=before).where(earlier).execute()


def is_old_entry(before):
    """Return the condition that an entry is before the date, and neither opened nor reopened a pause that stays."""
    entry, pause = HistoryEntry, PauseRecord.alias("pause")
    stays = pause.end_date.is_null() | (pause.end_date >= before)
    reopened = (pause.id == entry.pause_record_id) & (entry.event == "pause_reopened")
    opened = pause.created_at == entry.changed_at
    pause_that_stays = pause.select(SQL("1")).where((pause.mentor == entry.mentor_id) & (opened | reopened) & stays)
    return (entry.changed_at < before) & ~fn.EXISTS(pause_that_stays)


@connected
def highest_entry():
    """Return the highest id that a history entry ever had: a purge looks at no more entries."""
    return db.dialect.last_id("history_entry")


def delete_rows(model, is_old, dry_run, report=lambda rows: None):
    """Walk a table in the order of its keys, delete the rows that are old, and return how many they were."""
    deleted, last_key = 0, None
    while batch := read_batch(model, is_old, last_key):
        started = time.monotonic()
        old = [(key, mentor_id) for key, mentor_id, goes in batch if goes]
        if dry_run:
            deleted += len(old)
        elif old:
            deleted += delete_batch(model, is_old, old)
            rest(started)
        last_key = batch[-1][0]
        report(len(batch))
    return deleted


@connected
def read_batch(model, is_old, last_key):
    """Return the next rows of a table in the order of keys: the key, the mentor's id, and whether the row is old."""
    key = model._meta.primary_key
    rows = model.select(key, columns_of(model)["mentor_id"], is_old).order_by(key).limit(BATCH_ROWS)
    return list((rows if last_key is None else rows.where(key > last_key)).tuples())


@transactional
def delete_batch(model, is_old, batch):
    """Delete the rows of a batch that are still old: somebody may have reopened a pause since they were read.

    It locks the mentors of these rows, so that nobody reopens a pause meanwhile.
    """
    lock(ids_in_list, mentor_ids=sorted({mentor_id for _key, mentor_id in batch}))
    keys = [key for key, _mentor_id in batch]
    return model.delete().where(model._meta.primary_key.in_(keys) & is_old).execute()


@transactional
def forget_purged_records(before, last_id):
    """Remove from the next entries before the date what they say of records that are gone; the entries stay.

    Removed are the items of such records, and the dates and the reason of such a pause, if the mentor had it then.
    Return the id of the last of these entries, or None if there are no more.
    """
    entry, record = HistoryEntry, PauseRecord
    columns = entry.id, entry.mentor_id, entry.pause_record_id, entry.pause_records
    rows = entry.select(*columns, entry.pause_start_date, entry.pause_reason)
    rows = rows.where((entry.id > last_id) & (entry.changed_at < before)).order_by(entry.id).limit(BATCH_ROWS)
    entries = list(rows.tuples())
    of_mentors = record.mentor.in_({mentor_id for _id, mentor_id, *_others in entries})
    records = record.select(record.id, record.mentor, record.start_date, record.reason).where(of_mentors)
    records_left = {number: tuple(pause) for number, *pause in records.tuples()}
    pauses = set(records_left.values())
    for entry_id, mentor_id, number, text, start, reason in entries:
        touched = orjson.loads(text or "[]")
        left = [each for each in touched if each["pause_record_id"] in records_left]
        changes = {} if left == touched else {"pause_records": orjson.dumps(left).decode()}
        # The entry of an earlier release has no pause_records: the record that it names is known by its start.
        is_named = text is None and number in records_left and records_left[number][1] == start
        is_there = start is None or is_named or (mentor_id, start, reason) in pauses
        if not is_there and (start, reason) not in starts_and_reasons_in_history(mentor_id, records_left):
            changes |= dict.fromkeys(SHOWN_PAUSE)
        if changes:
            entry.update(changes).where(entry.id == entry_id).execute()
    return entries[-1][0] if entries else None


def starts_and_reasons_in_history(mentor_id, numbers):
    """Return each start and reason that one of these records has had, by the history of its mentor."""
    entry = HistoryEntry
    texts = entry.select(entry.pause_records).where((entry.mentor_id == mentor_id) & entry.pause_records.is_null(False))
    touched = (each for (text,) in texts.tuples() for each in orjson.loads(text))
    return {(each["start_date"], each["reason"]) for each in touched if each["pause_record_id"] in numbers}
