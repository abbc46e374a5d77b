"""Earlier releases of the service, out of the history of the repository."""

import subprocess
import tarfile
from io import BytesIO

import pytest

from tests.support.server import REPOSITORY


def unpack_release_before(path, folder):
    """Unpack the release before the commit that added a file; skip the test in a clone without its history."""
    log = ["git", "log", "-1", "--diff-filter=A", "--format=%P", "--", path]
    commit = subprocess.run(log, cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout.strip()
    if not commit:
        pytest.skip("needs the history of the repository: git clone, or git fetch --unshallow")
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
