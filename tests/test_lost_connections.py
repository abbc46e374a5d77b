"""Connections that Postgres has ended cost no request that may be repeated. (SQLite has none to end.)"""

import psycopg
import pytest

from database import db

MENTORS = "/api/v1/mentor-statuses"


@pytest.fixture
def end_connections(app, client):
    """Return a function that ends every connection of the pool from the server's side."""

    def end():
        if db.for_update:
            with psycopg.connect(app.config["SETTINGS"].database_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )

    return end


def open_all():
    """Have the pool hold as many open connections as it may."""
    pool, connections = db.obj, []
    for _ in range(pool._max_connections):
        connections.append(pool._connect())
    for connection in connections:
        pool._close(connection)


@pytest.mark.parametrize(
    "path", [MENTORS, f"{MENTORS}/ada", f"{MENTORS}/ada/history", "/api/v1/pause-records", "/readyz"]
)
def test_a_read_on_a_dead_connection_is_done_on_a_fresh_one(client, end_connections, path):
    client.post(MENTORS, json={"mentor_id": "ada"})
    open_all()
    end_connections()
    assert client.get(path).status_code == 200


def test_a_write_that_could_not_begin_is_done_on_a_fresh_connection(client, end_connections, rows):
    for number in range(3):
        open_all()
        end_connections()
        assert client.post(MENTORS, json={"mentor_id": f"ada{number}"}).status_code == 201
    assert len(rows("mentor_status")) == 3
