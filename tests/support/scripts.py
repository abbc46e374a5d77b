"""Scripts of writes, one line each, which the service and the model do: POST ada paused; DAY 12; PUT ada active.

A step is a verb, its target and what it sends: POST, PUT, DELETE, ERASE of a mentor; RECORD, a POST of a pause of the
mentor; PUT and DELETE of a pause, by its number in the script; UNDO of entries, by their numbers. DAY sets the clock.
Day 10 is 10 March 2026, day 40 is 9 April, day -20 is 8 February. A pause has a `start`, a `back` (its expected
return), an `end` and a `why`; `by` is who sends a write. A record is `active` or `ended`. With `stale` a write has an
old If-Match, with `absent` If-None-Match: *.
"""

from collections import Counter
from datetime import datetime, timedelta

from mentors.formats import HIGHEST_NUMBER
from tests.support.model import Model, Refused, states
from tests.support.tables import MENTORS, RECORDS, upload

HISTORY = "/api/v1/history"
UNKNOWN = 9000  # and above: the numbers of no pause and no entry
OF_MENTOR = {"start": "pause_start_date", "back": "expected_return_date", "why": "pause_reason"}
OF_RECORD = {"start": "start_date", "back": "expected_return_date", "end": "end_date", "why": "reason"}
REASONS = {"odd": f'"pause_record_id":1,"pause_record_id":{HIGHEST_NUMBER + 1}'}  # which the history has for a new one
TEXTS = ("why",)  # what is no day
FLAGS = {"paused": True, "active": True, "ended": False}
OUTCOMES = ("undone", "unchanged", "refused")
CONDITIONS = {"stale": {"if_match": '"0"'}, "absent": {"if_none_match": "*"}}


def date(day):
    return day and f"{datetime(2026, 2, 28) + timedelta(day):%Y-%m-%dT%H:%M:%SZ}"


def as_sent(name, value):
    """Return a value of a script as the API has it: text as it is, a day as its first instant."""
    return value if name in TEXTS else date(value)


def read_step(step):
    """Return the verb, the target (of an undo a list of numbers) and what is sent."""
    verb, *words = step.split()
    numbers = [int(word) for word in words if word.isdigit()]
    target = numbers if verb == "UNDO" else numbers[0] if numbers else words[0]
    sent = {}
    for word in words[0 if verb == "UNDO" else 1 :]:
        name, has_value, value = word.partition("=")
        if has_value:
            is_day = value.removeprefix("-").isdigit()
            sent[name] = None if value == "null" else int(value) if is_day else REASONS.get(value, value)
        elif name in CONDITIONS:
            sent |= CONDITIONS[name]
        elif name in FLAGS and isinstance(target, str) and verb != "RECORD":
            sent["paused"] = name == "paused"
        elif name in FLAGS:
            sent["active"] = FLAGS[name]
    return verb, target, sent


def without(shown, *names):
    return {name: value for name, value in shown.items() if name not in names}


