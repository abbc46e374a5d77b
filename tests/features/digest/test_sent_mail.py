"""`flask digest --mail` sends the mail by a real SMTP server, and ends with one line if somebody does not get it."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.mail_server import NOT_LOOPBACK, PASSWORD, USER, Certificates, Mailbox, mail_server
from tests.support.server import free_port

pytestmark = ON_SQLITE
ANNA, BOB = "anna@example.org", "bob@example.org"
HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def overdue(pause):
    """Record an overdue pause."""
    pause(start_date="2026-01-01", expected_return_date="2026-03-14")


@pytest.fixture
def digest_command(app, client, clock, configured):
    """Return a function that runs `flask digest`; it returns the exit code and what was printed on both outputs."""

    def run_digest(*arguments, **environ):
        configured(**environ)
        result = app.test_cli_runner().invoke(args=["digest", *arguments])
        assert PASSWORD not in result.output
        return result.exit_code, result.output

    return run_digest


@pytest.fixture
def send(digest_command):
    """Return a function that sends a mail to a server of this machine; it returns what `digest` does, and the mailbox.

    `place` is the scheme and the host, with the account where there is one.
    """

    def send_mail(*arguments, place=f"smtp://{HERE}", to=ANNA, mailbox=None, certificates=None, **environ):
        mailbox = mailbox or Mailbox()
        with mail_server(mailbox, certificates, begins_with_tls=place.startswith("smtps:")) as port:
            code, printed = digest_command("--mail", *arguments, SMTP_URL=f"{place}:{port}", DIGEST_TO=to, **environ)
        assert printed.count("\n") == (printed != "")
        return code, printed.removesuffix("\n"), mailbox

    return send_mail


def parts_of(mail):
    """Return the text and the HTML of a mail."""
    return [part.get_content() for part in mail.iter_parts()]


def test_the_mail_has_the_text_that_the_command_prints_and_html(overdue, digest_command, send):
    code, line, mailbox = send(to=f"{ANNA}, {BOB}")
    assert (code, line) == (0, f"digest: sent to {ANNA}, {BOB}")
    ((recipients, mail),) = mailbox.mails
    assert recipients == [ANNA, BOB]
    assert (mail["From"], mail["To"]) == (ANNA, f"{ANNA}, {BOB}")
    assert mail["Subject"] == "Mentor board: 1 overdue"
    assert mail["Date"].datetime is not None
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = parts_of(mail)
    assert f"Subject: {mail['Subject']}\n\n{text}" == digest_command()[1]
    assert ">Overdue: 1</h2>" in html


def test_it_comes_from_the_sender(overdue, send):
    ((_, mail),) = send(place="smtp://localhost", DIGEST_FROM="mentors@example.org")[2].mails
    assert (mail["From"], mail["To"]) == ("mentors@example.org", ANNA)


# --- nothing to do


def test_with_nothing_to_do_no_mail_is_sent_unless_it_is_always_wanted(send):
    code, line, mailbox = send()
    assert (code, line, mailbox.mails) == (0, "", [])
    ((_, mail),) = send("--always")[2].mails
    assert mail["Subject"] == "Mentor board: nothing to do this week"
    assert ["There is nothing to do this week." in part for part in parts_of(mail)] == [True, True]


@pytest.mark.parametrize(
    ("days", "nothing"),
    [("7", "nothing to do this week"), ("1", "nothing to do today"), ("3", "nothing to do from today to 28 March")],
)
def test_the_printed_mail_says_so_too(digest_command, days, nothing):
    assert digest_command("--days", days) == (0, "")
    heading = "Pauses on Thursday 26 March 2026. Days are UTC days."
    printed = f"Subject: Mentor board: {nothing}\n\n{heading}\n\nThere is {nothing}.\n"
    assert digest_command("--always", "--days", days) == (0, printed)


# --- encryption and the account

SENT = f"digest: sent to {ANNA}"
NO_TLS = (
    "digest: SMTP_URL: the server does not offer what is needed (STARTTLS extension not supported by server);"
    " correct the scheme, the port or the user."
)
NOT_TRUSTED = "digest: SMTP_URL: the server's certificate is not trusted ("


@pytest.mark.parametrize(
    ("scheme", "host", "has_certificate", "is_trusted", "says", "was_encrypted"),
    [
        ("smtps", HERE, True, True, SENT, True),
        ("smtp", NOT_LOOPBACK, True, True, SENT, True),
        ("smtp", HERE, True, False, SENT, False),
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


# --- what else fails


def test_if_a_recipient_is_refused_the_line_names_them_and_the_others_get_the_mail(overdue, send):
    code, line, mailbox = send(to=f"{ANNA},{BOB}", mailbox=Mailbox(refused=[ANNA]))
    assert (code, line) == (1, f"digest: DIGEST_TO: the server refuses {ANNA} (550); the others get the mail.")
    assert [recipients for recipients, _mail in mailbox.mails] == [[BOB]]


@pytest.mark.parametrize("host", [HERE, "nowhere.invalid"])
def test_a_server_that_is_not_there_is_one_line(overdue, digest_command, host):
    code, line = digest_command("--mail", SMTP_URL=f"smtp://{USER}:{PASSWORD}@{host}:{free_port()}", DIGEST_TO=ANNA)
    assert (code, line.count("\n")) == (1, 1)
    assert line.startswith("digest: SMTP_URL: the server has not confirmed the mail (")
