"""Every environment variable of the service, with its default and its check."""

import hmac
import os
import re
import secrets
import unicodedata
import zoneinfo
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

VERSION = "1.0.0"  # of the service; CHANGELOG.md says what is in it

# The largest body and the largest table (CSV). gunicorn.conf.py has these two numbers, too.
BODY_BYTES = 64 * 1024
TABLE_BYTES = 1024 * 1024

# Platforms that make each instance anew from its image, and lead the internet to it: a variable that each sets in every
# instance, and its name.
PLATFORMS = {
    "DYNO": "Heroku or Dokku",
    "FLY_APP_NAME": "Fly",
    "K_SERVICE": "Cloud Run",
    "KOYEB_APP_NAME": "Koyeb",
    "RAILWAY_ENVIRONMENT_ID": "Railway",
    "RENDER": "Render",
    "VCAP_APPLICATION": "Cloud Foundry",
}
zoneinfo.reset_tzpath(())  # so that all instances have the time zones of the package tzdata, which is pinned
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
DEFAULT_DATABASE = Path(__file__).resolve().parent / "mentor-status.db"
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
DEFAULT_PORT = re.compile("https://.*:443|http://.*:80")
CONTROL_CHARACTER = re.compile(r"[\0-\x1f\x7f]")
# libpq ends the user and the password at the first `@`, unless a `/` comes before it. Of a URL in which one of these
# occurs elsewhere, it may take a part of the password for the host or the name, which the service prints.
POSTGRES_URL = re.compile("postgresql://([^@/?]*@)?[^@]+")
# `{mentor_id}` occurs once, behind the host. All else are characters of a URL (RFC 3986).
PART_OF_URL = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*"
MENTOR_URL = re.compile(rf"{ORIGIN.pattern}[/?#]{PART_OF_URL}{{mentor_id}}{PART_OF_URL}")
LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = rf"{LABEL}(\.{LABEL})*"
# In a user or a password, `@`, `:`, `/`, `?` and `#` are percent-encoded, so that no part of it is taken for a host.
SMTP_URL = re.compile(
    r"smtp(?P<is_tls>s?)://((?P<user>[^:@/?#]+):(?P<password>[^:@/?#]+)@)?"
    rf"(?P<host>{DOMAIN}|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{{1,5}}))?/?"
)
PRINTABLE_ASCII = re.compile("[ -~]*")
WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
MAIL_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{1,253}}$){WORD}(\.{WORD})*@{DOMAIN}")
LONGEST_TITLE = 40
NO_TEXT = ("Cc", "Cs", "Zl", "Zp")  # categories of Unicode: controls, halves of characters, breaks of lines
IN_FILES = ("API_TOKENS", "DATABASE_URL")  # NAME_FILE may name a file with the value of NAME

# The roles of tokens. A token without a role may do everything.
FULL, WRITE, READ, STATUS, FEED = None, "write", "read", "status", "feed"
ROLES = (WRITE, READ, STATUS, FEED)
TOKEN_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
HASHED = "(?i:sha256=(?P<hash>[0-9a-f]{64}))"
PLAIN = r"(?!(?i:sha256=))(?P<secret>[\w.~+/=-]{16,200})"
TOKEN = re.compile(rf"(?P<name>{TOKEN_NAME.pattern}):({HASHED}|{PLAIN})(:(?P<role>{'|'.join(ROLES)}))?", re.ASCII)


def platform_of(environ):
    """Return the name of the platform that runs the service, or None."""
    return next((name for variable, name in PLATFORMS.items() if environ.get(variable)), None)


def probably_meant(environ):
    """Return the variables whose names are at most one letter away from that of one of ours, with the latter.

    Not if ours is set, or its file. Upper and lower case do not count. PORT is left out: other programs have a SORT.
    """
    names = {*PARSERS, *(f"{name}_FILE" for name in IN_FILES)} - {"PORT"}
    unset = [name for name in names if not {name, f"{name}_FILE"} & environ.keys()]
    return {given: name for given in environ for name in unset if re.fullmatch(similar(name), given, re.IGNORECASE)}


def similar(name):
    """Return the pattern of a name in which at most one letter is added, removed or replaced."""
    return "|".join(f"{name[:at]}.?{name[end:]}" for at in range(len(name) + 1) for end in (at, at + 1))


class SettingsError(Exception):
    """The value of a variable cannot be used. The message is one line that names the variable."""


class Token(NamedTuple):
    """A token: the name of its holder, the SHA-256 of its secret as hexadecimal digits, and its role (web/auth.py)."""

    name: str
    digest: str
    role: str | None = FULL


