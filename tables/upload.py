"""Upload: each line of a table does what PUT or POST does, by the same rules. All lines are one transaction.

The mentors of all lines are locked and read together, the rules change them in memory, line by line, and what has
changed is saved together. A dry run locks and saves nothing.
"""

from collections import Counter

from db import connected, db, parameter, statement, transactional
from mentors import rules
from mentors.formats import HIGHEST_NUMBER, pause_record_id
from mentors.problems import Problem, conflict, invalid, unknown_mentor
from mentors.reading import read_mentors
from mentors.saving import save
from mentors.serializers import encode, etag_of, mentor_status, pause_record
from models import PauseRecord
from tables.answers import CREATED, OUTCOMES, UNCHANGED, UPDATED
from tables.columns import ETAG
from tables.reading import Errors
from tables.rows import MENTOR_STATUS_ROWS, NO_MENTOR, NO_RECORD, PAUSE_RECORD_ROWS

CLOCK_CHANGED = "A pause of the mentor has begun or ended"
SOMEBODY_CHANGED = "Somebody has changed it"
DOWNLOAD_AGAIN = "since the table was downloaded; download the table again, and edit the new line."


def upload_mentor_statuses(caller, data, dry_run):
    """Write a table of mentors, every line or none; return what each line did. Raises a Problem."""
    errors = Errors()
    lines = MENTOR_STATUS_ROWS.read(data, errors)
    write = try_mentor_statuses if dry_run else write_mentor_statuses
    return answer(write(caller, lines, errors), dry_run)


def upload_pause_records(caller, data, dry_run):
    """Write a table of pause records, every line or none; return what each line did. Raises a Problem."""
    errors = Errors()
    lines = PAUSE_RECORD_ROWS.read(data, errors)
    write = try_pause_records if dry_run else write_pause_records
    return answer(write(caller, lines, errors), dry_run)


def answer(outcomes, dry_run):
    """Return the answer to an upload, given what each of its lines did."""
    counts = Counter(each["outcome"] for each in outcomes)
    return {outcome: counts[outcome] for outcome in OUTCOMES} | {"dry_run": dry_run, "data": outcomes}


# --- mentors


@transactional
def write_mentor_statuses(caller, lines, errors):
    """Do what each line says of its mentor, and return what it did. Writes nothing if it raises a Problem (422).

    It may be run again, so it changes neither the lines nor the errors.
    """
    mentors, outcomes = apply_to_mentors(caller, lines, errors.copy())
    save(mentors.values())
    return outcomes


@connected
def try_mentor_statuses(caller, lines, errors):
    """Return what each line would do."""
    _mentors, outcomes = apply_to_mentors(caller, lines, errors)
    return outcomes


def apply_to_mentors(caller, lines, errors):
    """Change the mentors of the lines in memory; return them by id, and what each line did. Raises a Problem (422)."""
    mentors, outcomes = read_mentors(caller, [line.key for line in lines]), []
    for line in lines:
        mentor = mentors[line.key]
        with errors.of_row(line.row):
            outcome = change_mentor(mentor, line) if mentor.exists else create_mentor(mentor, line)
            outcomes.append({"line": line.row.number, "outcome": outcome, "mentor_id": line.key})
    errors.refuse()
    return mentors, outcomes


def create_mentor(mentor, line):
    """Apply rule 1 to the mentor of a line, who does not exist yet."""
    if line.row.etag:
        raise invalid({ETAG: [NO_MENTOR]})
    body = MENTOR_STATUS_ROWS.load(line.row, MENTOR_STATUS_ROWS.create)
    rules.create_mentor(mentor, body)
    mentor.record(body.get("metadata"), "created")
    return CREATED


def change_mentor(mentor, line):
    """Apply rule 2 to the mentor of a line, unless nobody has edited the line."""
    body = line.checked_body()
    if line.is_untouched:
        return UNCHANGED
    mentor.stale = stale_mentor(mentor, line.row)
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
def owners():
    """Read the ids of the mentors of records, which are given by their numbers."""
    return PauseRecord.select(PauseRecord.mentor).where(db.dialect.is_in_list(PauseRecord.id, parameter("numbers")))


