"""Retention: a purge deletes what is older than a date; reads say so.

It deletes pauses that ended before the date, history entries before it, and the marks of erasures before it. What is in
force or to come stays, and so do the history entries that opened or reopened a pause that stays: they say who did so,
and why. A read of an instant before the date is a 410, and a history says `purged_before`.
"""

import time

from peewee import SQL, fn

from db import connected, db, statement, transactional
from mentors import problems
from mentors.formats import seconds_after
from models import HistoryEntry, Installation, MentorChange, MentorStatus, PauseRecord

INSTANTS = ("as_of", "from", "to", "updated_since")  # of a query; a read of one before the purge date is refused
SHORTEST = 2 * 60 * 60  # seconds; what happened since is never purged
BATCH_ROWS = 200  # a transaction deletes no more, so that other writers wait for it less than 250 ms
LEAST_REST = 0.02  # seconds between two of them, in which others write


class TooLateError(ValueError):
    """What happened lately is not purged; the text is one line that says until when."""


# --- reading


@statement
def purge_date():
    return Installation.select(Installation.purged_before).where(Installation.id == 1)


@connected
def purged_before():
    """Return the date of the latest purge, or None: what was before it may be missing.

    Call it after the read. A purge writes its date before it deletes anything, so a read that has missed a deleted row
    is followed by one that finds the date.
    """
    return purge_date().rows()[0][0]


def refuse_purged(instants):
    """Raise the 410 if one of the instants is before the purge date; some may be None. Call it after the read."""
    asked = [instant for instant in instants if instant]
    if asked and (before := purged_before()) and min(asked) < before:
        raise problems.purged(before)


def instants_of(schema):
    """Return which of a query's fields are instants that it reads, by their names once loaded."""
    return [name for name in INSTANTS if name in {field.attribute or key for key, field in schema.fields.items()}]


# --- purging


def purge(before, dry_run=False, report=lambda rows: None):
    """Delete what the module says, and return how much: {"pauses": 12, "history entries": 340, "erased marks": 1}.

    It works in batches, and may be interrupted and begun again. `report` is called with how many rows of the history
    were looked at since the last call. With `dry_run` nothing is deleted or written. Raises TooLateError.
    """
    refuse_too_late(before)
    if not dry_run:
        transactional(write_date)(before)
    pauses = sum(rested(delete_pauses(before))) if not dry_run else count_pauses(before)
    entries = sum(rested(delete_history(before, dry_run, report)))
    marks = sum(rested(delete_marks(before))) if not dry_run else count_marks(before)
    return {"pauses": pauses, "history entries": entries, "erased marks": marks}


@connected
def highest_entry():
    """Return the highest id of a history entry that was ever given; no more entries are looked at."""
    return db.dialect.last_id("history_entry")


def rested(batches):
    """Yield what each batch counts, and wait after it as long as it took: a writer that polls gets its turn."""
    started = time.monotonic()
    for count in batches:
        yield count
        time.sleep(max(time.monotonic() - started, LEAST_REST))
        started = time.monotonic()


@connected
def refuse_too_late(before):
    (now,) = Installation.select(SQL(db.dialect.clock)).tuples().get()
    if before > (latest := seconds_after(now, -SHORTEST)):
        raise TooLateError(f"{before} is less than 2 hours ago; {latest} is the latest that can be purged now.")


def write_date(before):
    """Write the date of a purge, unless a later one is there; within a transaction."""
    earlier = Installation.purged_before.is_null() | (Installation.purged_before < before)
    Installation.update(purged_before=before).where(earlier).execute()


def lock_mentors(mentor_ids):
    """Lock the rows of mentors in the order of their ids, as every write does, until the transaction ends.

    Meanwhile nobody reopens a pause of theirs. It is a statement of its own, since a statement does not see what others
    have committed while it waited. On SQLite the transaction has locked everything.
    """
    if db.dialect.name == "postgres":
        mentors = MentorStatus.select(MentorStatus.mentor_id).where(MentorStatus.mentor_id.in_(mentor_ids))
        mentors.order_by(MentorStatus.mentor_id).for_update("FOR NO KEY UPDATE").execute()


# --- pauses


def ended_before(before):
    return PauseRecord.end_date < before


@connected
def count_pauses(before):
    return PauseRecord.select().where(ended_before(before)).count()


def delete_pauses(before):
    """Delete the pauses that ended before, batch by batch, and yield how many they were."""
    while batch := find_pauses(before):
        yield delete_batch_of_pauses(before, batch)


@connected
def find_pauses(before):
    """Return some pauses that ended before: the id of each, and its mentor's."""
    pauses = PauseRecord.select(PauseRecord.id, PauseRecord.mentor).where(ended_before(before))
    return list(pauses.order_by(PauseRecord.end_date).limit(BATCH_ROWS).tuples())


@transactional
def delete_batch_of_pauses(before, batch):
    """Delete those of the pauses that still ended before: one may have been reopened."""
    lock_mentors({mentor_id for _number, mentor_id in batch})
    numbers = [number for number, _mentor_id in batch]
    return PauseRecord.delete().where(PauseRecord.id.in_(numbers) & ended_before(before)).execute()


# --- history


def is_to_go(before):
    """The entry is before the date, and neither opened nor reopened a pause that stays."""
    entry, pause = HistoryEntry, PauseRecord.alias("pause")
    stays = pause.end_date.is_null() | (pause.end_date >= before)
    reopened = (pause.id == entry.pause_record_id) & (entry.event == "pause_reopened")
    opened = pause.created_at == entry.changed_at
    began_it = pause.select(SQL("1")).where((pause.mentor == entry.mentor_id) & (opened | reopened) & stays)
    return (entry.changed_at < before) & ~fn.EXISTS(began_it)


def delete_history(before, dry_run, report):
    """Delete the entries that are to go, batch by batch, and yield how many they were."""
    last_number = 0
    while batch := find_entries(before, last_number):
        to_go = [(number, mentor_id) for number, mentor_id, goes in batch if goes]
        if to_go:
            yield len(to_go) if dry_run else delete_batch_of_entries(before, to_go)
        last_number, _mentor_id, _goes = batch[-1]
        report(len(batch))


@connected
def find_entries(before, last_number):
    """Return the next entries in the order of ids: the id of each, its mentor's, and whether the entry is to go."""
    entry = HistoryEntry
    entries = entry.select(entry.id, entry.mentor_id, is_to_go(before)).where(entry.id > last_number)
    return list(entries.order_by(entry.id).limit(BATCH_ROWS).tuples())


@transactional
def delete_batch_of_entries(before, batch):
    """Delete those of the entries that are still to go: the pause of one may have been reopened."""
    lock_mentors({mentor_id for _number, mentor_id in batch})
    numbers = [number for number, _mentor_id in batch]
    return HistoryEntry.delete().where(HistoryEntry.id.in_(numbers) & is_to_go(before)).execute()


# --- the marks of erasures


def erased_before(before):
    return MentorChange.erased_at < before


@connected
def count_marks(before):
    return MentorChange.select().where(erased_before(before)).count()


def delete_marks(before):
    """Delete the marks that erasures before have left for who follows the changes, and yield how many they were."""
    while count := delete_batch_of_marks(before):
        yield count


@transactional
def delete_batch_of_marks(before):
    some = MentorChange.select(MentorChange.mentor_id).where(erased_before(before)).limit(BATCH_ROWS)
    marks = [mentor_id for (mentor_id,) in some.tuples()]
    return MentorChange.delete().where(MentorChange.mentor_id.in_(marks) & erased_before(before)).execute()
