"""There is one clock, the database's: a clock that is behind undoes nothing, and instances whose own differ agree."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

NOW = "2026-03-26T08:30:00Z"
MENTORS = "/api/v1/mentor-statuses"
ADA, HISTORY = f"{MENTORS}/ada", f"{MENTORS}/ada/history?limit=100"
BEHIND = ["2026-03-26T08:29:59Z", "2026-03-26T08:29:45Z"]  # a second, and as much as a write follows
FAR_BEHIND = "2026-03-26T08:29:44Z"


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
        (False, "DELETE", ADA, None),
        (False, "DELETE", f"{ADA}?erase=true", None),
        (False, "POST", "/api/v1/pause-records", {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "x"}),
        (True, "POST", MENTORS, {"mentor_id": "ada"}),
    ],
)
def test_a_write_by_a_clock_that_is_far_behind_is_a_503_that_writes_nothing(
    ada, clock, rows, capfd, gone, method, path, body
):
    if gone:
        ada.delete(ADA)
    before = [rows(table) for table in ("mentor_status", "pause_record", "history_entry")]
    clock.at = FAR_BEHIND
    response = ada.open(path, method=method, json=body)
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "1")
    assert f"clock says {FAR_BEHIND}" in capfd.readouterr().out
    assert [rows(table) for table in ("mentor_status", "pause_record", "history_entry")] == before
    assert ada.get(ADA).status_code == (404 if gone else 200)


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
