"""`flask digest`: a mail that says what the digest says, as text and as HTML."""

import email
import email.policy
from html.parser import HTMLParser

import pytest

from mentors.retention import purge
from tests.support.databases import ON_SQLITE
from tests.support.mail_server import Mailbox, mail_server

pytestmark = ON_SQLITE
MENTORS = "/api/v1/mentor-statuses"
MAIL = """\
Subject: Mentor board: 3 overdue, 2 due, 2 beginning, 2 begun, 2 ended, 2 undated

Pauses on Thursday 26 March 2026. Days are UTC days.

Overdue: 3
----------
* leo: pause until 14 November 2025, 132 days overdue
* kim: pause until 14 March, 12 days overdue
* max: pause until 25 March, 1 day overdue

Pauses due to end from today to 1 April: 2
------------------------------------------
* ann: pause until today
* bob: pause until Wednesday 1 April, ends by itself

Pauses that begin from today to 1 April: 2
------------------------------------------
* cleo: pause from 27 March until 3 April
* dora: pause from 1 April until 4 January 2027

Pauses that began from 19 March to 25 March: 2
----------------------------------------------
* eve: pause from 19 March until 22 March
* fay: pause from 25 March, without a return date

Pauses that ended from 19 March to 25 March: 2
----------------------------------------------
* eve: pause ended on 22 March
* gus: pause ended on 24 March; another pause lasts longer

Pauses without a return date: 2
-------------------------------
* gus: pause since 3 February
* fay: pause since 25 March
"""


