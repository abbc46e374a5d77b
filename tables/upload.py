"""Upload: each line of a table does what PUT or POST does, by the same rules. All lines are one transaction.

The mentors of all lines are locked and read together, the rules change them in memory, line by line, and what has
changed is saved together.
"""

from collections import Counter

import rules
from db import db, parameter, statement, transactional
from formats import HIGHEST_NUMBER, pause_record_id
from models import PauseRecord
from problems import Problem, conflict, invalid, unknown_mentor
from serializers import encode, etag_of, mentor_status, pause_record
from storage.locking import lock_mentors, lock_new_mentors
from storage.saving import save
from tables.answers import CREATED, OUTCOMES, UNCHANGED, UPDATED
from tables.columns import ETAG
from tables.reading import Errors
from tables.rows import MENTOR_STATUS_ROWS, NO_MENTOR, NO_RECORD, PAUSE_RECORD_ROWS, instants_in

CLOCK_CHANGED = "A pause of the mentor has begun or ended"
SOMEBODY_CHANGED = "Somebody has changed it"
DOWNLOAD_AGAIN = "since the table was downloaded; download the table again, and edit the new line."


def upload_mentor_statuses(caller, data, dry_run):
    """Write a table of mentors, every line or none; return what each line did. Raises a Problem."""
    errors = Errors()
    rows = MENTOR_STATUS_ROWS.read(data, errors)
    return answer(write_mentor_statuses(caller, rows, errors, dry_run), dry_run)


def upload_pause_records(caller, data, dry_run):
    """Write a table of pause records, every line or none; return what each line did. Raises a Problem."""
    errors = Errors()
    rows = PAUSE_RECORD_ROWS.read(data, errors)
    return answer(write_pause_records(caller, rows, errors, dry_run), dry_run)


def answer(lines, dry_run):
    """Return the answer to an upload, given what each of its lines did."""
    counts = Counter(line["outcome"] for line in lines)
    return {outcome: counts[outcome] for outcome in OUTCOMES} | {"dry_run": dry_run, "data": lines}


# --- mentors


@transactional
def write_mentor_statuses(caller, rows, errors, dry_run):
    """Do what each row says of its mentor, and return what it did. Writes nothing and raises a Problem (422) on errors.

    `rows` are pairs of a mentor's id and a row.
    """
    errors, lines = errors.copy(), []  # the transaction may be run again
    ids = [mentor_id for mentor_id, _row in rows]
    mentors = lock_mentors(caller, ids, instants_in(rows, "pause_start_date"), with_ids=True)
    if new := [mentor_id for mentor_id in ids if mentor_id not in mentors]:
        mentors |= lock_new_mentors(caller, new)
    for mentor_id, row in rows:
        with errors.of_row(row):
            mentor = mentors[mentor_id]
            outcome = create_mentor(mentor, row) if mentor.is_new else change_mentor(mentor, row)
            lines.append({"line": row.number, "outcome": outcome, "mentor_id": mentor_id})
    errors.refuse()
    if not dry_run:
        save(mentors.values())
    return lines


def create_mentor(mentor, row):
    """Apply rule 1 to the mentor of a row, who does not exist yet."""
    if row.etag:
        raise invalid({ETAG: [NO_MENTOR]})
    body = MENTOR_STATUS_ROWS.load(row, is_there=False)
    rules.create_mentor(mentor, body)
    mentor.record(body.get("metadata"), "created")
    return CREATED


def change_mentor(mentor, row):
    """Apply rule 2 to the mentor of a row, unless nobody has edited the row."""
    body = MENTOR_STATUS_ROWS.load(row, is_there=True)
    if MENTOR_STATUS_ROWS.is_untouched(row):
        return UNCHANGED
    mentor.stale = stale_mentor(mentor, row)
    with mentor.conditional():
        rules.update_mentor(mentor, body)
        if mentor.has_changes():  # metadata alone changes nothing
            mentor.record(body.get("metadata"))
    return UPDATED if mentor.entries else UNCHANGED


def stale_mentor(mentor, row):
    """Return the Problem to raise if an edited row changes its mentor; None if the row has no old ETag."""
    pauses = mentor.pauses.values()
    if has_current_etag(row, mentor, lambda at: mentor_status(mentor.columns, pauses, at)):
        return None
    is_same_write = row.cell("last_updated") == mentor.columns["last_updated"]
    return stale(CLOCK_CHANGED if is_same_write else SOMEBODY_CHANGED)


def has_current_etag(row, mentor, represent):
    """Say whether a row has no ETag, or the current one. `represent` returns what GET one shows at an instant.

    If somebody has set the clock back, `mentor.now` is later than `mentor.clock`, and GET one may have shown either.
    """
    return row.etag is None or row.etag in {etag_of(encode(represent(at))) for at in {mentor.clock, mentor.now}}


def stale(change):
    """Return the Problem for a row whose mentor or pause record has changed since the download."""
    return Problem(412, "stale", f"{change} {DOWNLOAD_AGAIN}")


