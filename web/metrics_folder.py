"""The folder in which the workers of one service share their metrics; gunicorn's master makes it at the start.

Each worker has its own files in it, under the names that prometheus_client gives them.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

# The sizes of the library's files, in KiB. A series of the histogram takes 3 KiB, one of the others 0.2 KiB.
FILES = {"counter": 64, "gauge_livesum": 64, "histogram": 256}


def make():
    """Make a new folder and return its path. Remove the folders of services that were killed."""
    # Folders of earlier releases have other names: nobody has locked them, though their services may still run.
    for folder in Path(tempfile.gettempdir()).glob("mentor-status-live-metrics-*"):
        if try_to_lock(folder):  # no process has it any more
            shutil.rmtree(folder, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="mentor-status-new-metrics-"))
    try_to_lock(new)  # before it has the name by which others look for it
    return str(new.rename(new.with_name(new.name.replace("new", "live", 1))))


def make_files(folder):
    """Make the files of this process in the folder, whole. Raises OSError if the disk has no room for them.

    The library would make them without blocks on the disk. On a full disk, its first write into one kills the process
    (SIGBUS). Files that a process of the same number has left are used again.
    """
    for kind, kib in FILES.items():
        path = Path(folder, f"{kind}_{os.getpid()}.db")
        if not path.exists():
            new = path.with_suffix(".new")  # nobody reads it
            new.write_bytes(bytes(kib * 1024))
            new.rename(path)


def try_to_lock(folder):
    """Lock a folder until the last process of this service has ended; return False if another service has it."""
    with suppress(OSError):
        # It is never closed; the workers inherit it, and so the lock.
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
