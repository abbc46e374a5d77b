"""How a mail is sent to servers that hang, and to servers that answer anything."""

import base64
import socket
import threading
from contextlib import contextmanager, suppress
from email.message import EmailMessage

import pytest

from features.digest import smtp
from mentors.problems import CommandError
from settings import MailServer, Settings
from tests.support.mail_server import PASSWORD, USER

# --- servers that hang

TOO_LONG = "timed out); correct the host and the port, or try again later."


def give_up_on(port, scheme="smtp", seconds=0.5, account=None):
    """Send a mail to a server that does not take it, or not in half a second, and return the text of the error."""
    host = f"{account}@127.0.0.1" if account else "127.0.0.1"
    server = Settings.from_environ({"SMTP_URL": f"{scheme}://{host}:{port}"}).smtp_url
    with pytest.raises(CommandError) as error:
        smtp.send(EmailMessage(), server, "anna@example.org", ["bob@example.org"], seconds)
    return str(error.value)


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


SAID = [b"220 here\r\n", b"250 helo\r\n", b"250 from\r\n", b"250 to\r\n", b"354 go\r\n"]


@pytest.mark.parametrize(("scheme", "lines"), [("smtp", []), ("smtps", []), ("smtp", SAID)])
def test_a_server_that_hangs_before_it_has_taken_the_mail_is_given_up(scheme, lines):
    with talking(lines) as port:
        assert give_up_on(port, scheme).endswith(TOO_LONG)


def test_a_server_that_hangs_after_it_has_taken_the_mail_has_taken_it():
    with talking([*SAID, b"250 taken\r\n"]) as port:
        server = MailServer(False, "127.0.0.1", port, None, None)
        smtp.send(EmailMessage(), server, "anna@example.org", ["bob@example.org"], seconds=2)


# --- servers that answer anything

ENCODED = {word: base64.b64encode(word.encode()) for word in (USER, PASSWORD, f"\0{USER}\0{PASSWORD}")}
ACCOUNT = f"{USER}:{PASSWORD}"
LOGIN = [b"220 here\r\n", b"250-helo\r\n250 AUTH LOGIN\r\n"]
LOGGED_IN = [*LOGIN, b"334 \r\n", b"235 welcome\r\n"]
UNKNOWN = (
    "SMTP_URL: the server asks for a login that the service does not know; correct the host, the port or the user."
)


@pytest.mark.parametrize(
    "lines",
    [
        [*LOGIN, b"334 A\r\n"],
        [*LOGIN, *[b"334 " + ENCODED[PASSWORD] + b"\r\n"] * 9],
        [LOGIN[0], b"250-helo\r\n250 AUTH XOAUTH2\r\n"],
        [LOGIN[0], b"250-helo\r\n250 AUTH\r\n"],
    ],
)
def test_a_server_whose_login_is_not_understood_is_one_line_without_the_account(lines):
    with talking(lines) as port:
        assert give_up_on(port, account=ACCOUNT, seconds=30) == UNKNOWN


@pytest.mark.parametrize(
    ("taken", "code", "line"),
    [
        (3, 535, "SMTP_URL: the server refuses the user or the password (535)."),
        (4, 553, "SMTP_URL: the server refuses the mail (553)."),
        (5, 550, "DIGEST_TO: the server refuses bob@example.org (550); nobody gets the mail."),
    ],
)
def test_of_a_reply_that_repeats_the_account_only_the_code_is_printed(taken, code, line):
    repeated = b" ".join((USER.encode(), PASSWORD.encode(), *ENCODED.values()))
    lines = [*LOGGED_IN, b"250 from\r\n"]
    with talking([*lines[:taken], f"{code} ".encode() + repeated + b"\r\n", b"250 reset\r\n"]) as port:
        assert give_up_on(port, account=ACCOUNT, seconds=30) == line


@pytest.mark.parametrize("reply", [b"\r\n", b"no number\r\n", b"-22 here\r\n", b"\xff\xff\xff \x00\xff\r\n", b"220"])
@pytest.mark.parametrize("taken", range(len(LOGGED_IN) + 3))
def test_any_reply_in_any_place_is_one_line(reply, taken):
    lines = [*LOGGED_IN, b"250 from\r\n", b"250 to\r\n", b"354 go\r\n"]
    with talking([*lines[:taken], *[reply] * 9]) as port:
        line = give_up_on(port, account=ACCOUNT)
    assert line.isprintable() and PASSWORD not in line
