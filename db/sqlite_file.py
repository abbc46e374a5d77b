"""The file of an SQLite database: who may read it, and whether a deploy deletes it."""

import os
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600


def make_file(path, mode=PRIVATE):
    """Make an empty file with this mode, whatever the umask is. A file that exists keeps its mode. Raises OSError."""
    with suppress(FileExistsError):
        file = os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL, mode)
        os.fchmod(file, mode)
        os.close(file)


def warning_of_loss(path, platform):
    """Return a line that warns if the platform of this name deletes the file at the next deploy, else None."""
    if not platform or is_on_volume(Path(path).resolve().parent):
        return None
    return (
        f"{path} is not on a volume: {platform} deletes it at the next deploy or restart;"
        " set DATABASE_URL to a Postgres, or to a file on a volume."
    )


def is_on_volume(folder):
    """Say whether a folder is on another file system than `/` and the code, as a volume is."""
    try:
        return os.stat(folder).st_dev not in (os.stat("/").st_dev, os.stat(__file__).st_dev)
    except OSError:
        return True  # without the folder the start fails anyway
