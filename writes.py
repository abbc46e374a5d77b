"""The writes, one function per write of the API, each one transaction.

It locks the mentor, applies a rule to them in memory (rules.py), and saves what has changed with one history entry and
a new `last_updated`; a write that changes nothing saves nothing. It refuses by raising a Problem: 404 what is not
there, 409 what conflicts with what is there, 412 what has changed since it was read, 422 what only the clock or the
database shows to be wrong, 503 what cannot be done now. `sent` is a body as its schema loaded it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import rules
from db import transactional
from problems import Problem, invalid, unknown_mentor, unknown_pause_record
from serializers import pause_record
from storage.locking import lock_mentor, lock_new_mentor, lock_record
from storage.saving import delete_history, save


@dataclass(frozen=True)
class Caller:
    """Who writes, by which clock, and on which conditions.

    `clock` returns the instant that a test has set, else None: then the database's clock counts. `check` is None where
    there are no conditions. It is called with the representations of the target, and returns the Problem (412) to raise
    only if the write changes anything, or None; for `If-None-Match: *` it raises at once.
    """

    clock: Callable[[], str | None]
    check: Callable[[list[dict]], Problem | None] | None = None
    name: str | None = None


@transactional
def create_mentor(caller, sent):
    """Create a mentor, with the pause that the body describes (rule 1). 409 if they are there already."""
    mentor_id = sent["mentor_id"]
    mentor = lock_new_mentor(caller, mentor_id)
    if mentor is None:
        detail = f"Mentor status '{mentor_id}' already exists; PUT /api/v1/mentor-statuses/{mentor_id} changes it."
        raise Problem(409, "already_exists", detail)
    rules.create_mentor(mentor, sent)
    mentor.record(sent.get("metadata"), "created")
    save([mentor])
    return mentor.representation()


@transactional
def update_mentor(caller, mentor_id, sent):
    """Change a mentor's status and their pause (rule 2). What the body leaves out stays as it is."""
    mentor = lock_mentor(caller, mentor_id, sent)
    if mentor is None:
        raise unknown_mentor(mentor_id)
    with mentor.conditional():
        rules.update_mentor(mentor, sent)
        mentor.record(sent.get("metadata"))
    save([mentor])
    return mentor.representation()


@transactional
def delete_mentor(caller, mentor_id, erase=False):
    """Delete a mentor with their pause records (rule 6); `erase` takes the history too, also when they are gone."""
    # Where they are gone, another client may be about to create them again.
    mentor = lock_mentor(caller, mentor_id, {}, with_id=erase)
    if mentor is None:
        if erase and caller.check is None and delete_history(mentor_id):
            return  # there was nothing but their history
        raise unknown_mentor(mentor_id)
    if mentor.stale:
        raise mentor.stale
    mentor.delete(erase)
    save([mentor])


@transactional
def create_pause_record(caller, sent):
    """Record a pause (rule 3) and return it, and whether it was there already."""
    mentor = lock_mentor(caller, sent["mentor_id"], sent)
    if mentor is None:
        raise invalid({"mentor_id": [unknown_mentor(sent["mentor_id"]).detail]})
    is_repeat = rules.create_pause_record(mentor, sent)
    if not is_repeat:
        mentor.record(sent.get("metadata"))
        save([mentor])
    pause = mentor.find_same(sent["start_date"], sent["reason"])
    return pause_record(mentor.mentor_id, pause, mentor.now), is_repeat


@transactional
def update_pause_record(caller, record_id, sent):
    """Close, reopen or change a pause record (rule 4). What the body leaves out stays as it is."""
    mentor, pause = lock_record(caller, record_id, sent)
    if pause is None:
        raise unknown_pause_record(record_id)
    with mentor.conditional():
        rules.update_pause_record(mentor, pause, sent)
        mentor.record(sent.get("metadata"), number=pause.number)
    save([mentor])
    return pause_record(mentor.mentor_id, mentor.pauses[pause.number], mentor.now)


@transactional
def delete_pause_record(caller, record_id):
    """Delete a pause record that was entered by mistake (rule 5); the mentor's status follows at once."""
    mentor, pause = lock_record(caller, record_id, {})
    if pause is None:
        raise unknown_pause_record(record_id)
    if mentor.stale:
        raise mentor.stale
    mentor.remove_pause(pause)
    mentor.record(None)
    save([mentor])
