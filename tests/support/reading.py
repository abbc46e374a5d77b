"""What every read shall say of pauses at an instant, in plain Python: lists, digest, statistics and calendar.

A pause is a dict with the keys of a pause record. Instants are texts, which compare as instants do.
"""

from datetime import date, datetime, timedelta
from statistics import median

from db import db
from models import MentorStatus

DATES = ("start_date", "expected_return_date", "end_date")
COLUMNS = ("reason", *DATES, "created_at")
NAMES = ("A", "B", "a", "b~", "b1", *(f"mentor-{number}" for number in range(20)), "without-a-pause")
NEVER = "9999"
A_DAY = 86_400  # seconds


class Reading:
    """What pauses mean at the instant `at`; `days` has the days of the zone (a Walk).

    With `expected`, an open pause ends on its expected_return_date.
    """

    def __init__(self, at, days, expected=False):
        self.at, self.days, self.expected = at, days, expected

    def days_until(self, instant):
        """Return how many days the day of an instant is after that of this reading."""
        return (date.fromisoformat(self.days.day_of(instant)) - date.fromisoformat(self.days.day_of(self.at))).days

    # --- a pause

    def back(self, pause):
        """Return the expected return."""
        return pause["end_date"] or pause["expected_return_date"]

    def end(self, pause):
        return (self.back(pause) if self.expected else pause["end_date"]) or NEVER

    def is_cancelled(self, pause):
        return self.end(pause) == pause["start_date"]

    def has_ended(self, pause):
        return self.end(pause) <= self.at or self.is_cancelled(pause)

    def is_in_force(self, pause):
        return pause["start_date"] <= self.at and not self.has_ended(pause)

    def phases(self, pause):
        is_open = self.is_in_force(pause) and pause["end_date"] is None
        expected = pause["expected_return_date"]
        said = {
            "scheduled": pause["start_date"] > self.at and not self.has_ended(pause),
            "current": self.is_in_force(pause),
            "overdue": is_open and expected is not None and self.days_until(expected) < 0,
            "undated": is_open and expected is None,
            "ended": self.has_ended(pause),
        }
        return {phase for phase, holds in said.items() if holds}

    def is_due(self, pause, days):
        back = self.back(pause)
        return not self.has_ended(pause) and back is not None and self.days_until(back) <= days

    def passes(self, pause, name, value):  # noqa: PLR0911 one line a filter
        """Say whether a filter of the list of pause records keeps a pause."""
        match name:
            case "mentor_id":
                return pause["mentor_id"] in value.split(",")
            case "mentor_id_contains":
                return value.lower() in pause["mentor_id"].lower()
            case "is_active":
                return self.has_ended(pause) == (value == "false")
            case "reason":
                return pause["reason"] == value
            case "phase":
                return value in self.phases(pause)
            case "from":
                return self.end(pause) > value and not self.is_cancelled(pause)
            case "to":
                return pause["start_date"] < value and not self.is_cancelled(pause)
            case "due_within_days":
                return self.is_due(pause, value)
        return True

    def listed(self, pause):
        """Return what the list of pause records shows of a pause."""
        shown = {name: pause[name] for name in ("mentor_id", "reason", *DATES)}
        return {"pause_record_id": f"pause-rec-{pause['number']:04}", "is_active": not self.has_ended(pause)} | shown

    # --- a mentor

    def pause_shown(self, pauses):
        """Return which of a mentor's pauses the mentor shows."""
        coming = [pause for pause in pauses if "scheduled" in self.phases(pause)]
        next_start = min((pause["start_date"] for pause in coming), default=None)
        in_force = [pause for pause in pauses if self.is_in_force(pause)]
        candidates = in_force or [pause for pause in coming if pause["start_date"] == next_start]
        return max(candidates, key=lambda pause: (self.back(pause) or NEVER, pause["number"]), default=None)

    def mentor(self, mentor_id, pauses):
        """Return what GET one shows of a mentor's status."""
        own = [pause for pause in pauses if pause["mentor_id"] == mentor_id]
        shown, is_paused = self.pause_shown(own), any(map(self.is_in_force, own))
        return {
            "mentor_id": mentor_id,
            "status": "paused" if is_paused else "active",
            "is_paused": is_paused,
            "pause_start_date": shown and shown["start_date"],
            "expected_return_date": shown and self.back(shown),
            "pause_reason": shown and shown["reason"],
        }

    # --- the digest

    def sections(self, pauses, days):
        """Return the pauses of each section of a digest, in their order."""

        def is_within(pause, name, first, last):
            return pause[name] and first <= self.days_until(pause[name]) < last and not self.is_cancelled(pause)

        def start(pause):
            return pause["start_date"]

        sections = {  # the condition, and what to order by
            "overdue": (lambda pause: "overdue" in self.phases(pause), self.back),
            "due": (lambda pause: self.is_due(pause, days - 1) and "overdue" not in self.phases(pause), self.back),
            "beginning": (lambda pause: is_within(pause, "start_date", 0, days), start),
            "begun": (lambda pause: is_within(pause, "start_date", -days, 0), start),
            "ended": (lambda pause: is_within(pause, "end_date", -days, 0), self.back),
            "undated": (lambda pause: "undated" in self.phases(pause), start),
        }
        # The pauses are in the order of their numbers, which remains where dates are equal.
        return {name: sorted(filter(has, pauses), key=by) for name, (has, by) in sections.items()}

    def is_outlasted(self, pause, pauses):
        """Say whether another pause of the mentor lasts longer, without a day between the two."""
        back = self.back(pause)
        return back is not None and any(
            other["mentor_id"] == pause["mentor_id"]
            and other is not pause
            and not self.has_ended(other)
            and (other["start_date"] <= self.at or self.days.day_of(other["start_date"]) <= self.days.day_of(back))
            and (self.has_ended(pause) or (self.back(other) or NEVER) > back)
            for other in pauses
        )

    # --- statistics

    def forecast_end(self, pause):
        """Return the end of a pause; of an open one the return date, if it lies ahead; NEVER if there is none."""
        expected = pause["expected_return_date"]
        return pause["end_date"] or (expected if expected and expected > self.at else NEVER)

    def counted(self, pauses):
        """Return the pauses that statistics count: those that are not cancelled."""
        return [pause for pause in pauses if self.forecast_end(pause) != pause["start_date"]]

    def period(self, pauses, start, end):
        """Return what the statistics say of a period."""
        then = Reading(start, self.days, expected=start > self.at)
        paused = {pause["mentor_id"] for pause in pauses if then.is_in_force(pause)}
        overdue = {pause["mentor_id"] for pause in pauses if "overdue" in self.phases(pause)}
        overdue -= {
            pause["mentor_id"] for pause in pauses if self.phases(pause) & {"current", "overdue"} == {"current"}
        }
        ended = [pause for pause in self.counted(pauses) if start <= self.forecast_end(pause) < end]
        return {
            "from": start,
            "to": end,
            "expected": end > self.at,
            "paused": len(paused),
            "overdue": len(overdue - paused) if start > self.at else 0,
            "begun": sum(start <= pause["start_date"] < end for pause in self.counted(pauses)),
            "ended": len(ended),
            "late": sum(map(self.ended_late, ended)),
            "median_days": median_days([(pause["start_date"], self.forecast_end(pause)) for pause in ended]),
        }

    def ended_late(self, pause):
        expected, end = pause["expected_return_date"], pause["end_date"]
        return bool(expected and end) and self.days.day_of(end) > self.days.day_of(expected)

    def reasons(self, pauses, start, end):
        """Return what the statistics say of each reason in a window."""
        begun = [pause for pause in self.counted(pauses) if start <= pause["start_date"] < end]
        counts = []
        for reason in {pause["reason"] for pause in begun}:
            own = [pause for pause in begun if pause["reason"] == reason]
            spans = [
                (pause["start_date"], pause["end_date"]) for pause in own if (pause["end_date"] or NEVER) <= self.at
            ]
            counts.append({"reason": reason, "pauses": len(own), "median_days": median_days(spans)})
        return sorted(counts, key=lambda each: (-each["pauses"], each["reason"] or ""))

    # --- the calendar

    def event(self, pause):
        """Return the first day of a pause in the calendar and the day after its last.

        An open pause without a return date goes on to the end of the third month from now.
        """
        first, today = (date.fromisoformat(self.days.day_of(instant)) for instant in (pause["start_date"], self.at))
        back = self.back(pause)
        if "overdue" in self.phases(pause):
            after = today + timedelta(1)
        elif back:
            after = date.fromisoformat(self.days.day_of(back)) + timedelta(self.days.shown(back) == back)
        else:
            after = date(today.year + (today.month + 3) // 12, (today.month + 3) % 12 + 1, 1)
        return first, max(after, first + timedelta(1))


def median_days(spans):
    lengths = [(datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() for start, end in spans]
    return round(median(lengths) / A_DAY, 1) if lengths else None


def in_order(rows, name, key):
    """Return rows in the order of a `sort`: nulls last in either direction, of equal values by the ascending key."""
    column = name.removeprefix("-")
    rows = sorted(rows, key=lambda row: row[key])
    known = sorted(
        (row for row in rows if row[column] is not None), key=lambda row: row[column], reverse=name.startswith("-")
    )
    return known + [row for row in rows if row[column] is None]


# --- pauses to read


def borders(days, around):
    """Return the first and the last second of each day near the middle, and an instant between them."""
    starts = {days.start_of(days.middle + timedelta(number)) for number in range(-around, around)}
    found = [datetime.fromisoformat(start) + timedelta(seconds=add) for start in starts for add in (-1, 0, 1, 50_000)]
    return sorted(f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in found)


def make_pauses(days, choice, count=60):
    """Insert mentors with pauses of every kind, whose dates are at borders of days; return both, as dicts."""
    instants, pauses = borders(days, 8), {}
    while len(pauses) < count:
        start = choice.choice(instants)
        later = [None, start, *(at for at in instants if at > start)]
        dates = {name: choice.choice(later) if choice.random() < 0.6 else None for name in DATES[1:]}
        mentor_id, reason = choice.choice(NAMES[:-1]), choice.choice(["leave", "study", None])
        pause = {"mentor_id": mentor_id, "reason": reason, "start_date": start, **dates}
        pauses.setdefault((mentor_id, start, reason), pause | {"created_at": choice.choice(instants)})
    rows = [pause | {"number": number} for number, pause in enumerate(pauses.values(), 1)]
    with db.connection_context(), db.atomic():
        mentors = [{"mentor_id": mentor_id, "last_updated": choice.choice(instants)} for mentor_id in NAMES]
        MentorStatus.insert_many(mentors).execute()
        columns = ("mentor_id", *COLUMNS, "last_changed")
        inserted = [[row["mentor_id"], *(row[name] for name in COLUMNS), row["created_at"]] for row in rows]
        db.dialect.insert_rows("pause_record", columns, inserted)
    return mentors, rows
