"""What the modules of the board compute, without a browser; the cases are in the files beside this one."""

from pathlib import Path

import pytest

from tests.support.node import run_node

FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_the_page_computes(path):
    ran = run_node("--test", "--test-reporter=spec", str(path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
