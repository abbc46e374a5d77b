"""`flask digest`: a mail that says what the digest says, as text and as HTML."""

import email
import email.policy
from html.parser import HTMLParser

import pytest

from mentors.retention import purge
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
MAIL = """\
Subject: Mentors: 3 overdue, 2 due, 2 beginning, 2 begun, 2 ended, 2 undated

Mentors on Thursday 26 March 2026. Days are UTC days.

Overdue: 3
----------
* leo was expected on 14 November 2025, 132 days ago
* kim was expected on 14 March, 12 days ago
* max was expected on 25 March, yesterday

Expected back from today to 1 April: 2
--------------------------------------
* ann is expected today
* bob has a pause that ends on Wednesday 1 April

Pauses that begin from today to 1 April: 2
------------------------------------------
* cleo paused from 27 March until 3 April
* dora paused from 1 April, expected back on 4 January 2027

Pauses that began from 19 March to 25 March: 2
----------------------------------------------
* eve paused from 19 March until 22 March
* fay paused from 25 March, without a return date

Pauses that ended from 19 March to 25 March: 2
----------------------------------------------
* eve back since 22 March
* gus is still paused; another pause ended on 24 March

Paused without a return date: 2
-------------------------------
* gus paused since 3 February
* fay paused since 25 March
"""


