"""Retention: pauses that ended before an instant, and the history and the marks of erasures before it, are deleted.

What is in force or to come stays, and so do the history entries that say who began it, and why. What was cut off shows:
a history ends in an entry `purged`, and a read of what was before is a 410.
"""

import time
from itertools import groupby
from operator import itemgetter

from peewee import SQL, Tuple, fn

import problems
from db import connected, db, statement, transactional
from formats import seconds_after
from models import HistoryEntry, Installation, MentorChange, MentorStatus, PauseRecord, columns_of

INSTANTS = ("as_of", "from", "to", "updated_since")  # of a query; a read of one that is before the mark is refused
SHORTEST = 2 * 60 * 60  # seconds; what happened since is never purged
BATCH_ROWS = 200  # a transaction deletes no more, so that other writers wait for it less than 250 ms
LEAST_REST = 0.02  # seconds between two of them, in which others write


class TooLateError(ValueError):
    """What happened lately is not purged; the text is one line that says until when."""


# --- reading


@statement
def mark():
    return Installation.select(Installation.purged_before).where(Installation.id == 1)


def instants_of(schema):
    """Return which of a query's fields are instants that it reads, by their names once loaded."""
    return [name for name in INSTANTS if name in {field.attribute or key for key, field in schema.fields.items()}]


@connected
def refuse_purged(instants):
    """Raise the 410 if one of the instants, some of which may be None, lies before the mark.

    To be called after the read: a purge writes its mark before it deletes anything, so whoever has missed a row that
    was deleted finds the mark.
    """
    asked = [instant for instant in instants if instant]
    if asked and (before := mark().rows()[0][0]) and min(asked) < before:
        raise problems.purged(before)


# --- purging


def purge(before, dry_run=False, report=lambda rows: None):
    """Delete what the module says, and return how much: {"pauses": 12, "history entries": 340, "erased marks": 1}.

    It works in batches, and may be interrupted and begun again. `report` is called with how many rows of the history
    were looked at since the last call. With `dry_run` nothing is deleted, and no mark is left. Raises TooLateError.
    """
    refuse_too_late(before)
    if not dry_run:
        transactional(raise_mark)(before)
    pauses = sum(rested(delete_pauses(before))) if not dry_run else count_pauses(before)
    entries = sum(rested(cut_histories(before, dry_run, report)))
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


def raise_mark(before):
    """Note that what was before an instant has been purged, within a transaction."""
    earlier = Installation.purged_before.is_null() | (Installation.purged_before < before)
    Installation.update(purged_before=before).where(earlier).execute()


def lock_mentors(mentor_ids):
    """Lock mentors and their ids, in order, as writes do: none of their pauses is reopened meanwhile.

    Of who is gone, the id is locked: else another purge, or an erasure, would change the same history at once.
    """
    mentors = MentorStatus.select(MentorStatus.mentor_id).where(MentorStatus.mentor_id.in_(list(mentor_ids)))
    list(mentors.order_by(MentorStatus.mentor_id).for_update(not db.dialect.locks_all).tuples())


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
    """Return the ids of some pauses, each with its mentor's."""
    found = PauseRecord.select(PauseRecord.id, PauseRecord.mentor).where(ended_before(before))
    return list(found.order_by(PauseRecord.end_date).limit(BATCH_ROWS).tuples())


@transactional
def delete_batch_of_pauses(before, batch):
    lock_mentors({mentor_id for _number, mentor_id in batch})
    numbers = [number for number, _mentor_id in batch]
    return PauseRecord.delete().where(PauseRecord.id.in_(numbers) & ended_before(before)).execute()


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


# --- history


def is_needed(before):
    """The entry began or reopened a pause that stays: it says who did so, and why."""
    entry, pause = HistoryEntry, PauseRecord.alias("pause")
    stays = pause.end_date.is_null() | (pause.end_date >= before)
    reopened = (pause.id == entry.pause_record_id) & (entry.event == "pause_reopened")
    began = (pause.created_at == entry.changed_at) | reopened
    return fn.EXISTS(pause.select(SQL("1")).where((pause.mentor == entry.mentor_id) & began & stays))


