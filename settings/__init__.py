"""Every environment variable of the service, with its default and its check."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from settings.errors import SettingsError
from settings.files import texts_of_files
from settings.tokens import FEED, FULL, READ, ROLES, STATUS, Token, read_tokens

__all__ = ["FEED", "FULL", "READ", "READERS", "ROLES", "STATUS", "VERSION", "Settings", "SettingsError", "Token"]
VERSION = "2.0.0"  # of the service; CHANGELOG.md says what is in it
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("logfmt", "json")
DEFAULT_DATABASE = Path(__file__).resolve().parent.parent / "mentor-status.db"


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked.

    `database_url` is `sqlite:///…` or `postgresql://…`, `migration_database_url` another way to the same Postgres, for
    the migrations alone; `database_pool_size` is how many connections a worker may have (None: as many as suit the
    database); `port` is what gunicorn binds on loopback; `web_concurrency` is the number of worker processes; without
    `api_tokens` the API is open; `cors_origins` are the origins whose web pages may ask and write; `log_level` is
    logging's. `texts_of_files` has what was read from a file instead (API_TOKENS_FILE and the like), by the name
    of the variable.
    """

    database_url: str = f"sqlite:///{DEFAULT_DATABASE}"
    database_pool_size: int | None = None
    migration_database_url: str | None = None
    port: int = 8000
    web_concurrency: int = 2
    api_tokens: tuple[Token, ...] = ()
    cors_origins: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_format: str = "logfmt"
    texts_of_files: dict = field(default_factory=dict, repr=False)

    @classmethod
    def from_environ(cls, environ=os.environ):
        """Read and check every variable; an empty one counts as not set, but for API_TOKENS. Raises SettingsError."""
        found = {name: (name, environ[name].strip()) for name in READERS if name in environ}
        found = {name: read for name, read in found.items() if read[1] or name == "API_TOKENS"}
        # A message names the variable that an operator can change.
        texts = texts_of_files(environ)
        found |= {name: (f"{name}_FILE", text) for name, text in texts.items()}
        values = {name.lower(): READERS[name](*read) for name, read in found.items()}
        settings = cls(**values, texts_of_files=texts)
        if settings.migration_database_url and settings.sqlite_path:
            raise SettingsError("MIGRATION_DATABASE_URL: DATABASE_URL names no Postgres; unset it, or set that, too.")
        return settings

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
        parts = _as_libpq_reads(self.database_url)
        return f"postgresql {parts.get('host', 'local socket')}/{parts.get('dbname', '')}"


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


def _postgres_url(name, value):
    if value.startswith("sqlite"):
        raise SettingsError(f"{name}: it is no Postgres; write postgresql://user:password@host/name, or unset it.")
    return _database_url(name, value)


def _as_libpq_reads(url):
    """Return the parts of a Postgres URL by libpq's names, or None."""
    import psycopg.conninfo  # noqa: PLC0415 with SQLite, nothing loads it

    try:
        return psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return None


def _is_known_to_libpq(url):
    parts = _as_libpq_reads(url)
    if parts is None:
        return False
    ports = str(parts.get("port", ""))
    # A password with a bare slash makes libpq take a part of it for the port.
    return all(port.isascii() and port.isdigit() for port in ports.split(",") if port)


def _whole_number(lowest, highest):
    def read(name, value):
        if value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest:
            return int(value)
        raise SettingsError(f"{name}: {value!r} is not a whole number from {lowest} to {highest}.")

    return read


def _origins(name, value):
    origins = tuple(origin.strip() for origin in value.split(","))
    for origin in origins:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise SettingsError(f"{name}: {origin!r} is not an origin; write https://host or https://host:port, or *.")
    return origins


def _one_of(words):
    def read(name, value):
        for word in words:
            if value.upper() == word.upper():
                return word
        raise SettingsError(f"{name}: {value!r} is not one of {', '.join(words)}.")

    return read


READERS = {
    "API_TOKENS": read_tokens,
    "CORS_ORIGINS": _origins,
    "DATABASE_POOL_SIZE": _whole_number(1, 64),
    "DATABASE_URL": _database_url,
    "LOG_FORMAT": _one_of(FORMATS),
    "LOG_LEVEL": _one_of(LEVELS),
    "MIGRATION_DATABASE_URL": _postgres_url,
    "PORT": _whole_number(1, 65535),
    "WEB_CONCURRENCY": _whole_number(1, 64),
}