@pytest.fixture
def digest(app, client, clock):
    """Return a function that runs the command at half past eight on 26 March 2026, and returns what it prints."""

    def run(*arguments):
        clock.at = "2026-03-26T08:30:00Z"
        result = app.test_cli_runner().invoke(args=["digest", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout_bytes.decode()

    return run


@pytest.fixture
def pause(client):
    """Return a function that records a pause of a mentor, who is created if there is none of this id."""

    def record(mentor_id, **sent):
        client.post(MENTORS, json={"mentor_id": mentor_id})
        assert client.post(RECORDS, json={"mentor_id": mentor_id, "reason": "leave"} | sent).status_code == 201

    return record


@pytest.fixture
def week(pause):
    """Record pauses of every section of the digest."""
    pause("kim", start_date="2026-01-01", expected_return_date="2026-03-14T12:00:00Z")
    pause("leo", start_date="2025-01-01", expected_return_date="2025-11-14")
    pause("max", start_date="2026-01-01", expected_return_date="2026-03-25T23:59:59Z")
    pause("ann", start_date="2026-01-01", expected_return_date="2026-03-26")
    pause("bob", start_date="2026-01-01", end_date="2026-04-01T23:00:00Z")
    pause("cleo", start_date="2026-03-27T09:00:00Z", end_date="2026-04-03")
    pause("dora", start_date="2026-04-01T23:59:59Z", expected_return_date="2027-01-04")
    pause("eve", start_date="2026-03-19", end_date="2026-03-22T10:00:00Z")
    pause("fay", start_date="2026-03-25T23:59:59Z")
    pause("gus", start_date="2026-02-03")
    pause("gus", start_date="2026-02-04", end_date="2026-03-24", reason="illness")


def test_the_mail_says_of_each_section_who_and_when(week, digest):
    assert digest() == MAIL
    assert max(map(len, MAIL.splitlines()[1:])) <= 72


def test_a_mentor_is_back_since_the_end_of_their_last_pause_and_expected_at_that_of_the_longest(pause, digest):
    for reason, start, end in (("a", "2026-03-01", "2026-03-20"), ("b", "2026-03-10", "2026-03-25")):
        pause("ann", start_date=start, end_date=end, reason=reason)
    for reason, start, end in (("a", "2026-03-01", "2026-03-20"), ("b", "2026-03-21", "2026-03-24")):
        pause("bob", start_date=start, end_date=end, reason=reason)
    pause("bob", start_date="2026-03-25", end_date="2026-03-25", reason="cancelled")
    pause("bob", start_date="2026-04-10", reason="coming")
    for reason, expected in (("a", "2026-03-28"), ("b", "2026-06-01")):
        pause("cleo", start_date="2026-03-01", expected_return_date=expected, reason=reason)
    pause("dora", start_date="2026-03-01", expected_return_date="2026-03-28")
    pause("dora", start_date="2026-04-10", reason="coming")
    pause("eve", start_date="2026-03-27", expected_return_date="2026-03-29")
    for reason, start, expected in (("a", "2026-03-20", "2026-03-24"), ("b", "2026-03-01", None)):
        pause("fay", start_date=start, expected_return_date=expected, reason=reason)
    mail = digest()
    lines = mail.splitlines()
    assert [line for line in lines if " back since " in line] == [
        "* ann back since 25 March; another pause ended on 20 March",
        "* bob back since 24 March; another pause ended on 20 March",
        "* bob back since 24 March",
        "* ann back since 25 March",
    ]
    assert "* cleo has a pause that should end on Saturday 28 March; another lasts" in lines
    assert "* fay has a pause that should have ended on 24 March, 2 days ago;\n  another lasts longer\n" in mail
    assert "* fay paused from 20 March; this pause should end on 24 March, another\n  lasts longer\n" in mail
    assert {"* dora is expected on Saturday 28 March", "* eve is expected on Sunday 29 March"} <= set(lines)


def test_the_parameters_are_those_of_the_api(week, digest):
    assert digest("--as-of", "2026-03-27", "--days", "1") == (
        "Subject: Mentors: 4 overdue, 1 beginning, 2 undated\n\nMentors on Friday 27 March 2026. Days are UTC days.\n\n"
        "Overdue: 4\n----------\n* leo was expected on 14 November 2025, 133 days ago\n"
        "* kim was expected on 14 March, 13 days ago\n* max was expected on 25 March, 2 days ago\n"
        "* ann was expected on 26 March, yesterday\n\n"
        "Pauses that begin today: 1\n--------------------------\n* cleo paused from 27 March until 3 April\n\n"
        "Paused without a return date: 2\n-------------------------------\n"
        "* gus paused since 3 February\n* fay paused since 25 March\n"
    )
    assert "Pauses that began yesterday: 1\n" in digest("--as-of", "2026-03-26", "--days", "1")
    mail = digest("--as-of", "2026-03-26", "--days", "2")
    assert "Pauses that begin from today to 27 March: 1\n" in mail
    assert "Pauses that began from 24 March to 25 March: 1\n" in mail


def test_a_line_has_72_characters_and_breaks_at_blanks_alone(pause, digest):
    fits, is_longer = "a" * 46, "b" * 47  # "* ", the id and " paused since 1 February" are 72 and 73 characters
    pause(fits, start_date="2026-02-01", reason="on-leave")
    pause(is_longer, start_date="2026-02-01")
    lines = digest().splitlines()
    assert f"* {fits} paused since 1 February" in lines
    assert lines[lines.index(f"* {is_longer} paused since 1") + 1] == "  February"
    pause("c" * 40, start_date="2026-02-01", reason="on-leave")
    assert f"* {'c' * 40} paused since 1 February\n  (on-leave)\n" in digest("--reasons")


@pytest.mark.parametrize("arguments", [(), ("--html",), ("--reasons", "--days", "30")])
def test_with_nothing_to_say_it_prints_nothing(client, digest, arguments):
    client.post(MENTORS, json={"mentor_id": "ada"})
    assert digest(*arguments) == ""


REASON = "größe & <b>sorge</b> \"'\u2028 " + "x" * 100


@pytest.fixture
def with_reason(pause):
    """Record an undated pause of a mentor with a long id, and a reason that is no ASCII."""
    mentor_id = "a~:@." + "b-" * 25
    pause(mentor_id, start_date="2026-02-01", reason=REASON)
    return mentor_id


def test_reasons_are_shown_only_if_they_are_asked_for(with_reason, digest):
    for arguments in ((), ("--html",)):
        assert "sorge" not in digest(*arguments)
        assert "sorge" in digest(*arguments, "--reasons")


def test_a_mail_that_is_not_ascii_says_so_and_is_read_as_it_was_written(with_reason, digest):
    printed = digest("--reasons")
    mail = email.message_from_bytes(printed.encode(), policy=email.policy.default)
    assert mail.get_content_type() == "text/plain"
    assert mail["Subject"] == "Mentors: 1 undated"
    text = mail.get_content()
    assert " ".join(REASON.split()) in " ".join(text.split())
    assert [line for line in text.split("\n") if len(line) > 72 and " " in line.strip()] == []


class Page(HTMLParser):
    """The texts and the links of an HTML document."""

    def __init__(self, document):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data


def test_the_html_says_the_same_and_each_mentor_leads_to_their_page(week, digest, configured):
    url = "https://app.example/?tab=pauses&id={mentor_id}&x='"
    configured(MENTOR_URL=url)
    page = Page(digest("--html"))
    said = [line.removeprefix("* ") for line in MAIL.splitlines()[4:] if line and not line.startswith("--")]
    shown = [" ".join(line.split()) for line in page.text.splitlines() if line.strip()]
    assert [line for line in shown if line in said] == said
    mentor_ids = [line.split()[1] for line in MAIL.splitlines() if line.startswith("*")]
    assert page.links == [url.replace("{mentor_id}", mentor_id) for mentor_id in mentor_ids]
    assert "script" not in page.tags and "img" not in page.tags
    assert f"* ann is expected today\n  {url.replace('{mentor_id}', 'ann')}\n" in digest()


def test_text_in_the_html_is_text(with_reason, digest, configured):
    configured(MENTOR_URL="https://app.example/{mentor_id}")
    page = Page(digest("--html", "--reasons"))
    assert REASON in page.text
    assert "b" not in page.tags
    assert page.links == ["https://app.example/a~%3A%40." + "b-" * 25]


def test_a_section_names_a_hundred_and_says_how_many_more_there_are(pause, digest):
    for number in range(102):
        pause("ada", start_date="2026-02-01", reason=f"reason {number}")
    assert "Paused without a return date: 102\n" in digest()
    assert digest().count("* ada") == 100
    assert digest().endswith("\n  and 2 more\n")
    assert "and 2 more" in Page(digest("--html")).text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--as-of", "soon"), "digest: --as-of: It must be a date that exists"),
        (("--as-of", ""), "digest: --as-of: It must be a date that exists"),
        (("--as-of", "2024-12-31"), "digest: What was before 2025-01-01T00:00:00Z has been deleted by a purge"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(app, unmarked, arguments, message):
    purge("2025-01-01T00:00:00Z")
    result = app.test_cli_runner().invoke(args=["digest", *arguments])
    assert result.exit_code == 1
    assert str(result.exc_info[1]).startswith(message)  # Python prints it on standard error, the runner elsewhere
    assert result.output.count("\n") == 1


def test_days_are_those_of_the_api(app, client):
    for days in ("0", "367"):
        assert app.test_cli_runner().invoke(args=["digest", "--days", days]).exit_code == 2
    assert client.get(RECORDS).json["data"] == []
