"""Tokens: how API_TOKENS writes them, how a new one is made. Of each, the service keeps the SHA-256 alone."""

import re
import secrets
from hashlib import sha256
from typing import NamedTuple

from settings.errors import SettingsError

FULL, READ, STATUS, FEED = None, "read", "status", "feed"  # the roles of tokens; one without a role may do everything
ROLES = (READ, STATUS, FEED)
NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
ITEM = re.compile(rf"(?P<name>{NAME.pattern}):(?P<secret>[A-Za-z0-9._~+/=-]{{16,200}})(?::(?P<role>[a-z]+))?")
HASHED = re.compile("sha256=([0-9a-f]{64})", re.IGNORECASE)
RANDOM_BYTES = 32  # so many cannot be guessed, also by who knows their plain SHA-256


class Token(NamedTuple):
    """A token: the name of who holds it, the SHA-256 of the secret as hexadecimal digits, and its role.

    web/roles.py says what each role may do.
    """

    name: str
    digest: str
    role: str | None = FULL


def read_tokens(variable, value):
    """Return the tokens that a list names, with commas or line breaks between them. Raises SettingsError."""
    if not value:  # a secret that failed to arrive must not open the API
        way_out = "write name:token, or unset it to open the API to everyone"
        raise SettingsError(f"{variable}: it is set, but empty; {way_out}.")
    items = re.split(r"\s*[,\n]\s*", value)
    tokens = [read_token(f"{variable}: item {number}", item) for number, item in enumerate(items, 1)]
    if len({token.digest for token in tokens}) < len(tokens):
        raise SettingsError(f"{variable}: two items have the same token; give each its own.")
    return tuple(tokens)


def read_token(where, item):
    """Return one token. Raises SettingsError, without the item itself: it may be a secret with a slip in it."""
    match = ITEM.fullmatch(item)
    if not match or match["role"] not in (FULL, *ROLES):
        form = f"name:token or name:token:ROLE, the token of 16 to 200 characters, ROLE one of {', '.join(ROLES)}"
        raise SettingsError(f"{where} is not {form}.")
    secret = match["secret"]
    if not secret.lower().startswith("sha256="):
        return Token(match["name"], digest_of(secret), match["role"])
    if hashed := HASHED.fullmatch(secret):
        return Token(match["name"], hashed[1].lower(), match["role"])
    raise SettingsError(
        f"{where} has not 64 hexadecimal digits after sha256=; flask --app app token prints such an item."
    )


def digest_of(secret):
    """Return the SHA-256 of a secret as hexadecimal digits."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def make_token(name, role=FULL):
    """Make a new token; return its secret, and its item of API_TOKENS, which does not tell the secret."""
    secret = secrets.token_urlsafe(RANDOM_BYTES)
    return secret, ":".join(filter(None, (name, f"sha256={digest_of(secret)}", role)))
