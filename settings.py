"""Every environment variable of the service, with its default and its check.

It imports nothing of ours, so that gunicorn.conf.py can run it without keeping any of our modules in the master.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

DEFAULT_DATABASE = Path(__file__).resolve().parent / "mentor-status.db"


class SettingsError(ValueError):
    """A variable has a value that the service cannot use; the text is one line that names it."""


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked.

    `database_url` is `sqlite:///…` or `postgresql://…`; `port` is what gunicorn binds on loopback;
    `web_concurrency` is the number of worker processes.
    """

    database_url: str = f"sqlite:///{DEFAULT_DATABASE}"
    port: int = 8000
    web_concurrency: int = 2

    @classmethod
    def from_environ(cls, environ=os.environ):
        """Read and check every variable; an empty one counts as not set. Raises SettingsError."""
        given = {name: environ[name].strip() for name in READERS if environ.get(name, "").strip()}
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
        url = urlsplit(self.database_url)
        return f"postgresql {url.netloc.rpartition('@')[2] or 'local socket'}{url.path}"


def _database_url(name, value):
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:") and "?" not in rest:
        return value
    if scheme in ("postgres", "postgresql") and rest:
        # libpq knows "postgresql://" alone; platforms still hand out "postgres://".
        return f"postgresql://{rest}"
    raise SettingsError(
        f"{name}: not a database URL this service knows; write sqlite:///file.db or postgresql://user:password@host/name."
    )


def _whole_number(lowest, highest):
    def read(name, value):
        if value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest:
            return int(value)
        raise SettingsError(f"{name}: {value!r} is not a whole number from {lowest} to {highest}.")

    return read


READERS = {
    "DATABASE_URL": _database_url,
    "PORT": _whole_number(1, 65535),
    "WEB_CONCURRENCY": _whole_number(1, 64),
}
