"""Upload: each line of a table does what PUT or POST does, by the same rules. All lines are saved, or none.

One transaction locks and loads the mentors of all lines, changes them in memory, line by line, and saves them. A dry
run reads the mentors without a lock, and saves nothing.
"""

from collections import Counter
from functools import partial
from itertools import starmap

from db import db, parameter, statement, transactional
from mentors import rules
from mentors.formats import pause_record_id
from mentors.loading import load_mentors, read_mentors
from mentors.pauses import pause_shown
from mentors.problems import Problem, Stale, invalid
from mentors.saving import save
from models import PauseRecord
from reads.answers import CREATED, OUTCOMES, UNCHANGED, UPDATED
from reads.serializers import encode, etag_of, history_entry_id, mentor_status, pause_record
from tables.columns import ANY_ETAG, ETAG
from tables.parsing import Errors
from tables.rows import MENTOR_STATUS_ROWS, NO_MENTOR, NO_RECORD, PAUSE_RECORD_ROWS

ANOTHER_START = (
    "{} starts at {}. To move this start, to call the pause off, or to record another pause, use the table of pause "
    "records. To pause the mentor now, send paused and an empty pause_start_date."
)
CHANGED_BELOW = "A line below changes this pause; leave one of the two lines out."


def upload(row_loader, apply, caller, data, dry_run):
    """Read the table, do what its lines say, and return the answer. Raises a Problem.

    `apply` loads the mentors of the lines and changes them in memory. It returns them, and what each line did, which is
    read after the save, since the save gives new records their ids. It raises the 422 if there are errors.
    """
    errors = Errors()
    lines = row_loader.read(data, errors)
    if dry_run:
        _mentors, outcomes = apply(caller, lines, errors, dry_run)
    else:
        outcomes = save_lines(apply, caller, lines, errors)
    outcomes = list(outcomes)
    counts = Counter(each["outcome"] for each in outcomes)
    return {outcome: counts[outcome] for outcome in OUTCOMES} | {"dry_run": dry_run, "data": outcomes}


@transactional
def save_lines(apply, caller, lines, errors):
    mentors, outcomes = apply(caller, lines, errors, dry_run=False)
    save(mentors)
    return outcomes


# --- mentors


def apply_to_mentors(caller, lines, errors, dry_run):
    """Create or update the mentor of each line, see upload()."""
    mentor_ids = [line.key for line in lines]
    mentors = read_mentors(caller, mentor_ids) if dry_run else load_mentors(caller, mentor_ids, inserts=True)
    done = []  # of each line: the line, the outcome, and the mentor
    for line in lines:
        mentor = mentors[line.key]
        with errors.of_row(line.row):
            outcome = update_mentor_of_line(mentor, line) if mentor.exists else create_mentor_of_line(mentor, line)
            done.append((line, outcome, mentor))
    errors.refuse()
    return mentors.values(), starmap(outcome_of_mentor, done)


def outcome_of_mentor(line, outcome, mentor):
    """Return what a line has done. Its history entry gets an id when it is saved, so in a dry run the id is null."""
    entry_id = history_entry_id(mentor.entries[-1] if mentor.entries else None)
    return {"line": line.row.line, "outcome": outcome, "mentor_id": line.key, "history_entry_id": entry_id}


def create_mentor_of_line(mentor, line):
    """Create the mentor of a line (rule 1)."""
    if line.row.etag:
        raise invalid({ETAG: [NO_MENTOR]})
    body = MENTOR_STATUS_ROWS.body_of(line.row, MENTOR_STATUS_ROWS.create_schema)
    rules.post_mentor(mentor, body)
    mentor.add_to_history(body.get("metadata"), "created")
    return CREATED


def update_mentor_of_line(mentor, line):
    """Update the mentor of a line (rule 2), unless nobody has edited the line."""
    if line.is_untouched:
        return UNCHANGED
    body = body_of_put(mentor, line)
    mentor.unmet_condition = stale_mentor(mentor, line.row)
    with mentor.conditional():
        rules.put_mentor(mentor, body)
        if mentor.has_unrecorded_changes():  # metadata alone is no change
            mentor.add_to_history(line.body.get("metadata"))
    return UPDATED if mentor.entries else UNCHANGED


def body_of_put(mentor, line):
    """Return the body that PUT gets of an edited line.

    422 if the ETag of the line is the current one, GET shows a pause, and PUT would open another pause or pause nobody.
    """
    pause = pause_shown(mentor.pauses.values(), mentor.read_at)
    if pause is None or line.row.etag != etag_of(encode(mentor_status(mentor, mentor.read_at))):
        return line.body
    body = line.body
    starts = [None, pause.start_date]
    if pause.start_date > mentor.read_at:  # the pause is scheduled
        body = {"pause_start_date": pause.start_date} | body  # a missing column means the start that GET shows
        starts = [None] if body.get("paused") else [pause.start_date]  # with paused, null means now
    if body.get("pause_start_date") not in starts:
        refusal = ANOTHER_START.format(pause_record_id(pause.number), pause.start_date)
        raise invalid({"pause_start_date": [refusal]})
    return body


