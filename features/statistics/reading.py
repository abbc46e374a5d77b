"""Statistics: how many mentors were paused, and how many pauses began and ended, in each period of a window.

A cancelled pause (it ends where it starts) is not counted. For instants after now, an open pause is read as with
`expected=true`: it ends on its `expected_return_date`. If that date has passed, the pause is not in force after now,
and ends in no period. `overdue` counts the mentors whom this leaves out.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import timedelta
from itertools import accumulate, chain, pairwise
from statistics import median
from typing import NamedTuple

from db import db, parameter, statement
from features.statistics.schemas import MOST_PERIODS
from mentors.days import zone
from mentors.formats import seconds_after, seconds_between
from mentors.pauses import LAST_INSTANT, Pause, PauseSQL
from mentors.problems import invalid
from models import PauseRecord

MOST_REASONS = 100  # reasons are free text: there may be as many as pauses
SECONDS_A_DAY = 86_400


class CountedPause(NamedTuple):
    """A pause, as far as statistics read it."""

    mentor_id: str
    start_date: str
    expected_return_date: str | None
    end_date: str | None
    reason: str | None

    has_ended = Pause.has_ended
    is_in_force = Pause.is_in_force
    is_overdue = Pause.is_overdue

    def end(self, now):
        """Return the end of the pause; of an open one, the return date if it is still to come, else None."""
        if self.end_date is None and (self.expected_return_date or "") > now:
            return self.expected_return_date
        return self.end_date

    def ended_late(self):
        """Say whether the pause ended after the day of its return date."""
        expected = self.end_date and self.expected_return_date
        return bool(expected) and self.end_date > expected and zone.day_of(self.end_date) > zone.day_of(expected)


@statement
def pauses_in_window_statement():
    """Select the pauses that overlap a window, or end at its start; by mentor, then by start."""
    columns = [PauseRecord.mentor, *(getattr(PauseRecord, name) for name in CountedPause._fields[1:])]
    end = PauseSQL.of_read().end(PauseRecord)  # an index is on this expression, which uses no instant
    overlaps = (PauseRecord.start_date < parameter("until")) & (end >= parameter("since"))
    pauses = PauseRecord.select(*columns).where(overlaps & (end != PauseRecord.start_date))
    return pauses.order_by(PauseRecord.mentor, PauseRecord.start_date)


def read_statistics(since, until, unit, now):
    """Return the counts by period and by reason: {"data": […], "reasons": […]}.

    The window is from the instant `since` (inclusive) to `until` (exclusive). It is cut into days, weeks from
    Monday, or months; the first and the last may be shorter. Raises a Problem (422) for more than 400 periods.
    """
    starts = starts_of_periods(since, until, unit)
    with db.slow_read_turns:  # also for the counting, which takes as long as the read
        # If the window begins after now, count_overdue() still needs the pauses of now.
        rows = pauses_in_window_statement().rows(since=min(since, now), until=until)
        pauses = [CountedPause(*row) for row in rows]
        return count(pauses, starts, until, now)


def count(pauses, starts, until, now):
    """Count the pauses of a window, whose periods begin at `starts`, as read_statistics() returns it."""
    since = starts[0]
    begun, ended = defaultdict(list), defaultdict(list)
    for pause in pauses:
        end = pause.end(now)
        if end == pause.start_date:  # it starts after now, and is expected back at its start: as a cancelled one
            continue
        if pause.start_date >= since:
            begun[bisect_right(starts, pause.start_date)].append(pause)
        if end and since <= end < until:
            ended[bisect_right(starts, end)].append(pause)
    paused = count_paused(pauses, starts, now)
    overdue = count_overdue(pauses, starts, now)
    data = [
        {
            "from": start,
            "to": end,
            "expected": end > now,
            "paused": paused[period - 1],
            "overdue": overdue[period - 1],
            "begun": len(begun[period]),
            "ended": len(ended[period]),
            "late": sum(pause.ended_late() for pause in ended[period]),
            "median_days": median_days([(pause.start_date, pause.end(now)) for pause in ended[period]]),
        }
        for period, (start, end) in enumerate(pairwise([*starts, until]), 1)
    ]
    return {"data": data, "reasons": count_reasons(chain.from_iterable(begun.values()), now)}


def starts_of_periods(since, until, unit):
    """Return the instants at which the periods of a window begin; the first is `since`."""
    starts = [since]
    day = zone.day_of(since)
    while len(starts) <= MOST_PERIODS:
        day = next_start(day, unit)
        start = zone.start_of(day)
        if start >= until:
            return starts
        if start > starts[-1]:  # else the clocks have skipped the day before
            starts.append(start)
    refusal = (
        f"There are over {MOST_PERIODS} periods between from and to; send a longer period, or dates closer together."
    )
    raise invalid({"by": [refusal]})


def next_start(day, unit):
    """Return the first day after `day` on which a period begins."""
    if unit == "month":
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 - day.weekday() if unit == "week" else 1)


def count_paused(pauses, starts, now):
    """Return how many mentors are paused at each of the `starts`. The pauses are in order of mentor, then of start."""
    # A difference array: +1 at the first start that a pause covers, -1 at the first one after those. A pause that
    # overlaps earlier ones of its mentor is counted from where they end, so nobody counts twice.
    changes = [0] * (len(starts) + 1)
    next_instant = seconds_after(now, 1)
    mentor_id = None
    for pause in pauses:
        if pause.mentor_id != mentor_id:
            mentor_id, counted_to = pause.mentor_id, 0
        counted_from = max(bisect_left(starts, pause.start_date), counted_to)
        # A pause whose return date has passed is counted up to the instant of the read.
        end = pause.end(now) or (next_instant if pause.expected_return_date else LAST_INSTANT)
        counted_to = max(bisect_left(starts, end), counted_from)
        changes[counted_from] += 1
        changes[counted_to] -= 1
    return list(accumulate(changes[:-1]))


def count_overdue(pauses, starts, now):
    """Return, for each of the `starts`, how many overdue mentors count_paused() leaves out; 0 if it is not after now.

    Overdue here are the mentors whom only overdue pauses keep away now.
    """
    if starts[-1] <= now:
        return [0] * len(starts)
    today = zone.start_of_day(now)
    overdue = {pause.mentor_id for pause in pauses if pause.is_overdue(today)}
    overdue -= {pause.mentor_id for pause in pauses if pause.is_in_force(now) and not pause.is_overdue(today)}
    # Those of them who are in a later pause at a start after now are counted as paused then.
    paused_later = count_paused([pause for pause in pauses if pause.mentor_id in overdue], starts, now)
    return [len(overdue) - count if start > now else 0 for start, count in zip(starts, paused_later, strict=True)]


def count_reasons(pauses, now):
    """Return how many of the pauses have each of the most frequent reasons, and the median length of the ended ones."""
    by_reason = defaultdict(list)
    for pause in pauses:
        by_reason[pause.reason].append(pause)
    most_frequent = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0] or ""))[:MOST_REASONS]
    return [
        {
            "reason": reason,
            "pauses": len(its_pauses),
            "median_days": median_days(
                [(pause.start_date, pause.end_date) for pause in its_pauses if (pause.end_date or LAST_INSTANT) <= now]
            ),
        }
        for reason, its_pauses in most_frequent
    ]


def median_days(spans):
    """Return the median length of spans of two instants, in days with one decimal; None if there are none."""
    return round(median(seconds_between(*span) for span in spans) / SECONDS_A_DAY, 1) if spans else None
