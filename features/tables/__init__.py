"""Tables for a spreadsheet (CSV, RFC 4180): download both lists, edit, upload."""

from features.tables.routes import blueprint

__all__ = ["blueprint"]
