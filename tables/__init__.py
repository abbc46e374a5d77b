"""Both lists as tables for a spreadsheet (CSV, RFC 4180): download, edit, upload."""
