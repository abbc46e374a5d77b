"""A database that takes no writes, or lacks a table, is a 503 for as long as it lasts, and no longer."""

import psycopg
import pytest

from db import db
from tests.support.connections import open_all
from tests.support.databases import ON_POSTGRES

MENTORS = "/api/v1/mentor-statuses"
TABLES = {  # by the reads that need them
    "mentor_status": [MENTORS, f"{MENTORS}/ada"],
    "pause_record": ["/api/v1/pause-records", f"{MENTORS}/ada"],
    "history_entry": [f"{MENTORS}/ada/history"],
}


@pytest.fixture
def ada(client):
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    return client


def execute(sql):
    with db.connection_context():
        db.execute_sql(sql)


@pytest.fixture
def read_only(app, postgres_url):
    """Return a function that makes the connections to come take no writes, or take them again."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        name = admin.execute("SELECT current_database()").fetchone()[0]

        def set_to(value):
            admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')

        yield set_to
        set_to("off")
    db.close_all()


def is_unavailable(response):
    return (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "1")


@pytest.mark.direct
@ON_POSTGRES
def test_writes_to_a_read_only_database_are_a_503_and_reads_go_on(ada, read_only, rows, capfd):
    read_only("on")
    db.close_all()
    before = rows("history_entry")
    for method, path, body in (
        ("POST", MENTORS, {"mentor_id": "eve"}),
        ("PUT", f"{MENTORS}/ada", {"status": "paused"}),
        ("DELETE", f"{MENTORS}/ada", None),
    ):
        assert is_unavailable(ada.open(path, method=method, json=body))
    assert 'cause=25006 reason="the database takes no writes"' in capfd.readouterr().out
    for path in (f"{MENTORS}/ada", MENTORS, "/readyz"):
        assert ada.get(path).status_code == 200
    assert rows("history_entry") == before


@pytest.mark.direct
@ON_POSTGRES
def test_once_a_database_takes_writes_again_one_write_is_a_503_and_the_next_one_is_done(ada, read_only):
    read_only("on")
    db.close_all()
    open_all()  # each of them takes no writes for as long as it lives
    read_only("off")
    assert is_unavailable(ada.put(f"{MENTORS}/ada", json={"status": "paused"}))
    assert ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 200


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_table_is_a_503_until_it_is_back(ada, table, capfd):
    execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    try:
        for path in [*TABLES[table], "/readyz"]:
            assert is_unavailable(ada.get(path)), path
        assert is_unavailable(ada.put(f"{MENTORS}/ada", json={"status": "paused"}))
        code = "42P01" if db.dialect.name == "postgres" else "SQLITE_ERROR"
        assert f"cause={code}" in capfd.readouterr().out
    finally:
        execute(f"ALTER TABLE elsewhere RENAME TO {table}")
    for path in [*TABLES[table], "/readyz"]:
        assert ada.get(path).status_code == 200
    assert ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 200
