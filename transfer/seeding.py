"""Example data out of the contract itself: 87 mentors and 34 pause records."""

from db import connected, transactional
from models import HistoryEntry, MentorStatus, PauseRecord

MENTORS = 87
RECORDS = 34
CERTIFICATION = "certification_expiry"
REASONS = (CERTIFICATION, "personal_leave", "medical_leave", "workload")


class NotEmptyError(Exception):
    """The database holds data already; example data is for an empty one."""


@connected
def refuse_data():
    """Raise NotEmptyError when there is a mentor."""
    if MentorStatus.select().exists():
        raise NotEmptyError("the database is not empty; nothing was written.")


@transactional
def seed():
    """Insert the contract's examples, such that each of its GETs answers as printed; return how many of each.

    The contract's numbers contradict one another in two places. It prints mentor-001 and mentor-042 as the first page
    of 87 by 20: here others stand between them. And with 34 pause records, the next one created cannot be its
    pause-rec-0019: it is pause-rec-0035. Raises NotEmptyError when there is a mentor.
    """
    refuse_data()
    mentors = {f"mentor-{number:03}": "2026-03-20T10:00:00Z" for number in range(1, MENTORS + 1)}
    records = [example_record(number) for number in range(1, RECORDS + 1)]
    mentors |= {record["mentor"]: record["created_at"] for record in records}
    MentorStatus.insert_many([{"mentor_id": name, "last_updated": at} for name, at in mentors.items()]).execute()
    PauseRecord.insert_many(records).execute()
    HistoryEntry.insert_many([example_entry(name, at, records) for name, at in mentors.items()]).execute()
    return len(mentors), len(records)


def example_entry(mentor_id, created_at, records):
    """Return the history entry of a mentor's creation, with the pause where they have one."""
    names = "pause_record_id", "pause_start_date", "expected_return_date", "pause_end_date", "pause_reason"
    state = dict.fromkeys(names)
    entry = {"mentor_id": mentor_id, "changed_at": created_at, "event": "created", "is_paused": False} | state
    for number, record in enumerate(records, 1):
        if record["mentor"] == mentor_id:
            entry |= {
                "pause_record_id": number,
                "is_paused": True,
                "pause_start_date": record["start_date"],
                "expected_return_date": record["expected_return_date"],
                "pause_end_date": record["end_date"],
                "pause_reason": record["reason"],
            }
    return entry


def example_record(number):
    """Return pause record `number`; 18 is the contract's own, every third of the others has ended."""
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
