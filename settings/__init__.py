"""Every environment variable of the service, with its default and its check."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

TOKEN = re.compile(r"(?P<name>[A-Za-z0-9._@-]{1,64}):(?P<secret>[A-Za-z0-9._~+/=-]{16,200})(?P<read>:read)?")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
DEFAULT_DATABASE = Path(__file__).resolve().parent.parent / "mentor-status.db"


class SettingsError(Exception):
    """A variable has a value that the service cannot use; the message is one line that names it."""


class Token(NamedTuple):
    """A bearer token: the name of who holds it, the secret, and whether it only reads."""

    name: str
    secret: str
    only_reads: bool


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked.

    `database_url` is `sqlite:///…` or `postgresql://…`; `port` is what gunicorn binds on loopback;
    `web_concurrency` is the number of worker processes; without `api_tokens` the API is open; `cors_origins` are the
    origins whose web pages may ask and write; `log_level` is logging's.
    """

    database_url: str = f"sqlite:///{DEFAULT_DATABASE}"
    port: int = 8000
    web_concurrency: int = 2
    api_tokens: tuple[Token, ...] = ()
    cors_origins: tuple[str, ...] = ()
    log_level: str = "INFO"

    @classmethod
    def from_environ(cls, environ=os.environ):
        """Read and check every variable; an empty one counts as not set, but for API_TOKENS. Raises SettingsError."""
        given = {name: environ[name].strip() for name in READERS if name in environ}
        given = {name: value for name, value in given.items() if value or name == "API_TOKENS"}
        return cls(**{name.lower(): READERS[name](name, value) for name, value in given.items()})

    @property
    def sqlite_path(self):
        """The file of an SQLite database (relative to the working directory), or None with Postgres."""
        scheme, rest = self.database_url.split("://", 1)
        return unquote(rest.removeprefix("/")) if scheme == "sqlite" else None

    @property
    def database_name(self):
        """The database as a log may name it: never with a user, a password or an option."""
        if self.sqlite_path:
            return f"sqlite {self.sqlite_path}"
        given = _as_libpq_reads(self.database_url)
        return f"postgresql {given.get('host', 'local socket')}/{given.get('dbname', '')}"


def _database_url(name, value):
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and "?" not in rest:
        path = unquote(rest).removeprefix("/")
        # Each connection would have a memory of its own; and what SQLite makes of a URI depends on how it was built.
        if path.strip("/") not in ("", ":memory:") and not path.startswith("file:"):
            return value
    elif scheme in ("postgres", "postgresql") and rest:
        # libpq knows "postgresql://" alone; platforms still hand out "postgres://".
        url = f"postgresql://{rest}"
        if _is_known_to_libpq(url):
            return url
    raise SettingsError(
        f"{name}: not a database URL this service knows; write sqlite:///file.db or postgresql://user:password@host/name."
    )


def _as_libpq_reads(url):
    """Return the parts of a Postgres URL by libpq's names, or None."""
    import psycopg.conninfo  # noqa: PLC0415 with SQLite, nothing loads it

    try:
        return psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return None


def _is_known_to_libpq(url):
    given = _as_libpq_reads(url)
    if given is None:
        return False
    ports = str(given.get("port", ""))
    # A password with a bare slash makes libpq take a part of it for the port.
    return all(port.isascii() and port.isdigit() for port in ports.split(",") if port)


def _whole_number(lowest, highest):
    def read(name, value):
        if value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest:
            return int(value)
        raise SettingsError(f"{name}: {value!r} is not a whole number from {lowest} to {highest}.")

    return read


def _tokens(name, value):
    if not value:  # a secret that failed to arrive must not open the API
        raise SettingsError(f"{name}: it is set, but empty; write name:token, or unset it to open the API to everyone.")
    tokens = []
    for number, item in enumerate(value.split(","), 1):
        match = TOKEN.fullmatch(item.strip())
        if not match:
            # Not the item itself: it may be a secret with a slip in it.
            raise SettingsError(f"{name}: item {number} is not name:token or name:token:read, the token of 16 to 200.")
        tokens.append(Token(match["name"], match["secret"], bool(match["read"])))
    if len({token.secret for token in tokens}) < len(tokens):
        raise SettingsError(f"{name}: two items have the same token; give each its own.")
    return tuple(tokens)


def _origins(name, value):
    origins = tuple(origin.strip() for origin in value.split(","))
    for origin in origins:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise SettingsError(f"{name}: {origin!r} is not an origin; write https://host or https://host:port, or *.")
    return origins


def _level(name, value):
    if value.upper() in LEVELS:
        return value.upper()
    raise SettingsError(f"{name}: {value!r} is not one of {', '.join(LEVELS)}.")


READERS = {
    "API_TOKENS": _tokens,
    "CORS_ORIGINS": _origins,
    "DATABASE_URL": _database_url,
    "LOG_LEVEL": _level,
    "PORT": _whole_number(1, 65535),
    "WEB_CONCURRENCY": _whole_number(1, 64),
}
