"""Upload: each line of a table does what PUT or POST does, by the same rules. All lines are saved, or none.

One transaction locks and loads the mentors of all lines, changes them in memory, line by line, and saves them. A dry
run reads the mentors without a lock, and saves nothing.
"""

from collections import Counter
from contextlib import contextmanager
from typing import NamedTuple

from db import db, parameter, statement, transactional
from features.tables.columns import ANY_ETAG, ETAG
from features.tables.parsing import Errors
from features.tables.rows import MENTOR_STATUS_ROWS, NO_MENTOR, NO_RECORD, PAUSE_RECORD_ROWS, Line
from features.tables.schemas import CREATED, OUTCOMES, UNCHANGED, UPDATED
from mentors import rules
from mentors.formats import HIGHEST_NUMBER, pause_record_id
from mentors.loading import load_mentors, load_or_reserve_mentors, read_mentors
from mentors.mentor import Mentor
from mentors.problems import Problem, Stale, invalid
from mentors.representations import etag_of, history_entry_id, mentor_status, pause_record
from mentors.saving import save
from models import PauseRecord
from reads.serializers import touched_record

ANOTHER_START = (
    "{} starts at {}. To move this start, to call the pause off, or to record another pause, use the table of pause "
    "records."
)
PAUSE_NOW = " To pause the mentor now, send paused and an empty pause_start_date."
STALE = "{} since the table was downloaded; download the table again, and edit the new line."
CHANGED_BELOW = "A line below changes this pause; leave one of the two lines out."


class Result(NamedTuple):
    """What a line has done. Its history entry (None: it has changed nothing) gets an id when it is saved."""

    line: Line
    mentor: Mentor
    outcome: str
    entry: dict | None

    def as_answer(self, **more_keys):
        return {
            "line": self.line.row.line_number,
            "outcome": self.outcome,
            "mentor_id": self.mentor.mentor_id,
            "history_entry_id": history_entry_id(self.entry),
            **more_keys,
            "pause_records": self.touched_records(),
        }

    def touched_records(self):
        """Return the pause records of the entry, as the history shows them."""
        records = self.entry["pause_records"] if self.entry else []
        return [
            touched_record(record) | {"pause_record_id": id_if_saved(record["pause_record_id"])} for record in records
        ]


def upload(row_loader, write_lines, caller, table, dry_run):
    """Do what the lines of a table say, and return the answer. Raises a Problem if any line is refused."""
    errors = Errors()
    lines = row_loader.read(table, errors)
    if not dry_run:
        write_lines = transactional(write_lines)
    data = write_lines(caller, lines, errors, dry_run)
    counts = Counter(answer["outcome"] for answer in data)
    return {outcome: counts[outcome] for outcome in OUTCOMES} | {"dry_run": dry_run, "data": data}


@contextmanager
def refusing_if(stale, mentor):
    """Raise `stale` (None: the line is not stale) if the block changes the mentor, or raises a Problem.

    So the message says that somebody was there first, and not what a rule makes of the old line.
    """
    try:
        yield
    except Problem as problem:
        raise (stale or problem) from None
    if stale and mentor.has_unrecorded_changes():
        raise stale


def add_changes_to_history(mentor, line):
    """Append what a line has changed to the history, with its metadata. Metadata alone is no change."""
    if mentor.has_unrecorded_changes():
        mentor.add_to_history_if_changed(line.body.get("metadata"))


# --- mentors


def upload_mentor_statuses(caller, table, dry_run):
    """Create or update the mentors of a table, and return the answer; see upload()."""
    return upload(MENTOR_STATUS_ROWS, write_mentors, caller, table, dry_run)


def write_mentors(caller, lines, errors, dry_run):
    """Create or update the mentor of each line, and return what each line has done."""
    mentor_ids = [line.key for line in lines]
    load = read_mentors if dry_run else load_or_reserve_mentors
    mentors = load(caller, mentor_ids)
    results = []
    for line in lines:
        mentor = mentors[line.key]
        with errors.collect(line.row):
            outcome = update_by_line(mentor, line) if mentor.exists else create_by_line(mentor, line)
            entry = mentor.entries[-1] if mentor.entries else None
            results.append(Result(line, mentor, outcome, entry))
    errors.raise_if_any()
    if not dry_run:
        save(mentors.values())
    return [result.as_answer() for result in results]


def create_by_line(mentor, line):
    """Create the mentor of a line (rule 1), and return the outcome."""
    if line.row.etag:
        raise invalid({ETAG: [NO_MENTOR]})
    body = MENTOR_STATUS_ROWS.body_of(line.row, MENTOR_STATUS_ROWS.create_schema)
    rules.post_mentor(mentor, body)
    mentor.add_to_history_if_changed(body.get("metadata"), "created")
    return CREATED


def update_by_line(mentor, line):
    """Update the mentor of a line (rule 2), unless nobody has edited the line, and return the outcome."""
    if line.is_untouched:
        return UNCHANGED
    body = body_of_put(mentor, line)
    with refusing_if(stale_mentor(mentor, line.row), mentor):
        rules.put_mentor(mentor, body)
    add_changes_to_history(mentor, line)
    return UPDATED if mentor.entries else UNCHANGED


