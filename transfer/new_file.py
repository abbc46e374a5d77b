"""A file that appears under its name when it is whole."""

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from db.sqlite_file import make_file


@contextmanager
def new_file(path):
    """Open a file that its owner alone may read, and that appears under its name when it is whole and on the disk.

    Raises OSError, which names the path; also if a file with this name is there, or appears meanwhile.
    """
    path = Path(path).absolute()
    try:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, None)
        with TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
            unfinished = Path(folder, "file")
            make_file(unfinished)
            with open(unfinished, "r+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, path)  # unlike a rename, it never replaces a file
    except OSError as error:
        why = "there is such a file already" if error.errno == errno.EEXIST else error.strerror
        raise OSError(error.errno, why, str(path)) from None
