"""A fault at any statement of any request: the database is wholly changed or not at all, and the service goes on."""

from contextlib import suppress
from types import SimpleNamespace

import psycopg
import pytest

from db import db
from tests.conftest import empty_tables
from tests.support.connections import free_connections

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-20T00:00:00Z", "reason": "personal_leave"}
REQUESTS = {
    "list mentors": ("GET", f"{MENTORS}?status=paused", None),
    "get mentor": ("GET", f"{MENTORS}/ada", None),
    "create mentor": ("POST", MENTORS, {"mentor_id": "eve", "status": "paused", "metadata": {"a": 1}}),
    "pause mentor": ("PUT", f"{MENTORS}/bob", {"status": "paused", "pause_reason": "workload"}),
    "end two pauses": ("PUT", f"{MENTORS}/ada", {"status": "active"}),
    "delete mentor": ("DELETE", f"{MENTORS}/ada", None),
    "erase mentor": ("DELETE", f"{MENTORS}/ada?erase=true", None),
    "list history": ("GET", f"{MENTORS}/ada/history", None),
    "list records": ("GET", f"{RECORDS}?is_active=true", None),
    "get record": ("GET", f"{RECORDS}/pause-rec-0001", None),
    "create record": ("POST", RECORDS, PAUSE | {"mentor_id": "bob", "metadata": {"a": 1}}),
    "change record": ("PUT", f"{RECORDS}/pause-rec-0001", {"reason": "workload", "is_active": False}),
    "delete record": ("DELETE", f"{RECORDS}/pause-rec-0001", None),
    "upload table": ("POST", f"{MENTORS}.csv", b"mentor_id,status\nada,active\nbob,paused\neve,paused\n"),
    "undo": ("POST", "/api/v1/history/undo", {"history_entry_ids": ["1", "2", "3", "4"]}),
    "readiness": ("GET", "/readyz", None),
}

END_SESSION = "SELECT pg_terminate_backend(pg_backend_pid())"


def stop_when_it_runs(connection):
    """Have SQLite stop the next statement when it runs. (Stopped while it is read, SQLite may call it wrong SQL.)"""

    def stop(_cursor, _sql, _values):
        connection.exec_trace = None
        answers = iter((1,))  # yes, stop; and from then on, go on
        connection.set_progress_handler(lambda: next(answers, 0), 1)
        return True

    connection.exec_trace = stop


def cause_fault(database):
    """Tell SQLite to stop, and Postgres to end."""
    if database.dialect.name == "sqlite":
        stop_when_it_runs(database.connection())
    else:
        with suppress(psycopg.Error):
            database.connection().execute(END_SESSION)


@pytest.fixture
def statements(client, monkeypatch):
    """Count the statements that the service sends (`sent`), and cause a fault at that of a number (`fault_at`).

    Each cursor runs one statement. On SQLite a transaction ends with one more, without a cursor.
    """
    database, statements = db.obj, SimpleNamespace(sent=0, fault_at=None)

    def watch(function):
        def watched_function(*args):
            statements.sent += 1
            if statements.sent == statements.fault_at:
                cause_fault(database)
            return function(*args)

        return watched_function

    monkeypatch.setattr(database, "cursor", watch(database.cursor))
    if database.dialect.name == "sqlite":
        monkeypatch.setattr(database, "commit", watch(database.commit))
    return statements


@pytest.fixture
def fill(client, state, statements):
    """Return a function that fills the tables for the next request, and says at which of its statements a fault is."""

    def fill(fault_at=None):
        statements.fault_at = None
        db.close_all()  # with whatever a fault has left of a connection
        empty_tables()
        for mentor_id in ("ada", "bob"):
            assert client.post(MENTORS, json={"mentor_id": mentor_id}).status_code == 201
        for start in ("2026-03-20T00:00:00Z", "2026-03-21T00:00:00Z"):
            assert client.post(RECORDS, json=PAUSE | {"start_date": start}).status_code == 201
        rows = state()
        statements.sent, statements.fault_at = 0, fault_at
        return rows

    return fill


def send(client, request):
    method, path, body = request
    sent = {"data": body, "content_type": "text/csv"} if isinstance(body, bytes) else {"json": body}
    return client.open(path, method=method, **sent)


@pytest.mark.faults
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_fault_at_any_statement_leaves_all_or_nothing(client, state, statements, fill, request_):
    before = fill()
    assert send(client, request_).status_code < 300
    count, after = statements.sent, state()
    assert count > 0
    failed = 0
    for number in range(1, count + 1):
        assert fill(fault_at=number) == before
        response = send(client, request_)
        assert statements.sent >= number
        assert response.status_code in (200, 201, 503), response.text
        assert state() == (before if response.status_code == 503 else after)
        assert free_connections() == db.size, "a connection was not given back"
        failed += response.status_code == 503
        if response.status_code == 503:
            assert response.headers["Retry-After"]
            assert send(client, request_).status_code < 300
    writes = request_[0] != "GET"
    assert failed > 0 or (db.dialect.name == "postgres" and not writes), "no fault was felt"
