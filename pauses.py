"""A pause, and what its dates mean at an instant: it covers `[start_date, end_date)`, and is open without an end."""

from typing import NamedTuple


class Pause(NamedTuple):
    """The dates and the reason of one pause record, by its number (None before it has one)."""

    number: int | None
    start_date: str
    expected_return_date: str | None
    end_date: str | None
    reason: str | None

    @property
    def expected_return(self):
        """When the mentor is expected back: a pause that has an end ends by itself."""
        return self.end_date or self.expected_return_date

    def has_ended(self, at):
        """Say whether its end is reached, or it ended where it started and so never was."""
        return self.end_date is not None and (self.end_date <= at or self.end_date == self.start_date)


def current_of(pauses, at):
    """Return of a mentor's un-ended pauses the current one: of those in force the one recorded last, else the next
    scheduled one (of several, that recorded last); None without any.
    """
    return min(pauses, key=lambda pause: (max(pause.start_date, at), -pause.number), default=None)