@transactional
def write_pause_records(caller, lines, errors):
    """Do what each line says of its record, and return what it did. Writes nothing if it raises a Problem (422).

    It may be run again, so it changes neither the lines nor the errors.
    """
    table = apply_to_records(caller, lines, errors.copy())
    save(table.mentors.values())
    return table.outcomes()


@connected
def try_pause_records(caller, lines, errors):
    """Return what each line would do."""
    return apply_to_records(caller, lines, errors).outcomes()


def apply_to_records(caller, lines, errors):
    """Change the mentors of the lines in memory; return them as RecordsToWrite. Raises a Problem (422)."""
    table = RecordsToWrite(caller, lines)
    for line in lines:
        with errors.of_row(line.row):
            table.create(line) if line.key is None else table.change(line)
    errors.refuse()
    return table


class RecordsToWrite:
    """The mentors whose records the lines of a table are about, and what each line has done to them."""

    def __init__(self, caller, lines):
        numbers = db.dialect.list_value([line.key for line in lines if line.key is not None])
        mentor_ids = {mentor_id for (mentor_id,) in owners().rows(numbers=numbers)}
        mentor_ids |= {mentor_id for line in lines if (mentor_id := line.row.cell("mentor_id"))}
        mentors = read_mentors(caller, sorted(mentor_ids))
        self.mentors = {mentor_id: mentor for mentor_id, mentor in mentors.items() if mentor.exists}
        self.mentors_by_record = {number: mentor for mentor in self.mentors.values() for number in mentor.pauses}
        self.starts = {
            mentor_id: {(pause.start_date, pause.reason): number for number, pause in mentor.pauses.items()}
            for mentor_id, mentor in self.mentors.items()
        }
        self.done = []  # of each line: its number, its outcome, the mentor, and the pause as it is then

    def create(self, line):
        """Apply rule 3 to the mentor of a line."""
        body = line.checked_body()
        mentor = self.mentors.get(body["mentor_id"])
        if mentor is None:
            raise invalid({"mentor_id": [unknown_mentor(body["mentor_id"]).detail]})
        is_repeat = rules.create_pause_record(mentor, body)
        if not is_repeat:
            mentor.record(body.get("metadata"))
        pause = mentor.find_same(body["start_date"], body["reason"])
        self.add(line.row, UNCHANGED if is_repeat else CREATED, mentor, pause)

    def change(self, line):
        """Apply rule 4 to the record of a line, unless nobody has edited the line."""
        number, mentor = line.key, self.mentors_by_record.get(line.key)
        if mentor is None:
            raise invalid({"pause_record_id": [NO_RECORD]})
        body, pause, entries = line.checked_body(), mentor.pauses[number], len(mentor.entries)
        if not line.is_untouched:
            mentor.stale = stale_record(mentor, pause, line.row)
            with mentor.conditional():
                rules.update_pause_record(mentor, pause, body)
                if mentor.has_changes():
                    mentor.record(body.get("metadata"), number=number)
        outcome = UPDATED if len(mentor.entries) > entries else UNCHANGED
        self.add(line.row, outcome, mentor, mentor.pauses[number])

    def add(self, row, outcome, mentor, pause):
        """Add what a row has done. Raises a Problem (409) if its start and reason are those that another record had.

        A row above may have given that record another start. But both rows are saved together, and the index is unique.
        """
        number = self.starts[mentor.mentor_id].get((pause.start_date, pause.reason), pause.number)
        if number != pause.number:
            until = "had this start and reason until the line above; upload that line by itself first."
            raise conflict(pause_record_id(number), until)
        self.done.append((row.number, outcome, mentor, pause))

    def outcomes(self):
        """Return what each line has done. A record that is not saved, in a dry run, has the id null."""
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
