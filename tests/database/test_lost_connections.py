"""Connections that Postgres has ended, or whose time is up, cost nothing that was acknowledged. (SQLite has none.)"""

import time

import psycopg
import pytest

from db import db
from mentors.mentor import Mentor
from tests.conftest import TABLES
from tests.support.connections import open_all

MENTORS = "/api/v1/mentor-statuses"


@pytest.fixture
def end_connections(client, postgres_url):
    """Return a function that ends every connection of the pool from the server's side."""

    def end():
        if db.dialect.name == "postgres":
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )

    return end


@pytest.mark.parametrize("path", [MENTORS, f"{MENTORS}/ada", "/readyz"])
def test_a_read_on_a_dead_connection_is_done_on_a_fresh_one(client, end_connections, path):
    client.post(MENTORS, json={"mentor_id": "ada"})
    open_all()
    end_connections()
    assert client.get(path).status_code == 200


def test_a_write_whose_connection_is_dead_is_done_on_a_fresh_connection(client, end_connections, rows):
    for number in range(3):
        open_all()
        end_connections()
        assert client.post(MENTORS, json={"mentor_id": f"ada{number}"}).status_code == 201
    assert len(rows("mentor_status")) == 3


def test_a_save_for_which_no_time_is_left_is_not_sent(client, rows, monkeypatch):
    append = Mentor.append_entry

    def append_last(*args):
        append(*args)
        if db.dialect.name == "postgres":
            db.connection().deadline = time.monotonic()

    client.post(MENTORS, json={"mentor_id": "ada"})
    before = [rows(table) for table in TABLES]
    with monkeypatch.context() as patch:
        patch.setattr(Mentor, "append_entry", append_last)
        response = client.put(f"{MENTORS}/ada", json={"status": "paused"})
    assert response.status_code == (503 if db.dialect.name == "postgres" else 200)
    assert ([rows(table) for table in TABLES] == before) == (db.dialect.name == "postgres")
    assert client.put(f"{MENTORS}/ada", json={"status": "paused"}).json["is_paused"] is True


def test_a_connection_without_time_limits_is_not_used_by_a_request(app, client):
    assert app.test_cli_runner().invoke(args=["export"]).exit_code == 0
    assert client.get(MENTORS).status_code == 200
    with db.connection_context():
        if db.dialect.name == "postgres":
            assert db.execute_sql("SHOW statement_timeout").fetchone() == ("4s",)
            assert db.connection().deadline is not None