def is_past(before):
    return (HistoryEntry.changed_at < before) & (HistoryEntry.event != "purged")


def cut_histories(before, dry_run, report):
    """Cut each mentor's history, batch by batch, and yield how many entries went."""
    place = ("", 0)
    while batch := find_entries(before, place):
        past = [(mentor_id, number) for mentor_id, number, is_to_go in batch if is_to_go]
        if past:
            yield len(past) if dry_run else cut_batch(before, past)
        place = batch[-1][:2]
        report(len(batch))


@connected
def find_entries(before, place):
    """Return the next entries in the order of mentors and ids: mentor, id, and whether the entry is to go."""
    entry = HistoryEntry
    is_to_go = is_past(before) & ~is_needed(before)
    found = entry.select(entry.mentor_id, entry.id, is_to_go).where(Tuple(entry.mentor_id, entry.id) > Tuple(*place))
    return list(found.order_by(entry.mentor_id, entry.id).limit(BATCH_ROWS).tuples())


@transactional
def cut_batch(before, past):
    """Delete those of the entries that are still to go; the first of each mentor's becomes their entry `purged`."""
    entry = HistoryEntry
    lock_mentors({mentor_id for mentor_id, _number in past})
    among = entry.id.in_([number for _mentor_id, number in past])
    to_delete = entry.select(entry.mentor_id, entry.id).where(among & is_past(before) & ~is_needed(before))
    to_delete = list(to_delete.order_by(entry.mentor_id, entry.id).tuples())
    first_to_delete = {mentor_id: next(of_mentor)[1] for mentor_id, of_mentor in groupby(to_delete, itemgetter(0))}
    has_mark = (entry.event == "purged") & entry.mentor_id.in_(list(first_to_delete))
    for (mentor_id,) in entry.select(entry.mentor_id).where(has_mark).tuples():
        first_to_delete.pop(mentor_id, None)  # this one's history was cut before
    ids_of_new_marks = make_room(first_to_delete)
    numbers = {number for _mentor_id, number in to_delete} - set(first_to_delete.values())
    entry.delete().where(entry.id.in_(numbers)).execute()
    nothing = dict.fromkeys(set(columns_of(entry)) - {"id", "mentor_id", "event", "changed_at"})
    marks_to_move = has_mark & (entry.changed_at < before)
    new_or_moved = entry.id.in_(ids_of_new_marks) | marks_to_move
    entry.update(event="purged", changed_at=before, **nothing).where(new_or_moved).execute()
    return len(to_delete)


def make_room(first_to_delete):
    """Return the id for each mentor's entry `purged`: their lowest. Given is the first entry that goes, by mentor.

    Entries that stay may be older. They move up by one, into the place of the one that goes.
    """
    entry, ids_of_new_marks = HistoryEntry, []
    lowest = entry.select(entry.mentor_id, fn.MIN(entry.id)).where(entry.mentor_id.in_(list(first_to_delete)))
    for mentor_id, number in lowest.group_by(entry.mentor_id).tuples():
        ids_of_new_marks.append(number)
        if number < first_to_delete[mentor_id]:
            move_up(mentor_id, first_to_delete[mentor_id])
    return ids_of_new_marks


def move_up(mentor_id, number):
    """Shift the mentor's entries that are older than `number` up by one place; the last takes `number`."""
    entry = HistoryEntry
    older = list(entry.select().where((entry.mentor_id == mentor_id) & (entry.id < number)).order_by(entry.id).dicts())
    for row, place in zip(older, [*[row["id"] for row in older[1:]], number], strict=True):
        entry.update(**row | {"id": place}).where(entry.id == place).execute()
