"""The rules of writing (docs/rules.md) as a small model in plain Python: the oracle of every test of writes.

Instants are whole days. What a write sends is a dict by short names: `paused`, `start`, `back` and `why` of a mentor;
`active`, `start`, `back`, `end` and `why` of a pause record; `by`, who sends it; `if_match` and `if_none_match`.
"""

from copy import copy
from typing import NamedTuple

NEVER = 1000  # a day after all others
STATE = ("start", "back", "end", "why")


class Refused(Exception):
    def __init__(self, status, code, *fields):
        super().__init__(status, code, *fields)
        self.status, self.code, self.fields = status, code, set(fields)


def invalid(*fields):
    return Refused(422, "validation_failed", *fields)


class Pause(NamedTuple):
    number: int
    mentor: str
    start: int
    back: int | None
    end: int | None
    why: str | None
    created: int
    changed: int

    @property
    def state(self):
        return {name: getattr(self, name) for name in STATE}

    @property
    def returns(self):
        return self.end or self.back

    def has_ended(self, now):
        return self.end is not None and (self.end <= now or self.end == self.start)

    def did_begin(self):
        return self.end > self.start or self.start in (self.created, self.changed)


class Entry(NamedTuple):
    """A history entry; `touched` has the number of each pause, its event, and the pause before and after it."""

    number: int
    mentor: str
    at: int
    event: str
    pause: int | None
    is_paused: bool | None
    shown: Pause | None
    touched: list
    by: str | None
    undoes: int | None

    def before(self):
        return {number: before for number, _event, before, _after in self.touched}

    def after(self):
        return {number: after for number, _event, _before, after in self.touched}


def states(pauses):
    """Return the dates and the reason of pauses by number; None: no such pause."""
    return {number: pause and pause.state for number, pause in pauses.items()}


