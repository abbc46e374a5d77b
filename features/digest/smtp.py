"""How a mail is sent by the server of SMTP_URL, and one line that says what has failed."""

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import make_msgid
from ipaddress import ip_address

from mentors.problems import CommandError

SECONDS = 30  # to connect, and for each answer of the server


def send(mail, server, sender, recipients, seconds=SECONDS):
    """Send an EmailMessage from an address to several; `server` is a settings.MailServer.

    Raises CommandError, also if a recipient was refused; the others have got the mail then.
    """
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # so that no absence notice answers it (RFC 3834)
    try:
        refused = deliver(mail, server, sender, recipients, seconds)
    except smtplib.SMTPRecipientsRefused as error:
        raise CommandError(f"{refusals(error.recipients)}; nobody gets the mail.") from None
    except (OSError, ValueError) as error:  # SMTPException is an OSError; smtplib has a ValueError for a bad challenge
        raise CommandError(f"SMTP_URL: {cause_of(error)}") from None
    if refused:
        raise CommandError(f"{refusals(refused)}; the others get the mail.")


def deliver(mail, server, sender, recipients, seconds):
    """Send a mail on a connection that is encrypted, unless the server is this machine; return the refused recipients.

    They are as smtplib has them: the code and the text of the server's reply by recipient.
    """
    context = ssl.create_default_context()  # the certificates of the system, or those in SSL_CERT_FILE
    if server.is_tls:
        connection = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if not server.is_tls and not is_this_machine(server.host):
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        refused = connection.send_message(mail, sender, recipients)
        with suppress(OSError):  # the server has taken the mail, and may have hung up
            connection.quit()
    finally:
        connection.close()
    return refused


def is_this_machine(host):
    """Say whether a host is the loopback address, which needs no encryption."""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # it is a name
        return host.lower() == "localhost"


# No message has the text of a server's reply, only its code: a reply may repeat the user or the password.


def refusals(recipients):
    """Say which recipients were refused; `recipients` has the code and the text of the server's reply for each."""
    codes = ", ".join(f"{address} ({code})" for address, (code, _text) in recipients.items())
    return f"DIGEST_TO: the server refuses {codes}"


def cause_of(error):
    """Say why the server did not take the mail."""
    text = str(error).rstrip(".")
    match error:
        case smtplib.SMTPNotSupportedError():
            return f"the server does not offer what is needed ({text}); correct the scheme, the port or the user."
        case smtplib.SMTPAuthenticationError():
            return f"the server refuses the user or the password ({error.smtp_code})."
        case smtplib.SMTPResponseException():
            return f"the server refuses the mail ({error.smtp_code})."
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted ({error.verify_message}); SSL_CERT_FILE names other ones."
        case OSError() if type(error) is not smtplib.SMTPException:
            return f"the server has not confirmed the mail ({text}); correct the host and the port, or try again later."
        case _:  # of login(), whose text may be the server's
            return "the server asks for a login that the service does not know; correct the host, the port or the user."
