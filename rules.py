"""The rules of writing: one function per rule, each one transaction.

Every write first locks the mentor, then applies its rule, appends one history entry and sets `last_updated`. A write
that changes nothing, and brings no metadata, appends nothing and leaves `last_updated` alone.

A rule refuses by raising a Problem: 404 what is not there, 409 what an existing pause record stands against, 422 what
only the clock or the database shows to be wrong. `sent` is a body as its schema loaded it.
"""

from peewee import IntegrityError

import queries
import statements
from database import transactional
from models import has_ended
from problems import Problem, conflict, invalid
from representations import pause_record_id
from writing import (
    Pause,
    Write,
    append_history,
    change_pause,
    find_same,
    finish,
    insert_pause,
    lock_mentor,
    lock_record,
    name_pause,
    open_pause,
    open_pause_now,
    refuse_same,
)

SAY_PAUSED = "say paused, or choose a date ahead"
CONTRADICTION = (
    "is_active is true, but this end_date has passed or equals start_date; change both, or send one of them."
)


# --- mentor statuses


@transactional
def create_mentor(caller, sent):
    """Create a mentor, and with her the pause that the body says (rule 1). 409 if she is there, 422 on a past start."""
    mentor_id, created = sent["mentor_id"], caller.clock()
    try:
        statements.insert_mentor().run(mentor_id=mentor_id, last_updated=created)
    except IntegrityError:
        detail = f"There is a mentor status '{mentor_id}' already; PUT /api/v1/mentor-statuses/{mentor_id} changes it."
        raise Problem(409, "already_exists", detail) from None
    write = Write(mentor_id, created, caller)  # its instant may be a later one: the insert may have waited for a delete
    start = sent.get("pause_start_date")
    if start and start <= write.now and not sent.get("paused"):
        raise invalid({"pause_start_date": [f"It has passed, and the mentor is not said to be paused; {SAY_PAUSED}."]})
    if start or sent.get("paused"):
        open_pause(write, start or write.now, pause_data(sent))
    return finish(write, sent.get("metadata"), "created")


@transactional
def update_mentor(caller, mentor_id, sent):
    """Change a mentor's status, her pause or its metadata (rule 2). What the body leaves out stays as it is."""
    write = lock_mentor(caller, mentor_id)
    in_force = write.in_force()
    start, data, said = sent.get("pause_start_date"), pause_data(sent), sent.get("paused")
    if said or (said is None and in_force):
        if start:
            name_pause(write, start, data)
        elif in_force:
            change_pause(write, write.current(), data)
        else:
            open_pause_now(write, data)
    else:
        keep_active(write, start, data, said)
    return finish(write, sent.get("metadata"))


@transactional
def delete_mentor(caller, mentor_id, erase=False):
    """Delete a mentor with her pause records (rule 6); `erase` takes her history too, also when she has gone before."""
    try:
        write = lock_mentor(caller, mentor_id)
    except Problem:
        if erase and caller.if_match is None and statements.remove_history().change(mentor_id=mentor_id):
            return
        raise
    statements.remove_mentor().run(mentor_id=mentor_id)
    if erase:
        statements.remove_history().run(mentor_id=mentor_id)
    else:
        append_history(write, "deleted", None, {}, None)


# --- pause records


@transactional
def create_pause_record(caller, sent):
    """Record a pause (rule 3) and return it, and whether it was there already: a repeat is not a second pause."""
    try:
        write = lock_mentor(caller, sent["mentor_id"])
    except Problem as problem:
        raise invalid({"mentor_id": [problem.detail]}) from None
    same = find_same(write, sent["start_date"], sent["reason"])
    if same:
        for name in ("expected_return_date", "end_date"):
            if name in sent and sent[name] != getattr(same, name):
                raise conflict(
                    pause_record_id(same.number),
                    f"has this mentor, start_date and reason, and another {name}; PUT it to change it.",
                )
        return queries.get_pause_record(pause_record_id(same.number), write.now), True
    if sent.get("is_active") and has_ended(sent["start_date"], sent.get("end_date"), write.now):
        raise invalid({"end_date": [CONTRADICTION]})
    pause = Pause(None, sent["start_date"], sent.get("expected_return_date"), sent.get("end_date"), sent["reason"])
    number = insert_pause(write, pause)
    finish(write, sent.get("metadata"))
    return queries.get_pause_record(pause_record_id(number), write.now), False


