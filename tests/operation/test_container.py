"""The Dockerfile: what is linted, what is built, and how it runs where it may write nothing but its volume."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.container import Container, Image, instructions
from tests.support.programs import installed
from tests.support.server import REPOSITORY, free_port
from tests.support.waiting import wait_until

BASE_BYTES = 122_000_000  # python:3.13-slim: the sum of its packages and of its Python
LARGEST_IMAGE = 160_000_000
GRACEFUL_TIMEOUT = 20  # of gunicorn.conf.py
PRIVATE = [
    ".env",
    ".git/config",
    ".venv/bin/python",
    "mentor-status.db",
    "mentor-status.db-wal",
    "mentors.dump",
    "db/__pycache__/x.pyc",
]


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """Return a folder with the files of the repository, and with what may lie about in it besides."""
    folder = tmp_path_factory.mktemp("context")
    listed = [installed("git"), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in filter(None, subprocess.check_output(listed, cwd=REPOSITORY, text=True).split("\0")):
        if (REPOSITORY / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)
    for name in PRIVATE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("private")
    return folder


@pytest.fixture(scope="module")
def image(context):
    with Image(context) as image:
        yield image


@pytest.fixture
def volume(tmp_path):
    """Return an empty folder as Docker makes a volume of it: owned like the folder of the image."""
    os.chown(tmp_path, 10001, 10001)
    return tmp_path


def test_hadolint_has_nothing_to_say_of_the_dockerfile_and_its_command_is_in_exec_form_so_that_signals_arrive():
    words = [Path(sys.executable).with_name("hadolint"), "Dockerfile"]
    ended = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
    given = list(instructions((REPOSITORY / "Dockerfile").read_text()))
    assert [rest.startswith('["sh", "-c", "exec ') for name, rest in given if name == "CMD"] == [True]


def test_the_image_has_the_service_whole_and_nothing_private(image, context):
    app = image.stage.files / "app"
    assert [name for name in PRIVATE if (app / name).exists()] == []
    for folder in ("db", "web", "routes", "static", "migrations", "settings"):
        for path in (context / folder).rglob("*.*"):
            assert path.suffix == ".pyc" or (app / path.relative_to(context)).exists()
    assert list((image.stage.files / "data").iterdir()) == []  # the check of the build made no database


def test_the_image_is_smaller_than_160_mb(image):
    sizes = [path.lstat().st_size for path in image.stage.files.rglob("*") if not path.is_dir() or path.is_symlink()]
    assert BASE_BYTES + sum(sizes) < LARGEST_IMAGE, sum(sizes)


def test_a_container_that_may_write_to_its_volume_alone_serves_is_healthy_and_ends_at_sigterm(image, volume):
    no_proxy_is_there = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    with Container(image, volume, PORT=free_port(), **no_proxy_is_there) as container:
        wait_until(container.is_healthy, container.log)
        master = container.process
        assert master.uids().real == 10001
        assert "gunicorn" in " ".join(master.cmdline())
        master.terminate()
        assert container.engine.wait(GRACEFUL_TIMEOUT) == 0, container.log()
        assert not container.is_healthy()
    modes = {path.name: path.stat().st_mode & 0o777 for path in volume.iterdir()}
    assert modes == {"mentor-status.db": 0o600, "mentor-status.db.lock": 0o600}
