"""The statistics: how many mentors were paused, and how many pauses began and ended, period by period."""

from features.statistics.routes import blueprint

__all__ = ["blueprint"]
