"""How a mail is sent by the server of SMTP_URL, and one line that says what has failed, without user and password."""

import smtplib
import ssl
from concurrent.futures import Future, wait
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import make_msgid
from ipaddress import ip_address
from threading import Thread

SECONDS = 30  # in all


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
        raise MailError(f"{refusals(error.recipients)}; nobody gets the mail.") from None
    except OSError as error:  # SMTPException is one, too
        raise MailError(f"SMTP_URL: {cause_of(error)}") from None
    if refused:
        raise MailError(f"{refusals(refused)}; the others get the mail.")


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


def deliver(mail, server, sender, recipients):
    """Send a mail on a connection that is encrypted, unless the server is this machine; return the refused recipients.

    They are as smtplib has them: the code and the text of the server's reply by recipient.
    """
    context = ssl.create_default_context()  # the certificates of the system, or those in SSL_CERT_FILE
    if server.is_tls:
        connection = smtplib.SMTP_SSL(server.host, server.port, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port)
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


def refusals(recipients):
    """Say which recipients were refused; `recipients` has the code and the text of the server's reply for each."""
    replies = ", ".join(f"{address} ({as_line(*reply)})" for address, reply in recipients.items())
    return f"DIGEST_TO: the server refuses {replies}"


def as_line(code, text):
    """Return a reply of the server as one short line."""
    words = " ".join(text.decode("ascii", "replace").split())
    return f"{code} {''.join(filter(str.isprintable, words))[:200]}"


def cause_of(error):
    """Say why the server did not take the mail."""
    text = str(error).rstrip(".")
    match error:
        case smtplib.SMTPNotSupportedError():
            return f"the server does not offer what is needed ({text}); correct the scheme, the port or the user."
        case smtplib.SMTPAuthenticationError():  # without the server's text, which may repeat what was sent
            return f"the server refuses the user or the password ({error.smtp_code})."
        case smtplib.SMTPResponseException():
            return f"the server refuses the mail ({as_line(error.smtp_code, error.smtp_error)})."
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted ({error.verify_message}); SSL_CERT_FILE names other ones."
        case _:
            return f"the server has not confirmed the mail ({text}); correct the host and the port, or try again later."
