"""`flask seed`: the examples of the contract, and pauses of each kind around today, as coordinators entered them."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from mentors.problems import CommandError
from mentors.seeding import seed
from tests.support.databases import ON_POSTGRES

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DAYS = ["2026-11-26T00:00:00Z", "2026-12-31T23:59:59Z", "2028-02-29T12:00:00Z"]


def total(client, path):
    return client.get(path).json["pagination"]["total"]


@pytest.mark.parametrize("now", DAYS)
def test_there_are_pauses_of_each_kind_and_as_many_on_any_day(client, clock, now):
    clock.at = now
    assert seed(now) == (87, 34)
    assert total(client, MENTORS) == 87
    counts = {"scheduled": 5, "current": 16, "overdue": 4, "undated": 2, "ended": 13}
    assert {phase: total(client, f"{PAUSES}?phase={phase}") for phase in counts} == counts
    assert total(client, f"{PAUSES}?due_within_days=7") == 8
    records = client.get(f"{PAUSES}?limit=100").json["data"]
    assert any(record["is_active"] and record["end_date"] for record in records)


def test_a_history_names_who_did_what_before_now(client, clock):
    clock.at = DAYS[0]
    seed(clock.at)
    entries = client.get(f"{MENTORS}/mentor-005/history").json["data"]
    assert [entry["event"] for entry in entries] == ["pause_opened", "pause_ended", "pause_opened", "created"]
    assert all(entry["changed_by"].startswith("coordinator-") and entry["changed_at"] < clock.at for entry in entries)


@ON_POSTGRES
def test_a_mentor_whom_somebody_creates_at_that_moment_is_seen(client, direct_url):
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(direct_url) as other, psycopg.connect(direct_url, autocommit=True) as observer:
        other.execute("INSERT INTO mentor_status VALUES ('mentor-001', now())")
        with ThreadPoolExecutor() as threads:
            seeded = threads.submit(seed, DAYS[0])
            while observer.execute(waiting).fetchone() != (1,):
                assert not seeded.done()
            other.commit()
            with pytest.raises(CommandError):
                seeded.result()


def test_each_history_names_a_pause_of_its_own_mentor_if_there_were_pause_records_before(client, clock):
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    assert client.delete(f"{MENTORS}/ada?erase=true").status_code == 200
    assert seed(clock.at) == (87, 34)
    records = client.get(f"{PAUSES}?after=&limit=100").json["data"]
    assert [record["pause_record_id"] for record in records] == [f"pause-rec-{number:04}" for number in range(2, 36)]
    for record in records:
        entries = client.get(f"{MENTORS}/{record['mentor_id']}/history").json["data"]
        assert record["pause_record_id"] in {entry["pause_record_id"] for entry in entries}
    created = client.post(PAUSES, json={"mentor_id": "mentor-001", "start_date": "2026-03-01", "reason": "study"})
    assert created.json["pause_record_id"] == "pause-rec-0036"
