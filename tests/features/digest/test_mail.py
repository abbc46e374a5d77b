"""`flask digest`: what its mail says, as text and as HTML; it is printed, or sent by a real SMTP server."""

import base64
import email
import email.policy
import socket
import threading
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from features.digest import smtp
from mentors.problems import CommandError
from mentors.retention import purge
from settings import Settings
from tests.support.databases import ON_SQLITE
from tests.support.mail_server import NOT_LOOPBACK, PASSWORD, USER, Certificates, Mailbox, mail_server
from tests.support.server import free_port

ANNA, BOB = "anna@example.org", "bob@example.org"
HERE = "127.0.0.1"
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
def digest(app, client, configured):
    """Return a function that runs the command with variables; it returns the exit code and all that is printed."""

    def run_digest(*arguments, **environ):
        configured(**environ)
        result = app.test_cli_runner().invoke(args=["digest", *arguments])
        assert PASSWORD not in result.output
        return result.exit_code, result.output

    return run_digest


@pytest.fixture
def printed(digest):
    """Return a function that runs the command without `--mail`, and returns the text that it prints."""

    def print_digest(*arguments, **environ):
        code, text = digest(*arguments, **environ)
        assert code == 0, text
        return text

    return print_digest


@pytest.fixture
def send(digest):
    """Return a function that sends a mail to a server of this machine; it returns the code, the line and the mailbox.

    `place` is the scheme and the host, with the account where there is one.
    """

    def send_mail(*arguments, place=f"smtp://{HERE}", to=ANNA, mailbox=None, certificates=None, **environ):
        mailbox = mailbox or Mailbox()
        with mail_server(mailbox, certificates, begins_with_tls=place.startswith("smtps:")) as port:
            code, said = digest("--mail", *arguments, SMTP_URL=f"{place}:{port}", DIGEST_TO=to, **environ)
        assert said.count("\n") == (said != "")
        return code, said.removesuffix("\n"), mailbox

    return send_mail


@pytest.fixture
def html(send):
    """Return a function that sends the mail, and returns its HTML."""

    def send_html(*arguments, **environ):
        ((_recipients, mail),) = send(*arguments, **environ)[2].mails
        return Page(parts_of(mail)[1])

    return send_html


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


def parts_of(mail):
    """Return the text and the HTML of a mail."""
    return [part.get_content() for part in mail.iter_parts()]


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


# --- what it says


@ON_SQLITE
def test_the_mail_says_of_each_section_who_and_when(week, printed):
    assert printed() == MAIL
    assert max(map(len, MAIL.splitlines()[1:])) <= 72


@ON_SQLITE
def test_the_mail_is_of_the_day_and_the_days_asked_for(week, printed):
    mail = printed("--as-of", "2026-03-27", "--days", "1")
    subject = "Subject: Mentor board: 4 overdue, 1 beginning, 2 undated"
    assert mail.startswith(f"{subject}\n\nPauses on Friday 27 March 2026. ")
    assert "* ann: pause until 26 March, 1 day overdue\n" in mail
    assert "Pauses that begin today: 1\n--------------------------\n* cleo: pause from 27 March until 3 April\n" in mail
    assert "Pauses that began yesterday: 1\n" in printed("--days", "1")
    mail = printed("--days", "2")
    assert "Pauses that begin from today to 27 March: 1\n" in mail
    assert "Pauses that began from 24 March to 25 March: 1\n" in mail


@ON_SQLITE
def test_the_html_says_the_same_and_each_mentor_leads_to_their_page(week, printed, html):
    url = "https://app.example/?tab=pauses&id={mentor_id}&x='"
    sent = html(MENTOR_URL=url)
    said = [line.removeprefix("* ") for line in MAIL.splitlines()[4:] if line and not line.startswith("--")]
    shown = [" ".join(line.split()) for line in sent.text.splitlines() if line.strip()]
    assert [line for line in shown if line in said] == said
    mentor_ids = [line.split()[1].removesuffix(":") for line in MAIL.splitlines() if line.startswith("*")]
    assert sent.links == [url.replace("{mentor_id}", mentor_id) for mentor_id in mentor_ids]
    assert "script" not in sent.tags and "img" not in sent.tags
    assert f"* ann: pause until today\n  {url.replace('{mentor_id}', 'ann')}\n" in printed()


