"""All data of the service at once: backup, vacuum, export and import. It has commands alone."""

from features.data.commands import blueprint

__all__ = ["blueprint"]
