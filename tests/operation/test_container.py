"""The Dockerfile: podman builds its image, and runs it where it may write nothing but its volume."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.programs import PIP, installed, need_mounts
from tests.support.server import REPOSITORY, free_port
from tests.support.waiting import wait_until

BASE_BYTES = 122_000_000  # python:3.13-slim: the sum of its packages and of its Python
LARGEST_IMAGE = 160_000_000
GRACEFUL_TIMEOUT = 20  # of gunicorn.conf.py
PRIVATE = {
    ".env",
    ".git/config",
    ".venv/bin/python",
    "mentor-status.db",
    "mentor-status.db-wal",
    "mentors.dump",
    "db/__pycache__/x.pyc",
}
BASE, IMAGE = "docker.io/library/python:3.13-slim", "mentor-status"
# What stands for the base image: Debian's own Python, pip and commands, as they are installed here.
PACKAGES = ["python3", "python3-pip", "python3-venv", "bash", "coreutils", "dash", "findutils", "grep", "passwd"]
GENERATED = ["/etc/passwd", "/etc/group", "/etc/ssl/certs/ca-certificates.crt"]  # which belong to no package
BASE_DOCKERFILE = """FROM scratch
ADD base.tar /
RUN install --directory --mode 1777 /tmp && ln -s python3 /usr/bin/python
"""
# With these limits, which podman would raise, and not every machine lets it.
BUILD = ["build", "--layers=false", "--network=host", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]


def run(*words, codes=(0,)):
    """Run a command, which ends with one of these codes; return what it prints."""
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode in codes, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def podman():
    """Return a function that runs podman, whose images and containers are of these tests alone."""
    words = [installed("podman", "runc", PIP), f"--runtime={installed('runc')}"]
    need_mounts()
    with tempfile.TemporaryDirectory() as folder:  # with a short path, as the sockets in it need
        words += [f"--root={folder}/images", f"--runroot={folder}/run"]
        yield lambda *more, **options: run(*words, *map(str, more), **options)


@pytest.fixture(scope="module")
def base(podman, tmp_path_factory):
    """Build an image that stands for the base image, which no test can fetch."""
    folder = tmp_path_factory.mktemp("base")
    relations = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    asked = ["apt-cache", "depends", "--recurse", "--installed", *(f"--no-{each}" for each in relations), *PACKAGES]
    names = [line for line in run(*asked).splitlines() if line[0].isalnum()]
    files = {path for path in run("dpkg", "--listfiles", *names).splitlines() if os.path.lexists(path)}
    (folder / "files").write_text("\n".join([*sorted(files), *GENERATED]))
    run("tar", "--create", "--no-recursion", f"--file={folder}/base.tar", f"--files-from={folder}/files")
    (folder / "Dockerfile").write_text(BASE_DOCKERFILE)
    podman(*BUILD, f"--tag={BASE}", folder)


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
def image(podman, base, context):
    """Build the image of the Dockerfile, with pip's own settings, such as another index."""
    of_pip = [f"--env={name}" for name in os.environ if name.startswith("PIP_")]
    podman(*BUILD, "--format=docker", "--pull=never", *of_pip, f"--tag={IMAGE}", context)


@pytest.fixture
def container(podman, image):
    """Run a container, which may write to /tmp and to its volume alone; return its name."""
    may_write = ["--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp", "--volume=data:/data"]
    no_proxy_is_there = ["--env=http_proxy=http://127.0.0.1:9", "--env=HTTP_PROXY=http://127.0.0.1:9"]
    podman("run", "--detach", "--name=one", "--network=host", *may_write, *no_proxy_is_there,
           f"--env=PORT={free_port()}", IMAGE)  # fmt: skip
    yield "one"
    podman("rm", "--force", "--time=0", "one")
    podman("volume", "rm", "data")


def test_hadolint_has_nothing_to_say_of_the_dockerfile():
    words = [Path(sys.executable).with_name("hadolint"), "Dockerfile"]
    ended = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


def in_image(podman, *words):
    """Run a command in a container of the image; return its lines."""
    return podman("run", "--rm", "--network=host", IMAGE, *words).splitlines()


def test_the_image_has_the_service_whole_and_nothing_private(podman, image, context):
    copied = set(in_image(podman, "find", ".", "-printf", "%P\n"))
    assert not copied & PRIVATE
    for folder in ("db", "features", "web", "routes", "static", "migrations"):
        for path in (context / folder).rglob("*.*"):
            assert path.suffix == ".pyc" or str(path.relative_to(context)) in copied
    assert in_image(podman, "find", "/data", "-type", "f") == []  # the check of the build made no database


def test_the_image_is_smaller_than_160_mb(podman, image):
    sizes = in_image(podman, "find", "/app", "/opt", "-type", "f", "-printf", "%s\n")
    assert BASE_BYTES + sum(map(int, sizes)) < LARGEST_IMAGE


def test_a_container_that_may_write_to_its_volume_alone_serves_is_healthy_and_ends_at_sigterm(podman, container):
    def is_healthy():
        podman("healthcheck", "run", container, codes=(0, 1, 125))  # 125: it took longer than its time limit
        return podman("inspect", "--format={{.State.Health.Status}}", container) == "healthy\n"

    wait_until(is_healthy, lambda: podman("logs", container))
    first = podman("top", container, "huser", "args").splitlines()[1]
    assert first.startswith("10001 ") and "gunicorn" in first  # so signals arrive
    podman("stop", f"--time={GRACEFUL_TIMEOUT}", container)  # by SIGTERM, and after that time by SIGKILL
    assert podman("inspect", "--format={{.State.ExitCode}}", container) == "0\n", podman("logs", container)
    volume = Path(podman("volume", "inspect", "--format={{.Mountpoint}}", "data").strip())
    modes = {path.name: path.stat().st_mode & 0o777 for path in volume.iterdir()}
    assert modes == {"mentor-status.db": 0o600, "mentor-status.db.lock": 0o600}