@ON_SQLITE
def test_a_line_has_72_characters_and_breaks_at_blanks_alone(pause, printed):
    fits, is_longer = "a" * 46, "b" * 47  # "* ", the id and ": pause since 1 February" are 72 and 73 characters
    pause(fits, start_date="2026-02-01", reason="on-leave")
    pause(is_longer, start_date="2026-02-01")
    lines = printed().splitlines()
    assert f"* {fits}: pause since 1 February" in lines
    assert lines[lines.index(f"* {is_longer}: pause since 1") + 1] == "  February"
    pause("c" * 40, start_date="2026-02-01", reason="on-leave")
    assert f"* {'c' * 40}: pause since 1 February\n  (on-leave)\n" in printed("--reasons")


@ON_SQLITE
def test_a_reason_is_shown_only_if_it_is_asked_for_and_whatever_its_characters_it_is_text(pause, printed, html):
    reason = "größe & <b>sorge</b> \"'\u2028 " + "x" * 100
    pause("a~:@." + "b-" * 25, start_date="2026-02-01", reason=reason)
    assert "sorge" not in printed() + html().text
    sent = html("--reasons", MENTOR_URL="https://app.example/{mentor_id}")
    assert reason in sent.text
    assert "b" not in sent.tags
    assert sent.links == ["https://app.example/a~%3A%40." + "b-" * 25]
    mail = email.message_from_bytes(printed("--reasons", MENTOR_URL="").encode(), policy=email.policy.default)
    assert (mail.get_content_type(), mail["Subject"]) == ("text/plain", "Mentor board: 1 undated")
    text = mail.get_content()
    assert " ".join(reason.split()) in " ".join(text.split())
    assert [line for line in text.split("\n") if len(line) > 72 and " " in line.strip()] == []


@ON_SQLITE
@pytest.mark.parametrize("title", ["Zürich & <b>Mentors</b>", "מנטורים של התוכנית " * 2])
def test_the_subject_begins_with_the_title_of_the_board_in_any_script(pause, printed, title):
    pause(start_date="2026-02-01")
    text = printed(BOARD_TITLE=title)
    assert max(map(len, text.splitlines())) <= 78
    mail = email.message_from_bytes(text.encode(), policy=email.policy.default)
    assert mail["Subject"] == f"{title.strip()}: 1 undated"


@ON_SQLITE
def test_a_section_names_a_hundred_and_says_how_many_more_there_are(pause, printed, html):
    for number in range(102):
        pause("ada", start_date="2026-02-01", reason=f"reason {number}")
    mail = printed()
    assert "Pauses without a return date: 102\n" in mail
    assert mail.count("* ada") == 100
    assert mail.endswith("\n  and 2 more\n")
    assert "and 2 more" in html().text


@ON_SQLITE
def test_a_mail_about_days_before_a_purge_says_so(pause, unmarked, printed, html):
    pause("ada", start_date="2026-02-01")
    assert "purge" not in printed()
    purge("2026-03-20T12:00:00Z")
    note = "Days are UTC days. A purge has deleted what ended before 20 March, 12:00."
    mail = printed()
    assert note in " ".join(mail.split())
    assert max(map(len, mail.splitlines())) <= 72
    assert note in html().text
    assert "purge" not in printed("--days", "5")


@ON_SQLITE
@pytest.mark.parametrize(
    ("days", "nothing"),
    [("7", "nothing to do this week"), ("1", "nothing to do today"), ("3", "nothing to do from today to 28 March")],
)
def test_with_nothing_to_do_there_is_no_mail_unless_it_is_always_wanted(pause, printed, send, days, nothing):
    pause(end_date="2026-03-10")
    assert printed("--reasons", "--days", days) == ""
    code, line, mailbox = send("--days", days)
    assert (code, line, mailbox.mails) == (0, "", [])
    heading = "Pauses on Thursday 26 March 2026. Days are UTC days."
    said = f"Subject: Mentor board: {nothing}\n\n{heading}\n\nThere is {nothing}.\n"
    assert printed("--always", "--days", days) == said
    ((_recipients, mail),) = send("--always", "--days", days)[2].mails
    assert mail["Subject"] == f"Mentor board: {nothing}"
    assert [f"There is {nothing}." in part for part in parts_of(mail)] == [True, True]


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("--as-of", "soon"), 1, "digest: --as-of: It must be a date that exists"),
        (("--as-of", ""), 1, "digest: --as-of: It must be a date that exists"),
        (("--as-of", "2024-12-31"), 1, "digest: What was before 2025-01-01T00:00:00Z has been deleted by a purge"),
        (("--days", "0"), 2, "Error: Invalid value for '--days': 0 is not in the range 1<=x<=366."),
        (("--days", "367"), 2, "Error: Invalid value for '--days': 367 is not in the range 1<=x<=366."),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(unmarked, digest, arguments, code, line):
    purge("2025-01-01T00:00:00Z")
    ended, said = digest(*arguments)
    assert ended == code
    assert said.splitlines()[-1].startswith(line)
    assert code == 2 or said.count("\n") == 1  # click shows the usage, too