class Model:
    """Mentors, their pauses and the history, as the rules have them."""

    def __init__(self):
        self.now, self.last_pause, self.last_entry = 10, 0, 0
        self.mentors = {}  # their last change
        self.pauses = {}  # by number
        self.entries = []

    def do(self, verb, target, sent, in_table=False):
        """Do a write, and return its history entry, or None if it has changed nothing. Refused: nothing is done.

        The target of PUT and DELETE is the id of a mentor, or the number of a pause.
        """
        kept = {name: copy(value) for name, value in vars(self).items()}
        try:
            entry = self.write_line(verb, target, sent) if in_table else self.write(verb, target, sent)
        except Refused:
            vars(self).update(kept)
            raise
        if entry is None and verb != "ERASE":
            vars(self).update(kept)
        return entry

    def write(self, verb, target, sent):
        self.refuse_body(verb, sent)
        entry = self.apply(verb, target, sent)
        if "if_match" in sent and entry:
            raise Refused(412, "stale")
        return entry

    def write_line(self, verb, target, sent):
        """Write as the line of a table: a mentor is created or changed, and an old tag is refused first."""
        is_stale, is_mentor = "if_match" in sent, verb in ("POST", "PUT") and isinstance(target, str)
        verb = "PUT" if is_mentor else verb
        self.refuse_body(verb, sent)
        if is_mentor and target not in self.mentors:
            if is_stale:
                raise invalid("etag")
            self.refuse_body("POST", sent)
            verb = "POST"
        if isinstance(target, int) and target not in self.pauses:
            raise invalid("pause_record_id")
        try:
            entry = self.apply(verb, target, sent)
        except Refused:
            if is_stale:
                raise invalid("etag") from None
            raise
        if entry and not (entry.touched or verb == "POST"):
            return None  # metadata alone is no change
        if entry and is_stale:
            raise invalid("etag")
        return entry

    def apply(self, verb, target, sent):
        name = f"{verb.lower()}_record" if isinstance(target, int) else verb.lower()
        return getattr(self, name)(target, sent)

    # --- what the body alone shows to be wrong

    def refuse_body(self, verb, sent):
        start = sent.get("start") or -NEVER
        early = [name for name in ("back", "end") if sent.get(name) and sent[name] < start]
        wrong = set(early[:1])
        if verb == "POST" and not (sent.get("paused") or sent.get("start")):
            wrong |= {name for name in ("back", "why") if sent.get(name)}
        if sent.get("active") and sent.get("end") and sent["end"] == sent.get("start") and not wrong:
            wrong = {"end"}
        if verb == "RECORD" and sent.get("active") is False and not sent.get("end"):
            wrong |= {"end"}
        if wrong:
            raise invalid(*wrong)

    # --- the terms

    def of(self, mentor):
        return [pause for _number, pause in sorted(self.pauses.items()) if pause.mentor == mentor]

    def un_ended(self, mentor):
        return [pause for pause in self.of(mentor) if not pause.has_ended(self.now)]

    def in_force(self, mentor):
        return [pause for pause in self.un_ended(mentor) if pause.start <= self.now]

    def shown(self, mentor, start=None):
        """Return the pause shown of a mentor; with a start, that of the pauses that start then."""
        un_ended = [pause for pause in self.un_ended(mentor) if start in (None, pause.start)]
        force = [pause for pause in un_ended if pause.start <= self.now]
        first = min((pause.start for pause in un_ended), default=None)
        # The latest return is shown, of several the one recorded last.
        shown = force or [pause for pause in un_ended if pause.start == first]
        return max(shown, key=lambda pause: (pause.returns or NEVER, pause.number), default=None)

    # --- changing pauses

    def set(self, pause):
        """Record a new or changed pause; of several reasons to refuse it, the conflict comes first (rule 7)."""
        self.refuse_same(pause)
        for name in ("back", "end"):
            if getattr(pause, name) is not None and getattr(pause, name) < pause.start:
                raise invalid(name)
        self.pauses[pause.number] = pause

    def refuse_same(self, pause):
        others = [other for other in self.of(pause.mentor) if other.number != pause.number]
        if any((other.start, other.why) == (pause.start, pause.why) for other in others):
            raise Refused(409, "conflict")

    def open(self, mentor, start, data):
        self.last_pause += 1
        values = dict.fromkeys(STATE) | data | {"start": start}
        self.set(Pause(self.last_pause, mentor, created=self.now, changed=self.now, **values))

    def change(self, pause, **values):
        self.set(pause._replace(**values))

    def append(self, mentor, before, sent, event=None, about=None, undoes=None):
        """Append an entry that says what a write has done to the pauses since `before`; return it.

        Without an event, it is None if the write has done nothing; who sends it is a change, if the last entry has
        another one.
        """
        numbers = sorted(number for number in before | self.pauses if before.get(number) != self.pauses.get(number))
        touched = []
        for number in numbers:
            old, new = before.get(number), self.pauses.get(number)
            if new:
                new = self.pauses[number] = new._replace(changed=self.now)
            touched.append((number, self.event_of(old, new), old, new))
        earlier = [e for e in self.entries if e.mentor == mentor and about in (None, e.pause)]
        is_by_another = "by" in sent and not (earlier and earlier[-1].by == sent["by"])
        if not (touched or event or is_by_another):
            return None
        if len(touched) == 1 and event != "deleted":
            about, event = touched[0][0], event or touched[0][1]
        exists = event != "deleted"
        self.last_entry += 1
        is_paused, shown = (bool(self.in_force(mentor)), self.shown(mentor)) if exists else (None, None)
        row = self.last_entry, mentor, self.now, event or "updated", about, is_paused, shown, touched, sent.get("by")
        self.entries.append(Entry(*row, undoes))
        if exists:
            self.mentors[mentor] = self.now
        return self.entries[-1]

    def event_of(self, old, new):
        if not (old and new):
            return "pause_deleted" if old else "pause_opened"
        ended = old.has_ended(self.now), new.has_ended(self.now)
        return {(False, True): "pause_ended", (True, False): "pause_reopened"}.get(ended, "pause_updated")

    # --- rule 1

    def post(self, mentor, sent):
        before, start = self.pauses.copy(), sent.get("start")
        if mentor in self.mentors:
            raise Refused(409, "already_exists")
        if start and start <= self.now and not sent.get("paused"):
            raise invalid("start")
        if sent.get("paused") or start:
            self.open(mentor, start or self.now, pause_data(sent))
        return self.append(mentor, before, sent, "created")

    # --- rule 2

    def put(self, mentor, sent):
        before = self.pauses.copy()
        self.find_mentor(mentor, sent)
        start, paused, data = sent.get("start"), sent.get("paused"), pause_data(sent)
        force = self.in_force(mentor)
        if paused or (paused is None and force):
            self.keep_paused(mentor, start, data)
        elif start and start > self.now:
            self.end_all(force)
            self.change_or_open(mentor, start, data)
        elif paused is False:
            self.make_active(mentor, start, data)
        elif start:
            raise invalid("start")
        elif not self.change_shown(mentor, None, data):
            refuse_new(data, None)
        return self.append(mentor, before, sent)

    def find_mentor(self, mentor, sent):
        if mentor not in self.mentors:
            raise Refused(404, "not_found")
        if "if_none_match" in sent:
            raise Refused(412, "stale")

    def keep_paused(self, mentor, start, data):
        ended_now = [p for p in self.of(mentor) if (p.start, p.why) == (self.now, data.get("why"))]
        if start:
            self.change_or_open(mentor, start, data)
        elif self.in_force(mentor):
            self.change_shown(mentor, None, data)
        elif ended_now:
            self.change(ended_now[0], end=None, back=data.get("back"))
        else:
            self.open(mentor, self.now, data)

    def change_or_open(self, mentor, start, data):
        if not self.change_shown(mentor, start, data):
            self.open(mentor, start, data)

    def change_shown(self, mentor, start, data):
        """Change the pause shown, if there is one; it stays the one shown, and is back at its end, if it has one."""
        shown = self.shown(mentor, start)
        if shown:
            self.change(shown, **{name: value for name, value in data.items() if shown.end is None or name != "back"})
            is_other_end = shown.end is not None and data.get("back", shown.end) != shown.end
            if is_other_end or self.shown(mentor, start).number != shown.number:
                raise invalid("back")
        return shown

    def make_active(self, mentor, start, data):
        force, shown = self.in_force(mentor), self.shown(mentor)
        if not force and self.repeats_last_end(mentor, start, data):
            return
        if start and (not force or start != shown.start):
            raise invalid("start")
        refuse_new(data, shown)
        self.end_all(force)
        if start:
            self.change(self.pauses[shown.number], **{name: None for name, value in data.items() if value is None})

    def end_all(self, force):
        for pause in force:
            self.change(pause, end=self.now, back=pause.returns)

    def repeats_last_end(self, mentor, start, data):
        """Say whether the data is that of a pause that ended last; without its start, a null is no data."""
        sent = {name: value for name, value in data.items() if start or value}
        began = [pause for pause in self.of(mentor) if pause.has_ended(self.now) and pause.did_begin()]
        last_end = max((pause.end for pause in began), default=None)
        for last in began:
            known = {"back": (last.back, last.end), "why": (last.why,)}
            is_same = start in (None, last.start) and all(value in known[name] for name, value in sent.items())
            if last.end == last_end and is_same:
                return True
        return False

    # --- rules 3 to 5

    def record(self, mentor, sent):
        before = self.pauses.copy()
        if mentor not in self.mentors:
            raise invalid("mentor_id")
        data = {name: sent[name] for name in STATE if sent.get(name)}
        for pause in self.of(mentor):
            if (pause.start, pause.why) == (sent["start"], sent["why"]):
                is_other = any(getattr(pause, name) != value for name, value in data.items())
                if is_other or (sent.get("active") and pause.has_ended(self.now)):
                    raise Refused(409, "conflict")
                return None
        if sent.get("active") and sent.get("end") and sent["end"] <= self.now:
            raise invalid("end")
        self.open(mentor, sent["start"], data)
        return self.append(mentor, before, sent)

    def put_record(self, number, sent):
        before = self.pauses.copy()
        pause = self.find_record(number, sent)
        changed = pause._replace(**{name: sent[name] for name in STATE if name in sent})
        changed = changed._replace(end=self.end_of(pause, changed.start, sent))
        if sent.get("active") and changed.has_ended(self.now):
            self.refuse_same(changed)  # the conflict comes first
            raise invalid("end")
        self.set(changed)
        return self.append(pause.mentor, before, sent, about=number)

    def end_of(self, pause, start, sent):
        active, end = sent.get("active"), sent.get("end")
        if end or ("end" in sent and active is not False):
            return end
        kept = start if pause.end == pause.start else pause.end
        if active is False and not pause._replace(start=start, end=kept).has_ended(self.now):
            return max(self.now, start)
        return None if active and pause.has_ended(self.now) else kept

    def find_record(self, number, sent):
        if number not in self.pauses:
            raise Refused(404, "not_found")
        if "if_none_match" in sent:
            raise Refused(412, "stale")
        return self.pauses[number]

    def delete_record(self, number, sent):
        before, pause = self.pauses.copy(), self.find_record(number, sent)
        del self.pauses[number]
        return self.append(pause.mentor, before, sent)

    # --- rule 6

    def delete(self, mentor, sent):
        self.find_mentor(mentor, sent)
        return self.remove(mentor, sent)

    def remove(self, mentor, sent, undoes=None):
        before = self.pauses.copy()
        del self.mentors[mentor]
        for pause in self.of(mentor):
            del self.pauses[pause.number]
        return self.append(mentor, before, sent, "deleted", undoes=undoes)

    def erase(self, mentor, sent):
        others = [entry for entry in self.entries if entry.mentor != mentor]
        if mentor in self.mentors:
            if sent:
                raise Refused(412, "stale")
            self.remove(mentor, sent)
        elif others == self.entries or "if_match" in sent:
            raise Refused(404, "not_found")
        self.entries = others

    # --- rule 8

    def undo(self, numbers, sent):
        """Take entries back; return by their numbers an outcome, and the undo, or the code and the later entry."""
        by_number = {entry.number: entry for entry in self.entries}
        newest = {entry.mentor: entry for entry in self.entries}
        named = [by_number[number] for number in set(numbers) if number in by_number]
        named.sort(key=lambda entry: (entry.mentor, -entry.number))
        outcomes = dict.fromkeys(numbers, ("refused", "not_found", None))
        for entry in named:
            older = [self.undoing(e) for e in named if e.mentor == entry.mentor and e.number < entry.number]
            later = [undoing for undoing in older if undoing and undoing.number > entry.number]
            if undoing := self.undoing(entry):
                outcomes[entry.number] = "unchanged", undoing.number, None
            elif later and not self.is_as_before(entry):
                outcomes[entry.number] = "refused", "stale", max(later)
            else:
                outcomes[entry.number] = self.take_back(entry, newest[entry.mentor], sent)
        return outcomes

    def undoing(self, entry):
        """Return the newest entry that undoes an entry, unless that one is taken back itself."""
        found = max((e for e in self.entries if e.undoes == entry.number), default=None)
        return found if found and not self.undoing(found) else None

    def is_as_before(self, entry):
        before = entry.before()
        current = {number: self.pauses.get(number) for number in before}
        return (entry.mentor in self.mentors) == (entry.event != "created") and states(current) == states(before)

    def take_back(self, entry, newest, sent):
        mentor, before, after = entry.mentor, entry.before(), entry.after()
        if self.is_as_before(entry):
            return "unchanged", None, None
        exists, current = mentor in self.mentors, {number: self.pauses.get(number) for number in after}
        is_as_left = exists == (entry.event != "deleted") and states(current) == states(after)
        if entry.event == "created":
            is_as_left = is_as_left and {pause.number for pause in self.of(mentor)} == set(after)
        if not is_as_left:
            return "refused", "stale", newest if newest is not entry else None
        if entry.event == "created":
            return "undone", self.remove(mentor, sent, entry.number).number, None
        taken = [(pause.start, pause.why) for pause in self.of(mentor) if pause.number not in before]
        if any(pause and (pause.start, pause.why) in taken for pause in before.values()):
            return "refused", "conflict", None
        pauses = self.pauses.copy()
        for number, pause in before.items():
            if pause and states({number: pause}) != states({number: pauses.get(number)}):
                self.pauses[number] = pause
            elif not pause:
                del self.pauses[number]
        event = "created" if entry.event == "deleted" else None
        return "undone", self.append(mentor, pauses, sent, event, undoes=entry.number).number, None


def pause_data(sent):
    return {name: sent[name] for name in ("back", "why") if name in sent}


def refuse_new(data, shown):
    known = {"back": shown and shown.returns, "why": shown and shown.why}
    if wrong := [name for name, value in data.items() if value and value != known[name]]:
        raise invalid(*wrong)
