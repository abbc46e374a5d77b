"""Order the ends of pauses by mentor: counting who is paused then meets each mentor's pauses side by side."""

ENDS = {
    "pause_record_ends": "end_date, '9999-12-31T23:59:59Z'",
    "pause_record_ends_as_expected": "end_date, expected_return_date, '9999-12-31T23:59:59Z'",
}


def up(migrator, db):
    for name, end in ENDS.items():
        db.execute_sql(f"DROP INDEX {name}")
        db.execute_sql(f"CREATE INDEX {name} ON pause_record (COALESCE({end}), mentor_id, start_date)")
