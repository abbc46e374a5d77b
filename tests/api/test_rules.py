"""The rules of writing against a small model: any sequence of writes is answered as the model says, on both databases.

Instants are days of March 2026, at midnight; the clock only goes forward.
"""

from copy import deepcopy

from hypothesis import HealthCheck, settings, stateful
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine

from tests.conftest import empty_tables
from tests.support.model import Model, Refused

MENTORS, REASONS = ("ada", "grace"), ("a private illness", "a family matter")
API = "/api/v1"
DAYS = st.integers(8, 16)
OPTIONAL_DAYS = st.none() | DAYS


def date(day):
    return day and f"2026-03-{day:02}T00:00:00Z"


def number(record_id):
    return int(record_id.removeprefix("pause-rec-"))


class Rules(stateful.RuleBasedStateMachine):
    def __init__(self, client, clock):
        super().__init__()
        self.client, self.clock, self.model = client, clock, Model()
        self.numbers = {}  # the number that the service gave to each pause of the model
        empty_tables()
        self.clock.at = date(self.model.now)

    def expect(self, response, write, success):
        """Compare the answer with what `write` does to the model, which a refusal leaves as it was."""
        before = deepcopy(self.model)
        try:
            write()
        except Refused as refused:
            self.model, success = before, refused.args[0]
        assert response.status_code == success, response.text

    def send(self, method, path, mentor_id, body):
        """Send a write. Its answer says that nothing was written, if the mentor's history has no new entry."""
        before = self.count_entries(mentor_id)
        response = self.client.open(path, method=method, json=body)
        if response.status_code < 300:
            says_so = response.headers.get("Idempotent-Replayed") == "true"
            assert says_so == (self.count_entries(mentor_id) == before)
        return response

    def count_entries(self, mentor_id):
        history = self.client.get(f"{API}/mentor-statuses/{mentor_id}/history").json
        return history["pagination"]["total"] if "pagination" in history else 0

    def expect_number(self, pause, given):
        """Compare the number of a pause with the one it has, or else with all given before: numbers rise, with gaps."""
        if pause.id not in self.numbers:
            assert given > max(self.numbers.values(), default=0)
            self.numbers[pause.id] = given
        assert self.numbers[pause.id] == given

    def find(self, data):
        """Draw a pause, and return it with its path."""
        pause = self.model.pauses[data.draw(st.sampled_from(sorted(self.model.pauses)))]
        return pause, f"{API}/pause-records/pause-rec-{self.numbers[pause.id]:04}"

    @stateful.precondition(lambda self: self.model.now < 20)
    @stateful.rule(days=st.integers(0, 2))
    def time_passes(self, days):
        self.model.now += days
        self.clock.at = date(self.model.now)

    @stateful.rule(
        mentor=st.sampled_from(MENTORS),
        said=st.none() | st.booleans(),
        start=OPTIONAL_DAYS,
        data=st.fixed_dictionaries(
            {}, optional={"expected": OPTIONAL_DAYS, "reason": st.sampled_from((None, *REASONS))}
        ),
    )
    def write_mentor(self, mentor, said, start, data):
        sent = {"pause_start_date": date(start)} if start else {}
        sent |= {} if said is None else {"is_paused": said}
        sent |= {"expected_return_date": date(data["expected"])} if "expected" in data else {}
        sent |= {"pause_reason": data["reason"]} if "reason" in data else {}
        known = mentor in self.model.mentors

        def write():
            if start and data.get("expected") and data["expected"] < start:
                raise Refused(422)
            if not known and any(data.values()) and not (said or start):
                raise Refused(422)
            (self.model.put if known else self.model.create)(mentor, said, start, data)

        if known:
            response = self.send("PUT", f"{API}/mentor-statuses/{mentor}", mentor, sent)
            self.expect(response, write, 200)
        else:
            response = self.send("POST", f"{API}/mentor-statuses", mentor, sent | {"mentor_id": mentor})
            self.expect(response, write, 201)
        if response.status_code < 300:
            shown = self.client.get(f"{API}/mentor-statuses/{mentor}").json
            del shown["pause_reason"]
            assert response.json == shown

    @stateful.rule(mentor=st.sampled_from(MENTORS))
    def delete_mentor(self, mentor):
        known = mentor in self.model.mentors
        assert self.client.delete(f"{API}/mentor-statuses/{mentor}").status_code == (200 if known else 404)
        self.model.mentors.discard(mentor)
        self.model.pauses = {key: pause for key, pause in self.model.pauses.items() if pause.mentor != mentor}

    @stateful.rule(
        mentor=st.sampled_from(MENTORS),
        start=DAYS,
        expected=OPTIONAL_DAYS,
        end=OPTIONAL_DAYS,
        flag=st.none() | st.booleans(),
        reason=st.sampled_from(REASONS),
    )
    def post_record(self, mentor, start, expected, end, flag, reason):
        sent = {"start_date": date(start), "expected_return_date": date(expected), "end_date": date(end)}
        sent |= {"mentor_id": mentor, "reason": reason, "is_active": flag}
        response = self.send("POST", f"{API}/pause-records", mentor, sent)

        def write():
            wrong = (expected and expected < start) or (end and end < start) or (flag is False and not end)
            if wrong or (flag and end == start) or mentor not in self.model.mentors:
                raise Refused(422)
            pause = self.model.record(mentor, start, {"expected": expected, "reason": reason}, end, flag)
            self.expect_number(pause, number(response.json["pause_record_id"]))

        self.expect(response, write, 201)

    @stateful.precondition(lambda self: self.model.pauses)
    @stateful.rule(
        data=st.data(),
        flag=st.none() | st.booleans(),
        sent=st.fixed_dictionaries(
            {},
            optional={
                "start": DAYS,
                "expected": OPTIONAL_DAYS,
                "end": OPTIONAL_DAYS,
                "reason": st.sampled_from((None, *REASONS)),
            },
        ),
    )
    def put_record(self, data, flag, sent):
        pause, path = self.find(data)
        names = {"start": "start_date", "expected": "expected_return_date", "end": "end_date"}
        body = {names[key]: date(value) for key, value in sent.items() if key in names}
        body |= {"reason": sent["reason"]} if "reason" in sent else {}
        body |= {} if flag is None else {"is_active": flag}
        response = self.send("PUT", path, pause.mentor, body)

        def write():
            start, end = sent.get("start"), sent.get("end")
            wrong = start and any(sent.get(key) and sent[key] < start for key in ("expected", "end"))
            if wrong or (flag and end and end == start):
                raise Refused(422)
            self.model.put_record(pause, dict(sent), flag)

        self.expect(response, write, 200)

    @stateful.precondition(lambda self: self.model.pauses)
    @stateful.rule(data=st.data())
    def delete_record(self, data):
        pause, path = self.find(data)
        assert self.client.delete(path).status_code == 200
        del self.model.pauses[pause.id]

    @stateful.invariant()
    def every_read_agrees_with_the_model(self):
        model = self.model
        records = self.client.get(f"{API}/pause-records").json["data"]
        pauses = [pause for _, pause in sorted(model.pauses.items())]
        for record, pause in zip(records, pauses, strict=True):
            self.expect_number(pause, number(record["pause_record_id"]))
            shown = record["mentor_id"], record["start_date"], record["end_date"], record["is_active"]
            assert shown == (pause.mentor, date(pause.start), date(pause.end), not model.ended(pause))
        assert [m["mentor_id"] for m in self.client.get(f"{API}/mentor-statuses").json["data"]] == sorted(model.mentors)
        for mentor in model.mentors:
            force, _, shown = model.current(mentor)
            got = self.client.get(f"{API}/mentor-statuses/{mentor}").json
            assert (got["is_paused"], got["status"]) == (bool(force), "paused" if force else "active")
            assert got["pause_start_date"] == (shown and date(shown.start))
            assert got["expected_return_date"] == (shown and date(shown.end or shown.expected))
            assert got["pause_reason"] == (shown and shown.reason)


def test_any_sequence_of_writes_is_answered_as_the_model_says(client, clock, monkeypatch):
    monkeypatch.setattr(engine, "MAX_SHRINKING_SECONDS", 30)  # instead of 300; Hypothesis has no setting for it
    stateful.run_state_machine_as_test(
        lambda: Rules(client, clock),
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
