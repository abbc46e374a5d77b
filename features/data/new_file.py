"""A new file that only its owner may read, such as a backup."""

import os
from contextlib import contextmanager

from db.sqlite_file import PRIVATE


@contextmanager
def new_file(path):
    """Open a new file that its owner alone may read; remove it if the block within fails.

    Raises OSError, also if there is such a file already.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with open(descriptor, "wb") as file:
            yield file
    except BaseException:  # also Ctrl-C
        os.unlink(path)
        raise