class Script:
    """What the service does, and what it should do."""

    def __init__(self, client, clock, in_tables=False):
        self.client, self.clock, self.in_tables = client, clock, in_tables
        self.model = Model()
        self.record_ids, self.entry_ids = {}, {}  # what the service gave to the numbers of the model
        clock.at = date(self.model.now)

    def run(self, script):
        """Do the steps; a failure names the one that fails."""
        for step in script.split(";"):
            try:
                self.do(*read_step(step))
            except Exception as error:
                error.add_note(f"in {script}, at {step}")
                raise
        self.assert_state()

    def do(self, verb, target, sent):
        """Do a step. What was done, sent again at once or a second later, changes nothing."""
        if verb == "DAY":
            self.model.now = max(self.model.now, target)
            self.clock.at = date(self.model.now)
            self.assert_state()
        elif verb == "UNDO":
            self.undo(target, sent)
        elif self.write(verb, target, sent) and verb in ("PUT", "RECORD"):
            assert self.write(verb, target, sent) is None
            self.clock.at = date(self.model.now).replace("00Z", "01Z")
            assert self.write(verb, target, sent) is None
            self.clock.at = date(self.model.now)

    def write(self, verb, target, sent):
        """Do a write; return its entry, or None if it changes nothing or is refused."""
        in_table = self.in_tables and verb in ("POST", "PUT", "RECORD") and "if_none_match" not in sent
        fields = OF_RECORD if verb == "RECORD" or isinstance(target, int) else OF_MENTOR
        existed = isinstance(target, int) or target in self.model.mentors
        try:
            entry, refused = self.model.do(verb, target, sent, in_table), None
        except Refused as problem:
            entry, refused = None, problem
        response = (self.send_line if in_table else self.send)(verb, target, sent, fields)
        if refused:
            self.assert_refused(response, refused, fields, in_table)
            if response.status_code == 412:
                assert response.headers["ETag"] == self.client.get(self.path_of(target)).headers["ETag"]
        elif in_table:
            outcome = "created" if verb == "RECORD" or not existed else "updated"
            self.assert_line(response, self.pause_of(verb, target, sent), target, entry, outcome)
        else:
            self.assert_answer(response, verb, target, sent, entry)
        return entry

    # --- what is sent

    def path_of(self, target):
        if isinstance(target, int):
            return f"{RECORDS}/{self.record_ids.get(target, f'pause-rec-{UNKNOWN + target}')}"
        return f"{MENTORS}/{target}"

    def send(self, verb, target, sent, fields):
        headers = {name.replace("_", "-"): value for name, value in sent.items() if name.startswith("if_")}
        if verb in ("DELETE", "ERASE"):
            query = "?erase=true" if verb == "ERASE" else f"?initiated_by={sent['by']}" if "by" in sent else ""
            return self.client.delete(self.path_of(target) + query, headers=headers)
        body = {fields[name]: as_sent(name, sent[name]) for name in fields if name in sent}
        if "paused" in sent:  # either of the two flags
            is_post = verb == "POST"
            body |= {"is_paused": sent["paused"]} if is_post else {"status": "paused" if sent["paused"] else "active"}
        body |= {"is_active": sent["active"]} if "active" in sent else {}
        body |= {"metadata": {"initiated_by": sent["by"]}} if "by" in sent else {}
        if verb == "PUT":
            return self.client.put(self.path_of(target), json=body, headers=headers)
        return self.client.post(RECORDS if verb == "RECORD" else MENTORS, json=body | {"mentor_id": target})

    def send_line(self, verb, target, sent, fields):
        """Send a write as a table of one line."""
        key = "pause_record_id" if isinstance(target, int) else "mentor_id"
        line = {key: self.path_of(target).rpartition("/")[2]}
        line |= {fields[name]: as_sent(name, sent[name]) for name in fields if name in sent}
        line |= {"status": "paused" if sent["paused"] else "active"} if "paused" in sent else {}
        line |= {"is_active": str(sent["active"]).lower()} if "active" in sent else {}
        line |= {"initiated_by": sent["by"]} if "by" in sent else {}
        line |= {"etag": sent["if_match"]} if "if_match" in sent else {}
        return upload(self.client, RECORDS if fields is OF_RECORD else MENTORS, [line])

    # --- what is answered

    def assert_refused(self, response, refused, fields, in_table):
        names = {fields.get(name, name) for name in refused.fields}
        if in_table:
            expected = 422, "rows_refused", {f"line 2, {name}" for name in names} or {"line 2"}
        else:
            expected = refused.status, refused.code, names
        assert (response.status_code, response.json["code"], set(response.json.get("errors", ()))) == expected

    def assert_line(self, response, pause, target, entry, outcome):
        assert response.status_code == 200, response.text
        if entry:
            self.assert_entries(entry)
        expected = {
            "line": 2,
            "outcome": outcome if entry else "unchanged",
            "mentor_id": pause.mentor if pause else target,
        }
        expected["history_entry_id"] = entry and self.entry_ids[entry.number]
        expected |= {"pause_record_id": self.record_ids[pause.number]} if pause else {}
        newest = self.client.get(f"{HISTORY}?limit=1").json["data"] if entry else [{"pause_records": []}]
        expected["pause_records"] = newest[0]["pause_records"]
        assert response.json["data"] == [expected]

    def assert_answer(self, response, verb, target, sent, entry):
        assert response.status_code == (201 if verb in ("POST", "RECORD") else 200), response.text
        if entry:
            self.assert_entries(entry)
        assert response.headers.get("History-Entry") == (entry and self.entry_ids[entry.number])
        assert ("Idempotent-Replayed" in response.headers) == (entry is None and verb != "ERASE")
        if verb in ("DELETE", "ERASE"):
            key = "pause_record_id" if isinstance(target, int) else "mentor_id"
            assert response.json == {"deleted": True, key: self.path_of(target).rpartition("/")[2]}
        elif pause := self.pause_of(verb, target, sent):
            shown = self.record(pause)
            assert response.json == (shown if verb == "RECORD" else without(shown, "reason", "created_at"))
            assert response.headers.get("Location") == (self.path_of(pause.number) if verb == "RECORD" else None)
        else:
            assert response.json == without(self.mentor(target), "pause_reason")
            assert response.headers.get("Location") == (self.path_of(target) if verb == "POST" else None)

    def pause_of(self, verb, target, sent):
        """Return the pause that a write was about; None if it was about a mentor."""
        if verb != "RECORD":
            return self.model.pauses.get(target)
        return next(p for p in self.model.of(target) if (p.start, p.why) == (sent["start"], sent["why"]))

    def assert_entries(self, *entries):
        """Hold new entries, oldest first, to the newest of the history; learn their ids, and those of new pauses."""
        listed = self.client.get(f"{HISTORY}?limit={len(entries)}").json["data"][::-1]
        for entry, shown in zip(entries, listed, strict=True):
            self.learn(self.entry_ids, entry.number, shown["history_entry_id"], int)
            for (number, *_states), touched in zip(entry.touched, shown["pause_records"], strict=True):
                self.learn(self.record_ids, number, touched["pause_record_id"], str)
        assert listed == [self.entry(entry) for entry in entries]

    def learn(self, ids, number, given, key):
        if number not in ids:
            assert key(given) > max(map(key, ids.values()), default=key(0)), "ids rise"
            ids[number] = given

    # --- undo

    def undo(self, numbers, sent):
        """Take entries back, and again, which changes nothing more."""
        numbers = [number if number in self.entry_ids else UNKNOWN + number for number in numbers]
        body = {"history_entry_ids": [self.entry_ids.get(number, str(number)) for number in numbers]}
        body |= {"metadata": {"initiated_by": sent["by"]}} if "by" in sent else {}
        first = self.undo_once(numbers, sent, body)
        entries = len(self.model.entries)
        self.undo_once(numbers, sent, body)
        assert len(self.model.entries) == entries
        return first

    def undo_once(self, numbers, sent, body):
        before = len(self.model.entries)
        outcomes = self.model.undo(numbers, sent)
        response = self.client.post(f"{HISTORY}/undo", json=body)
        if new := self.model.entries[before:]:
            self.assert_entries(*new)
        shown = [self.outcome(number, outcomes[number]) for number in numbers]
        assert [each | {"detail": bool(each["detail"])} for each in response.json["data"]] == shown
        counts = Counter(each["outcome"] for each in shown)
        assert [response.json[name] for name in OUTCOMES] == [counts[name] for name in OUTCOMES]
        is_replayed = {outcome for outcome, _undo, _later in outcomes.values()} == {"unchanged"}
        assert ("Idempotent-Replayed" in response.headers) == is_replayed
        return outcomes

    def put_back(self):
        """Put what GET returned, which changes nothing, and then flipped, which brings every mentor back."""
        for path in [*map(self.path_of, self.model.mentors), *map(self.path_of, self.model.pauses)]:
            assert self.client.put(path, json=self.client.get(path).json).headers["Idempotent-Replayed"] == "true"
        for mentor in sorted(self.model.mentors):
            if self.model.in_force(mentor):
                shown = self.model.shown(mentor)
                self.do("PUT", mentor, {"paused": False, "start": shown.start, "back": shown.returns, "why": shown.why})
                assert not self.model.in_force(mentor)
        self.assert_state()

    def take_all_back(self):
        """Undo every entry, and then these undos: in between nobody is there, and at the end all is as before."""
        before = set(self.model.mentors), states(self.model.pauses)
        outcomes = self.undo([entry.number for entry in self.model.entries], {}) if self.model.entries else {}
        assert {outcome for outcome, _undo, _later in outcomes.values()} <= {"undone", "unchanged"}
        assert not (self.model.mentors or self.model.pauses)
        if undos := [undo for outcome, undo, _later in outcomes.values() if outcome == "undone"]:
            self.undo(undos, {})
        assert (set(self.model.mentors), states(self.model.pauses)) == before
        self.assert_state()

    def outcome(self, number, expected):
        outcome, named, later = expected
        mentors = {entry.number: entry.mentor for entry in self.model.entries}
        is_refused = outcome == "refused"
        return {
            "history_entry_id": self.entry_ids.get(number, str(number)),
            "mentor_id": mentors.get(number),
            "outcome": outcome,
            "undone_by": self.entry_ids[named] if named and not is_refused else None,
            "code": named if is_refused else None,
            "detail": is_refused,
            "later_entry": later
            and {
                "history_entry_id": self.entry_ids[later.number],
                "changed_at": date(later.at),
                "changed_by": later.by,
                "event": later.event,
            },
        }

    # --- what is shown

    def assert_state(self):
        """Hold all that can be read to the model."""
        mentors = [self.mentor(mentor) for mentor in sorted(self.model.mentors)]
        assert [self.client.get(f"{MENTORS}/{each['mentor_id']}").json for each in mentors] == mentors
        for query in ("limit=100", "limit=100&after="):
            assert self.client.get(f"{MENTORS}?{query}").json["data"] == [
                without(each, "pause_reason") for each in mentors
            ]
        records = [self.record(pause) for _number, pause in sorted(self.model.pauses.items())]
        assert [self.client.get(f"{RECORDS}/{each['pause_record_id']}").json for each in records] == records
        assert self.client.get(f"{RECORDS}?limit=100").json["data"] == [without(each, "created_at") for each in records]
        history = self.client.get(f"{HISTORY}?limit=100").json["data"]
        assert history == [self.entry(entry) for entry in self.model.entries[:-101:-1]]

    def mentor(self, mentor):
        shown, is_paused = self.model.shown(mentor), bool(self.model.in_force(mentor))
        return {
            "mentor_id": mentor,
            "status": "paused" if is_paused else "active",
            "is_paused": is_paused,
            "pause_start_date": shown and date(shown.start),
            "expected_return_date": shown and date(shown.returns),
            "pause_reason": shown and shown.why,
            "last_updated": date(self.model.mentors[mentor]),
        }

    def record(self, pause):
        return {
            "pause_record_id": self.record_ids[pause.number],
            "mentor_id": pause.mentor,
            **self.state_of(pause),
            "is_active": not pause.has_ended(self.model.now),
            "created_at": date(pause.created),
        }

    def state_of(self, pause):
        return pause and {OF_RECORD[name]: as_sent(name, value) for name, value in pause.state.items()}

    def entry(self, entry):
        shown = entry.shown
        return {
            "history_entry_id": self.entry_ids[entry.number],
            "mentor_id": entry.mentor,
            "changed_at": date(entry.at),
            "event": entry.event,
            "undoes": entry.undoes and self.entry_ids[entry.undoes],
            "pause_record_id": entry.pause and self.record_ids[entry.pause],
            "status": {None: None, False: "active", True: "paused"}[entry.is_paused],
            "is_paused": entry.is_paused,
            "pause_start_date": shown and date(shown.start),
            "expected_return_date": shown and date(shown.back),
            "pause_end_date": shown and date(shown.end),
            "pause_reason": shown and shown.why,
            "pause_records": [
                {"pause_record_id": self.record_ids[number], "event": event}
                | self.state_of(after or before)
                | {"before": self.state_of(before)}
                for number, event, before, after in entry.touched
            ],
            "changed_by": entry.by,
            "metadata": entry.by and {"initiated_by": entry.by},
        }
