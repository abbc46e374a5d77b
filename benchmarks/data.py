"""Many mentors at once: every fifth is paused, every fifth has one that has ended, and three history entries each."""

import psycopg

from db import db

SQLITE = {
    "numbers": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
    "mentor_id": "printf('mentor-%07d', i)",
    # Spread over 2025, so that every order by a date is one of its own.
    "day": "strftime('%Y-%m-%dT%H:%M:%SZ', 1735689600 + (i * 7919) % 31536000, 'unixepoch'{})",
    "month_later": ", '+30 days'",
    "century_later": ", '+100 years'",
    "false": "0",
}
POSTGRES = {
    "numbers": "WITH n AS (SELECT generate_series(1, {count}) AS i)",
    "mentor_id": "'mentor-' || lpad(i::text, 7, '0')",
    "day": "to_timestamp(1735689600 + (i::bigint * 7919) % 31536000) {}",
    "month_later": "+ interval '30 days'",
    "century_later": "+ interval '100 years'",
    "false": "false",
}
WORDS = {"sqlite": SQLITE, "postgres": POSTGRES}
RECORD = "pause_record (mentor_id, start_date, expected_return_date, end_date, reason, created_at, last_changed)"
HISTORY = "history_entry (mentor_id, changed_at, event, is_paused, pause_records)"
ROWS = (
    ("mentor_status (mentor_id, last_updated)", "{mentor_id}, {day} FROM n"),
    (
        RECORD,
        "{mentor_id}, {day}, {century_later}, NULL, 'personal_leave', {day}, {day} FROM n WHERE i % 5 = 0",
    ),
    (
        RECORD,
        "{mentor_id}, {day}, NULL, {month_later}, 'certification_expiry', {day}, {day} FROM n WHERE i % 5 = 1",
    ),
    *((HISTORY, "{mentor_id}, {day}, 'updated', {false}, '[]' FROM n"),) * 3,
)


def fill(count):
    """Insert so many mentors into an empty, migrated database."""
    db.connect()
    try:
        with db.atomic():
            db.lift_time_limits()
            insert(count)
        if db.dialect.name == "postgres":
            # As autovacuum does, on a cursor that begins no transaction. The service keeps no statistics on SQLite.
            psycopg.Cursor(db.connection()).execute("VACUUM ANALYZE")
    finally:
        db.close()


def insert(count):
    words = dict(WORDS[db.dialect.name])
    day = words.pop("day")
    later = {name: day.format(words.pop(name)) for name in ("month_later", "century_later")}
    words |= later | {"day": day.format("")}
    for table, row in ROWS:
        sql = f"INSERT INTO {table} {words['numbers'].format(count=count)} SELECT {row.format(**words)}"
        if db.dialect.name == "postgres":
            sql = sql.replace("%", "%%").replace("NULL", "NULL::timestamptz")
        db.execute_sql(sql)