def stale_mentor(mentor, row):
    """Return the Problem to raise if an edited row changes its mentor; None if its ETag is current, any or missing."""
    if has_current_etag(row, mentor_status(mentor, mentor.read_at)):
        return None
    # If the row shows the last write, no write has changed the mentor since: it was the clock.
    is_same_write = MENTOR_STATUS_ROWS.possible_values("last_updated", row) == [mentor.last_updated]
    return stale("A pause of the mentor has begun or ended" if is_same_write else "Somebody has changed the mentor")


def has_current_etag(row, representation):
    """Say whether a row has no ETag, the one that stands for any, or that of what GET one shows."""
    return row.etag in (None, ANY_ETAG, etag_of(encode(representation)))


def stale(change):
    way_out = "since the table was downloaded; download the table again, and edit the new line."
    return Stale(f"{change} {way_out}")


# --- pause records


@statement
def mentor_ids_of_records():
    return PauseRecord.select(PauseRecord.mentor).where(db.dialect.is_in_list(PauseRecord.id, parameter("numbers")))


def apply_to_records(caller, lines, errors, dry_run):
    """Create or update the record of each line, see upload()."""
    numbers = db.dialect.list_parameter([line.key for line in lines if line.key is not None])
    mentor_ids = {mentor_id for (mentor_id,) in mentor_ids_of_records().rows(numbers=numbers)}
    mentor_ids |= {line.body["mentor_id"] for line in lines if line.key is None}
    mentors = (read_mentors if dry_run else load_mentors)(caller, sorted(mentor_ids))
    mentors_by_record = {number: mentor for mentor in mentors.values() for number in mentor.pauses}
    done = []  # of each line: the line, the mentor of the record, the pause as it is then, and the new history entry
    for line in lines:
        with errors.of_row(line.row):
            mentor = mentors[line.body["mentor_id"]] if line.key is None else mentors_by_record.get(line.key)
            if mentor is None:
                raise invalid({"pause_record_id": [NO_RECORD]})
            entries_before = len(mentor.entries)
            pause = apply_to_record(mentor, line)
            entry = mentor.entries[-1] if len(mentor.entries) > entries_before else None
            done.append((line, mentor, pause, entry))
    for line, mentor, pause, _entry in done:
        if line.key is None and mentor.pauses[pause.number].first_difference(line.body):
            # Sent again, this line would record a second pause.
            errors.append((line.row.line, None, CHANGED_BELOW))
    errors.refuse()
    return mentors.values(), starmap(outcome_of_record, done)


def apply_to_record(mentor, line):
    """Create or update the record of a line, and return the pause.

    A line that is refused (by a Problem) leaves the mentor's pauses as they were, since the lines below read them.
    """
    pauses_before = mentor.pauses.copy()
    try:
        return create_record_of_line(mentor, line) if line.key is None else update_record_of_line(mentor, line)
    except Problem:
        mentor.pauses = pauses_before
        raise


def create_record_of_line(mentor, line):
    """Create the record of a line (rule 3), and return the pause."""
    body = line.body
    rules.post_pause_record(mentor, body)
    if mentor.has_unrecorded_changes():  # metadata alone is no change
        mentor.add_to_history(body.get("metadata"))
    return mentor.find_same(body["start_date"], body["reason"])


def update_record_of_line(mentor, line):
    """Update the record of a line (rule 4), unless nobody has edited the line, and return the pause."""
    pause = mentor.pauses[line.key]
    if line.is_untouched:
        return pause
    mentor.unmet_condition = stale_record(mentor, pause, line.row)
    with mentor.conditional():
        rules.put_pause_record(mentor, pause, line.body)
        if mentor.has_unrecorded_changes():  # metadata alone is no change
            mentor.add_to_history(line.body.get("metadata"), number=line.key)
    return mentor.pauses[line.key]


def outcome_of_record(line, mentor, pause, entry):
    """Return what a line has done. New records and entries get their ids when saved, so in a dry run these are null."""
    if pause.is_new:
        pause = mentor.find_same(pause.start_date, pause.reason)
    written = CREATED if line.key is None else UPDATED
    return {
        "line": line.row.line,
        "outcome": written if entry else UNCHANGED,
        "mentor_id": mentor.mentor_id,
        "history_entry_id": history_entry_id(entry),
        "pause_record_id": None if pause.is_new else pause_record_id(pause.number),
    }


def stale_record(mentor, pause, row):
    """Return the Problem to raise if an edited row changes its record; None if its ETag is current, any or missing."""
    if has_current_etag(row, pause_record(mentor, pause, mentor.read_at)):
        return None
    return stale(f"{pause_record_id(pause.number)} was changed, or has ended,")


upload_mentor_statuses = partial(upload, MENTOR_STATUS_ROWS, apply_to_mentors)
upload_pause_records = partial(upload, PAUSE_RECORD_ROWS, apply_to_records)
