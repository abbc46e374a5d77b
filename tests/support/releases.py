"""An earlier release, out of the history of the repository, whose workers run beside those of this one."""

import subprocess
import tarfile
from io import BytesIO

import pytest

from tests.support.server import REPOSITORY


def unpack_release_before(file, folder):
    """Unpack the release that did not have this file yet into a folder, and return the folder."""
    log = ["git", "log", "-1", "--diff-filter=A", "--format=%P", "--", file]
    commit = subprocess.run(log, cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout.strip()
    if not commit:
        pytest.skip("needs the history of the repository: git clone, or git fetch --unshallow")
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder
