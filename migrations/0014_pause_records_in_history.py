"""Keep in the history what each write did to each pause record, as JSON; null in the entries that are there already."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE history_entry ADD COLUMN pause_records TEXT")
