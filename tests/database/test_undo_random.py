"""All that was written can be taken back, and written again; what is refused is left whole. With random writes."""

import random

import pytest

from tests.conftest import empty_tables
from tests.support.tables import upload

MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
NAMES, REASONS = ("ada", "grace", "edsger"), ("workload", "personal_leave", '"pause_record_id":1,')
WRITES = 60  # of an episode
EPISODES = pytest.mark.parametrize(  # each sends the same statements: on Postgres a third of them will do
    ("app", "seed"),
    [("sqlite", seed) for seed in range(18)] + [("postgres", seed) for seed in range(6)],
    indirect=["app"],
)


def day(number):
    return f"2026-{3 + number // 28:02}-{1 + number % 28:02}T00:00:00Z"


# What may become of an entry, and what then if the same request is sent again.
AGAIN = {("undone", "unchanged"), ("unchanged", "unchanged"), ("unchanged", "refused"), ("refused", "refused")}


class Episode:
    """Random writes to a few mentors, with a state after each: of the mentors, the records and their dates."""

    def __init__(self, client, clock, seed):
        self.client, self.clock, self.random = client, clock, random.Random(seed)
        self.seconds = 0
        self.entries = []  # the ids, in the order of the writes

    def tick(self):
        """Let some time pass, or none: several writes may have one instant."""
        self.seconds += self.random.choice((0, 0, 1, 3 * 60 * 60))
        self.clock.at = (
            f"2026-03-{15 + self.seconds // 86400:02}T{self.seconds // 3600 % 24:02}:00:{self.seconds % 60:02}Z"
        )

    def state(self):
        """Return who is there, and each record with its id, dates, reason and `created_at`."""
        mentors = [each["mentor_id"] for each in self.client.get(f"{MENTORS}?limit=1000").json["data"]]
        records = self.client.get(f"{RECORDS}?limit=1000").json["data"]
        shown = [self.client.get(f"{RECORDS}/{each['pause_record_id']}").json for each in records]
        return mentors, [{name: each[name] for name in each if name != "is_active"} for each in shown]

    def some_record(self):
        records = self.client.get(f"{RECORDS}?limit=1000").json["data"]
        return self.random.choice(records)["pause_record_id"] if records else "pause-rec-0001"

    def write(self):  # noqa: C901 a branch for each kind of write
        """Send a random write; keep the entries that it appended."""
        self.tick()
        choose, number = self.random.choice, self.random.randrange
        name, reason, start = choose(NAMES), choose(REASONS), day(number(60))
        later = choose((None, day(60 + number(30))))
        kind = number(12)
        record = f"{RECORDS}/{self.some_record()}" if kind in (1, 6, 7, 8) else None
        if kind == 0:
            response = self.client.post(MENTORS, json={"mentor_id": name, "status": choose(("active", "paused"))})
        elif kind == 1:
            response = self.client.delete(choose((record, f"{MENTORS}/{name}")))
        elif kind in (2, 3):
            body = {"mentor_id": name, "start_date": start, "reason": reason, "expected_return_date": later}
            response = self.client.post(RECORDS, json=body)
        elif kind in (4, 5):
            body = {"status": choose(("active", "paused")), "expected_return_date": later}
            response = self.client.put(f"{MENTORS}/{name}", json=body)
        elif kind in (6, 7):
            response = self.client.put(record, json={"reason": reason, "end_date": later})
        elif kind == 8:
            response = self.client.put(record, json={"start_date": start, "is_active": choose((True, False))})
        elif kind == 9:
            lines = [{"mentor_id": each, "status": choose(("active", "paused"))} for each in NAMES]
            response = upload(self.client, MENTORS, lines)
        else:
            lines = [{"pause_record_id": self.some_record(), "start_date": day(number(60)), "reason": reason}]
            lines.append({"pause_record_id": "", "mentor_id": name, "start_date": start, "reason": choose(REASONS)})
            response = upload(self.client, RECORDS, lines)
        assert response.status_code < 500, response.text
        if response.status_code >= 300:
            return
        if response.json.get("data"):
            self.entries += [line["history_entry_id"] for line in response.json["data"] if line["history_entry_id"]]
        elif "History-Entry" in response.headers:
            self.entries.append(response.headers["History-Entry"])

    def newest_entry(self):
        return self.client.get("/api/v1/history?limit=1").json["data"][0]["history_entry_id"]

    def undo(self, entry_ids):
        """Take entries back; return what became of each."""
        response = self.client.post(UNDO, json={"history_entry_ids": entry_ids})
        assert response.status_code == 200, response.text
        return response.json["data"]


