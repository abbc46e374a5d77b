"""A real SMTP server on this machine, which keeps the mails that it takes."""

import email
import email.policy
import ssl
import subprocess
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.programs import installed
from tests.support.server import free_port

USER, PASSWORD = "anna", "canary-of-the-mail-password"
NOT_LOOPBACK = "0.0.0.0"  # Linux connects to this machine, but it is no address of the loopback network


class Certificates:
    """A certificate of this machine's addresses, not of its name, by a new CA, whose certificate is in `ca_file`."""

    def __init__(self, folder):
        self.ca_file, ca_key = folder / "ca.pem", folder / "ca-key.pem"
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        make_certificate("ca", "keyUsage=critical,keyCertSign", "-keyout", ca_key, "-out", self.ca_file)
        signed = ["-addext", "basicConstraints=critical,CA:FALSE", "-CA", self.ca_file, "-CAkey", ca_key]
        names = f"subjectAltName=IP:127.0.0.1,IP:{NOT_LOOPBACK}"
        make_certificate("mail", names, *signed, "-keyout", key, "-out", certificate)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate, key)


def make_certificate(name, extension, *options):
    """Make a key and a certificate of a name for a day."""
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj"]
    words = [installed("openssl"), *new, f"/CN={name}", "-addext", extension, *options]
    subprocess.run(words, check=True, capture_output=True)


class Mailbox:
    """What the server was sent: `mails` has pairs of the recipients and the mail; `was_encrypted` is of the last one.

    It refuses the recipients in `refused`.
    """

    def __init__(self, refused=()):
        self.refused = refused
        self.mails, self.users, self.was_encrypted = [], [], None

    def authenticate(self, _server, _session, _envelope, _mechanism, sent):
        self.users.append(sent.login.decode())
        return AuthResult(success=(sent.login, sent.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd's name)
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 (aiosmtpd's name)
        mail = email.message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, mail))
        self.was_encrypted = server.transport.get_extra_info("ssl_object") is not None
        return "250 OK"


@contextmanager
def mail_server(mailbox, certificates=None, begins_with_tls=False):
    """Run a server for the mailbox, which offers STARTTLS if there are certificates; yield its port."""
    options = {"authenticator": mailbox.authenticate, "auth_require_tls": False}
    if begins_with_tls:
        options["ssl_context"] = certificates.context
    elif certificates:
        options["tls_context"] = certificates.context
    controller = Controller(mailbox, "127.0.0.1", free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
