"""Index the dates of a mentor's pauses: whether they are paused, or have changed since, is then read off the index."""


def up(migrator, db):
    db.execute_sql(
        "CREATE INDEX pause_record_of_mentor ON pause_record (mentor_id, start_date, end_date, expected_return_date)"
    )
