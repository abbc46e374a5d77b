"""The commands that tests run beside the service, and the Debian package that brings each of them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.server import REPOSITORY

PIP = "/usr/lib/python3/dist-packages/pip"  # Debian's own, whatever `pip` is found first
PACKAGES = {
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
    "chromedriver": "chromium-driver",
    "chromium": "chromium",
    "curl": "curl",
    "firefox-esr": "firefox-esr",
    "git": "git",
    "jq": "jq",
    "nginx": "nginx-light",
    "node": "nodejs",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "pgbouncer": "pgbouncer",
    "podman": "podman",
    PIP: "python3-pip",
    "prlimit": "util-linux",
    "promtool": "prometheus",
    "runc": "runc",
    "setpriv": "util-linux",
    "soffice": "libreoffice-calc",
    "systemd-analyze": "systemd",
    "unshare": "util-linux",
}
OF_NPM = {"redocly": "@redocly/cli", "spectral": "@stoplight/spectral-cli"}
OF_ROOT = "/usr/sbin:/usr/local/sbin"  # folders that other users may not have in their PATH


def path_of(name):
    """Return the path of a command, or None if it is missing."""
    if name == PIP:
        return PIP if Path(PIP).exists() else None
    return shutil.which(name) or shutil.which(name, path=OF_ROOT)


def missing(*names):
    """Return which of the commands are missing, and what brings them; None if all are there."""
    absent = [name for name in names if not path_of(name)]
    if not absent:
        return None
    packages = list(dict.fromkeys(PACKAGES.get(name) or OF_NPM[name] for name in absent))
    way = "npm install --global {}" if absent[0] in OF_NPM else "apt-get install {} (Debian)"
    return f"needs {' and '.join(absent)}: {way.format(' '.join(packages))}"


def installed(name, *others):
    """Return the path of a command; if it or one of the others is missing, skip the test and say what brings it."""
    if reason := missing(name, *others):
        pytest.skip(reason)
    return path_of(name)


def need_venv():
    """Skip the test unless make has installed the service beside it, where the files for a machine look for it."""
    if not (REPOSITORY / ".venv/bin/gunicorn").exists():
        pytest.skip("needs the service in .venv: make .venv/installed")


def need_mounts(*words):
    """Skip the test unless it may mount: something by these words, or else anything, in a namespace of its own."""
    tried = [installed("unshare"), "--mount", *(words or ("mount", "-t", "tmpfs", "tmpfs", "/tmp"))]
    ended = subprocess.run(tried, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"needs to be run by root, who may mount: {ended.stderr}")
