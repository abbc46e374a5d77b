"""A PgBouncer of a test's own, in transaction mode, before a Postgres: as platforms hand out."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from db.postgres import SETTINGS
from tests.support.postgres import USER
from tests.support.programs import installed
from tests.support.server import free_port
from tests.support.waiting import wait_until

CONFIG = """\
[databases]
* = {server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
{more}
"""


def set_for_role(url):
    """Set what the service needs behind a pooler for the role of the URL, as the guide says."""
    with psycopg.connect(url, autocommit=True) as admin:
        for name, value, _default in SETTINGS:
            admin.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {admin.info.dbname} SET {name} = '{value}'")


class PgBouncer:
    """A PgBouncer on a port of its own; as a context manager it runs when entered, and is gone when left.

    It has `size` sessions of the Postgres at `server_url`; `url` leads through it to the same database.
    """

    def __init__(self, server_url, size=2, **settings):
        self.program = installed("pgbouncer")
        self.port, self.process = free_port(), None
        given = conninfo_to_dict(server_url)
        self.url = urlsplit(server_url)._replace(netloc=f"postgres@127.0.0.1:{self.port}", query="").geturl()
        # It refuses to run as root; who owns the server's socket may reach it.
        self.user = os.stat(given["host"]).st_uid if given["host"].startswith("/") else USER
        self.folder = Path(tempfile.mkdtemp(prefix="mentor-status-"))
        self.log = self.folder / "log"
        more = "\n".join(f"{name} = {value}" for name, value in settings.items())
        server = " ".join(f"{name}={given[name]}" for name in ("host", "port", "user", "password") if name in given)
        config = CONFIG.format(server=server, listen_port=self.port, size=size, more=more)
        (self.folder / "pgbouncer.ini").write_text(config)
        self.folder.chmod(0o755)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        if self.process and self.process.poll() is None:
            self.kill9()
        shutil.rmtree(self.folder)

    def start(self):
        """Start it, and return when it lets clients through."""
        with self.log.open("ab") as log:
            command = [self.program, self.folder / "pgbouncer.ini"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, user=self.user, start_new_session=True)
        wait_until(lambda: self.process.poll() is not None or self.answers(), self.log.read_text)
        assert self.process.poll() is None, self.log.read_text()

    def answers(self):
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill9(self):
        """Kill it, as a power cut would."""
        self.process.kill()
        self.process.wait()
