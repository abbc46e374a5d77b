"""The rules of writing as a small model in plain Python. Instants are whole days."""

from types import SimpleNamespace

LAST_DAY = 31


class Refused(Exception):
    pass


def last_to_end(pauses):
    """Return the pause with the latest return, of several the one recorded last; None without pauses."""
    return max(pauses, key=lambda p: (p.end or p.expected or LAST_DAY, p.id), default=None)


class Model:
    """Mentors and their pauses as the rules have them, in days."""

    def __init__(self):
        self.now, self.mentors, self.pauses, self.last = 10, set(), {}, 0

    def ended(self, pause):
        return pause.end is not None and (pause.end <= self.now or pause.end == pause.start)

    def current(self, mentor):
        """Return the mentor's un-ended pauses in force, all of them, and the one that is shown."""
        live = [p for p in self.pauses.values() if p.mentor == mentor and not self.ended(p)]
        force = [p for p in live if p.start <= self.now]
        coming = [p for p in live if p.start > self.now]
        next_start = min((p.start for p in coming), default=None)
        shown = last_to_end(force or [p for p in coming if p.start == next_start])
        return force, live, shown

    def check(self, pause):
        for other in self.pauses.values():
            same = (other.mentor, other.start, other.reason) == (pause.mentor, pause.start, pause.reason)
            if same and other.id != pause.id:
                raise Refused(409)
        if any(day is not None and day < pause.start for day in (pause.expected, pause.end)):
            raise Refused(422)

    def open(self, mentor, start, data, end=None):
        own = {"id": self.last + 1, "mentor": mentor, "created": self.now, "start": start, "end": end}
        pause = SimpleNamespace(**own, expected=None, reason=None)
        vars(pause).update(data)
        self.check(pause)
        self.last += 1
        self.pauses[pause.id] = pause
        return pause

    def change(self, pause, data):
        vars(pause).update(data)
        self.check(pause)

    def create(self, mentor, said, start, data):
        if mentor in self.mentors:
            raise Refused(409)
        if start and start <= self.now and not said:
            raise Refused(422)
        self.mentors.add(mentor)
        if said or start:
            self.open(mentor, start or self.now, data)

    def put(self, mentor, said, start, data):  # noqa: C901, PLR0912 the cases of the rule, one a branch
        force, live, shown = self.current(mentor)
        starting_then = [p for p in live if p.start == start]
        named = last_to_end(starting_then)
        if said or (said is None and force):
            again = [p for p in self.pauses.values() if (p.mentor, p.start, p.end) == (mentor, self.now, self.now)]
            again = [p for p in again if p.reason == data.get("reason")]
            if start:
                self.change_unended(named, starting_then, data) if named else self.open(mentor, start, data)
            elif force:
                self.change_unended(shown, force, data)
            elif again:
                self.change(again[0], {"end": None, "expected": data.get("expected")})
            else:
                self.open(mentor, self.now, data)
            return
        cleared = {}
        if start and start > self.now:
            self.change_unended(named, starting_then, data) if named else self.open(mentor, start, data)
        elif said is None:
            if start or (not shown and any(data.values())):
                raise Refused(422)
            if shown:
                self.change_unended(shown, [p for p in live if p.start == shown.start], data)
        elif force:
            if start and start != shown.start:
                raise Refused(422)
            self.refuse_new(data, shown)
            cleared = {k: None for k, v in data.items() if v is None and start}
        elif not self.repeats(mentor, start, data):
            if start:
                raise Refused(422)
            self.refuse_new(data, shown)
        for pause in force:
            pause.expected, pause.end = pause.end or pause.expected, self.now
        if cleared:
            self.change(shown, cleared)

    def change_unended(self, pause, pauses, data):
        """Change an un-ended pause by PUT mentor. If it has an end, another return date is refused.

        So is a date after which another one of `pauses` ends last: the same PUT would then change that one.
        """
        self.change(pause, {k: v for k, v in data.items() if pause.end is None or k != "expected"})
        if pause.end is not None and data.get("expected", pause.end) != pause.end:
            raise Refused(422)
        if last_to_end(pauses) is not pause:
            raise Refused(422)

    def refuse_new(self, data, shown):
        known = {"expected": shown and (shown.end or shown.expected), "reason": shown and shown.reason}
        if any(v and v != known[k] for k, v in data.items()):
            raise Refused(422)

    def repeats(self, mentor, start, data):
        """Say whether the data is that of a pause that ended last; without its start, a null is no data."""
        ended = [p for p in self.pauses.values() if p.mentor == mentor and p.end is not None and p.end <= self.now]
        sent = {k: v for k, v in data.items() if start or v}
        if not (start or sent):
            return True
        began = [p for p in ended if p.end > p.start or p.created == p.start]
        last_end = max((p.end for p in began), default=None)
        for last in [p for p in ended if p.end == self.now] + [p for p in began if p.end == last_end]:
            known = {"expected": (last.expected, last.end), "reason": (last.reason,)}
            if start in (None, last.start) and all(v in known[k] for k, v in sent.items()):
                return True
        return False

    def record(self, mentor, start, data, end, flag):
        for pause in self.pauses.values():
            if (pause.mentor, pause.start, pause.reason) == (mentor, start, data["reason"]):
                if any(v and v != w for v, w in ((data["expected"], pause.expected), (end, pause.end))):
                    raise Refused(409)
                return pause
        if flag and self.ended(SimpleNamespace(start=start, end=end)):
            raise Refused(422)
        return self.open(mentor, start, data, end)

    def put_record(self, pause, data, flag):
        was_ended, was_cancelled = self.ended(pause), pause.end == pause.start
        end = data.pop("end", "unsaid")
        vars(pause).update(data)
        if end == "unsaid" or (flag is False and end is None):
            pause.end = pause.start if was_cancelled else pause.end
            if flag is False and not self.ended(pause):
                pause.end = max(self.now, pause.start)
            elif flag and was_ended:
                pause.end = None
        else:
            pause.end = end
        self.check(pause)
        if flag and self.ended(pause):
            raise Refused(422)
