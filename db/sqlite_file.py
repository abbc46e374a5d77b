"""The file of an SQLite database: who may read it, how it becomes one file, and whether a deploy deletes it."""

import os
from contextlib import closing, suppress
from pathlib import Path

import apsw

PRIVATE = 0o600
LOST_WITH_THE_INSTANCE = ("overlay", "ramfs", "tmpfs")  # the kinds of file systems of an image, and in memory


def make_file(path, mode=PRIVATE):
    """Make an empty file with this mode, whatever the umask is. A file that exists keeps its mode. Raises OSError."""
    with suppress(FileExistsError):
        file = os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(file, mode)
        os.close(file)


def checkpoint(path):
    """Move the write-ahead log into the database file. The last connection to be closed then removes the log.

    Raises apsw.BusyError if another connection still reads from the log.
    """
    with closing(apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        busy, _in_log, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise apsw.BusyError("somebody else has it open")


def warning_of_loss(path, platform):
    """Return a line that warns if the platform of this name deletes the file at the next deploy, else None."""
    if not platform or is_on_volume(Path(path).resolve().parent):
        return None
    return (
        f"{path} is not on a volume: {platform} deletes it at the next deploy or restart;"
        " set DATABASE_URL to a Postgres, or to a file on a volume."
    )


def is_on_volume(folder):
    """Say whether a folder is on a file system that outlives the instance.

    Such a file system has neither `/` nor the code, and is not in memory.
    """
    try:
        device = os.stat(folder).st_dev
        kind = file_systems().get(device)
    except OSError:
        return True  # without the folder the start fails anyway; none of the platforms is without /proc
    return device not in (os.stat("/").st_dev, os.stat(__file__).st_dev) and kind not in LOST_WITH_THE_INSTANCE


def file_systems():
    """Return the kind of each mounted file system, by its device number: see proc_pid_mountinfo(5)."""
    kinds = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        major, minor = fields[2].split(":")
        kinds[os.makedev(int(major), int(minor))] = fields[fields.index("-") + 1]
    return kinds
