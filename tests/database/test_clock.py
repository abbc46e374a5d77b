"""There is one clock, the database's: a clock that is behind undoes nothing, and instances whose own differ agree."""

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from db import db
from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload

NOW = "2026-03-26T08:30:00Z"
ADA, HISTORY = f"{MENTORS}/ada", f"{MENTORS}/ada/history?limit=100"
BEHIND = ["2026-03-26T08:29:59Z", "2026-03-26T08:29:45Z"]  # a second, and as much as a write follows
FAR_BEHIND = "2026-03-26T08:29:44Z"
REFUSED = (
    f"Mentor 'ada' was last changed at {NOW}, by a clock that was ahead: it is now {FAR_BEHIND}. Until then only a "
    "DELETE is done, and it does not help to send this again. Tell the operator, whose guide says how to set it right: "
    'docs/monitoring.md, "A clock that was ahead".'
)
GUIDE = Path(__file__).parent.parent.parent / "docs" / "monitoring.md"


@pytest.fixture
def ada(client):
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    return client


@pytest.mark.parametrize("behind", BEHIND)
def test_a_write_by_a_clock_that_is_behind_is_done_at_the_instant_of_the_last_change(ada, clock, behind):
    ada.put(ADA, json={"status": "paused", "pause_reason": "x"})
    clock.at = behind
    answer = ada.put(ADA, json={"status": "active"})
    assert (answer.status_code, answer.json["status"], answer.json["last_updated"]) == (200, "active", NOW)
    assert ada.put(ADA, json={"metadata": {}}).json["last_updated"] == NOW
    clock.at = NOW
    assert ada.get(ADA).json["status"] == "active"
    assert [entry["changed_at"] for entry in ada.get(HISTORY).json["data"]] == [NOW] * 4


@pytest.mark.parametrize("behind", BEHIND)
def test_a_mentor_created_again_by_a_clock_that_is_behind_was_not_there_before_the_deletion(ada, clock, behind):
    ada.delete(ADA)
    clock.at = behind
    assert ada.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).json["last_updated"] == NOW
    entries = ada.get(HISTORY).json["data"]
    assert [(entry["event"], entry["changed_at"]) for entry in entries][:2] == [("created", NOW), ("deleted", NOW)]


@pytest.mark.parametrize(
    ("gone", "method", "path", "body"),
    [
        (False, "PUT", ADA, {"status": "paused"}),
        (False, "PUT", ADA, {}),
        (False, "POST", RECORDS, {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "x"}),
        (False, "PUT", f"{RECORDS}/pause-rec-0001", {"reason": "y"}),
        (True, "POST", MENTORS, {"mentor_id": "ada"}),
    ],
)
def test_a_write_by_a_clock_that_is_far_behind_is_a_503_that_says_why_and_writes_nothing(
    ada, clock, state, capfd, gone, method, path, body
):
    ada.post(RECORDS, json={"mentor_id": "ada", "start_date": "2026-03-02", "reason": "x"})
    if gone:
        ada.delete(ADA)
    before = state()
    clock.at = FAR_BEHIND
    response = ada.open(path, method=method, json=body)
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert response.json["detail"] == REFUSED
    assert "Retry-After" not in response.headers  # it would have to be years
    assert f"clock says {FAR_BEHIND}" in capfd.readouterr().out
    assert state() == before
    assert ada.get(ADA).status_code == (404 if gone else 200)


def test_whom_a_clock_that_is_far_behind_does_not_find_is_a_404_and_an_old_etag_a_412(ada, clock):
    clock.at = FAR_BEHIND
    assert ada.put(ADA, json={"status": "paused"}, headers={"If-Match": '"stale"'}).status_code == 412
    assert ada.post(MENTORS, json={"mentor_id": "ada"}).status_code == 409
    clock.at = NOW
    ada.delete(ADA)
    clock.at = FAR_BEHIND
    assert ada.put(ADA, json={"status": "paused"}).status_code == 404


def test_a_delete_by_a_clock_that_is_far_behind_is_done_at_the_instant_of_the_last_change(ada, clock, state):
    ada.post(RECORDS, json={"mentor_id": "ada", "start_date": "2026-03-02", "reason": "x"})
    clock.at = FAR_BEHIND
    assert ada.delete(f"{RECORDS}/pause-rec-0001").status_code == 200
    assert ada.get(ADA).json["last_updated"] == NOW
    assert ada.delete(ADA).status_code == 200
    entries = ada.get(HISTORY).json["data"]
    assert [(entry["event"], entry["changed_at"]) for entry in entries] == [
        ("deleted", NOW),
        ("pause_deleted", NOW),
        ("pause_opened", NOW),
        ("created", NOW),
    ]
    assert ada.delete(f"{ADA}?erase=true").status_code == 200
    assert state() == [[], [], []]
    assert ada.post(MENTORS, json={"mentor_id": "ada"}).json["last_updated"] == FAR_BEHIND


