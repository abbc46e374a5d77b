"""A backup of the SQLite file: whole, of one instant, and never over something else."""

import sqlite3
from contextlib import closing

import pytest

from tests.support.answers import everything_at
from tests.support.commands import NOW, app_on, command, flask, migrated, start

MENTORS = "/api/v1/mentor-statuses"


@pytest.fixture
def original(tmp_path):
    """Return the path of a database with examples."""
    path = tmp_path / "original.db"
    assert flask(migrated(f"sqlite:///{path}"), "seed")[0] == 0
    return path


def test_a_backup_while_others_write_is_whole_and_of_one_instant(original, tmp_path):
    copy = tmp_path / "copy.db"
    written = 0
    with (
        closing(sqlite3.connect(original)) as writer,
        start(command("backup", copy), f"sqlite:///{original}") as process,
    ):
        while process.poll() is None:
            written += 1
            with writer:
                writer.execute(f"INSERT INTO mentor_status VALUES ('new-{written}', '{NOW}')")
                names = "mentor_id, changed_at, event, pause_records"
                writer.execute(f"INSERT INTO history_entry ({names}) VALUES ('new', '{NOW}', 'created', '[]')")
        assert process.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"original.db", "original.db.lock", "copy.db"}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        new = "SELECT count(*) FROM {} WHERE mentor_id LIKE 'new%'".format
        entries, mentors = (connection.execute(new(each)).fetchone() for each in ("history_entry", "mentor_status"))
    assert (0,) <= entries == mentors <= (written,)


def test_a_backup_answers_every_read_as_the_original_does(original, tmp_path):
    copy = tmp_path / "copy.db"
    assert flask(f"sqlite:///{original}", "backup", copy) == (0, [f"backup: {copy}"])
    assert everything_at(f"sqlite:///{copy}") == everything_at(f"sqlite:///{original}")


SECRETS = (b"person@example.org", b"a private illness", b"by telephone")


@pytest.fixture
def erased(tmp_path):
    """Return the path of a database in which a mentor was erased."""
    path = tmp_path / "original.db"
    with app_on(migrated(f"sqlite:///{path}")) as app:
        client = app.test_client()
        metadata = {"notes": "by telephone " * 1000}  # on pages of its own
        body = {"mentor_id": "person@example.org", "status": "paused", "pause_reason": "a private illness"}
        requests = [
            client.post(MENTORS, json=body | {"metadata": metadata}),
            client.put(f"{MENTORS}/person@example.org", json={"metadata": metadata | {"n": 1}}),
            client.post(MENTORS, json={"mentor_id": "ada"}),
            client.delete(f"{MENTORS}/person@example.org?erase=true"),
        ]
        assert [response.status_code for response in requests] == [201, 200, 201, 200]
    return path


def test_what_was_erased_is_not_in_the_file_any_more(erased):
    assert {path.name for path in erased.parent.glob("original.db*")} == {"original.db", "original.db.lock"}
    assert [secret for secret in SECRETS if secret in erased.read_bytes()] == []


def test_a_backup_has_nothing_that_was_deleted_before(erased):
    copy = erased.parent / "copy.db"
    with closing(sqlite3.connect(erased)) as connection:  # as another program leaves it, which overwrites nothing
        connection.execute("PRAGMA secure_delete = 0")
        connection.execute("CREATE TABLE secrets (text)")
        connection.executemany("INSERT INTO secrets VALUES (?)", [("a private illness",)] * 1000)
        connection.execute("DROP TABLE secrets")
        connection.commit()
    assert SECRETS[1] in erased.read_bytes()
    assert flask(f"sqlite:///{erased}", "backup", copy)[0] == 0
    assert [secret for secret in SECRETS if secret in copy.read_bytes()] == []