# --- pause records


@statement
def records_with_mentors():
    """Read of records, given by their numbers, whose they are and when they last changed."""
    own = PauseRecord
    found = own.select(own.id, own.mentor, own.last_changed)
    return found.where(db.dialect.is_in_list(own.id, parameter("numbers")))


@transactional
def write_pause_records(caller, rows, errors, dry_run):
    """Do what each row says of its record, and return what it did. Writes nothing and raises a Problem (422) on errors.

    `rows` are pairs of a record's number, None to create one, and a row.
    """
    errors, table = errors.copy(), RecordsToWrite(caller, rows)
    for number, row in rows:
        with errors.of_row(row):
            table.create(row) if number is None else table.change(number, row)
    errors.refuse()
    if not dry_run:
        save(table.mentors.values())
    return table.lines()


class RecordsToWrite:
    """The locked mentors whose records the rows of a table are about, and what each row has done to them."""

    def __init__(self, caller, rows):
        numbers = [number for number, _row in rows if number is not None]
        listed = db.dialect.list_value(numbers)
        owners = {mentor_id for _number, mentor_id, _ in records_with_mentors().rows(numbers=listed)}
        owners |= {mentor_id for _number, row in rows if (mentor_id := row.cell("mentor_id"))}
        self.mentors = lock_mentors(caller, sorted(owners), instants_in(rows, "start_date"), numbers, with_ids=True)
        # Once more, now that no other write can change them.
        self.records = {
            number: (mentor, last_changed or mentor.columns["last_updated"])  # null: an earlier release wrote it
            for number, mentor_id, last_changed in records_with_mentors().rows(numbers=listed)
            if (mentor := self.mentors.get(mentor_id))
        }
        self.starts = {
            mentor_id: {(pause.start_date, pause.reason): number for number, pause in mentor.pauses.items()}
            for mentor_id, mentor in self.mentors.items()
        }
        self.done = []  # of each row: its number, its outcome, the mentor, and the pause as it is then

    def create(self, row):
        """Apply rule 3 to the mentor of a row."""
        body = PAUSE_RECORD_ROWS.load(row, is_there=False)
        mentor = self.mentors.get(body["mentor_id"])
        if mentor is None:
            raise invalid({"mentor_id": [unknown_mentor(body["mentor_id"]).detail]})
        is_repeat = rules.create_pause_record(mentor, body)
        if not is_repeat:
            mentor.record(body.get("metadata"))
        pause = mentor.find_same(body["start_date"], body["reason"])
        self.add(row, UNCHANGED if is_repeat else CREATED, mentor, pause)

    def change(self, number, row):
        """Apply rule 4 to the record of a row, unless nobody has edited the row."""
        if number not in self.records:
            raise invalid({"pause_record_id": [NO_RECORD]})
        mentor, _last_changed = self.records[number]
        pause = mentor.pauses[number]
        entries = len(mentor.entries)
        body = PAUSE_RECORD_ROWS.load(row, is_there=True)
        if not PAUSE_RECORD_ROWS.is_untouched(row):
            mentor.stale = stale_record(mentor, pause, row)
            with mentor.conditional():
                rules.update_pause_record(mentor, pause, body)
                if mentor.has_changes():
                    mentor.record(body.get("metadata"), number=number)
        outcome = UPDATED if len(mentor.entries) > entries else UNCHANGED
        self.add(row, outcome, mentor, mentor.pauses[number])

    def add(self, row, outcome, mentor, pause):
        """Add what a row has done. Raises a Problem (409) if its start and reason are those that another record had.

        A row above may have given that record another start. But both rows are saved together, and the index is unique.
        """
        number = self.starts[mentor.mentor_id].get((pause.start_date, pause.reason), pause.number)
        if number != pause.number:
            until = "had this start and reason until the line above; upload that line by itself first."
            raise conflict(pause_record_id(number), until)
        self.done.append((row.number, outcome, mentor, pause))

    def lines(self):
        """Return what each row has done. A record that is not saved, in a dry run, has the id null."""
        return [
            {
                "line": line,
                "outcome": outcome,
                "mentor_id": mentor.mentor_id,
                "pause_record_id": saved_id(mentor, pause),
            }
            for line, outcome, mentor, pause in self.done
        ]


def saved_id(mentor, pause):
    """Return the id of a pause. A new one gets its number when it is saved; None if it is not."""
    if pause.number > HIGHEST_NUMBER:
        pause = mentor.find_same(pause.start_date, pause.reason)
    return pause_record_id(pause.number) if pause.number <= HIGHEST_NUMBER else None


def stale_record(mentor, pause, row):
    """Return the Problem to raise if an edited row changes its record; None if the row has no old ETag."""
    if has_current_etag(row, mentor, lambda at: pause_record(mentor.mentor_id, pause, at)):
        return None
    return stale(f"{pause_record_id(pause.number)} was changed, or has ended,")