def body_of_put(mentor, line):
    """Return the body that PUT gets of an edited line.

    With the current ETag, and if GET shows a pause: 422 on a start that would make PUT open another pause, or pause
    nobody now.
    """
    pause = mentor.pause_shown()
    if pause is None or line.row.etag != etag_of(mentor_status(mentor)):
        return line.body
    if pause.start_date <= mentor.now:
        refuse_other_starts(line.body, pause, {None, pause.start_date})
        return line.body
    # The pause is scheduled: a missing column means the start that GET shows; with paused, null means now.
    body = {"pause_start_date": pause.start_date} | line.body
    refuse_other_starts(body, pause, {None if body.get("paused") else pause.start_date}, PAUSE_NOW)
    return body


def refuse_other_starts(body, pause, allowed_starts, advice=""):
    """Refuse (422) a body with another start than these; the pause is the one that GET shows."""
    if body.get("pause_start_date") not in allowed_starts:
        refusal = ANOTHER_START.format(pause_record_id(pause.number), pause.start_date)
        raise invalid({"pause_start_date": [refusal + advice]})


def stale_mentor(mentor, row):
    """Return the Problem to raise if an edited row changes its mentor; None if its ETag is current, any or missing."""
    if has_current_etag(row, mentor_status(mentor)):
        return None
    # If the row shows the last write, no write has changed the mentor since: it was the clock.
    is_same_write = MENTOR_STATUS_ROWS.possible_values("last_updated", row) == [mentor.last_updated]
    change = "A pause of the mentor has begun or ended" if is_same_write else "Somebody has changed the mentor"
    return Stale(STALE.format(change))


def has_current_etag(row, representation):
    """Say whether a row has no ETag, the one that stands for any, or that of what GET one shows."""
    return row.etag in (None, ANY_ETAG, etag_of(representation))


# --- pause records


def upload_pause_records(caller, table, dry_run):
    """Create or update the pause records of a table, and return the answer; see upload()."""
    return upload(PAUSE_RECORD_ROWS, write_records, caller, table, dry_run)


def write_records(caller, lines, errors, dry_run):
    """Create or update the pause record of each line, and return what each line has done."""
    mentor_ids = mentor_ids_of(lines)
    mentors = read_mentors(caller, mentor_ids) if dry_run else load_mentors(caller, mentor_ids)
    mentors_by_record = {number: mentor for mentor in mentors.values() for number in mentor.pauses}
    results = []
    for line in lines:
        mentor = mentors[line.body["mentor_id"]] if line.key is None else mentors_by_record.get(line.key)
        with errors.collect(line.row):
            if mentor is None:
                raise invalid({"pause_record_id": [NO_RECORD]})
            results.append(write_record(mentor, line))
    # Sent again, a new line must be a repeat (rule 3). It would be none if a line below has changed its pause.
    for result in results:
        line, pause = result.line, pause_of(result)
        if line.key is None and (pause is None or pause.name_of_difference(line.body, result.mentor.now)):
            errors.append((line.row.line_number, None, CHANGED_BELOW))
    errors.raise_if_any()
    if not dry_run:
        save(mentors.values())
    return [result.as_answer(pause_record_id=id_if_saved(pause_of(result).number)) for result in results]


def mentor_ids_of(lines):
    """Return the ids of the mentors whose records the lines create or update."""
    numbers = [line.key for line in lines if line.key is not None]
    rows = mentors_of_records_statement().rows(numbers=db.dialect.list_parameter(numbers))
    of_records = {mentor_id for (mentor_id,) in rows}
    of_new_records = {line.body["mentor_id"] for line in lines if line.key is None}
    return sorted(of_records | of_new_records)


@statement
def mentors_of_records_statement():
    return PauseRecord.select(PauseRecord.mentor).where(db.dialect.is_in_list(PauseRecord.id, parameter("numbers")))


def write_record(mentor, line):
    """Create or update the record of a line, and return the Result.

    A line that is refused (by a Problem) leaves the mentor's pauses as they were, since the lines below read them.
    """
    entries_before = len(mentor.entries)
    try:
        if line.key is None:
            rules.post_pause_record(mentor, line.body)  # rule 3
            add_changes_to_history(mentor, line)
        else:
            update_record(mentor, mentor.pauses[line.key], line)
    except Problem:
        mentor.discard_unrecorded_changes()
        raise
    if len(mentor.entries) == entries_before:
        return Result(line, mentor, UNCHANGED, None)
    return Result(line, mentor, CREATED if line.key is None else UPDATED, mentor.entries[-1])


def update_record(mentor, pause, line):
    """Update the record of a line (rule 4), unless nobody has edited the line."""
    if line.is_untouched:
        return
    with refusing_if(stale_record(mentor, pause, line.row), mentor):
        rules.put_pause_record(mentor, pause, line.body)
    add_changes_to_history(mentor, line)


def pause_of(result):
    """Return the pause that a line is about, as it is now; None if the line is new and its pause has changed since."""
    line, mentor = result.line, result.mentor
    if line.key is None:
        return mentor.find_by_start_and_reason(line.body["start_date"], line.body["reason"])
    return mentor.pauses[line.key]


def id_if_saved(number):
    """Return the id of a pause; None if it is not saved, since this is a dry run: it has a temporary number."""
    return None if number > HIGHEST_NUMBER else pause_record_id(number)


def stale_record(mentor, pause, row):
    """Return the Problem to raise if an edited row changes its record; None if its ETag is current, any or missing."""
    if has_current_etag(row, pause_record(mentor, pause)):
        return None
    return Stale(STALE.format(f"{pause_record_id(pause.number)} was changed, or has ended,"))
