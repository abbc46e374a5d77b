"""Count rows in slots on Postgres, so that no transaction waits for another one that counts, too.

A single row is locked by whoever creates or deletes a mentor or a pause record until that is committed, which takes as
long as the standby does: all such writes then go one after the other. SQLite has one writer anyway, and keeps its row.

`tally` becomes a view of the sum, which workers of an earlier release read as they read the table.
"""

from peewee import SqliteDatabase

# A worker of an earlier release takes a lock on mentor_status before it counts. EXCLUSIVE waits for those, and lets the
# others wait until they find the new functions; reads go on.
#
# tally_add() takes a slot that nobody holds, or makes one: so there are as many as there ever were such writes at once.
SLOTS = """
LOCK TABLE mentor_status IN EXCLUSIVE MODE;
CREATE TABLE tally_slot (id BIGSERIAL PRIMARY KEY, mentors BIGINT NOT NULL, pause_records BIGINT NOT NULL);
INSERT INTO tally_slot (mentors, pause_records) SELECT mentors, pause_records FROM tally;
DROP TABLE tally;
CREATE VIEW tally AS SELECT 1::bigint AS id, COALESCE(sum(mentors), 0)::bigint AS mentors,
    COALESCE(sum(pause_records), 0)::bigint AS pause_records FROM tally_slot
---
CREATE FUNCTION tally_add(mentors_more bigint, pause_records_more bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tally_slot
    SET mentors = mentors + mentors_more, pause_records = pause_records + pause_records_more
    WHERE id = (SELECT id FROM tally_slot ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO tally_slot (mentors, pause_records) VALUES (mentors_more, pause_records_more);
    END IF;
END $$
"""

# The triggers of 0001 call these.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION tally_{column}_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM tally_add({more}); RETURN NULL; END $$
---
CREATE OR REPLACE FUNCTION tally_{column}_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM old_rows) THEN PERFORM tally_add({fewer}); END IF;
    RETURN NULL;
END $$
---
CREATE OR REPLACE FUNCTION tally_{column}_none() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM tally_add({none}); RETURN NULL; END $$
"""
ARGUMENTS = {"mentors": "{}, 0", "pause_records": "0, {}"}  # of tally_add()


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    for statement in SLOTS.split("---"):
        db.execute_sql(statement)
    for column, arguments in ARGUMENTS.items():
        counts = {
            "more": arguments.format("(SELECT count(*) FROM new_rows)"),
            "fewer": arguments.format("-(SELECT count(*) FROM old_rows)"),
            # What all slots have together, so that none of them is waited for.
            "none": arguments.format(f"-(SELECT {column} FROM tally)"),  # noqa: S608 (our own names)
        }
        for statement in FUNCTIONS.format(column=column, **counts).split("---"):
            db.execute_sql(statement)