@dataclass(frozen=True)
class MailServer:
    """The server of SMTP_URL. With `is_tls`, TLS begins with the connection. The user is None if the password is."""

    is_tls: bool
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """The checked values of all variables.

    `database_url` is `sqlite:///…` or `postgresql://…`. gunicorn.conf.py reads PORT and WEB_CONCURRENCY itself; here
    they are only checked. web/auth.py reads the file `api_tokens_file` again while the service runs.
    """

    database_url: str = f"sqlite:///{DEFAULT_DATABASE}"
    database_pool_size: int | None = None
    port: int = 8000
    web_concurrency: int = 2
    api_tokens: tuple[Token, ...] = ()
    api_tokens_file: str | None = None
    cors_origins: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_format: str = "logfmt"
    mentor_url: str | None = None
    smtp_url: MailServer | None = None
    digest_to: tuple[str, ...] = ()
    digest_from: str | None = None
    time_zone: str = "UTC"
    board_title: str = "Mentor board"

    @classmethod
    def from_environ(cls, environ=os.environ):
        """Read and check every variable. An empty one counts as unset, except those of tokens. Raises SettingsError."""
        stripped = {name: value.strip() for name, value in environ.items()}
        given = {name: value for name, value in stripped.items() if value or name in ("API_TOKENS", "API_TOKENS_FILE")}
        values = {}
        for name, read in PARSERS.items():
            file = f"{name}_FILE"
            if name in given:
                if name in IN_FILES and file in given:
                    raise SettingsError(f"{file}: {name} is set, too; unset one of them.")
                values[name.lower()] = read_variable(name, read, given[name])
            elif name in IN_FILES and name != "API_TOKENS" and file in given:  # web/auth.py reads that of the tokens
                values[name.lower()] = read_variable(file, read, read_variable(file, read_file, given[file]))
        return cls(**values)

    @property
    def has_tokens(self):
        """Whether the API needs a token."""
        return bool(self.api_tokens or self.api_tokens_file)

    def read_token_file(self):
        """Return the tokens; if they are in a file, read it now. Raises SettingsError."""
        if self.api_tokens_file:
            return read_variable("API_TOKENS_FILE", lambda path: read_tokens(read_file(path)), self.api_tokens_file)
        return self.api_tokens

    @property
    def sqlite_path(self):
        """The path of the SQLite file (relative to the working directory); None with Postgres."""
        scheme, rest = self.database_url.split("://", 1)
        return unquote(rest.removeprefix("/")) if scheme == "sqlite" else None

    @property
    def database_name(self):
        """The name of the database for the log, without user, password and options."""
        if self.sqlite_path:
            return f"sqlite {self.sqlite_path}"
        return f"postgresql {host_of(self.database_url)}/{conninfo_to_dict(self.database_url).get('dbname', '')}"


def read_variable(variable, read, value):
    """Return the value as `read` returns it. Raises SettingsError, whose message begins with the variable."""
    try:
        return read(value)
    except SettingsError as error:
        raise SettingsError(f"{variable}: {error}") from None


# --- how a value is read: each function returns it, or raises SettingsError


def read_file(path):
    """Return the text of a file, stripped. No message has the path: somebody may have put the secret in its place."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        way_out = "set it to the path of a file that the service may read, and not to the value itself"
        raise SettingsError(f"its file cannot be read ({error.strerror}); {way_out}.") from None
    except UnicodeDecodeError:
        raise SettingsError("its file is not text in UTF-8; save it as UTF-8.") from None
    if not text:
        raise SettingsError("its file is empty; write the value into it, or unset the variable.")
    return text


def refuse_empty(value):
    if value:
        return value
    # Perhaps a script has lost it, and that must not open the API.
    raise SettingsError("it is set, but empty; write a value, or unset it to open the API to everyone.")


def read_tokens(value):
    """Return the tokens of a text, with commas or line breaks between them."""
    items = re.split(r"\s*[,\n]\s*", refuse_empty(value))
    tokens = tuple(read_token(number, item) for number, item in enumerate(items, 1))
    if len({token.digest for token in tokens}) < len(tokens):
        raise SettingsError("two items have the same token; give each its own.")
    return tokens


def read_token(number, item):
    """Return one token. A message has its number, and not the item, which may have a secret."""
    match = TOKEN.fullmatch(item)
    if not match:
        raise SettingsError(
            f"item {number} is wrong; write name:token or name:token:ROLE, the token of 16 to 200 characters or sha256="
            f" and 64 hexadecimal digits, ROLE one of {', '.join(ROLES)}."
        )
    digest = match["hash"].lower() if match["hash"] else digest_of(match["secret"])
    return Token(match["name"], digest, match["role"])


def digest_of(secret):
    """Return the SHA-256 of a secret, as hexadecimal digits."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def make_token(name, role=FULL):
    """Make a new token; return its secret, and its item of API_TOKENS, which has only the digest."""
    secret = secrets.token_urlsafe(32)  # nobody can guess 32 random bytes, even with the SHA-256 at hand
    return secret, ":".join(filter(None, (name, f"sha256={digest_of(secret)}", role)))


def calendar_secret(token):
    """Return the secret that opens the calendar for the holder of a token; nobody can find the token from it.

    It is the HMAC-SHA-256 of `calendar`, as hexadecimal digits; its key is the SHA-256 of the token.
    """
    return hmac.new(bytes.fromhex(token.digest), b"calendar", sha256).hexdigest()