@transactional
def update_pause_record(caller, record_id, sent):
    """Close, reopen or change a pause record (rule 4). What the body leaves out stays as it is."""
    write, pause = lock_record(caller, record_id)
    changed = pause._replace(
        start_date=sent.get("start_date", pause.start_date),
        expected_return_date=sent.get("expected_return_date", pause.expected_return_date),
        reason=sent.get("reason", pause.reason),
    )
    changed = changed._replace(end_date=end_said(pause, changed.start_date, sent, write.now))
    refuse_same(write, pause, changed)
    if sent.get("mentor_id", write.mentor_id) != write.mentor_id:
        raise invalid({"mentor_id": [f"A pause record stays with its mentor, '{write.mentor_id}'; leave it out."]})
    if sent.get("is_active") and has_ended(changed.start_date, changed.end_date, write.now):
        raise invalid({"end_date": [CONTRADICTION]})
    change_pause(write, pause, changed._asdict())
    finish(write, sent.get("metadata"), number=pause.number)
    return queries.get_pause_record(record_id, write.now)


@transactional
def delete_pause_record(caller, record_id):
    """Delete a pause record that was entered by mistake (rule 5); the mentor's status follows at once."""
    write, pause = lock_record(caller, record_id)
    statements.remove_record().run(number=pause.number)
    write.pauses.pop(pause.number, None)
    write.events[pause.number] = "pause_deleted"
    finish(write, None)


# --- what the bodies say


def pause_data(sent):
    """Return what a mentor's body says of her pause, besides its start, by the names of the record's columns."""
    names = {"expected_return_date": "expected_return_date", "pause_reason": "reason"}
    return {column: sent[name] for name, column in names.items() if name in sent}


def keep_active(write, start, data, said):
    """Apply a body that says active, or nothing of an active mentor: end what is in force, put data on what comes."""
    shown, in_force = write.current(), write.in_force()
    cleared = {}
    if start and start > write.now:
        name_pause(write, start, data)
    elif start and not (in_force and start == shown.start_date):
        raise invalid({"pause_start_date": [f"It has passed, and the mentor is not paused; {SAY_PAUSED}."]})
    elif shown and not in_force:
        # The coming pause. With active said, a null is no instruction: the mentor GET shows may have had none.
        change_pause(write, shown, data if said is None else {name: value for name, value in data.items() if value})
    else:
        refuse_stray(shown, data)
        cleared = {name: None for name, value in data.items() if value is None and start}
    for pause in in_force:
        change_pause(write, pause, {"end_date": write.now} | (cleared if pause is shown else {}))


def refuse_stray(shown, data):
    """Refuse pause data that no pause can take: there is none, or this write ends it."""
    api_names = {"expected_return_date": "expected_return_date", "reason": "pause_reason"}
    stray = [api_names[column] for column, value in data.items() if value and value != getattr(shown, column, None)]
    if stray:
        refusal = "The mentor has no pause after this write that could take it; say paused, or leave it out."
        raise invalid({name: [refusal] for name in stray})


def end_said(pause, start_date, sent, at):
    """Return the end that a body gives a pause that starts at `start_date`: the flag says what, the date says when."""
    date, flag = sent.get("end_date"), sent.get("is_active")
    if date or ("end_date" in sent and flag is not False):
        return date
    # A pause that never was stays one when its start is moved.
    end_date = start_date if pause.end_date == pause.start_date else pause.end_date
    if flag is False and not has_ended(start_date, end_date, at):
        return max(at, start_date)  # scheduled: it ends where it starts, and never was
    if flag and has_ended(pause.start_date, pause.end_date, at):
        return None
    return end_date
