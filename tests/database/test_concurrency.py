"""Many at once: nothing is made twice, nothing is lost, and nobody gets a 5xx."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from peewee import OperationalError

from db import transactional
from models import MentorStatus

MENTORS = "/api/v1/mentor-statuses"
PAUSES = "/api/v1/pause-records"
PAUSE = {"mentor_id": "ada", "start_date": "2026-03-20T00:00:00Z", "reason": "personal_leave"}
FEW, MANY = 8, 24  # more than a pool has connections


def statuses(responses):
    return Counter(response.status_code for response in responses)


@pytest.fixture
def ada(client):
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201


# --- creating


@pytest.mark.parametrize("threads", [FEW, MANY])
def test_of_many_posts_of_one_mentor_at_once_one_is_a_201_and_the_others_409(at_once, rows, threads):
    ids = [f"mentor-{number}" for number in range(10)]
    for mentor_id in ids:
        responses = at_once([("POST", MENTORS, {"mentor_id": mentor_id})] * threads)
        assert statuses(responses) == {201: 1, 409: threads - 1}
        refused = [response for response in responses if response.status_code == 409]
        assert {response.json["code"] for response in refused} == {"already_exists"}
        assert {response.content_type for response in refused} == {"application/problem+json"}
    assert [row["mentor_id"] for row in rows("mentor_status")] == ids
    assert len(rows("history_entry")) == len(ids)


@pytest.mark.parametrize("threads", [FEW, MANY])
def test_the_same_pause_sent_by_many_is_one_record(ada, at_once, rows, threads):
    responses = at_once([("POST", PAUSES, PAUSE)] * threads)
    assert statuses(responses) == {201: threads}
    replayed = Counter(response.headers.get("Idempotent-Replayed") for response in responses)
    assert replayed == {None: 1, "true": threads - 1}
    assert len({response.text for response in responses}) == 1
    assert len({response.headers["Location"] for response in responses}) == 1
    assert len(rows("pause_record")) == 1
    assert len(rows("history_entry")) == 2  # created, and one pause_opened


# --- changing


@pytest.mark.parametrize("threads", [FEW, MANY])
def test_pauses_put_on_one_mentor_at_once_are_all_there(ada, at_once, rows, threads):
    starts = [f"2026-03-{day:02}T00:00:00Z" for day in range(1, threads + 1)]
    responses = at_once([("PUT", f"{MENTORS}/ada", {"status": "paused", "pause_start_date": day}) for day in starts])
    assert statuses(responses) == {200: threads}
    assert sorted(row["start_date"] for row in rows("pause_record")) == starts
    events = Counter(row["event"] for row in rows("history_entry"))
    assert events == {"created": 1, "pause_opened": threads}


@pytest.mark.parametrize("threads", [FEW, MANY])
def test_metadata_put_on_one_mentor_at_once_is_all_in_the_history(ada, at_once, rows, threads):
    bodies = [{"metadata": {"initiated_by": f"coordinator-{number:02}"}} for number in range(threads)]
    assert statuses(at_once([("PUT", f"{MENTORS}/ada", body) for body in bodies])) == {200: threads}
    changed_by = sorted(row["changed_by"] for row in rows("history_entry")[1:])
    assert changed_by == [f"coordinator-{number:02}" for number in range(threads)]


def test_different_fields_of_one_pause_put_at_once_are_all_kept(ada, client, at_once):
    path = client.post(PAUSES, json=PAUSE).headers["Location"]
    changes = {
        "reason": "medical_leave",
        "expected_return_date": "2026-05-01T00:00:00Z",
        "end_date": "2026-06-01T00:00:00Z",
    }
    for name, response in zip(
        changes, at_once([("PUT", path, {name: changes[name]}) for name in changes]), strict=True
    ):
        assert response.status_code == 200, name
    record = client.get(path).json
    assert {name: record[name] for name in changes} == changes


def test_many_puts_of_paused_at_once_open_one_pause(ada, at_once, rows):
    responses = at_once([("PUT", f"{MENTORS}/ada", {"is_paused": True, "pause_reason": "workload"})] * MANY)
    assert statuses(responses) == {200: MANY}
    assert len(rows("pause_record")) == 1
    assert len(rows("history_entry")) == 2


def test_pauses_and_returns_at_once_leave_one_answer(ada, client, at_once):
    bodies = [{"status": "paused"}, {"status": "active"}] * (MANY // 2)
    assert statuses(at_once([("PUT", f"{MENTORS}/ada", body) for body in bodies])) == {200: MANY}
    mentor = client.get(f"{MENTORS}/ada").json
    records = client.get(PAUSES).json["data"]
    assert any(record["is_active"] for record in records) == mentor["is_paused"]


# --- deleting


def everything_at_once(number):
    """Return requests that get into each other's way: mentors and pauses made, changed and deleted."""
    ada, pause = f"{MENTORS}/ada", f"{PAUSES}/pause-rec-{number + 1:04}"
    return [
        ("POST", MENTORS, {"mentor_id": "ada", "status": "paused", "pause_reason": "workload"}),
        ("DELETE", ada, None),
        ("POST", PAUSES, PAUSE),
        ("PUT", ada, {"status": "paused", "pause_reason": f"reason {number}"}),
        ("DELETE", pause, None),
        ("PUT", pause, {"is_active": False}),
    ] * (MANY // 6)


def test_deletes_that_race_with_creates_leave_no_orphan(client, at_once, rows):
    for number in range(15):
        answers = statuses(at_once(everything_at_once(number)))
        assert set(answers) <= {200, 201, 404, 409, 422}, answers
        mentors = {row["mentor_id"] for row in rows("mentor_status")}
        assert {row["mentor_id"] for row in rows("pause_record")} <= mentors
        events = Counter(row["event"] for row in rows("history_entry"))
        assert events["created"] - events["deleted"] == len(mentors)
    numbers = [row["id"] for row in rows("pause_record")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("app", ["postgres"], indirect=True)  # an SQLite transaction has locked everything by then
def test_a_post_that_waits_for_a_delete_of_the_mentor_is_dated_after_it(app, ada, client, rows, monkeypatch):
    later = iter(["2026-03-26T08:30:03Z"] * 5)

    def delete_meanwhile():
        if app.config["CLOCK"] is not delete_meanwhile:
            return next(later)
        monkeypatch.setitem(app.config, "CLOCK", lambda: "2026-03-26T08:30:02Z")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(app.test_client().delete, f"{MENTORS}/ada").result().status_code == 200
        return "2026-03-26T08:30:01Z"

    monkeypatch.setitem(app.config, "CLOCK", delete_meanwhile)
    client.post(MENTORS, json={"mentor_id": "ada"})
    instants = [row["changed_at"] for row in rows("history_entry")]
    assert instants == sorted(instants)


def test_of_many_deletes_of_one_mentor_at_once_one_is_a_200_and_the_others_404(ada, at_once, rows):
    assert statuses(at_once([("DELETE", f"{MENTORS}/ada", None)] * MANY)) == {200: 1, 404: MANY - 1}
    assert [row["event"] for row in rows("history_entry")] == ["created", "deleted"]


def test_erasing_that_races_with_writes_leaves_the_history_of_what_came_after(client, at_once, rows):
    for number in range(10):
        erase = ("DELETE", f"{MENTORS}/ada?erase=true", None)
        requests = [*everything_at_once(number), *[erase] * 4]
        assert set(statuses(at_once(requests))) <= {200, 201, 404, 409, 422}
        assert {row["mentor_id"] for row in rows("pause_record")} <= {row["mentor_id"] for row in rows("mentor_status")}
    client.delete(f"{MENTORS}/ada?erase=true")
    assert [rows(table) for table in ("mentor_status", "pause_record", "history_entry")] == [[], [], []]


# --- transactions that meet


class Aborted(Exception):
    """What Postgres says of a transaction that it has aborted."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.fixture
def failing(client):
    """Return a rule that creates ada and then fails so many times; what it has been called with stands in `calls`."""
    calls = []

    @transactional
    def create_ada(failures, sqlstate):
        calls.append(failures)
        MentorStatus.create(mentor_id="ada", last_updated="2026-03-26T08:30:00Z", force_insert=True)
        if len(calls) <= failures:
            raise OperationalError(Aborted(sqlstate))
        return "done"

    create_ada.calls = calls
    return create_ada


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_transaction_that_postgres_aborts_is_run_again_from_its_beginning(failing, rows, sqlstate):
    assert failing(2, sqlstate) == "done"
    assert len(failing.calls) == 3
    assert len(rows("mentor_status")) == 1


@pytest.mark.parametrize(("sqlstate", "attempts"), [("40P01", 3), ("40001", 3), ("57014", 1), (None, 1)])
def test_a_transaction_is_run_three_times_at_most_and_leaves_nothing(failing, rows, sqlstate, attempts):
    with pytest.raises(OperationalError):
        failing(100, sqlstate)
    assert len(failing.calls) == attempts
    assert rows("mentor_status") == []


@pytest.mark.parametrize("app", ["postgres"], indirect=True)
def test_of_two_transactions_in_a_deadlock_both_succeed(client):
    barrier, runs = Barrier(2), Counter()
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.post(MENTORS, json={"mentor_id": "grace"})

    @transactional
    def lock_both(*mentor_ids):
        for mentor_id in mentor_ids:
            MentorStatus.select().where(MentorStatus.mentor_id == mentor_id).for_update().get()
            if runs[mentor_ids] == 0:
                runs[mentor_ids] = 1
                barrier.wait(30)
        runs[mentor_ids] += 1

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lock_both, ("ada", "grace"), ("grace", "ada")))
    assert set(runs.values()) == {2}
