"""`make run` on machines that are not ready for it, and after runs that were interrupted.

What it installs here is one wheel, made by the test: a `gunicorn` that says where it runs, and ends. The first test
makes its environment for real, which takes seconds; the others get a copy of one that was made once.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.support.server import REPOSITORY, START_SECONDS, environment

REAL_PYTHON = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
PACKAGE = f"python3.{sys.version_info.minor}-venv"
COPYING = """#!/bin/sh
case "$1 $2" in
"-m venv") exec cp -a {environment} .venv;;
esac
exec {real} "$@"
"""
PIP = """#!/bin/sh
exec "$(dirname "$0")/python" -m pip "$@"
"""
WITHOUT_ENSUREPIP = """#!/bin/sh
case "$1 $2" in
"-m venv")
    {real} -m venv --without-pip .venv
    echo 'The virtual environment was not created successfully because ensurepip is not'
    echo 'available.  On Debian/Ubuntu systems, you need to install the python3-venv'
    exit 1;;
esac
exec {real} "$@"
"""


class Folder:
    """A fresh clone, in which `make` can run, by default with a Python that copies `environment` to .venv."""

    def __init__(self, path, environment):
        self.path, self.environment = path / "clone", environment
        self.path.mkdir()
        shutil.copy(REPOSITORY / "Makefile", self.path)
        wheel = self.path / "wheels" / "gunicorn-1-py3-none-any.whl"
        wheel.parent.mkdir()
        with zipfile.ZipFile(wheel, "w") as file:
            file.writestr("gunicorn/__init__.py", "import sys\ndef main(): print('serving', sys.prefix)\n")
            file.writestr("gunicorn-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: gunicorn\nVersion: 1\n")
            file.writestr("gunicorn-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
            file.writestr("gunicorn-1.dist-info/entry_points.txt", "[console_scripts]\ngunicorn = gunicorn:main\n")
            file.writestr("gunicorn-1.dist-info/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.path / name).write_text(f"gunicorn==1 --hash=sha256:{digest}\n")
        self.copying_python = self.python("copying-python", COPYING)

    def start(self, *words, python=None, **variables):
        given = environment(PIP_NO_INDEX=1, PIP_FIND_LINKS="wheels") | variables
        return subprocess.Popen(
            ["make", *words, f"PYTHON={python or self.copying_python}"],
            cwd=self.path,
            env=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, *words, **options):
        """Run make; return its exit code and its lines."""
        with self.start(*words, **options) as process:
            printed, _ = process.communicate(timeout=60)
        return process.returncode, printed.splitlines()

    def assert_serves(self, **options):
        code, lines = self.make("run", **options)
        assert code == 0, "\n".join(lines)
        assert lines[-1] == f"serving {self.path}/.venv"
        return lines

    def python(self, name, script):
        """Write a Python that is a script around the real one, beside the clone."""
        path = self.path.parent / name
        path.write_text(script.format(real=REAL_PYTHON, environment=self.environment))
        path.chmod(0o755)
        return path


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory):
    """Make a virtual environment whose pip installs into whatever copy of it pip is run from."""
    path = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([REAL_PYTHON, "-m", "venv", path], check=True)
    (path / "bin" / "pip").write_text(PIP)
    return path


@pytest.fixture
def clone(tmp_path, empty_environment):
    return Folder(tmp_path, empty_environment)


def test_the_first_run_installs_and_serves_and_the_next_one_only_serves(clone):
    assert any("pip install" in line for line in clone.assert_serves(python=REAL_PYTHON))
    assert clone.assert_serves() == ["MALLOC_ARENA_MAX=1 .venv/bin/gunicorn", f"serving {clone.path}/.venv"]
    assert clone.make(".venv/installed-dev")[0] == 0
    assert not any("pip install" in line for line in clone.assert_serves())


def test_a_python_without_the_venv_module_ends_in_one_line_that_names_the_package(clone):
    python = clone.python("python-without-venv", WITHOUT_ENSUREPIP)
    for _ in range(2):
        code, lines = clone.make("run", python=python)
        assert code != 0
        told = [line for line in lines if "ensurepip" in line or "apt install" in line]
        assert len(told) == 1 and f"apt install {PACKAGE}" in told[0], lines
        assert lines[-1].startswith("make: ***") and len(lines) == 2, lines
        assert not (clone.path / ".venv").exists()
    clone.assert_serves()


def test_a_machine_without_python_ends_in_one_line(clone):
    code, lines = clone.make("run", python="python3.99")
    assert code != 0
    assert "python3.99" in lines[0] and "apt install python3.99" in lines[0], lines
    assert lines[-1].startswith("make: ***") and len(lines) == 2, lines


def interrupt(process, begun, number=signal.SIGINT):
    """Press Ctrl-C, or kill it, once it has begun."""
    deadline = time.monotonic() + START_SECONDS
    while not begun():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, number)
    assert process.wait(START_SECONDS) != 0
    process.stdout.close()


def test_a_run_interrupted_while_pip_installs_is_repaired_by_the_next(clone):
    with socket.create_server(("127.0.0.1", 0)) as index:  # which never answers
        index.setblocking(False)
        url = f"http://127.0.0.1:{index.getsockname()[1]}/"

        def is_asked():
            try:
                asked.append(index.accept()[0])
            except BlockingIOError:
                return False
            return True

        asked = []
        interrupt(clone.start("run", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=url), is_asked)
        asked[0].close()
    # What a pip that was killed may leave: it looks installed, and is not.
    half = Path(next((clone.path / ".venv" / "lib").iterdir()), "site-packages", "gunicorn-1.dist-info")
    half.mkdir()
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: gunicorn\nVersion: 1\n")
    clone.assert_serves()


def test_a_folder_that_was_moved_serves_from_its_new_place(clone):
    clone.assert_serves()
    clone.path = clone.path.rename(clone.path.with_name("moved clone"))
    clone.assert_serves()
    assert not any("pip install" in line for line in clone.assert_serves())


def test_a_lock_takes_the_newest_of_the_packages_that_no_list_names():
    """uv would keep those that requirements.txt has."""
    printed = subprocess.check_output(["make", "--dry-run", "lock"], cwd=REPOSITORY, env=environment(), text=True)
    assert "uv pip compile --upgrade " in printed


def test_nothing_that_the_service_installs_reads_a_dotenv_file():
    assert "dotenv" not in (REPOSITORY / "requirements.txt").read_text()
