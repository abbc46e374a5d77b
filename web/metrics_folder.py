"""The folder in which the workers of one service share their metrics; gunicorn's master makes it at the start."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

# Linux' file system in memory. On a full disk, each process that writes to its metrics would be killed (SIGBUS).
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def make():
    """Make a new folder and return its path. Remove the folders of services that were killed."""
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    # Folders of earlier releases have other names: nobody has locked them, though their services may still run.
    for folder in parent.glob("mentor-status-live-metrics-*"):
        if try_to_lock(folder):  # no process has it any more
            shutil.rmtree(folder, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="mentor-status-new-metrics-", dir=parent))
    try_to_lock(new)  # before it has the name by which others look for it
    return str(new.rename(new.with_name(new.name.replace("new", "live", 1))))


def try_to_lock(folder):
    """Lock a folder until the last process of this service has ended; return False if another service has it."""
    with suppress(OSError):
        file = os.open(
            folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        )  # it is never closed; the workers inherit it, and so the lock
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
