"""Example data around today: 40 mentors with each kind of pause, so that the board shows something."""

from datetime import datetime, timedelta

from mentors import writes
from mentors.formats import instant, pause_record_id
from transfer.seeding import refuse_data

MENTORS = range(3, 43)
COORDINATORS = ("coordinator-003", "coordinator-007", "coordinator-011")
# The mentor, the reason, and four days counted from today: on which the pause begins, the mentor is expected back, the
# pause ends, and it was recorded. None: no such date.
PAUSES = (
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
    """Fill an empty database with the example data, as coordinators would have entered it; return how many of each.

    `now` is the present instant. Each write is one of the rules, at an instant in the past, so there is a history.
    Each is a transaction of its own: to repeat one that was interrupted, begin with an empty database.
    Raises NotEmptyError when there is a mentor.
    """
    refuse_data()
    today = datetime.fromisoformat(now[:10] + "T00:00:00Z")

    def day(offset, hour=0):
        return instant(today + timedelta(days=offset, hours=hour))

    def caller(offset, number):
        return writes.Caller(lambda: day(offset, 9), None, COORDINATORS[number % len(COORDINATORS)])

    for number in MENTORS:
        writes.create_mentor(caller(-200, number), {"mentor_id": f"mentor-{number:03}"})
    by_record = sorted(PAUSES, key=lambda pause: pause[-1])
    for number, (mentor, reason, start, expected, end, recorded) in enumerate(by_record, 1):
        body = {"mentor_id": f"mentor-{mentor:03}", "start_date": day(start), "reason": reason}
        if expected is not None:
            body["expected_return_date"] = day(expected)
        ended = end is not None and end < 0
        if end is not None and not ended:
            body["end_date"] = day(end)
        writes.create_pause_record(caller(recorded, number), body)
        if ended:
            # Before the mentor's next pause is recorded: the instants of a mentor's writes go forward.
            writes.update_pause_record(caller(end, number + 1), pause_record_id(number), {"end_date": day(end)})
    return len(MENTORS), len(PAUSES)