def test_a_mentor_whose_last_change_is_far_ahead_can_be_erased_at_once(ada, clock, state):
    clock.at = FAR_BEHIND
    assert ada.delete(f"{ADA}?erase=true").status_code == 200
    assert state() == [[], [], []]


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_a_table_names_the_lines_of_mentors_whose_last_change_is_far_ahead(ada, clock, state, query):
    ada.post(RECORDS, json={"mentor_id": "ada", "start_date": "2026-03-02", "reason": "x"})
    clock.at = FAR_BEHIND
    ada.post(MENTORS, json={"mentor_id": "eve", "status": "paused", "pause_start_date": "2026-03-02"})
    mentors, records = download(ada, MENTORS), download(ada, RECORDS)
    before = state()
    for path, lines in ((MENTORS, mentors), (RECORDS, records)):
        assert outcomes(upload(ada, path, lines, query)) == ["unchanged", "unchanged"]  # nobody has edited them
        column = "pause_reason" if path == MENTORS else "reason"
        refused = upload(ada, path, [line | {column: "y"} for line in lines], query)
        assert (refused.status_code, refused.json["code"]) == (422, "rows_refused")
        assert refused.json["errors"] == {"line 2": [REFUSED]}
    assert state() == before


def test_the_statements_of_the_guide_set_right_what_was_written_by_a_clock_that_was_ahead(client, clock, direct_url):
    clock.at = "2199-01-01T00:00:00Z"
    for name in ("ada", "eve", "gone"):
        client.post(MENTORS, json={"mentor_id": name, "status": "paused"})
    client.delete(f"{MENTORS}/gone")
    clock.at = None  # the database's
    client.post(MENTORS, json={"mentor_id": "cleo"})
    assert client.put(ADA, json={"status": "active"}).status_code == 503
    note_time, show, correct = statements_of_the_guide()
    shown = run_in_a_session(direct_url, note_time + show)
    assert [{str(row[0]) for row in found} for found in shown] == [{"ada", "eve"}, {"ada", "eve", "gone"}, {"1", "2"}]
    run_in_a_session(direct_url, note_time + correct)
    assert run_in_a_session(direct_url, note_time + show) == [[], [], []]
    latest = client.post(MENTORS, json={"mentor_id": "gone"}).json["last_updated"]
    assert latest < "2199"
    assert client.put(ADA, json={"pause_reason": "x"}).status_code == 200
    instants = [entry["changed_at"] for entry in client.get(HISTORY).json["data"]]
    assert instants == sorted(instants, reverse=True)
    assert client.get(f"{RECORDS}?phase=scheduled").json["pagination"]["total"] == 2  # the guide says to correct these


def statements_of_the_guide():
    """Return the statements of the section in docs/monitoring.md for the database of the app, as three lists."""
    section = GUIDE.read_text().partition("\n## A clock that was ahead\n")[2].partition("\n## ")[0]
    blocks = [block.splitlines() for block in re.findall(r"^```sql\n(.*?)^```", section, re.MULTILINE | re.DOTALL)]
    (on_postgres, on_sqlite), show, correct = blocks
    return [on_sqlite if db.dialect.name == "sqlite" else on_postgres], show, correct


def run_in_a_session(url, statements):
    """Run statements as psql or sqlite3 does, and return the rows of each SELECT."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    else:
        connection = psycopg.connect(url, autocommit=True)
    with closing(connection):
        cursors = [connection.execute(each) for each in statements]
        return [cursor.fetchall() for cursor in cursors if cursor.description]


def test_while_the_clock_is_behind_an_if_match_is_good_against_what_get_shows(ada, clock):
    ada.put(ADA, json={"status": "paused", "pause_reason": "x"})
    clock.at = BEHIND[0]
    shown = ada.get(ADA)
    assert (shown.json["status"], shown.json["pause_start_date"]) == ("active", NOW)  # as the clock has it
    condition = {"If-Match": shown.headers["ETag"]}
    assert ada.put(ADA, json={"pause_reason": "y"}, headers=condition).status_code == 200
    assert ada.put(ADA, json={"pause_reason": "z"}, headers=condition).status_code == 412


@pytest.mark.parametrize("app", ["postgres"], indirect=True)  # on SQLite the transaction begins with the lock
def test_the_clock_is_read_once_the_mentor_is_locked(app, client, postgres_url, monkeypatch):
    monkeypatch.setitem(app.config, "CLOCK", lambda: None)  # the database's
    client.post(MENTORS, json={"mentor_id": "ada"})
    second = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    with psycopg.connect(postgres_url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT 1 FROM mentor_status WHERE mentor_id = 'ada' FOR UPDATE")
        answer = pool.submit(app.test_client().put, ADA, json={"status": "paused"})
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while holder.execute(waits).fetchone() == (0,):
            assert not answer.done()
        waiting = released = holder.execute(second).fetchone()
        while released == waiting:
            released = holder.execute(second).fetchone()
        holder.rollback()
        assert answer.result().json["last_updated"] >= released[0]


@pytest.mark.parametrize("seconds", [-2, 2])
def test_a_write_by_a_process_whose_clock_is_off_can_be_read_at_once_by_another(app, ada, monkeypatch, seconds):
    monkeypatch.setitem(app.config, "CLOCK", lambda: None)  # the database's
    real = time.time

    def switch_to(is_off):
        monkeypatch.setattr(time, "time", (lambda: real() + seconds) if is_off else real)

    for status in ("paused", "active", "paused"):
        for is_off in (True, False):
            switch_to(is_off)
            sent = {"status": status, "metadata": {"notes": f"{status} {is_off}"}}
            assert ada.put(ADA, json=sent).json["status"] == status
            switch_to(not is_off)
            assert ada.get(ADA).json["status"] == status
    instants = [entry["changed_at"] for entry in ada.get(HISTORY).json["data"]]
    assert instants == sorted(instants, reverse=True)
