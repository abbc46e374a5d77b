"""What the workers share: a folder with the counters of each, and the figures of the database.

The counters are files of prometheus_client's. They are named by the worker's slot, not by its process: there are as
many slots as there were ever workers at once, however many have died, and a scrape reads no more files. A worker holds
the lock of its slot, which ends with it, also by a SIGKILL; its counters stay, and the next one of the slot goes on.
"""

import fcntl
import json
import os
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from metrics.figures import read_figures

OLDEST = 10  # seconds that the figures of the database may be old
REFRESH_AFTER = 7  # seconds, while somebody asks for them
ASKED_WITHIN = 300  # seconds; scrapes are rarely further apart


class SharedFolder:
    """The folder, as one worker uses it."""

    def __init__(self, path):
        self.path = Path(path)
        self.slot = next(number for number in count(1) if self.take(number))
        (self.path / "asked").touch()  # so that the first scrape finds figures, which take longest to read then

    def take(self, number):
        """Take a slot, if no living worker has it, by a lock for as long as this process lives."""
        self.slot_lock = os.open(self.path / f"{number}.slot", os.O_CREAT | os.O_RDWR, 0o600)
        if lock_at_once(self.slot_lock):
            return True
        os.close(self.slot_lock)
        return False

    def forget_the_dead(self):
        """Remove the gauges of workers that are gone: the connections that they had in use are not any more."""
        for path in self.path.glob("*.slot"):
            with path.open("ab") as file:
                if lock_at_once(file):  # so nobody takes it meanwhile
                    mark_process_dead(path.stem, str(self.path))

    def figures(self):
        """Return the figures of the database, at most 10 s old, and remember that they were asked for."""
        (self.path / "asked").touch()
        return self.kept_figures(OLDEST) or self.read_unless_kept(OLDEST)

    def refresh(self):
        """Read the figures anew before they are too old, if somebody asks for them and no other worker does so."""
        if age_of(self.path / "asked") < ASKED_WITHIN and not self.kept_figures(REFRESH_AFTER):
            self.read_unless_kept(REFRESH_AFTER)

    def kept_figures(self, seconds):
        """Return the figures that a worker has kept, unless they are older than that."""
        path = self.path / "figures"
        is_young = 0 <= age_of(path) < seconds  # less than 0: the clock was set back
        return json.loads(path.read_bytes()) if is_young else None

    def read_unless_kept(self, seconds):
        """Read the figures and keep them, unless another worker has done so meanwhile; only one reads at a time."""
        with (self.path / "reading").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if kept := self.kept_figures(seconds):
                return kept
            figures = read_figures()
            whole = self.path / f"figures-of-{self.slot}"
            whole.write_text(json.dumps(figures))
            whole.rename(self.path / "figures")
            return figures


def lock_at_once(file):
    """Lock a file that no other process, and no other open file of this one, has locked; say whether that worked."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def age_of(path):
    """Return how many seconds ago a file was written; infinity, if there is none."""
    try:
        return time.time() - os.stat(path).st_mtime
    except FileNotFoundError:
        return float("inf")
