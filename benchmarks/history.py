"""Measure the history of everybody among a thousand and among a million entries, whatever the filters find."""

import psycopg

import migrations
from app import create_app
from benchmarks import in_process
from benchmarks.data import WORDS
from db import db
from settings import Settings

SIZES = (1_000, 1_000_000)
MENTORS = 10_000
# Three years; two fifths of the entries are about one mentor, and half were written by one name, which deleted nobody.
SECONDS = 3 * 365 * 24 * 3600
DAY = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', 1672531200 + i * {step}, 'unixepoch')",
    "postgres": "to_timestamp(1672531200 + i * {step})",
}
PAUSE_RECORDS = (
    '[{"pause_record_id":12345,"event":"pause_opened","start_date":"2026-01-01T00:00:00Z",'
    '"expected_return_date":"2026-02-01T00:00:00Z","end_date":null,"reason":"personal_leave","before":null,'
    '"created_at":"2026-01-01T00:00:00Z"}]'
)
METADATA = '{"notes":"asked for leave by telephone"}'
ENTRY = """
INSERT INTO history_entry (mentor_id, changed_at, event, is_paused, pause_records, changed_by, metadata) {numbers}
SELECT CASE WHEN i % 5 < 2 THEN 'busy' ELSE 'mentor-' || (i * 31 % {mentors}) END, {day},
CASE WHEN i % 2 = 0 THEN 'updated' WHEN i % 1001 = 0 THEN 'deleted' ELSE 'pause_opened' END, {false},
CASE WHEN i % 2 = 0 THEN '[]' ELSE '{records}' END,
CASE WHEN i % 2 = 0 THEN 'robot' ELSE 'coordinator-' || (i % 20) END, '{metadata}'
FROM n
"""
PATH = "/api/v1/history"
FEW = ",".join(f"mentor-{number}" for number in range(99))
QUERIES = {
    "all": "",
    "until long ago": "until=2023-01-02",
    "since, none": "since=2198-01-01",
    "an event of a name, none": "event=deleted&changed_by=robot",
    "100 mentors": f"mentor_id={FEW},busy",
    "100 mentors, none": f"mentor_id={FEW},busy&event=pause_reopened",
    "all filters, none": f"mentor_id={FEW},busy&event=deleted&changed_by=robot&since=2023-01-01&until=2025-12-31",
}


def measure(create, rounds):
    """Return the p50 of each query in ms, by size; `create(name)` creates a database, and returns its URL."""
    figures = {}
    for count in SIZES:
        app = create_app(Settings(database_url=create(f"entries_{count}"), log_level="WARNING"))
        migrations.migrate(app.config["SETTINGS"])
        fill(count)
        figures[f"{count} entries"] = {
            name: in_process.median_ms(app.wsgi_app, lambda _number, query=query: ("GET", PATH, query, None), rounds)
            for name, query in QUERIES.items()
        }
        db.close_all()
    return figures


def fill(count):
    """Insert so many entries into an empty, migrated database."""
    words, day = WORDS[db.dialect.name], DAY[db.dialect.name].format(step=SECONDS // count)
    numbers, false = words["numbers"].format(count=count), words["false"]
    values = {"mentors": MENTORS, "day": day, "records": PAUSE_RECORDS, "metadata": METADATA}
    sql = ENTRY.format(numbers=numbers, false=false, **values)
    with db.connection_context():
        with db.atomic():
            db.lift_time_limits()
            db.execute_sql(sql.replace("%", "%%") if db.dialect.name == "postgres" else sql)
        if db.dialect.name == "postgres":
            psycopg.Cursor(db.connection()).execute("VACUUM ANALYZE")