# --- how it is sent


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def overdue(pause):
    """Record an overdue pause."""
    pause(start_date="2026-01-01", expected_return_date="2026-03-14")


@ON_SQLITE
def test_the_mail_has_the_text_that_the_command_prints_and_html(overdue, printed, send):
    sender = "mentors@example.net"
    code, line, mailbox = send(to=f"{ANNA}, {BOB}", DIGEST_FROM=sender)
    assert (code, line) == (0, f"digest: sent to {ANNA}, {BOB}")
    ((recipients, mail),) = mailbox.mails
    assert recipients == [ANNA, BOB]
    assert (mail["From"], mail["To"]) == (sender, f"{ANNA}, {BOB}")
    assert mail["Subject"] == "Mentor board: 1 overdue"
    assert mail["Date"].datetime is not None
    assert mail["Message-ID"].endswith("@example.net>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    text, document = parts_of(mail)
    assert f"Subject: {mail['Subject']}\n\n{text}" == printed()
    assert ">Overdue: 1</h2>" in document


@ON_SQLITE
def test_if_a_recipient_is_refused_the_line_names_them_and_the_others_get_the_mail(overdue, send):
    code, line, mailbox = send(to=f"{ANNA},{BOB}", mailbox=Mailbox(refused=[ANNA]))
    assert (code, line) == (1, f"digest: DIGEST_TO: the server refuses {ANNA} (550); the others get the mail.")
    assert [(mail["From"], recipients) for recipients, mail in mailbox.mails] == [(ANNA, [BOB])]


SENT = f"digest: sent to {ANNA}"
NO_TLS = (
    "digest: SMTP_URL: the server does not offer what is needed (STARTTLS extension not supported by server);"
    " correct the scheme, the port or the user."
)
NOT_TRUSTED = "digest: SMTP_URL: the server's certificate is not trusted ("


@ON_SQLITE
@pytest.mark.parametrize(
    ("scheme", "host", "has_certificate", "is_trusted", "says", "was_encrypted"),
    [
        ("smtps", HERE, True, True, SENT, True),
        ("smtp", NOT_LOOPBACK, True, True, SENT, True),
        ("smtp", HERE, True, False, SENT, False),
        ("smtp", "localhost", False, False, SENT, False),
        ("smtp", NOT_LOOPBACK, False, False, NO_TLS, None),
        ("smtp", NOT_LOOPBACK, True, False, NOT_TRUSTED, None),
        ("smtps", NOT_LOOPBACK, True, False, NOT_TRUSTED, None),
        ("smtps", "localhost", True, True, "not valid for 'localhost'", None),  # the certificate has another name
    ],
)
def test_password_and_mail_are_sent_in_clear_to_this_machine_alone_and_to_others_by_tls_that_is_trusted(
    request, overdue, send, monkeypatch, scheme, host, has_certificate, is_trusted, says, was_encrypted
):
    certificates = request.getfixturevalue("certificates") if has_certificate else None
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    code, line, mailbox = send(place=f"{scheme}://{USER}:{PASSWORD}@{host}", certificates=certificates)
    is_sent = was_encrypted is not None
    assert (code, len(mailbox.mails), mailbox.users) == ((0, 1, [USER]) if is_sent else (1, 0, []))
    assert mailbox.was_encrypted == was_encrypted
    assert says in line


@ON_SQLITE
@pytest.mark.parametrize("host", [HERE, "nowhere.invalid"])
def test_a_server_that_is_not_there_is_one_line(overdue, digest, host):
    code, line = digest("--mail", SMTP_URL=f"smtp://{USER}:{PASSWORD}@{host}:{free_port()}", DIGEST_TO=ANNA)
    assert (code, line.count("\n")) == (1, 1)
    assert line.startswith("digest: SMTP_URL: the server has not confirmed the mail (")


# --- servers that hang, and servers that answer anything


@contextmanager
def talking(lines):
    """Run a server that says these lines to who connects, and then nothing; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        is_over = threading.Event()

        def talk():
            connection, _address = listening.accept()
            with connection, suppress(OSError):  # the client has hung up
                for line in lines:
                    if is_over.is_set():
                        return
                    connection.sendall(line)
                is_over.wait()

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            is_over.set()
            thread.join()


def send_to_one_that_says(lines, place=f"smtp://{USER}:{PASSWORD}@{HERE}", seconds=0.5):
    """Send a mail to a server that says these lines and then nothing; return the text of the error, or "sent"."""
    with talking(lines) as port:
        server = Settings.from_environ({"SMTP_URL": f"{place}:{port}"}).smtp_url
        try:
            smtp.send(EmailMessage(), server, ANNA, [BOB], seconds)
        except CommandError as error:
            return str(error)
    return "sent"


SAID = [b"220 here\r\n", b"250 helo\r\n", b"250 from\r\n", b"250 to\r\n", b"354 go\r\n"]
LOGIN = [SAID[0], b"250-helo\r\n250 AUTH LOGIN\r\n"]
LOGGED_IN = [*LOGIN, b"334 \r\n", b"235 welcome\r\n", *SAID[2:]]
ENCODED = {word: base64.b64encode(word.encode()) for word in (USER, PASSWORD, f"\0{USER}\0{PASSWORD}")}
TOO_LONG = "timed out); correct the host and the port, or try again later."
UNKNOWN = (
    "SMTP_URL: the server asks for a login that the service does not know; correct the host, the port or the user."
)


def refused(taken, code):
    """Return what a server says that refuses what comes after so many replies, and repeats the account."""
    repeated = b" ".join((USER.encode(), PASSWORD.encode(), *ENCODED.values()))
    return [*LOGGED_IN[:taken], f"{code} ".encode() + repeated + b"\r\n", b"250 reset\r\n"]


@pytest.mark.parametrize(
    ("scheme", "lines", "seconds", "end"),
    [
        ("smtp", [], 0.5, TOO_LONG),
        ("smtps", [], 0.5, TOO_LONG),
        ("smtp", SAID, 0.5, TOO_LONG),
        ("smtp", [*SAID, b"250 taken\r\n"], 2, "sent"),
    ],
)
def test_a_server_that_hangs_is_given_up_and_after_it_has_taken_the_mail_has_taken_it(scheme, lines, seconds, end):
    assert send_to_one_that_says(lines, f"{scheme}://{HERE}", seconds).endswith(end)


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([*LOGIN, b"334 A\r\n"], UNKNOWN),
        ([*LOGIN, *[b"334 " + ENCODED[PASSWORD] + b"\r\n"] * 9], UNKNOWN),
        ([LOGIN[0], b"250-helo\r\n250 AUTH XOAUTH2\r\n"], UNKNOWN),
        ([LOGIN[0], b"250-helo\r\n250 AUTH\r\n"], UNKNOWN),
        (refused(3, 535), "SMTP_URL: the server refuses the user or the password (535)."),
        (refused(4, 553), "SMTP_URL: the server refuses the mail (553)."),
        (refused(5, 550), f"DIGEST_TO: the server refuses {BOB} (550); nobody gets the mail."),
    ],
)
def test_a_server_that_does_not_take_the_mail_is_one_line_without_the_account_that_its_replies_repeat(lines, line):
    assert send_to_one_that_says(lines, seconds=30) == line


@pytest.mark.parametrize("reply", [b"\r\n", b"no number\r\n", b"-22 here\r\n", b"\xff\xff\xff \x00\xff\r\n", b"220"])
@pytest.mark.parametrize("taken", range(len(LOGGED_IN)))
def test_any_reply_in_any_place_is_one_line(reply, taken):
    line = send_to_one_that_says([*LOGGED_IN[:taken], *[reply] * 9])
    assert line.isprintable() and PASSWORD not in line
