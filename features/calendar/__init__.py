"""The calendar: the pauses, for calendar programs that subscribe to them."""

from features.calendar.routes import blueprint

__all__ = ["blueprint"]
