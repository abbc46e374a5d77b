"""The digest in words for a mail: which sections it has, and what it says of each pause.

It speaks of pauses. When a mentor is back says GET one: at the end of the pause that lasts longest.
"""

from email.message import EmailMessage
from email.policy import default
from textwrap import TextWrapper, fill
from typing import NamedTuple

from mentors.days import zone
from mentors.formats import url_of_mentor
from mentors.pauses import expected_return

WRAPPER = TextWrapper(72, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


class Line(NamedTuple):
    """What a digest says of a pause; `url` leads to the mentor, or is None."""

    mentor_id: str
    url: str | None
    text: str


class Section(NamedTuple):
    """A section that has pauses; `more` is how many of them are not shown."""

    name: str
    title: str
    lines: list[Line]
    more: int


class DigestMail:
    """A digest as the parts of a mail; false if there is nothing to say. It has no reasons unless `reasons` is true."""

    def __init__(self, digest, settings, reasons):
        self.digest = digest
        self.mentor_url = settings.mentor_url
        self.reasons = reasons
        self.today = zone.day_of(digest.as_of)
        first, yesterday, last = (
            self.day(zone.start_of_day(digest.as_of, days)) for days in (-digest.days, -1, digest.days - 1)
        )
        ahead = f"from today to {last}" if digest.days > 1 else "today"
        back = f"from {first} to {yesterday}" if digest.days > 1 else "yesterday"
        words = {
            "overdue": ("Overdue", self.overdue),
            "due": (f"Pauses due to end {ahead}", self.due),
            "beginning": (f"Pauses that begin {ahead}", self.from_and_until),
            "begun": (f"Pauses that began {back}", self.from_and_until),
            "ended": (f"Pauses that ended {back}", self.ended),
            "undated": ("Pauses without a return date", self.undated),
        }
        found = {name: section for name, section in digest.sections.items() if section.total}
        self.nothing = f"nothing to do {'this week' if digest.days == 7 else ahead}"
        counts = ", ".join(f"{section.total} {name}" for name, section in found.items())
        self.subject = f"{settings.board_title}: {counts or self.nothing}"
        self.sections = []
        for name, section in found.items():
            title, text_of = words[name]
            lines = [self.line(pause, text_of(pause)) for pause in section.data]
            self.sections.append(Section(name, f"{title}: {section.total}", lines, section.total - len(lines)))
        self.heading = f"Pauses on {self.weekday(digest.as_of)} {self.today.year}"
        self.note = f"Days are {zone.name} days."
        if date := digest.purged_before:
            self.note += f" A purge has deleted what ended before {self.day(date)}, {zone.local_time(date)[11:16]}."

    def __bool__(self):
        return bool(self.sections)

    def text(self):
        """Return the text of the mail, in lines of at most 72 characters unless a word is longer."""
        parts = [fill(f"{self.heading}. {self.note}", 72)]
        if not self:
            parts.append(f"There is {self.nothing}.")
        for section in self.sections:
            parts.append("\n".join([section.title, "-" * len(section.title), *map(as_text, section.lines)]))
            if section.more:
                parts[-1] += f"\n  and {section.more} more"
        return "\n\n".join(parts) + "\n"

    def as_bytes(self):
        """Return the mail for sendmail: a subject and the text."""
        text = self.text()
        # A subject in one line, unless it must be encoded: an encoded word is short (RFC 2047).
        mail = EmailMessage(default.clone(max_line_length=None) if self.subject.isascii() else default)
        mail["Subject"] = self.subject
        if text.isascii():
            mail.set_payload(text)
        else:  # a reason may have other characters
            mail.set_content(text, cte="8bit")
        return mail.as_bytes()

    def message(self, html):
        """Return the mail with its text and the HTML document, without addresses."""
        mail = EmailMessage()
        mail["Subject"] = self.subject
        mail.set_content(self.text())
        mail.add_alternative(html, subtype="html")
        return mail

    def line(self, pause, text):
        """Return what is said of a pause, with its reason if reasons are shown."""
        if pause["pause_record_id"] in self.digest.outlasted:
            text += "; another pause lasts longer"
        if self.reasons and pause["reason"]:
            text += f" ({pause['reason']})"
        return Line(pause["mentor_id"], url_of_mentor(self.mentor_url, pause["mentor_id"]), text)

    # --- what it says of a pause

    def overdue(self, pause):
        date = pause["expected_return_date"]
        days = (self.today - zone.day_of(date)).days
        return f"pause until {self.day(date)}, {days} {'day' if days == 1 else 'days'} overdue"

    def due(self, pause):
        date = expected_return(pause["end_date"], pause["expected_return_date"])
        until = "today" if zone.day_of(date) == self.today else self.weekday(date)
        return f"pause until {until}{', ends by itself' if pause['end_date'] else ''}"

    def from_and_until(self, pause):
        date = expected_return(pause["end_date"], pause["expected_return_date"])
        until = f" until {self.day(date)}" if date else ", without a return date"
        return f"pause from {self.day(pause['start_date'])}{until}"

    def ended(self, pause):
        return f"pause ended on {self.day(pause['end_date'])}"

    def undated(self, pause):
        return f"pause since {self.day(pause['start_date'])}"

    # --- days

    def day(self, instant):
        """Return the day of an instant as `14 November`, with its year if that is not this year."""
        day = zone.day_of(instant)
        return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != self.today.year else "")

    def weekday(self, instant):
        return f"{zone.day_of(instant):%A} {self.day(instant)}"


def as_text(line):
    """Return a line of a section as text."""
    text = WRAPPER.fill(f"* {line.mentor_id}: {line.text}")
    return f"{text}\n  {line.url}" if line.url else text
