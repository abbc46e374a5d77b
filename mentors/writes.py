"""The writes, one function per write of the API. Each one is a transaction: it saves everything, or nothing.

It locks the mentor and loads them with all of their pauses (loading.py), applies a rule to them in memory (rules.py,
undo.py), and saves what has changed (saving.py), with one history entry and a new `last_updated`. After a write that
changed nothing, `has_new_entries()` of the mentor is false. (An undo has an entry for each one that it takes back.)

A write refuses by raising a Problem: 404 for what does not exist, 409 for a conflict with what exists, 412 for what has
changed since the client read it, 413 for an undo of too much at once, 422 for what only the clock or the database shows
to be wrong, 503 for what cannot be done now. `sent` is a body as its schema loaded it.
"""

from dataclasses import dataclass

from db import transactional
from mentors import rules, undo
from mentors.loading import insert_mentor, load_entries, load_mentor, load_or_reserve_mentor, load_record
from mentors.problems import Problem, Stale, unknown_mentor
from mentors.representations import etag_of, mentor_status, pause_record
from mentors.saving import save

STALE = "What you read has changed since; GET it again, and send the write with the new ETag in If-Match."
NOT_ABSENT = "It exists, and If-None-Match: * writes only what does not; leave the header out to change it."


@dataclass(frozen=True)
class Caller:
    """The client that sends a write: under which name, and on which conditions (RFC 9110, section 13).

    `fixed_now` is the instant that a test has set, else None: the instant of a write is Mentor.now. `name` is that of
    the token.
    `if_match` has the entity tags of the header, `*` for any; None if it was not sent. `only_if_absent` says that
    If-None-Match has a `*`.
    """

    fixed_now: str | None = None
    name: str | None = None
    if_match: set[str] | None = None
    only_if_absent: bool = False

    def check_if_none_match(self, mentor, pause=None):
        """Raise the 412 of `If-None-Match: *`: the mentor, or this pause of theirs, exists."""
        if self.only_if_absent:
            raise Stale(NOT_ABSENT, current_etag(mentor, pause))

    def stale_problem(self, mentor, pause=None):
        """Return the 412 for an If-Match that the mentor, or this pause of theirs, no longer fits, or None.

        Call it before the rule changes the mentor. Whether to raise it, the write decides after the rule.
        """
        if self.if_match is None or "*" in self.if_match:
            return None
        etag = current_etag(mentor, pause)
        return None if etag in self.if_match else Stale(STALE, etag)


def current_etag(mentor, pause=None):
    """Return the entity tag of what GET one shows of a mentor, or of a pause of theirs, at the instant of the write."""
    return etag_of(pause_record(mentor, pause) if pause else mentor_status(mentor))


@transactional
def create_mentor(caller, sent):
    """Create a mentor, with the pause that the body describes (rule 1), and return them. 409 if they exist already."""
    mentor_id = sent["mentor_id"]
    mentor = insert_mentor(caller, mentor_id)
    if mentor is None:
        detail = f"Mentor status '{mentor_id}' already exists; PUT /api/v1/mentor-statuses/{mentor_id} changes it."
        raise Problem(409, "already_exists", detail)
    rules.post_mentor(mentor, sent)
    mentor.add_to_history_if_changed(sent.get("metadata"), "created")
    save([mentor])
    return mentor


@transactional
def update_mentor(caller, mentor_id, sent):
    """Change a mentor's status and their pause (rule 2), and return the mentor."""
    mentor = load_mentor(caller, mentor_id)
    if not mentor.exists:
        raise unknown_mentor(mentor_id)
    caller.check_if_none_match(mentor)
    stale = caller.stale_problem(mentor)
    rules.put_mentor(mentor, sent)
    mentor.add_to_history_if_changed(sent.get("metadata"))
    # The same PUT again changes nothing, so an old tag is no failure (RFC 9110, 13.1.1).
    if stale and mentor.has_new_entries():
        raise stale
    save([mentor])
    return mentor


@transactional
def delete_mentor(caller, mentor_id, metadata, erase):
    """Delete a mentor with their pause records (rule 6), and return the Mentor, who no longer exists.

    `erase` deletes the history, too, also of a former mentor.
    """
    mentor = load_or_reserve_mentor(caller, mentor_id) if erase else load_mentor(caller, mentor_id)
    if mentor.exists:
        caller.check_if_none_match(mentor)
        if stale := caller.stale_problem(mentor):
            raise stale
    else:
        has_history_to_erase = erase and mentor.has_history
        if not has_history_to_erase or caller.if_match is not None:  # no If-Match fits a mentor who is gone
            raise unknown_mentor(mentor_id)
    if erase:
        mentor.erase()
    else:
        mentor.delete(metadata)
    save([mentor])
    return mentor


@transactional
def create_pause_record(caller, sent):
    """Record a pause (rule 3), and return its mentor and the pause."""
    mentor = load_mentor(caller, sent["mentor_id"])
    rules.post_pause_record(mentor, sent)
    if mentor.has_unrecorded_changes():  # metadata alone is no change
        mentor.add_to_history_if_changed(sent.get("metadata"))
    save([mentor])
    return mentor, mentor.find_by_start_and_reason(sent["start_date"], sent["reason"])


@transactional
def update_pause_record(caller, record_id, sent):
    """Close, reopen or change a pause record (rule 4), and return its mentor and the pause."""
    mentor, pause = load_record(caller, record_id)
    caller.check_if_none_match(mentor, pause)
    stale = caller.stale_problem(mentor, pause)
    rules.put_pause_record(mentor, pause, sent)
    mentor.add_to_history_if_changed(sent.get("metadata"), record_number=pause.number)
    if stale and mentor.has_new_entries():
        raise stale
    save([mentor])
    return mentor, mentor.pauses[pause.number]


@transactional
def delete_pause_record(caller, record_id, metadata):
    """Delete a pause record that was entered by mistake (rule 5), and return its mentor, whose status follows."""
    mentor, pause = load_record(caller, record_id)
    caller.check_if_none_match(mentor, pause)
    if stale := caller.stale_problem(mentor, pause):
        raise stale
    mentor.remove_pause(pause)
    mentor.add_to_history_if_changed(metadata)
    save([mentor])
    return mentor


@transactional
def undo_history_entries(caller, entry_ids, metadata):
    """Take entries of the history back (rule 8), and return what became of each, in the order of the ids."""
    mentors, entries = load_entries(caller, entry_ids)
    outcomes = undo.take_entries_back(mentors, entries, metadata)
    save(mentors.values())
    return [outcomes.get(entry_id) or undo.not_found(entry_id) for entry_id in entry_ids]
