"""The connections of a pool: who gets one first, which ones are kept, and what a lost one costs."""

import threading
import time
from contextlib import contextmanager

import psycopg
import pytest

from db import db, pool, read_clock
from mentors.mentor import Mentor
from tests.support.connections import free_connections, open_all
from tests.support.databases import ON_POSTGRES
from tests.support.waiting import PATIENCE, wait_until

MENTORS = "/api/v1/mentor-statuses"


@contextmanager
def holding_connections(threads):
    """Let so many threads hold a connection each, or wait for one; they give it back in the end."""
    done = threading.Event()

    def hold():
        with db.connected():
            assert done.wait(PATIENCE)

    others = [threading.Thread(target=hold) for _ in range(threads)]
    for thread in others:
        thread.start()
    wait_until(lambda: free_connections() == 0)
    try:
        yield
    finally:
        done.set()
        for thread in others:
            thread.join(PATIENCE)


def test_a_request_that_gets_no_connection_in_time_is_a_503(client, monkeypatch):
    with holding_connections(db.size):
        monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
        response = client.get(MENTORS)
        assert (response.status_code, response.json["code"]) == (503, "unavailable")
        assert client.get("/livez").status_code == 200


def test_a_connection_that_could_not_be_opened_releases_the_semaphore(app, client, monkeypatch):
    def fail():
        raise OSError

    db.close_all()
    with monkeypatch.context() as patch:
        patch.setattr(db.obj, "_connect", fail)
        for _ in range(db.size + 1):
            with pytest.raises(OSError):
                db.connect()
    assert free_connections() == db.size
    assert client.get(MENTORS).status_code == 200


# --- which connections are kept

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
    assert free_connections() == db.size
    assert rows("mentor_status") == []


def test_a_connection_that_is_in_the_midst_of_a_select_is_not_kept(idle):
    with db.connection_context():
        half_read = db.execute_sql("SELECT name FROM schema_migration")  # Postgres has sent it all
    assert len(idle) == (db.dialect.name == "postgres")
    del half_read


@ON_POSTGRES  # a file closes no connection
def test_a_connection_that_was_closed_is_nobodys(idle):
    db.connect()
    db.connection().close()
    db.close()
    db.close()
    assert (idle, free_connections()) == ([], db.size)


# --- connections that Postgres has ended, or whose time is up; SQLite has none


@pytest.fixture
def end_connections(postgres_url):
    """Return a function that ends every connection of the pool from the server's side."""

    def end():
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    return end


def reads(app):
    """Return the path of each GET of the API (with a window if it needs one), and those of the probes."""
    window = "?from=2026-01-01&to=2026-03-01"
    queries = {"/api/v1/statistics": window, "/api/v1/statistics.csv": window}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    paths = [rule.rule for rule in rules if rule.rule.startswith("/api/")]
    paths = [path.replace("<mentor_id>", "ada").replace("<pause_record_id>", "pause-rec-0001") for path in paths]
    return [path + queries.get(path, "") for path in [*paths, f"{MENTORS}?after=", "/readyz", "/metrics"]]


@ON_POSTGRES
def test_each_read_on_a_dead_connection_is_done_on_a_fresh_one_and_gives_it_back(app, paused_ada, end_connections):
    open_all()
    for path in reads(app):
        end_connections()
        answered = paused_ada.get(path)
        assert answered.status_code == 200, path
        assert "database_up 0.0" not in answered.text
        assert db.is_closed(), path


@ON_POSTGRES
def test_reads_at_once_on_dead_connections_are_done_on_fresh_ones(app, paused_ada, at_once, end_connections):
    for _ in range(3):
        open_all()
        end_connections()
        answered = at_once([("GET", path, None) for path in reads(app)])
        assert {response.status_code for response in answered} == {200}


@ON_POSTGRES
def test_a_read_that_connects_anew_does_not_wait_behind_the_threads_that_wait_for_a_connection(
    client, end_connections, monkeypatch
):
    with db.connected(), holding_connections(db.size):  # so one of them waits
        monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
        end_connections()
        assert read_clock()
    db.close_all()  # Postgres has ended them


@ON_POSTGRES
def test_a_write_whose_connection_is_dead_is_done_on_a_fresh_connection(client, end_connections, rows):
    for number in range(3):
        open_all()
        end_connections()
        assert client.post(MENTORS, json={"mentor_id": f"ada{number}"}).status_code == 201
    assert len(rows("mentor_status")) == 3


@ON_POSTGRES
def test_a_save_for_which_no_time_is_left_is_not_sent(active_ada, state, monkeypatch):
    append = Mentor.append_entry

    def append_last(*args):
        append(*args)
        db.connection().deadline = time.monotonic()

    before = state()
    with monkeypatch.context() as patch:
        patch.setattr(Mentor, "append_entry", append_last)
        assert active_ada.put(f"{MENTORS}/ada", json={"status": "paused"}).status_code == 503
    assert state() == before
    assert active_ada.put(f"{MENTORS}/ada", json={"status": "paused"}).json["is_paused"] is True


@ON_POSTGRES
def test_a_connection_without_time_limits_is_not_used_by_a_request(app, client):
    assert app.test_cli_runner().invoke(args=["export"]).exit_code == 0
    assert client.get(MENTORS).status_code == 200
    with db.connection_context():
        assert db.execute_sql("SHOW statement_timeout").fetchone() == ("4s",)
        assert db.connection().deadline is not None
