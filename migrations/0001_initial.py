"""The tables, their indexes and the tally. Plain SQL: the two databases differ in keys, instants and triggers."""

from peewee import SqliteDatabase

SQLITE = {
    "key": "INTEGER PRIMARY KEY AUTOINCREMENT",  # without the second word, the highest id is used again after a delete
    "instant": "TEXT",
    "bytewise": "TEXT",
    "number": "INTEGER",
    "flag": "INTEGER",
    "strict": "STRICT",
    "clustered": "STRICT, WITHOUT ROWID",
}
POSTGRES = {
    "key": "BIGSERIAL PRIMARY KEY",
    "instant": "TIMESTAMPTZ",
    "bytewise": 'TEXT COLLATE "C"',  # a locale of the server's would sort ids unlike SQLite does
    "number": "BIGINT",
    "flag": "BOOLEAN",
    "strict": "",
    "clustered": "",
}

# The expressions of the two `ends` indexes are those of pauses.At.end(): an open pause never ends.
TABLES = """
CREATE TABLE mentor_status (
    mentor_id {bytewise} PRIMARY KEY NOT NULL,
    last_updated {instant} NOT NULL
) {clustered};
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
) {strict};
CREATE UNIQUE INDEX pause_record_once ON pause_record (mentor_id, start_date, COALESCE(reason, ''));
CREATE INDEX pause_record_ends ON pause_record
    (COALESCE(end_date, '9999-12-31T23:59:59Z'), start_date, mentor_id);
CREATE INDEX pause_record_ends_as_expected ON pause_record
    (COALESCE(end_date, expected_return_date, '9999-12-31T23:59:59Z'), start_date, mentor_id);
CREATE INDEX pause_record_start_date ON pause_record (start_date, mentor_id);
CREATE INDEX pause_record_expected_return_date ON pause_record (expected_return_date, mentor_id);
CREATE INDEX pause_record_end_date ON pause_record (end_date, mentor_id);
CREATE INDEX pause_record_reason ON pause_record (reason, id);
CREATE INDEX pause_record_created_at ON pause_record (created_at, id);

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
) {strict};
CREATE INDEX history_entry_mentor ON history_entry (mentor_id, id);

CREATE TABLE tally (
    id {number} PRIMARY KEY CHECK (id = 1),
    mentors {number} NOT NULL,
    pause_records {number} NOT NULL
) {strict};
INSERT INTO tally VALUES (1, 0, 0)
"""

# Read backwards, an index of Postgres has its nulls first.
POSTGRES_DESCENDING = "CREATE INDEX pause_record_{column}_descending ON pause_record ({column} DESC NULLS LAST, id)"

# How many rows there are, kept by triggers, so that no path can forget it. One row for both tables: two of them, locked
# in either order, would deadlock. On Postgres once a statement: once a row, a bulk insert takes quadratic time.
SQLITE_TALLY = """
CREATE TRIGGER tally_{column}_in AFTER INSERT ON {table} BEGIN UPDATE tally SET {column} = {column} + 1; END
---
CREATE TRIGGER tally_{column}_out AFTER DELETE ON {table} BEGIN UPDATE tally SET {column} = {column} - 1; END
"""
POSTGRES_TALLY = """
CREATE FUNCTION tally_{column}_in() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE tally SET {column} = {column} + (SELECT count(*) FROM new_rows); RETURN NULL; END $$
---
CREATE FUNCTION tally_{column}_out() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM old_rows) THEN
        UPDATE tally SET {column} = {column} - (SELECT count(*) FROM old_rows);
    END IF;
    RETURN NULL;
END $$
---
CREATE FUNCTION tally_{column}_none() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE tally SET {column} = 0; RETURN NULL; END $$
---
CREATE TRIGGER tally_{column}_in AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION tally_{column}_in()
---
CREATE TRIGGER tally_{column}_out AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION tally_{column}_out()
---
CREATE TRIGGER tally_{column}_none AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tally_{column}_none()
"""


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    for statement in TABLES.format(**SQLITE if sqlite else POSTGRES).split(";\n"):
        db.execute_sql(statement)
    for column in () if sqlite else ("expected_return_date", "end_date"):
        db.execute_sql(POSTGRES_DESCENDING.format(column=column))
    for column, table in (("mentors", "mentor_status"), ("pause_records", "pause_record")):
        for statement in (SQLITE_TALLY if sqlite else POSTGRES_TALLY).split("---"):
            db.execute_sql(statement.format(column=column, table=table))
