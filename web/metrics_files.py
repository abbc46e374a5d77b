"""The files in which the workers of one service share their metrics, under the names that prometheus_client gives them.

They are in a folder that gunicorn's master makes at the start.
"""

import os
from pathlib import Path

# The sizes of the library's files, in KiB. A series of the histogram takes 3 KiB, one of the others 0.2 KiB.
FILES = {"counter": 64, "gauge_livesum": 64, "histogram": 256}


def make(folder):
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
