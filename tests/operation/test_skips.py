"""No test is skipped in silence: where a program is missing, a run says which package brings it, and fails in CI."""

import subprocess
import sys

import pytest

from tests.support.server import REPOSITORY, environment

REASON = "needs chromium and chromedriver: apt-get install chromium chromium-driver (Debian)"


@pytest.mark.parametrize(("variables", "exit_code"), [({}, 0), ({"CI": "true"}, 1)])
def test_a_run_without_a_browser_names_the_package_that_brings_it_and_fails_in_ci_only(tmp_path, variables, exit_code):
    command = [sys.executable, "-m", "pytest", "tests/api/test_docs_page.py", f"--basetemp={tmp_path}/pytest"]
    env = environment(PATH=tmp_path) | {"CI": ""} | variables
    ended = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == exit_code, ended.stdout + ended.stderr
    assert REASON in ended.stdout
