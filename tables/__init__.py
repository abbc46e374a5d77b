"""Tables for a spreadsheet (CSV, RFC 4180): download both lists, edit, upload; download the statistics."""