@pytest.fixture
def run_digest(app, client, clock):
    """Return a function that runs the command at half past eight on 26 March 2026, and returns what it prints."""

    def run(*arguments):
        clock.at = "2026-03-26T08:30:00Z"
        result = app.test_cli_runner().invoke(args=["digest", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout_bytes.decode()

    return run


@pytest.fixture
def html(run_digest, configured):
    """Return a function that has the command send the mail, and returns its HTML; None if no mail was sent."""

    def send(*arguments, **variables):
        mailbox = Mailbox()
        with mail_server(mailbox) as port:
            configured(SMTP_URL=f"smtp://127.0.0.1:{port}", DIGEST_TO="anna@example.org", **variables)
            assert run_digest("--mail", *arguments) == ""
        return mailbox.mails[0][1].get_body(["html"]).get_content() if mailbox.mails else None

    return send


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


def test_the_mail_says_of_each_section_who_and_when(week, run_digest):
    assert run_digest() == MAIL
    assert max(map(len, MAIL.splitlines()[1:])) <= 72


def test_the_mail_is_of_the_day_and_the_days_asked_for(week, run_digest):
    mail = run_digest("--as-of", "2026-03-27", "--days", "1")
    assert mail.startswith(
        "Subject: Mentor board: 4 overdue, 1 beginning, 2 undated\n\nPauses on Friday 27 March 2026."
    )
    assert "* ann: pause until 26 March, 1 day overdue\n" in mail
    assert "Pauses that begin today: 1\n--------------------------\n* cleo: pause from 27 March until 3 April\n" in mail
    assert "Pauses that began yesterday: 1\n" in run_digest("--as-of", "2026-03-26", "--days", "1")
    mail = run_digest("--as-of", "2026-03-26", "--days", "2")
    assert "Pauses that begin from today to 27 March: 1\n" in mail
    assert "Pauses that began from 24 March to 25 March: 1\n" in mail


def test_a_line_has_72_characters_and_breaks_at_blanks_alone(pause, run_digest):
    fits, is_longer = "a" * 46, "b" * 47  # "* ", the id and ": pause since 1 February" are 72 and 73 characters
    pause(fits, start_date="2026-02-01", reason="on-leave")
    pause(is_longer, start_date="2026-02-01")
    lines = run_digest().splitlines()
    assert f"* {fits}: pause since 1 February" in lines
    assert lines[lines.index(f"* {is_longer}: pause since 1") + 1] == "  February"
    pause("c" * 40, start_date="2026-02-01", reason="on-leave")
    assert f"* {'c' * 40}: pause since 1 February\n  (on-leave)\n" in run_digest("--reasons")


@pytest.mark.parametrize("arguments", [(), ("--reasons", "--days", "30")])
def test_with_nothing_to_say_it_prints_nothing(client, run_digest, arguments):
    client.post(MENTORS, json={"mentor_id": "ada"})
    assert run_digest(*arguments) == ""


REASON = "größe & <b>sorge</b> \"'\u2028 " + "x" * 100


@pytest.fixture
def with_reason(pause):
    """Record an undated pause of a mentor with a long id, and a reason that is no ASCII."""
    pause("a~:@." + "b-" * 25, start_date="2026-02-01", reason=REASON)


def test_reasons_are_shown_only_if_they_are_asked_for(with_reason, run_digest, html):
    for show in (run_digest, html):
        assert "sorge" not in show()
        assert "sorge" in show("--reasons")


def test_a_mail_that_is_not_ascii_says_so_and_is_read_as_it_was_written(with_reason, run_digest):
    printed = run_digest("--reasons")
    mail = email.message_from_bytes(printed.encode(), policy=email.policy.default)
    assert mail.get_content_type() == "text/plain"
    assert mail["Subject"] == "Mentor board: 1 undated"
    text = mail.get_content()
    assert " ".join(REASON.split()) in " ".join(text.split())
    assert [line for line in text.split("\n") if len(line) > 72 and " " in line.strip()] == []


@pytest.mark.parametrize("title", ["Zürich & <b>Mentors</b>", "מנטורים של התוכנית " * 2])
def test_the_subject_begins_with_the_title_of_the_board_in_any_script(with_reason, run_digest, configured, title):
    configured(BOARD_TITLE=title)
    printed = run_digest()
    assert max(map(len, printed.splitlines())) <= 78
    mail = email.message_from_bytes(printed.encode(), policy=email.policy.default)
    assert mail["Subject"] == f"{title.strip()}: 1 undated"


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


def test_the_html_says_the_same_and_each_mentor_leads_to_their_page(week, run_digest, html):
    url = "https://app.example/?tab=pauses&id={mentor_id}&x='"
    page = Page(html(MENTOR_URL=url))
    said = [line.removeprefix("* ") for line in MAIL.splitlines()[4:] if line and not line.startswith("--")]
    shown = [" ".join(line.split()) for line in page.text.splitlines() if line.strip()]
    assert [line for line in shown if line in said] == said
    mentor_ids = [line.split()[1].removesuffix(":") for line in MAIL.splitlines() if line.startswith("*")]
    assert page.links == [url.replace("{mentor_id}", mentor_id) for mentor_id in mentor_ids]
    assert "script" not in page.tags and "img" not in page.tags
    assert f"* ann: pause until today\n  {url.replace('{mentor_id}', 'ann')}\n" in run_digest()


def test_text_in_the_html_is_text(with_reason, html):
    page = Page(html("--reasons", MENTOR_URL="https://app.example/{mentor_id}"))
    assert REASON in page.text
    assert "b" not in page.tags
    assert page.links == ["https://app.example/a~%3A%40." + "b-" * 25]


def test_a_section_names_a_hundred_and_says_how_many_more_there_are(pause, run_digest, html):
    for number in range(102):
        pause("ada", start_date="2026-02-01", reason=f"reason {number}")
    assert "Pauses without a return date: 102\n" in run_digest()
    assert run_digest().count("* ada") == 100
    assert run_digest().endswith("\n  and 2 more\n")
    assert "and 2 more" in Page(html()).text


def test_a_mail_about_days_before_a_purge_says_so(pause, unmarked, run_digest, html):
    pause("ada", start_date="2026-02-01")
    assert "purge" not in run_digest()
    purge("2026-03-20T12:00:00Z")
    note = "Days are UTC days. A purge has deleted what ended before 20 March, 12:00."
    assert note in " ".join(run_digest().split())
    assert max(map(len, run_digest().splitlines())) <= 72
    assert note in Page(html()).text
    assert "purge" not in run_digest("--days", "5")


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


@pytest.mark.parametrize("days", ["0", "367"])
def test_the_days_are_from_1_to_366(app, days):
    assert app.test_cli_runner().invoke(args=["digest", "--days", days]).exit_code == 2
