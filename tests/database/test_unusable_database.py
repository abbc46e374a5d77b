"""What the database cannot do now is a 503 for as long as it lasts, and no longer; any other error is a 500."""

import psycopg
import pytest

from db import db
from tests.support.commands import execute as execute_on
from tests.support.connections import open_all
from tests.support.databases import ON_POSTGRES
from tests.support.server import Server

MENTORS = "/api/v1/mentor-statuses"


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
def test_writes_to_a_read_only_database_are_a_503_and_reads_go_on_until_it_takes_writes_again(
    active_ada, read_only, rows, capfd
):
    read_only("on")
    db.close_all()
    before = rows("history_entry")
    for method, path, body in (
        ("POST", MENTORS, {"mentor_id": "eve"}),
        ("PUT", f"{MENTORS}/ada", {"status": "paused"}),
        ("DELETE", f"{MENTORS}/ada", None),
    ):
        assert is_unavailable(active_ada.open(path, method=method, json=body))
    assert 'cause=25006 reason="cannot execute INSERT in a read-only transaction"' in capfd.readouterr().out
    for path in (f"{MENTORS}/ada", MENTORS, "/readyz"):
        assert active_ada.get(path).status_code == 200
    assert rows("history_entry") == before
    open_all()  # each of them takes no writes for as long as it lives
    read_only("off")
    assert is_unavailable(active_ada.put(f"{MENTORS}/ada", json={"status": "paused"}))
    assert active_ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 200


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
@pytest.mark.parametrize("code", ["25006", "40P01", "40001", "53100", "57014", "58030"])
def test_what_postgres_cannot_do_now_is_a_503_with_one_line_in_the_log(client, failing_write, code, capfd):
    failing_write(code)
    assert is_unavailable(client.post(MENTORS, json={"mentor_id": "eve"}))
    (line,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("ERROR")]
    assert f"cause={code} reason=" in line
    assert "traceback" not in line


# The SQL of a fault on SQLite, or the SQLSTATE of one on Postgres.
OF_SQLITE = ("SELECT json('illness')", "SELECT abs(-9223372036854775807 - 1)", "DELETE FROM illness")
OF_POSTGRES = ("42501", "42601", "42883", "42P01", "42703", "22012", "2200H", "XX000", "P0001")


@pytest.mark.parametrize(
    ("app", "error"),
    [*(("sqlite", sql) for sql in OF_SQLITE), *(("postgres", code) for code in OF_POSTGRES)],
    indirect=["app"],
    scope="session",  # else each test would have an app of its own
)
def test_any_other_error_of_sql_is_a_500_with_a_traceback(app, client, failing_write, error, capfd, monkeypatch):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    failing_write(error)
    assert client.post(MENTORS, json={"mentor_id": "eve"}).status_code == 500
    (line,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("ERROR")]
    assert "traceback=" in line
    assert "illness" not in line


REASON = "illness in the family"
REFUSING = {  # SQL by which the database refuses a row, and Postgres says which one
    "sqlite": f"CREATE TRIGGER failing BEFORE INSERT ON pause_record BEGIN SELECT RAISE(ABORT, '{REASON}'); END",
    "postgresql": f"ALTER TABLE pause_record ADD CHECK (reason <> '{REASON}')",
}


def test_with_flask_debug_a_fault_is_still_a_problem_and_no_row_is_in_the_log(migrated_url):
    execute_on(migrated_url, REFUSING[migrated_url.partition(":")[0]])
    with Server(migrated_url, FLASK_DEBUG=1) as server:
        sent = {"mentor_id": "eve", "status": "paused", "pause_reason": REASON}
        response, problem = server.request("POST", MENTORS, sent)
        (line,) = [line for line in server.log().splitlines() if line.startswith("ERROR")]
    assert (response.status, problem["code"]) == (500, "internal_error")
    assert f"request_id={problem['request_id']}" in line
    assert "traceback=" in line  # the server has asserted that the reason is nowhere
