"""No test is skipped in silence: where a program is missing, a run says which package brings it, and fails in CI."""

import re
import subprocess
import sys

from tests.support.programs import OF_NPM, PACKAGES
from tests.support.server import REPOSITORY, environment

A_TEST = "tests/operation/test_alerts.py::test_prometheus_finds_nothing_wrong_with_the_rules"
REASON = "needs promtool: apt-get install prometheus (Debian)"
ALWAYS_THERE = {"git", "curl", "nodejs"}  # on a machine that has the repository, and npm


def test_continuous_integration_installs_each_package_that_a_skipped_test_names():
    installed = (REPOSITORY / ".ci/run").read_text()
    assert {package for package in PACKAGES.values() if not re.search(rf"\s{package}\b", installed)} == ALWAYS_THERE
    assert all(f" {package}@" in installed for package in OF_NPM.values())


def test_a_run_without_a_program_fails_in_ci_and_names_the_package_that_brings_it(tmp_path):
    words = [sys.executable, "-m", "pytest", A_TEST, f"--basetemp={tmp_path}/pytest"]
    env = environment(PATH=tmp_path) | {"CI": "true"}
    ended = subprocess.run(words, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert REASON in ended.stdout
