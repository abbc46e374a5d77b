"""There is one clock, the database's: a clock that is behind undoes nothing, and instances whose own differ agree."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.databases import ON_POSTGRES

MENTORS = "/api/v1/mentor-statuses"
NOW = "2026-03-26T08:30:00Z"
ADA, HISTORY = f"{MENTORS}/ada", f"{MENTORS}/ada/history?limit=100"
BEHIND = ["2026-03-26T08:29:59Z", "2026-03-26T08:29:45Z"]  # a second, and as much as a write follows
FAR_BEHIND = "2026-03-26T08:29:44Z"
A_SECOND_AGO = "2026-03-26T08:29:59Z"


@pytest.mark.parametrize("behind", BEHIND)
def test_a_write_by_a_clock_that_is_behind_is_done_at_the_instant_of_the_last_change(active_ada, clock, state, behind):
    pausing = {"status": "paused", "pause_reason": "x"}
    active_ada.put(ADA, json=pausing)
    before = state()
    clock.at = behind
    assert active_ada.put(ADA, json=pausing).headers["Idempotent-Replayed"] == "true"
    assert state() == before
    answer = active_ada.put(ADA, json={"status": "active"})
    assert (answer.status_code, answer.json["status"], answer.json["last_updated"]) == (200, "active", NOW)
    assert active_ada.put(ADA, json={"metadata": {}}).json["last_updated"] == NOW
    clock.at = NOW
    assert active_ada.get(ADA).json["status"] == "active"
    assert [entry["changed_at"] for entry in active_ada.get(HISTORY).json["data"]] == [NOW] * 4


def test_a_write_by_a_clock_that_is_far_behind_is_done_15_seconds_after_the_clock(active_ada, clock):
    clock.at = FAR_BEHIND
    assert active_ada.put(ADA, json={"status": "paused"}).json["last_updated"] == A_SECOND_AGO
    assert active_ada.post(MENTORS, json={"mentor_id": "eve"}).json["last_updated"] == FAR_BEHIND
    assert active_ada.delete(ADA).status_code == 200
    assert [entry["event"] for entry in active_ada.get(HISTORY).json["data"]] == ["deleted", "pause_opened", "created"]


@ON_POSTGRES  # on SQLite the transaction begins with the lock
@pytest.mark.parametrize(
    ("held", "request_"),
    [
        ("SELECT 1 FROM mentor_status WHERE mentor_id = 'ada' FOR UPDATE", ("PUT", ADA, {"status": "paused"})),
        ("DELETE FROM mentor_status WHERE mentor_id = 'ada'", ("POST", MENTORS, {"mentor_id": "ada"})),
    ],
    ids=["PUT", "POST"],
)
def test_the_clock_is_read_once_the_mentor_is_locked(app, client, postgres_url, monkeypatch, held, request_):
    monkeypatch.setitem(app.config, "CLOCK", lambda: None)  # the database's
    client.post(MENTORS, json={"mentor_id": "ada"})
    second = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    with psycopg.connect(postgres_url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute(held)
        method, path, body = request_
        answer = pool.submit(app.test_client().open, path, method=method, json=body)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while holder.execute(waits).fetchone() == (0,):
            assert not answer.done()
        waiting = released = holder.execute(second).fetchone()
        while released == waiting:
            released = holder.execute(second).fetchone()
        holder.commit()
        assert answer.result().json["last_updated"] >= released[0]


@pytest.mark.parametrize("seconds", [-2, 2])
def test_a_write_by_a_process_whose_clock_is_off_can_be_read_at_once_by_another(app, active_ada, monkeypatch, seconds):
    monkeypatch.setitem(app.config, "CLOCK", lambda: None)  # the database's
    off = time.time() + seconds
    for status in ("paused", "active", "paused"):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: off)
            assert active_ada.put(ADA, json={"status": status}).json["status"] == status
        assert active_ada.get(ADA).json["status"] == status
    instants = [entry["changed_at"] for entry in active_ada.get(HISTORY).json["data"]]
    assert instants == sorted(instants, reverse=True)
