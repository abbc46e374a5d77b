"""Every environment variable of the service, with its default and its check.

It imports nothing of ours, so that gunicorn.conf.py can run it without keeping any of our modules in the master.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from click import ClickException, echo
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

DEFAULT_DATABASE = Path(__file__).resolve().parent / "mentor-status.db"


class SettingsError(ClickException):
    """A variable has a value that the service cannot use; the message is one line that names it."""

    def show(self, file=None):
        """Print the line, where a flask command ends with this error."""
        echo(self.message, file, err=True)


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
        given = conninfo_to_dict(self.database_url)
        return f"postgresql {given.get('host', 'local socket')}/{given.get('dbname', '')}"


def _database_url(name, value):
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and "?" not in rest:
        if unquote(rest).strip("/") not in ("", ":memory:"):  # each connection would have a memory of its own
            return value
    elif scheme in ("postgres", "postgresql") and rest:
        # libpq knows "postgresql://" alone; platforms still hand out "postgres://".
        url = f"postgresql://{rest}"
        if _is_known_to_libpq(url):
            return url
    raise SettingsError(
        f"{name}: not a database URL this service knows; write sqlite:///file.db or postgresql://user:password@host/name."
    )


def _is_known_to_libpq(url):
    try:
        ports = str(conninfo_to_dict(url).get("port", ""))
    except ProgrammingError:
        return False
    # A password with a bare slash makes libpq take a part of it for the port.
    return all(port.isascii() and port.isdigit() for port in ports.split(",") if port)


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