@pytest.fixture
def episode(client, clock):
    """Return a function that begins an episode in empty tables."""

    def begin(seed):
        empty_tables()
        return Episode(client, clock, seed)

    return begin


def rebuilt(client):
    """Return what the history of everybody says is there: the mentors, and the records."""
    entries, after = [], ""
    while after is not None:
        page = client.get(f"/api/v1/history?limit=100&after={after}").json
        entries += page["data"]
        after = page["pagination"]["next"]
    mentors, records = set(), {}
    for entry in reversed(entries):
        if entry["event"] in ("created", "deleted"):
            (mentors.add if entry["event"] == "created" else mentors.remove)(entry["mentor_id"])
        for each in entry["pause_records"]:
            before = records.pop(each["pause_record_id"], None)
            dates = {name: each[name] for name in ("start_date", "expected_return_date", "end_date", "reason")}
            assert before == each["before"]
            if each["event"] != "pause_deleted":
                records[each["pause_record_id"]] = dates
    return sorted(mentors), records


@EPISODES
def test_all_is_taken_back_newest_first_and_done_again(episode, seed):
    run = episode(seed)
    first = run.state()
    for _ in range(WRITES):
        run.write()
    last = run.state()
    run.tick()
    assert rebuilt(run.client) == (last[0], {each["pause_record_id"]: dates_of(each) for each in last[1]})
    undone = run.undo(run.entries)
    assert {each["outcome"] for each in undone} <= {"undone", "unchanged"}
    assert run.state() == first
    run.tick()
    assert {each["outcome"] for each in run.undo(run.entries)} == {"unchanged"}
    redone = [each["undone_by"] for each in undone if each["undone_by"]]
    assert {each["outcome"] for each in (run.undo(redone) if redone else ())} <= {"undone", "unchanged"}
    assert run.state() == last


def dates_of(record):
    return {name: record[name] for name in ("start_date", "expected_return_date", "end_date", "reason")}


@EPISODES
def test_in_any_order_each_entry_is_taken_back_whole_or_told(episode, seed):
    run = episode(1000 + seed)
    for _ in range(WRITES):
        run.write()
    before = run.state()
    while run.entries:
        chosen = run.random.sample(run.entries, min(len(run.entries), run.random.randrange(1, 9)))
        run.tick()
        outcomes = run.undo(chosen)
        after = run.state(), run.newest_entry()
        again = run.undo(chosen)
        assert (run.state(), run.newest_entry()) == after
        for was, then in zip(outcomes, again, strict=True):
            assert (was["outcome"], then["outcome"]) in AGAIN
            assert was["outcome"] != "undone" or then["undone_by"] == was["undone_by"]
        assert [each["history_entry_id"] for each in outcomes] == chosen
        undone = [each for each in outcomes if each["outcome"] == "undone"]
        for each in outcomes:
            is_refused = each["outcome"] == "refused"
            assert (each["code"] is not None, each["detail"] is not None) == (is_refused, is_refused)
            assert each["code"] in (None, "stale", "conflict")
            assert each["code"] != "stale" or each["later_entry"]
        assert run.client.get("/api/v1/history?limit=1").status_code == 200
        state = run.state()
        mentors, records = rebuilt(run.client)
        assert (mentors, records) == (state[0], {each["pause_record_id"]: dates_of(each) for each in state[1]})
        if not undone:
            assert state == before
        before = state
        run.entries = [entry for entry in run.entries if entry not in chosen]
