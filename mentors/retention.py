"""Retention: a purge deletes the pauses that ended before a date, and all history entries from before it.

A read of an instant before the date is a 410, and a history says `purged_before`.
"""

import time

from db import db, on_connection, read_clock, statement, transactional
from mentors.formats import seconds_after
from mentors.loading import lock_mentors
from mentors.problems import CommandError, Problem
from models import HistoryEntry, Installation, PauseRecord, fields_of

# The instants of queries that are refused (410) before the purge date: a mentor who was paused would seem active.
# (`since` and `until` of a history are answered: it is only incomplete, and says so by `purged_before`.)
REFUSED_IF_PURGED = ("as_of", "from", "to")
BATCH_ROWS = 200  # a transaction deletes no more, so that other writers wait for it less than 250 ms
LEAST_REST = 0.02  # seconds after a transaction, in which others write


# --- reading


@statement
def purge_date_statement():
    return Installation.select(Installation.purged_before).where(Installation.id == 1)


def purged_before():
    """Return the date of the latest purge, or None. Call it after the read.

    A purge writes its date before it deletes anything: so if the read missed a deleted row, the date is there.
    """
    return purge_date_statement().row()[0]


def refuse_purged(query):
    """Raise the 410 if an instant of REFUSED_IF_PURGED is before the purge date. Call it after the read.

    `query` has parameters by name. `to` is the first instant after a window.
    """
    # `to` is exclusive: the last instant of the window is a second earlier.
    asked = [seconds_after(query[name], -1 if name == "to" else 0) for name in REFUSED_IF_PURGED if name in query]
    if asked and (before := purged_before()) and min(asked) < before:
        detail = f"What was before {before} has been deleted by a purge; ask for this instant or a later one."
        raise Problem(410, "purged", detail)


# --- purging


def purge(before, dry_run=False, report=lambda rows: None):
    """Delete what is older than the date, and return how many rows: {"pauses": 12, "history entries": 340}.

    A purge works in batches: it may be interrupted and begun again. It calls `report` with the number of history
    entries that it has looked at since the last call. With `dry_run` it changes nothing. Raises CommandError if
    the date lies ahead.
    """
    now = read_clock()
    if before > now:
        raise CommandError(f"{before} is ahead of the database's clock, which says {now}; give an earlier date.")
    if not dry_run:
        transactional(write_date)(before)
    deleted = {
        "pauses": delete_rows(PauseRecord, PauseRecord.end_date < before, dry_run),
        "history entries": delete_rows(HistoryEntry, HistoryEntry.changed_at < before, dry_run, report),
    }
    if not dry_run:
        transactional(write_date)(before, highest_entry())
    return deleted


def rest(started):
    """Wait as long as the batch that began at `started` (time.monotonic()) has taken: other writers get their turn.

    A writer of another process asks SQLite for its lock again and again, and must find it free at some time.
    """
    time.sleep(max(time.monotonic() - started, LEAST_REST))


def write_date(before, last_id_at_end=None):
    """Write the date of a purge, unless a later one is there; within a transaction, such as that of an import.

    `last_id_at_end` is as in models.Installation: None when a purge begins, even if one of this date has ended before.
    """
    is_latest = Installation.purged_before.is_null() | (Installation.purged_before <= before)
    Installation.update(purged_before=before, last_id_at_purge_end=last_id_at_end).where(is_latest).execute()


@on_connection
def highest_entry():
    """Return the highest id that a history entry ever had."""
    return db.dialect.last_id("history_entry")


def delete_rows(model, condition, dry_run, report=lambda rows: None):
    """Walk a table in the order of its keys, delete the rows that are old, and return how many they were.

    `condition` is the expression that a row is old.
    """
    deleted, last_key = 0, None
    while batch := read_batch(model, condition, last_key):
        started = time.monotonic()
        old = [(key, mentor_id) for key, mentor_id, is_old in batch if is_old]
        if dry_run:
            deleted += len(old)
        elif old:
            deleted += delete_batch(model, condition, old)
            rest(started)
        last_key = batch[-1][0]
        report(len(batch))
    return deleted


@on_connection
def read_batch(model, condition, last_key):
    """Return the next rows of a table in the order of keys: the key, the mentor's id, and whether the row is old."""
    key = model._meta.primary_key
    rows = model.select(key, fields_of(model)["mentor_id"], condition).order_by(key).limit(BATCH_ROWS)
    return list((rows if last_key is None else rows.where(key > last_key)).tuples())


@transactional
def delete_batch(model, condition, old):
    """Delete those of the old rows, given as keys and mentor ids, that are still old; return how many they were.

    A pause may have been reopened since it was read, so the mentors of pauses are locked first. A history entry never
    changes.
    """
    if model is PauseRecord:
        lock_mentors(list({mentor_id for _key, mentor_id in old}))
    keys = [key for key, _mentor_id in old]
    return model.delete().where(model._meta.primary_key.in_(keys) & condition).execute()
