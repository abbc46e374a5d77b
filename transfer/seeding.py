"""Example data for an empty database: the contract's own, or 40 mentors with each kind of pause around today."""

from datetime import datetime, timedelta

import orjson

from db import connected, transactional
from mentors import writes
from mentors.formats import instant
from mentors.pauses import DATES_AND_REASON
from models import HistoryEntry, MentorStatus, PauseRecord
from transfer import TransferError

MENTORS = 87
RECORDS = 34
CERTIFICATION = "certification_expiry"
REASONS = (CERTIFICATION, "personal_leave", "medical_leave", "workload")


@connected
def refuse_data():
    """Raise TransferError if there is a mentor."""
    if MentorStatus.select().exists():
        raise TransferError("the database is not empty; nothing was written.")


# --- the contract's examples


@transactional
def seed():
    """Insert the contract's examples; return how many mentors and records there are.

    In a new database, each GET of the contract is answered as the contract prints it. If the database had pause records
    before, the examples have the ids after those. Raises TransferError if there is a mentor.

    The contract's numbers contradict one another in two places. It prints mentor-001 and mentor-042 as the first page
    of 87 by 20: here others stand between them. And with 34 pause records, the next one created cannot be its
    pause-rec-0019: it is pause-rec-0035.
    """
    refuse_data()
    created = {f"mentor-{number:03}": "2026-03-20T10:00:00Z" for number in range(1, MENTORS + 1)}
    records = [example_record(number) for number in range(1, RECORDS + 1)]
    created |= {record["mentor"]: record["created_at"] for record in records}
    MentorStatus.insert_many([{"mentor_id": name, "last_updated": at} for name, at in created.items()]).execute()
    PauseRecord.insert_many(records).execute()
    pauses = {pause.mentor_id: pause for pause in PauseRecord.select()}
    HistoryEntry.insert_many([example_entry(name, at, pauses.get(name)) for name, at in created.items()]).execute()
    return len(created), len(records)


def example_record(number):
    """Return a pause record: 18 is the one that the contract prints; every third of the others has ended."""
    day = f"2026-02-{number % 28 + 1:02}"
    record = {
        "mentor": f"mentor-{(number * 7) % 40 + 45:03}",
        "start_date": f"{day}T00:00:00Z",
        "expected_return_date": f"2026-{number % 6 + 4:02}-01T00:00:00Z",
        "end_date": "2026-03-10T00:00:00Z" if number % 3 == 0 else None,
        "reason": REASONS[number % len(REASONS)],
        "created_at": f"{day}T09:00:00Z",
    }
    if number == 18:
        record.update(
            mentor="mentor-042",
            start_date="2026-03-01T00:00:00Z",
            expected_return_date="2026-04-01T00:00:00Z",
            end_date=None,
            reason=CERTIFICATION,
            created_at="2026-03-01T09:15:00Z",
        )
    return record | {"last_changed": record["created_at"]}


def example_entry(mentor_id, created_at, pause):
    """Return the history entry of a mentor's creation, with the mentor's pause record if there is one."""
    event = {"pause_record_id": pause and pause.id, "event": "pause_opened"}
    opened = [event | {name: getattr(pause, name) for name in DATES_AND_REASON}] if pause else []
    return {
        "mentor_id": mentor_id,
        "changed_at": created_at,
        "event": "created",
        "pause_record_id": pause and pause.id,
        "is_paused": pause is not None,
        "pause_start_date": pause and pause.start_date,
        "expected_return_date": pause and pause.expected_return_date,
        "pause_end_date": pause and pause.end_date,
        "pause_reason": pause and pause.reason,
        "pause_records": orjson.dumps(opened).decode(),
    }


# --- the demo

DEMO_MENTORS = range(3, 43)
COORDINATORS = ("coordinator-003", "coordinator-007", "coordinator-011")
# The mentor, the reason, and four dates in days from today: when the pause begins, when the mentor is expected back,
# when the pause ends, and when it was recorded. None: there is no such date.
DEMO_PAUSES = (
    (42, "certification_expiry", -38, -12, None, -38),  # overdue
    (7, "medical_leave", -61, -20, None, -60),
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
    (12, "medical_leave", -55, -35, -36, -55),  # ended
    (20, "personal_leave", -40, None, -30, -44),
    (26, "certification_expiry", -52, -30, -25, -52),
    (34, "workload", -33, -20, -22, -33),
    (38, "personal_leave", -21, -14, -14, -28),
    (5, "medical_leave", -47, -40, -41, -47),
    (14, "workload", -50, -38, -39, -50),
    (4, "certification_expiry", -110, -90, -88, -110),
    (17, "parental_leave", -160, -75, -72, -190),
)


def seed_demo(now):
    """Fill an empty database with mentors and pauses around today, as coordinators would have entered them.

    `now` is the present instant. Each write follows the rules at an instant in the past, so there is a history. Each is
    a transaction of its own: after an interruption, begin with an empty database. Returns how many mentors and records
    there are. Raises TransferError if there is a mentor.
    """
    refuse_data()
    today = datetime.fromisoformat(now[:10] + "T00:00:00Z")

    def day(offset, hour=0):
        return instant(today + timedelta(days=offset, hours=hour))

    def caller(offset, number):
        return writes.Caller(lambda: day(offset, 9), None, COORDINATORS[number % len(COORDINATORS)])

    for number in DEMO_MENTORS:
        writes.create_mentor(caller(-200, number), {"mentor_id": f"mentor-{number:03}"})
    in_order = sorted(DEMO_PAUSES, key=lambda pause: pause[-1])
    for number, (mentor, reason, start, expected, end, recorded) in enumerate(in_order, 1):
        body = {"mentor_id": f"mentor-{mentor:03}", "start_date": day(start), "reason": reason}
        if expected is not None:
            body["expected_return_date"] = day(expected)
        has_ended = end is not None and end < 0
        if end is not None and not has_ended:
            body["end_date"] = day(end)
        record, _is_repeat = writes.create_pause_record(caller(recorded, number), body)
        if has_ended:  # this comes before the mentor's next pause: the instants of a mentor's writes go forward
            record_id = record["pause_record_id"]
            writes.update_pause_record(caller(end, number + 1), record_id, {"end_date": day(end)})
    return len(DEMO_MENTORS), len(DEMO_PAUSES)
