"""The file of an SQLite database, and who may read it."""

import os
from contextlib import suppress

PRIVATE = 0o600


def make_file(path, mode=PRIVATE):
    """Make an empty file with this mode, whatever the umask is. A file that exists keeps its mode. Raises OSError."""
    with suppress(FileExistsError):
        file = os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(file, mode)
        os.close(file)