def read_database_url(value):
    if CONTROL_CHARACTER.search(unquote(value)):
        raise SettingsError("it has a control character, such as %00 or a line break; remove it.")
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and "?" not in rest:
        path = unquote(rest).removeprefix("/")
        # In memory, each connection would have a database of its own. Some builds of SQLite do not know `file:`.
        if path.strip("/") not in ("", ":memory:") and not path.startswith("file:"):
            return value
    elif scheme in ("postgres", "postgresql"):
        url = f"postgresql://{rest}"  # some platforms still write postgres://
        if is_clear_to_libpq(url):
            return url
    raise SettingsError(
        "it is not a database URL that this service knows; write sqlite:///file.db or"
        " postgresql://user:password@host/name, and percent-encode the password (@ is %40, / is %2F)."
    )


def host_of(url):
    """Return the host of a Postgres URL, or several with commas between them."""
    return conninfo_to_dict(url).get("host", "local socket")


def is_clear_to_libpq(url):
    """Say whether libpq reads the URL, and takes no part of the password for anything else."""
    try:
        port = conninfo_to_dict(url).get("port", "")
    except (psycopg.ProgrammingError, UnicodeError):
        return False
    return POSTGRES_URL.fullmatch(url) and re.fullmatch("[0-9,]*", str(port))


def whole_number(lowest, highest):
    def read(value):
        if value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest:
            return int(value)
        raise SettingsError(f"{value!r} is not a whole number from {lowest} to {highest}.")

    return read


def read_origins(value):
    origins = tuple(origin.strip() for origin in value.split(","))
    for origin in origins:
        if origin != "*" and (not ORIGIN.fullmatch(origin) or DEFAULT_PORT.fullmatch(origin)):
            raise SettingsError(f"{origin!r} is no origin; write https://host:port without a default port, or *.")
    return origins


def read_mentor_url(value):
    if MENTOR_URL.fullmatch(value):
        return value
    raise SettingsError(
        "it is not the address of a mentor; write https://app.example/people/{mentor_id}, with {mentor_id} once and"
        " behind the host, and other characters percent-encoded."
    )


def read_smtp_url(value):
    match = SMTP_URL.fullmatch(value)
    if not match or not 0 < int(match["port"] or 1) < 65536:
        raise SettingsError(
            "it is not the address of a mail server; write smtps://user:password@host or"
            " smtp://user:password@host:587, and percent-encode the user and the password (@ is %40, / is %2F)."
        )
    user, password = (part and unquote(part) for part in (match["user"], match["password"]))
    if user and not PRINTABLE_ASCII.fullmatch(user + password):
        raise SettingsError("its user and password must be printable ASCII; give the mail account others.")
    is_tls = bool(match["is_tls"])
    port = int(match["port"] or (465 if is_tls else 587))
    return MailServer(is_tls, match["host"].strip("[]"), port, user, password)


def read_address(value, what="it"):
    """Return a mail address. A message says `what` is wrong, and does not have the address."""
    if MAIL_ADDRESS.fullmatch(value):
        return value
    raise SettingsError(
        f"{what} is not a mail address that every server takes; write name@example.org, in ASCII alone, and a domain"
        " with other letters in its form with xn--."
    )


def read_addresses(value):
    return tuple(read_address(item.strip(), f"item {number}") for number, item in enumerate(value.split(","), 1))


def read_time_zone(value):
    if value == "UTC" or ("/" in value and value in zoneinfo.available_timezones()):
        return value
    raise SettingsError(f"{value!r} is no time zone with a /; write a name such as America/Los_Angeles, or UTC.")


def read_title(value):
    if len(value) <= LONGEST_TITLE and not any(unicodedata.category(each) in NO_TEXT for each in value):
        return value
    raise SettingsError(
        f"it is no title; write 1 to {LONGEST_TITLE} characters in one line, without control characters."
    )


def one_of(words):
    def read(value):
        for word in words:
            if value.upper() == word.upper():
                return word
        raise SettingsError(f"{value!r} is not one of {', '.join(words)}.")

    return read


PARSERS = {
    "API_TOKENS": read_tokens,
    "API_TOKENS_FILE": refuse_empty,
    "BOARD_TITLE": read_title,
    "CORS_ORIGINS": read_origins,
    "DATABASE_POOL_SIZE": whole_number(1, 64),
    "DATABASE_URL": read_database_url,
    "DIGEST_FROM": read_address,
    "DIGEST_TO": read_addresses,
    "LOG_FORMAT": one_of(("logfmt", "json")),
    "LOG_LEVEL": one_of(LEVELS),
    "MENTOR_URL": read_mentor_url,
    "PORT": whole_number(1, 65535),
    "SMTP_URL": read_smtp_url,
    "TIME_ZONE": read_time_zone,
    "WEB_CONCURRENCY": whole_number(1, 64),
}
