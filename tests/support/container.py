"""An image of the Dockerfile, built and run without a container engine: in an overlay of this machine's own Debian.

The base image is taken to be this Debian with its Python in /usr/local/bin. Each instruction is carried out as Docker
does it, as far as this Dockerfile needs; one that is not known here is an error.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import psutil

from tests.support.programs import PIP, installed, need_mounts
from tests.support.server import REPOSITORY

# Mounts the layer "$1" over this machine's files at "$2", and runs the rest in it, as process 1.
BUILDING = """mount -t overlay overlay -o "lowerdir=/,upperdir=$1/files,workdir=$1/work" "$2"
mount -t proc proc "$2/proc" && mount --bind /dev "$2/dev" && cd "$2" && shift 2 && exec chroot . "$@"
"""
# The same, but nothing may be written except in /tmp, and in the volume "$3".
RUNNING = """mount -t overlay overlay -o "ro,lowerdir=$1/files:/" "$2"
mount -t proc proc "$2/proc" && mount --bind /dev "$2/dev" && mount -t tmpfs tmpfs "$2/tmp" || exit
mount --bind "$3" "$2/data" && cd "$2" && shift 3 && exec chroot . "$@"
"""


def instructions(text):
    """Yield each instruction of a Dockerfile as its name and the rest, without comments and line breaks."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, " ".join(rest.split())


def is_ignored(name, patterns):
    """Say whether .dockerignore keeps a path of the context out of the image: the last match decides."""
    path = PurePosixPath("/", name)
    ignored = False
    for pattern in patterns:
        if any(matches(each, pattern.removeprefix("!")) for each in (path, *path.parents)):
            ignored = not pattern.startswith("!")
    return ignored


def matches(path, pattern):
    """Say whether a pattern of .dockerignore names a path; one that begins with `**/` names it in any folder."""
    return path.match(pattern.removeprefix("**/") if pattern.startswith("**/") else f"/{pattern}")


class Stage:
    """One stage of a Dockerfile: the files it adds, its environment, its user, its command."""

    def __init__(self, folder):
        self.folder, self.files, self.root = folder, folder / "files", folder / "root"
        for each in (self.files / "usr/local/bin", folder / "work", self.root):
            each.mkdir(parents=True)
        (self.files / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        (self.files / "usr/local/bin/pip").write_text('#!/bin/sh\nexec /usr/bin/python3 -m pip "$@"\n')
        (self.files / "usr/local/bin/pip").chmod(0o755)
        self.env = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "HOME": "/root"}
        self.place, self.user, self.check, self.command = "/", "0", None, None

    def within(self, script, *arguments):
        """Return the words that run others in this stage's files, as its user and in its environment."""
        unshared = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script, "sh"]
        person = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--no-new-privs"]
        variables = [f"{name}={value}" for name, value in self.env.items()]
        there = ["env", f"--chdir={self.place}", "-i", *variables]
        return [*unshared, *map(str, (self.folder, self.root, *arguments)), *person, *there]

    def run(self, words):
        """Run a command that the build needs, which may use pip's own settings, such as another index."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        whole = [*self.within(BUILDING), *(f"{name}={value}" for name, value in kept.items()), *words]
        ended = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=300)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


class Image:
    """What the Dockerfile makes of the files of a folder; as a context manager it is built when entered."""

    def __init__(self, context):
        self.context, self.stages, self.stage = context, {}, None

    def __enter__(self):
        installed("setpriv", PIP)
        need_mounts()
        # An overlay cannot lie in the files that it is laid over.
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
        self.folder.chmod(0o755)
        try:
            for name, rest in instructions((REPOSITORY / "Dockerfile").read_text()):
                getattr(self, f"do_{name.lower()}")(rest)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.folder)

    def do_from(self, rest):
        image, _, name = rest.partition(" AS ")
        assert re.fullmatch(r"python:\d+\.\d+-slim", image)
        self.stage = self.stages[name] = Stage(self.folder / (name or "final"))

    def do_workdir(self, rest):
        self.stage.place = rest
        (self.stage.files / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def do_env(self, rest):
        for word in shlex.split(rest):
            name, _, value = word.partition("=")
            self.stage.env[name] = re.sub(r"\$(\w+)", lambda match: self.stage.env[match[1]], value)

    def do_run(self, rest):
        self.stage.run(["sh", "-ec", rest])

    def do_copy(self, rest):
        *options, source, target = rest.split()
        folder = self.stage.files / os.path.join(self.stage.place, target).lstrip("/")
        if options:
            folder.parent.mkdir(parents=True, exist_ok=True)
            stage = self.stages[options[0].removeprefix("--from=")]
            shutil.copytree(stage.files / source.lstrip("/"), folder, symlinks=True)
            return
        patterns = (REPOSITORY / ".dockerignore").read_text().splitlines()
        for path in self.context.rglob("*"):
            name = path.relative_to(self.context)
            if path.is_file() and source in (".", str(name)) and not is_ignored(name, patterns):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, folder / name)

    def do_user(self, rest):
        self.stage.user = rest

    def do_volume(self, rest):
        assert rest == "/data"  # as in RUNNING

    def do_expose(self, rest):
        assert rest == self.stage.env["PORT"]

    def do_healthcheck(self, rest):
        self.stage.check = json.loads(rest.partition(" CMD ")[2])

    def do_cmd(self, rest):
        self.stage.command = json.loads(rest)  # the exec form


class Container:
    """A running container of an image, which may write to /tmp and to its volume alone.

    As a context manager it is started when entered, and gone when left; `process` is its process 1.
    """

    def __init__(self, image, volume, **variables):
        self.stage, self.engine, self.output = image.stage, None, None
        self.words = [*self.stage.within(RUNNING, volume), *(f"{name}={value}" for name, value in variables.items())]

    def __enter__(self):
        self.output = tempfile.TemporaryFile()
        self.engine = subprocess.Popen(
            [*self.words, *self.stage.command], stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True
        )
        return self

    def __exit__(self, *_error):
        with suppress(psutil.NoSuchProcess):
            self.process.kill()
        self.engine.wait(30)
        self.output.close()

    @property
    def process(self):
        """Process 1 of the container."""
        return psutil.Process(self.engine.pid).children()[0]

    def is_healthy(self):
        """Run the HEALTHCHECK, which shares the network with the container."""
        return subprocess.run([*self.words, *self.stage.check], capture_output=True, check=False).returncode == 0

    def log(self):
        return os.pread(self.output.fileno(), 1 << 20, 0).decode()
