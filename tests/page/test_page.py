"""What the modules of the board compute, without a browser; the cases are in the files beside this one.

Those in `service/` read from a real service, and write to it.
"""

from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.node import run_node
from tests.support.server import Server

FOLDER = Path(__file__).parent


def run_tests(path, **env):
    ran = run_node("--test", "--test-reporter=spec", str(path), **env)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.test.mjs")), ids=lambda path: path.name)
def test_what_the_page_computes(path):
    run_tests(path)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("service/*.test.mjs")), ids=lambda path: path.name)
def test_what_the_page_reads_and_writes(path, migrated_url, tmp_path):
    clock = Clock(tmp_path / "clock")
    clock.set("2034-05-10T10:30:00Z")  # the tests move it
    with Server(migrated_url, clock=clock.path) as server:
        run_tests(path, SERVICE=f"{server.base_url}/", CLOCK=str(clock.path))
