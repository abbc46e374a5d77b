"""The connections of a pool: which one is taken, and which are not kept."""

import pytest
from peewee import OperationalError

from db import db
from tests.support.databases import ON_POSTGRES

INSERT = "INSERT INTO mentor_status (mentor_id, last_updated) VALUES ('ada', '2026-03-26T08:30:00Z')"


@pytest.fixture
def idle(client):
    """Return the idle connections of a pool that begins with none."""
    db.close_all()
    return db.idle


def test_the_connection_that_was_given_back_last_is_taken_first(idle):
    first, second = db.obj._connect(), db.obj._connect()
    idle.extend([first, second])
    with db.connection_context():
        assert db.connection() is second
        assert idle == [first]
    assert idle == [first, second]


def test_a_connection_that_is_in_a_transaction_still_is_closed_and_the_transaction_undone(idle, rows):
    with db.connection_context():
        db.execute_sql("BEGIN")
        db.execute_sql(INSERT)
    assert idle == []
    assert db.semaphore.free == db.size
    assert rows("mentor_status") == []


def test_a_connection_that_is_in_the_midst_of_a_select_is_not_kept(idle):
    with db.connection_context():
        half_read = db.execute_sql("SELECT name FROM schema_migration")  # Postgres has sent it all
    assert len(idle) == (db.dialect.name == "postgres")
    del half_read


def test_a_thread_has_one_connection_at_a_time(idle):
    with db.connection_context():
        with pytest.raises(OperationalError):
            db.connect()
        assert db.semaphore.free == db.size - 1
    assert db.semaphore.free == db.size


@ON_POSTGRES  # a file closes no connection
def test_a_connection_that_was_closed_is_nobodys(idle):
    db.connect()
    db.connection().close()
    db.close()
    db.close()
    assert (idle, db.semaphore.free) == ([], db.size)
