"""`flask digest --mail` sends the mail by a real SMTP server, and ends with one line if somebody does not get it."""

import pytest

from db import db
from models import PauseRecord
from tests.support.databases import ON_SQLITE
from tests.support.mail_server import NOT_LOOPBACK, PASSWORD, USER, Certificates, Mailbox, mail_server
from tests.support.server import free_port

pytestmark = ON_SQLITE
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ACCOUNT = f"{USER}:{PASSWORD}"
ANNA, BOB = "anna@example.org", "bob@example.org"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(certificates, monkeypatch):
    """Let the command trust the CA of the server's certificate; return the certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    return certificates


@pytest.fixture
def overdue(client):
    """Record an overdue pause of the mentor ada, with a reason that is not ASCII."""
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    dates = {"start_date": "2026-01-01", "expected_return_date": "2026-03-14"}
    assert client.post(RECORDS, json={"mentor_id": "ada", "reason": "größe", **dates}).status_code == 201


@pytest.fixture
def digest(app, client, clock, configured):
    """Return a function that runs `flask digest`; it returns the exit code and what was printed on both outputs."""

    def run_digest(*arguments, **environ):
        configured(**environ)
        result = app.test_cli_runner().invoke(args=["digest", *arguments])
        assert PASSWORD not in result.output
        return result.exit_code, result.output

    return run_digest


def test_the_mail_has_the_text_that_the_command_prints_and_html(overdue, digest):
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sent = digest("--mail", SMTP_URL=f"smtp://127.0.0.1:{port}", DIGEST_TO=f"{ANNA}, {BOB}")
    assert sent == (0, f"digest: sent to {ANNA}, {BOB}\n")
    ((recipients, mail),) = mailbox.mails
    assert recipients == [ANNA, BOB]
    assert (mail["From"], mail["To"]) == (ANNA, f"{ANNA}, {BOB}")
    assert mail["Subject"] == "Pauses: 1 overdue"
    assert mail["Date"].datetime is not None
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert f"Subject: {mail['Subject']}\n\n{text}" == digest()[1]
    assert ">Overdue: 1</h2>" in html


def test_it_comes_from_the_sender_and_has_the_reasons_that_are_asked_for(overdue, digest):
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        server = {"SMTP_URL": f"smtp://localhost:{port}", "DIGEST_TO": BOB}
        digest("--mail", "--reasons", **server, DIGEST_FROM="mentors@example.org")
        digest("--mail", **server)
    (_, with_reasons), (_, without) = mailbox.mails
    assert (with_reasons["From"], with_reasons["To"]) == ("mentors@example.org", BOB)
    for part in with_reasons.iter_parts():
        assert "(größe)" in part.get_content()
    for part in without.iter_parts():
        assert "größe" not in part.get_content()


def test_a_mail_with_a_hundred_overdue_pauses_arrives_whole(overdue, client, digest):
    dates = {"start_date": "2026-01-01T00:00:00Z", "expected_return_date": "2026-03-14T00:00:00Z"}
    records = client.get(RECORDS).json["data"]
    stamps = dict.fromkeys(("created_at", "last_changed"), "2026-01-01T00:00:00Z")
    rows = [{"mentor": "ada", "reason": f"reason {number}"} | dates | stamps for number in range(101)]
    with db.connection_context():
        PauseRecord.insert_many(rows).execute()
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        digest("--mail", SMTP_URL=f"smtp://127.0.0.1:{port}", DIGEST_TO=ANNA)
    ((_, mail),) = mailbox.mails
    assert mail["Subject"] == f"Pauses: {len(records) + 101} overdue"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert text.count("* ada: pause until 14 March, 12 days overdue\n") == 100
    assert html.count("ada</span>: pause until 14 March, 12 days overdue</li>") == 100
    assert "and 2 more" in text


# --- nothing to do


def test_with_nothing_to_do_no_mail_is_sent_unless_it_is_always_wanted(digest):
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        server = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "DIGEST_TO": ANNA}
        assert digest("--mail", **server) == (0, "")
        assert mailbox.mails == []
        assert digest("--mail", "--always", **server) == (0, f"digest: sent to {ANNA}\n")
    ((_, mail),) = mailbox.mails
    assert mail["Subject"] == "Pauses: nothing to do this week"
    for part in mail.iter_parts():
        assert "There is nothing to do this week." in part.get_content()


@pytest.mark.parametrize(
    ("days", "nothing"),
    [("7", "nothing to do this week"), ("1", "nothing to do today"), ("3", "nothing to do from today to 28 March")],
)
def test_the_printed_mail_says_so_too(digest, days, nothing):
    assert digest("--days", days) == (0, "")
    heading = "Pauses on Thursday 26 March 2026. Days are UTC days."
    printed = f"Subject: Pauses: {nothing}\n\n{heading}\n\nThere is {nothing}.\n"
    assert digest("--always", "--days", days) == (0, printed)


# --- encryption and the account


def test_smtps_is_encrypted_from_the_beginning(overdue, digest, trusted):
    mailbox = Mailbox()
    with mail_server(mailbox, trusted, begins_with_tls=True) as port:
        code, _ = digest("--mail", SMTP_URL=f"smtps://{ACCOUNT}@127.0.0.1:{port}", DIGEST_TO=ANNA)
    assert (code, len(mailbox.mails), mailbox.users, mailbox.was_encrypted) == (0, 1, [USER], True)


def test_smtp_to_another_machine_begins_tls_before_the_password(overdue, digest, trusted):
    mailbox = Mailbox()
    with mail_server(mailbox, trusted) as port:
        code, _ = digest("--mail", SMTP_URL=f"smtp://{ACCOUNT}@{NOT_LOOPBACK}:{port}", DIGEST_TO=ANNA)
    assert (code, len(mailbox.mails), mailbox.users, mailbox.was_encrypted) == (0, 1, [USER], True)


def test_smtp_to_this_machine_is_not_encrypted(overdue, digest, certificates):
    mailbox = Mailbox()
    with mail_server(mailbox, certificates) as port:
        code, _ = digest("--mail", SMTP_URL=f"smtp://{ACCOUNT}@127.0.0.1:{port}", DIGEST_TO=ANNA)
    assert (code, len(mailbox.mails), mailbox.users, mailbox.was_encrypted) == (0, 1, [USER], False)


def test_another_machine_that_offers_no_tls_gets_neither_password_nor_mail(overdue, digest):
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        ended = digest("--mail", SMTP_URL=f"smtp://{ACCOUNT}@{NOT_LOOPBACK}:{port}", DIGEST_TO=ANNA)
    assert ended == (
        1,
        "digest: SMTP_URL: the server does not offer what is needed (STARTTLS extension not supported by server);"
        " correct the scheme, the port or the user.\n",
    )
    assert (mailbox.users, mailbox.mails) == ([], [])


@pytest.mark.parametrize("begins_with_tls", [True, False])
def test_a_server_whose_certificate_is_not_trusted_gets_neither_password_nor_mail(
    overdue, digest, certificates, begins_with_tls
):
    mailbox = Mailbox()
    with mail_server(mailbox, certificates, begins_with_tls) as port:
        scheme = "smtps" if begins_with_tls else "smtp"
        code, line = digest("--mail", SMTP_URL=f"{scheme}://{ACCOUNT}@{NOT_LOOPBACK}:{port}", DIGEST_TO=ANNA)
    assert (code, line.count("\n")) == (1, 1)
    assert line.startswith("digest: SMTP_URL: the server's certificate is not trusted (")
    assert (mailbox.users, mailbox.mails) == ([], [])


def test_the_certificate_must_be_of_the_host(overdue, digest, trusted):
    mailbox = Mailbox()
    with mail_server(mailbox, trusted, begins_with_tls=True) as port:
        code, line = digest("--mail", SMTP_URL=f"smtps://{ACCOUNT}@localhost:{port}", DIGEST_TO=ANNA)
    assert (code, line.count("\n"), mailbox.users, mailbox.mails) == (1, 1, [], [])
    assert "not valid for 'localhost'" in line


def test_a_wrong_password_is_one_line_without_it(overdue, digest):
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        ended = digest("--mail", SMTP_URL=f"smtp://{USER}:{PASSWORD}x@127.0.0.1:{port}", DIGEST_TO=ANNA)
    assert ended == (1, "digest: SMTP_URL: the server refuses the user or the password (535).\n")
    assert mailbox.mails == []


# --- what else fails


def test_if_a_recipient_is_refused_the_others_get_the_mail_and_the_line_names_them(overdue, digest):
    mailbox = Mailbox(refused=[ANNA])
    with mail_server(mailbox) as port:
        ended = digest("--mail", SMTP_URL=f"smtp://127.0.0.1:{port}", DIGEST_TO=f"{ANNA},{BOB}")
    refused = f"digest: DIGEST_TO: the server refuses {ANNA} (550)"
    assert ended == (1, f"{refused}; the others get the mail.\n")
    assert [recipients for recipients, _mail in mailbox.mails] == [[BOB]]


def test_if_every_recipient_is_refused_the_line_names_each(overdue, digest):
    mailbox = Mailbox(refused=[ANNA, BOB])
    with mail_server(mailbox) as port:
        code, line = digest("--mail", SMTP_URL=f"smtp://127.0.0.1:{port}", DIGEST_TO=f"{ANNA},{BOB}")
    assert (code, line.count("\n"), mailbox.mails) == (1, 1, [])
    assert ANNA in line and BOB in line and line.endswith("; nobody gets the mail.\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "nowhere.invalid"])
def test_a_server_that_is_not_there_is_one_line(overdue, digest, host):
    code, line = digest("--mail", SMTP_URL=f"smtp://{ACCOUNT}@{host}:{free_port()}", DIGEST_TO=ANNA)
    assert (code, line.count("\n")) == (1, 1)
    assert line.startswith("digest: SMTP_URL: the server has not confirmed the mail (")
