"""A database that takes no writes, or lacks a table or a right, is a 503 for as long as it lasts, and no longer."""

import uuid
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg
import pytest

from db import db
from tests.support.commands import app_on, migrated
from tests.support.connections import open_all
from tests.support.databases import ON_POSTGRES, ON_SQLITE
from tests.support.pgbouncer import PgBouncer
from tests.support.secrecy import PASSWORD
from tests.support.waiting import wait_until

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
        code = "42P01" if db.dialect.name == "postgres" else '"no such table"'
        assert f'cause={code} reason="a table is missing"' in capfd.readouterr().out
    finally:
        execute(f"ALTER TABLE elsewhere RENAME TO {table}")
    for path in [*TABLES[table], "/readyz"]:
        assert ada.get(path).status_code == 200
    assert ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 200


@pytest.mark.parametrize("column", ["history_entry.metadata", "pause_record.last_changed"])
def test_a_missing_column_is_a_503_until_it_is_back(ada, column, capfd):
    table, name = column.split(".")
    execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO elsewhere")
    try:
        for answered in (ada.get("/readyz"), ada.put(f"{MENTORS}/ada", json={"status": "paused"})):
            assert is_unavailable(answered)
        log = capfd.readouterr().out
        assert log.count('reason="a column is missing"') == 2
        assert "traceback" not in log
    finally:
        execute(f"ALTER TABLE {table} RENAME COLUMN elsewhere TO {name}")
    assert ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 200


@pytest.fixture
def failing_write(client):
    """Return a function that lets each new mentor fail with an error of the database: a SQLSTATE, or SQL for SQLite."""

    def fail(error):
        if db.dialect.name == "sqlite":
            execute(f"CREATE TRIGGER failing BEFORE INSERT ON mentor_status BEGIN {error}; END")
        else:
            function = f"BEGIN RAISE 'a private illness' USING ERRCODE = '{error}'; END"
            execute(f"CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $${function}$$")
            execute("CREATE TRIGGER failing BEFORE INSERT ON mentor_status FOR EACH ROW EXECUTE FUNCTION failing()")

    yield fail
    if db.dialect.name == "sqlite":
        execute("DROP TRIGGER failing")
    else:
        execute("DROP FUNCTION failing CASCADE")


@ON_POSTGRES
@pytest.mark.parametrize("code", ["42501", "42P01", "42703", "3F000", "3D000", "28000", "28P01"])
def test_what_an_operator_must_mend_is_a_503_with_one_line_in_the_log(client, failing_write, code, capfd):
    failing_write(code)
    assert is_unavailable(client.post(MENTORS, json={"mentor_id": "eve"}))
    (line,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("ERROR")]
    assert f"cause={code} reason=" in line
    assert "traceback" not in line


def assert_is_a_fault_of_the_service(client, capfd):
    assert client.post(MENTORS, json={"mentor_id": "eve"}).status_code == 500
    (line,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("ERROR")]
    assert "traceback=" in line
    assert "illness" not in line


@ON_POSTGRES
@pytest.mark.parametrize("code", ["42601", "42883", "22012", "XX000", "P0001"])
def test_any_other_error_of_sql_is_a_500_with_a_traceback(app, client, failing_write, code, capfd, monkeypatch):
    monkeypatch.setattr(app, "testing", False)
    failing_write(code)
    assert_is_a_fault_of_the_service(client, capfd)


@ON_SQLITE
@pytest.mark.parametrize("sql", ["SELECT json('illness')", "SELECT abs(-9223372036854775807 - 1)"])
def test_any_other_error_of_sql_is_a_500_with_a_traceback_on_sqlite(
    app, client, failing_write, sql, capfd, monkeypatch
):
    monkeypatch.setattr(app, "testing", False)
    failing_write(sql)
    assert_is_a_fault_of_the_service(client, capfd)


@pytest.fixture(params=["direct", "through PgBouncer"])
def own_role(request, empty_database):
    """Return a superuser's connection, the name of another role, and a client of a service that has this role."""
    role = f"mentors_{uuid.uuid4().hex}"
    with psycopg.connect(empty_database, autocommit=True) as admin, ExitStack() as stack:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; GRANT ALL ON SCHEMA public TO {role}")
        parts = urlsplit(empty_database)
        host = parts.netloc.rpartition("@")[2]
        url = parts._replace(netloc=f"{role}:{PASSWORD}@{host}").geturl()
        if request.param == "through PgBouncer":
            url = stack.enter_context(PgBouncer(url, server_login_retry=0)).url
        app = stack.enter_context(app_on(migrated(url)))
        yield admin, role, app.test_client()
        stack.close()
        admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def revoke_a_right(admin, role):
    admin.execute(f"REVOKE SELECT ON pause_record FROM {role}")
    return lambda: admin.execute(f"GRANT SELECT ON pause_record TO {role}")


def rename_the_schema(admin, role):
    admin.execute("ALTER SCHEMA public RENAME TO elsewhere")
    return lambda: admin.execute("ALTER SCHEMA elsewhere RENAME TO public")


def refuse_the_login(admin, role):
    admin.execute(f"ALTER ROLE {role} NOLOGIN")
    admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", (role,))
    return lambda: admin.execute(f"ALTER ROLE {role} LOGIN")


def statuses(client, requests):
    return {client.open(path, method=method, json=body).status_code for method, path, body in requests}


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
@pytest.mark.parametrize("take_away", [revoke_a_right, rename_the_schema, refuse_the_login])
def test_what_an_administrator_takes_away_is_a_503_until_it_is_given_back(own_role, take_away, capfd):
    admin, role, client = own_role
    requests = [("PUT", f"{MENTORS}/ada", {"status": "paused"}), ("GET", f"{MENTORS}/ada", None)]
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    give_back = take_away(admin, role)
    try:
        assert statuses(client, requests) == {503}
    finally:
        give_back()
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("ERROR")]
    assert len(lines) == 2
    assert all(" reason=" in line and "traceback" not in line for line in lines), lines
    wait_until(lambda: statuses(client, requests) == {200})  # after a refused login no connection is tried for a moment
