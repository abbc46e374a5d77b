"""The three tables. Plain SQL, since the two databases differ in keys, instants and the order of text."""

from peewee import SqliteDatabase

SQLITE = {
    "key": "INTEGER PRIMARY KEY AUTOINCREMENT",  # without the second word, the highest id is used again after a delete
    "instant": "TEXT",
    "bytewise": "TEXT",
    "number": "INTEGER",
    "flag": "INTEGER",
    "options": "STRICT",
}
POSTGRES = {
    "key": "BIGSERIAL PRIMARY KEY",
    "instant": "TIMESTAMPTZ",
    "bytewise": 'TEXT COLLATE "C"',  # a locale of the server's would sort ids unlike SQLite does
    "number": "BIGINT",
    "flag": "BOOLEAN",
    "options": "",
}

TABLES = """
CREATE TABLE mentor_status (
    mentor_id {bytewise} PRIMARY KEY NOT NULL,
    last_updated {instant} NOT NULL
) {options};

CREATE INDEX mentor_status_last_updated ON mentor_status (last_updated, mentor_id);

CREATE TABLE pause_record (
    id {key},
    mentor_id {bytewise} NOT NULL REFERENCES mentor_status (mentor_id) ON DELETE CASCADE,
    start_date {instant} NOT NULL,
    expected_return_date {instant},
    end_date {instant},
    reason TEXT,
    created_at {instant} NOT NULL,
    CONSTRAINT expected_return_not_before_start CHECK (expected_return_date >= start_date),
    CONSTRAINT end_not_before_start CHECK (end_date >= start_date)
) {options};

CREATE UNIQUE INDEX pause_record_once ON pause_record (mentor_id, start_date, COALESCE(reason, ''));

CREATE TABLE history_entry (
    id {key},
    mentor_id {bytewise} NOT NULL,
    changed_at {instant} NOT NULL,
    event TEXT NOT NULL,
    pause_record_id {number},
    is_paused {flag},
    pause_start_date {instant},
    expected_return_date {instant},
    pause_reason TEXT,
    changed_by TEXT,
    metadata TEXT
) {options};

CREATE INDEX history_entry_mentor ON history_entry (mentor_id, id)
"""


def up(migrator, db):
    dialect = SQLITE if isinstance(db, SqliteDatabase) else POSTGRES
    for statement in TABLES.format(**dialect).split(";"):
        db.execute_sql(statement)
