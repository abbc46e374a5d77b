"""The digest: what a coordinator should know this week, by the API and by mail."""

from features.digest.commands import blueprint

__all__ = ["blueprint"]
