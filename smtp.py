"""How a mail is sent by the server of SMTP_URL, and one line that says what has failed, without user and password."""

import base64
import smtplib
import ssl
from concurrent.futures import Future, wait
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import make_msgid
from ipaddress import ip_address
from threading import Thread

SECONDS = 30  # in all
MOST_BYTES = 1024 * 1024  # that a server may answer in all; a reply has a few hundred, and smtplib collects its lines


class MailError(Exception):
    """A mail was not sent to everybody; the text is one line that says why."""


def send(mail, server, sender, recipients, seconds=SECONDS):
    """Send an EmailMessage from an address to several, within so many seconds; `server` is a settings.MailServer.

    Raises MailError, also if a recipient was refused; the others have got the mail then.
    """
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # so that no absence notice answers it (RFC 3834)
    try:
        refused = within(seconds, deliver, mail, server, sender, recipients)
    except smtplib.SMTPRecipientsRefused as error:
        raise MailError(f"{refusals(error.recipients, server)}; nobody gets the mail.") from None
    except (OSError, ValueError) as error:  # SMTPException is an OSError; smtplib has a ValueError for a bad challenge
        raise MailError(f"SMTP_URL: {cause_of(error, server)}") from None
    if refused:
        raise MailError(f"{refusals(refused, server)}; the others get the mail.")


def within(seconds, function, *arguments):
    """Return what a function returns. Raises TimeoutError after so many seconds, and leaves it to hang in its thread.

    A time limit of the socket would be one for each answer, and none for the look-up of the host.
    """
    outcome = Future()

    def run():
        try:
            outcome.set_result(function(*arguments))
        except BaseException as error:  # for the caller
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()  # the command does not wait for it at its end
    done, _hanging = wait([outcome], seconds)
    if not done:
        raise TimeoutError(f"it took longer than {seconds} seconds")
    return outcome.result()


class Replies:
    """The file that smtplib reads replies from, which fails if a line or all of them together are too long."""

    def __init__(self, file):
        self.file = file
        self.bytes_left = MOST_BYTES

    def readline(self, size):
        line = self.file.readline(size)
        self.bytes_left -= len(line)
        if len(line) == size or self.bytes_left < 0:  # smtplib asks for one byte more than a line may have
            raise smtplib.SMTPException("its answer is too long")
        return line

    def close(self):
        self.file.close()


class Limited:
    """What both classes of smtplib have, with limited replies."""

    def getreply(self):
        if self.file is None:
            self.file = Replies(self.sock.makefile("rb"))
        return super().getreply()


class Connection(Limited, smtplib.SMTP):
    """A connection that is not encrypted, until starttls()."""


class TLSConnection(Limited, smtplib.SMTP_SSL):
    """A connection that is encrypted from the beginning."""


def deliver(mail, server, sender, recipients):
    """Send a mail on a connection that is encrypted, unless the server is this machine; return the refused recipients.

    They are as smtplib has them: the code and the text of the server's reply by recipient.
    """
    context = ssl.create_default_context()  # the certificates of the system, or those in SSL_CERT_FILE
    if server.is_tls:
        connection = TLSConnection(server.host, server.port, context=context)
    else:
        connection = Connection(server.host, server.port)
    try:
        if not server.is_tls and not is_this_machine(server.host):
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        refused = connection.send_message(mail, sender, recipients)
        with suppress(smtplib.SMTPException):  # the server has taken the mail, and may have hung up
            connection.putcmd("quit")
    finally:
        connection.close()
    return refused


def is_this_machine(host):
    """Say whether a host is the loopback address, which needs no encryption."""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # it is a name
        return host.lower() == "localhost"


def refusals(recipients, server):
    """Say which recipients were refused; `recipients` has the code and the text of the server's reply for each."""
    replies = ", ".join(f"{address} ({as_line(*reply, server)})" for address, reply in recipients.items())
    return f"DIGEST_TO: the server refuses {replies}"


def as_line(code, text, server):
    """Return a reply of the server as one short line, without the user and the password, which it may repeat."""
    text = text.decode("ascii", "replace")
    for secret in secrets_of(server):
        text = text.replace(secret, "…")
    words = " ".join(text.split())
    return f"{code} {''.join(filter(str.isprintable, words))[:200]}"


def secrets_of(server):
    """Return the user and the password of a server, also as they are sent, in base64; the longest first."""
    if not server.user:
        return []
    account = server.user, server.password
    sent = (base64.b64encode(each.encode()).decode() for each in (*account, "\0".join(("", *account))))
    return sorted((*account, *sent), key=len, reverse=True)


def cause_of(error, server):
    """Say why the server did not take the mail."""
    text = str(error).rstrip(".")
    match error:
        case smtplib.SMTPNotSupportedError():
            return f"the server does not offer what is needed ({text}); correct the scheme, the port or the user."
        case smtplib.SMTPAuthenticationError():  # without the server's text, which may repeat what was sent
            return f"the server refuses the user or the password ({error.smtp_code})."
        case smtplib.SMTPResponseException():
            return f"the server refuses the mail ({as_line(error.smtp_code, error.smtp_error, server)})."
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted ({error.verify_message}); SSL_CERT_FILE names other ones."
        case OSError() if type(error) is not smtplib.SMTPException:
            return f"the server has not confirmed the mail ({text}); correct the host and the port, or try again later."
        case _:  # of login(), whose text may repeat what was sent
            return "the server asks for a login that the service does not know; correct the host, the port or the user."
