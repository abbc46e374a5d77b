"""A list's data and its total are of one instant, and that is the database's own, whatever others write meanwhile."""

import threading
from functools import partial

import psycopg
import pytest
from peewee import DataError

from app import create_app
from db import db, read_clock
from db.paging import Page
from mentors.formats import seconds_after
from reads import mentor_statuses
from tests.support.databases import ON_POSTGRES
from tests.support.waiting import PATIENCE

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
HISTORY = f"{MENTORS}/ada/history"
FIRST_PAGE = {"page": Page(), "expected": False}
LISTS = [
    MENTORS,
    f"{MENTORS}?status=active",
    f"{MENTORS}?status=paused",
    f"{MENTORS}?mentor_id=ada,bea&status=active",
    f"{MENTORS}?mentor_id_contains=-",
    f"{MENTORS}?mentor_id_contains=-&status=active&sort=-last_updated",
    f"{MENTORS}?page=2",
    RECORDS,
    f"{RECORDS}?is_active=true",
    f"{RECORDS}?phase=current&sort=start_date",
    HISTORY,
    f"{HISTORY}?page=2",
]


@pytest.fixture
def ada_and_bea(client):
    for name in ("ada", "bea"):
        assert client.post(MENTORS, json={"mentor_id": name, "status": "paused"}).status_code == 201
    assert client.put(f"{MENTORS}/bea", json={"status": "active"}).status_code == 200
    return client


def write_after_each_statement(client, monkeypatch, writes):
    """Have a write of another client done as soon as a read has run a statement, and so before any later one."""
    run, reader = db.obj.execute_sql, threading.get_ident()

    def execute_sql(*args, **kwargs):
        result = run(*args, **kwargs)
        if threading.get_ident() == reader and writes:
            writer = threading.Thread(target=writes.pop(0))
            writer.start()
            writer.join(PATIENCE)
            assert not writer.is_alive()
        return result

    monkeypatch.setattr(db.obj, "execute_sql", execute_sql)


@pytest.mark.parametrize("path", LISTS)
def test_a_total_agrees_with_its_data_when_another_client_writes_between_two_statements(
    app, ada_and_bea, monkeypatch, path
):
    other = app.test_client()

    def write(number):
        assert other.post(MENTORS, json={"mentor_id": f"new-{number}", "status": "paused"}).status_code == 201
        assert other.post(MENTORS, json={"mentor_id": f"more-{number}"}).status_code == 201
        assert other.put(f"{MENTORS}/ada", json={"metadata": {"turn": number}}).status_code == 200

    write_after_each_statement(ada_and_bea, monkeypatch, [lambda: write(1), lambda: write(2), lambda: write(3)])
    answer = ada_and_bea.get(path).json
    total, rows = answer["pagination"]["total"], len(answer["data"])
    assert total == rows or (rows == 0 and total <= 20 and "page=2" in path), answer


def test_without_a_clock_of_a_test_every_read_is_of_the_databases_present(app, ada_and_bea):
    now = read_clock()
    for name, start in (("cai", seconds_after(now, -3600)), ("dee", seconds_after(now, 3600))):
        sent = {"mentor_id": name, "pause_start_date": start, "status": "paused"}
        assert ada_and_bea.post(MENTORS, json=sent).status_code == 201
    db.close_all()  # the other app opens the same database anew, for both
    app = create_app(app.config["SETTINGS"])
    assert app.config["CLOCK"]() is None
    client = app.test_client()
    assert client.get(f"{MENTORS}/cai").json["is_paused"] is True
    assert client.get(f"{MENTORS}/dee").json["is_paused"] is False
    listed = client.get(f"{MENTORS}?mentor_id=cai,dee").json["data"]
    assert [mentor["is_paused"] for mentor in listed] == [True, False]
    assert [row["mentor_id"] for row in client.get(f"{RECORDS}?phase=scheduled").json["data"]] == ["dee"]


@pytest.mark.direct  # a pooler's client sends the time zone with each transaction
@ON_POSTGRES
@pytest.mark.parametrize("read", [read_clock, partial(mentor_statuses.list_mentor_statuses, FIRST_PAGE, None)])
def test_an_instant_in_a_column_or_in_json_is_refused_unless_the_session_is_in_utc(ada_and_bea, read):
    with db.connection_context():
        assert read()
        db.execute_sql("SET timezone = 'Europe/Berlin'")
        try:
            with pytest.raises((DataError, psycopg.DataError), match="The session is not in UTC"):
                read()
        finally:
            db.execute_sql("SET timezone = 'UTC'")
