"""Example data for an empty database: what the contract shows, and pauses of each kind around today."""

from datetime import timedelta
from itertools import count
from operator import itemgetter

from db import db, transactional
from mentors.days import zone
from mentors.formats import seconds_after
from mentors.loading import lock_empty_database
from mentors.mentor import Mentor
from mentors.pauses import Pause
from mentors.saving import entry_row, insert_entry_statement, insert_known_record_statement, mentor_row, record_row
from models import MentorStatus

MENTORS = 87
COORDINATORS = ("coordinator-003", "coordinator-007", "coordinator-011")
CREATED = "2026-03-20T10:00:00Z"  # the mentors without a pause, as the contract's mentor-001
CREATED_DAYS_AGO = 200  # the mentors with a pause around today
# The mentor, the reason, and four dates in days from today: when the pause begins, when the mentor is expected back,
# when the pause ends, and when it was recorded. None: there is no such date.
PAUSES_AROUND_TODAY = (
    (7, "medical_leave", -61, -20, None, -60),  # overdue
    (18, "workload", -24, -3, None, -25),
    (31, "certification_expiry", -9, 0, None, -9),  # due today
    (3, "medical_leave", -4, 2, None, -4),  # in force, back within 7 days
    (25, "personal_leave", -12, 5, None, -20),
    (11, "workload", -16, None, 6, -16),  # ends by itself
    (14, "personal_leave", -2, 12, None, -9),  # in force, back later
    (36, "certification_expiry", -20, 33, None, -20),
    (9, "parental_leave", -45, 70, None, -80),
    (28, "personal_leave", -6, None, 20, -30),
    (21, "medical_leave", -13, None, None, -13),  # open, without a return date
    (39, "workload", -1, None, None, -1),
    (33, "certification_expiry", -15, 9, None, -15),  # two at once
    (33, "personal_leave", -3, 17, None, -7),
    (5, "personal_leave", 4, 11, None, -14),  # coming
    (16, "parental_leave", 12, 110, None, -21),
    (23, "personal_leave", 24, None, 38, -5),
    (30, "workload", 9, None, None, -2),
    (73, "personal_leave", 18, 32, None, -10),
    (12, "medical_leave", -55, -35, -36, -55),  # ended
    (20, "personal_leave", -40, None, -30, -44),
    (26, "certification_expiry", -52, -30, -25, -52),
    (34, "workload", -33, -20, -22, -33),
    (38, "personal_leave", -21, -14, -14, -28),
    (5, "medical_leave", -47, -40, -41, -47),
    (14, "workload", -50, -38, -39, -50),
    (4, "certification_expiry", -110, -90, -88, -110),
    (17, "parental_leave", -160, -75, -72, -190),
    (47, "personal_leave", -150, -130, -128, -152),
    (55, "parental_leave", -180, -90, -92, -195),
    (61, "medical_leave", -120, None, -95, -120),
    (68, "workload", -75, -60, -61, -75),
)
# Two pauses on fixed dates, recorded when their mentors were created. The first is the contract's, with its number.
CREATED_PAUSED = {
    "mentor-042": Pause(
        18, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", None, "certification_expiry", "2026-03-01T09:15:00Z"
    ),
    "mentor-052": Pause(
        19, "2026-02-02T00:00:00Z", "2026-05-01T00:00:00Z", None, "personal_leave", "2026-02-02T09:00:00Z"
    ),
}


@transactional
def seed(now):
    """Insert the example data; return how many mentors and pause records there are.

    `now` is the present instant. In a new database, each GET of the contract is answered as the contract prints it, on
    any day, except the list of mentors: its first page of 87 by 20 has others between mentor-001 and mentor-042. If the
    database had pause records before, the examples have the numbers after those. Raises CommandError if there is a
    mentor or a history.
    """
    lock_empty_database()
    last_number = db.dialect.last_id("pause_record")
    mentors, entries = {}, []
    for at, mentor_id, event, pause in sorted(example_writes(now, last_number), key=itemgetter(0)):
        mentor = mentors.setdefault(mentor_id, Mentor(mentor_id, at, at, None, exists=True))
        mentor.now = mentor.last_updated = at
        if pause:
            mentor.set_pause(pause.number, pause)
        mentor.caller_name = COORDINATORS[(int(mentor_id[-3:]) + len(mentor.pauses)) % len(COORDINATORS)]
        mentor.append_entry(event, pause and pause.number, None)
        entries.append(entry_row(mentor.entries[-1]))
    MentorStatus.insert_many([mentor_row(mentor) for mentor in mentors.values()]).execute()
    records = [record_row(mentor, pause) for mentor in mentors.values() for pause in mentor.pauses.values()]
    insert_known_record_statement().run_each(records)
    insert_entry_statement().run_each(entries)
    db.dialect.set_last_id("pause_record", last_number + len(records))
    return len(mentors), len(records)


def example_writes(now, last_number):
    """Yield each write of the examples: its instant, the mentor, the event, and the pause after it, or None.

    The numbers of the pauses follow `last_number`.
    """
    today = zone.day_of(now)

    def day(days, hour=0):
        return None if days is None else seconds_after(zone.start_of(today + timedelta(days)), hour * 3600)

    created = {f"mentor-{number:03}": (CREATED, None) for number in range(1, MENTORS + 1)}
    for mentor_id, pause in CREATED_PAUSED.items():
        created[mentor_id] = pause.created_at, pause._replace(number=last_number + pause.number)
    taken = {pause.number for pause in CREATED_PAUSED.values()}
    numbers = (last_number + number for number in count(1) if number not in taken)
    for mentor, reason, start, expected, end, recorded in PAUSES_AROUND_TODAY:
        mentor_id = f"mentor-{mentor:03}"
        created[mentor_id] = day(-CREATED_DAYS_AGO, 9), None
        pause = Pause(next(numbers), day(start), day(expected), day(end), reason, day(recorded, 9))
        has_ended = end is not None and end < 0
        yield pause.created_at, mentor_id, "pause_opened", pause._replace(end_date=None) if has_ended else pause
        if has_ended:
            yield day(end, 9), mentor_id, "pause_ended", pause
    for mentor_id, (at, pause) in created.items():
        yield at, mentor_id, "created", pause
