"""Break the program in places drawn by a seed, one at a time, and say which of them no test notices.

Each break is tried on a copy of the project, by the tests of TESTS that need no Postgres,
of these only the ones that run a line of what is broken, the fastest first; if these are few, then those that run any
line of its file. What an import runs is tried by all of them. What makes a test hang is noticed.

    python -m tests.mutants [--places 300] [--seed 1]
"""

import argparse
import ast
import copy
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import coverage

ROOT = Path(__file__).parent.parent
BROKEN = ("db", "features", "mentors", "reads", "web")
TESTS = ("tests/api", "tests/database", "tests/features")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.mutants", "--hypothesis-seed=0", "--timeout=60")
NO_TESTS = 5  # pytest's exit status
LONGEST = 900  # seconds
FEW = 20  # tests: a line that so few run may build what others use, too, such as a statement, which is built once
OPPOSITE = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPPOSITE_IN_SQL = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
COMPARISON_IN_SQL = re.compile(r"(?<= )(<=|>=|<>|<|>|=)(?= )")


# --- hooks of pytest, for the tests that this module starts; two variables of the environment name files of JSON

seconds = defaultdict(float)  # that each test took, by its id


def pytest_collection_modifyitems(items):
    """Leave what needs no Postgres; of it, where RUN_ONLY names a file, the tests there, in their order."""
    items[:] = [item for item in items if "postgres" not in item.nodeid and "postgres_url" not in item.fixturenames]
    if only := os.environ.get("RUN_ONLY"):
        place = {test: number for number, test in enumerate(json.loads(Path(only).read_text()))}
        items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


def pytest_runtest_protocol(item):
    """Let the lines that run be noted as those of this test, where lines are noted."""
    if noted := coverage.Coverage.current():
        noted.switch_context(item.nodeid)


def pytest_runtest_logreport(report):
    seconds[report.nodeid] += report.duration


def pytest_sessionfinish():
    if durations := os.environ.get("WRITE_DURATIONS"):
        Path(durations).write_text(json.dumps(seconds))


# --- the breaks


def breaks_of(node):  # noqa: C901, PLR0911 a case for each kind of node
    """Return the breaks of a syntax node: pairs of what is done, and the node that takes its place."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in OPPOSITE:
            return [("comparison turned", changed(node, ops=[OPPOSITE[type(op)]()]))]
        case ast.Constant(value=bool(value)):
            return [("constant turned", changed(node, value=not value))]
        case ast.Constant(value=int(value)):
            return [("constant moved by one", changed(node, value=value + 1))]
        case ast.Constant(value=str(text)):
            return [
                (
                    "comparison of SQL turned",
                    changed(node, value=text[: at.start()] + OPPOSITE_IN_SQL[at[0]] + text[at.end() :]),
                )
                for at in COMPARISON_IN_SQL.finditer(text)
            ]
        case ast.If():
            return [("branch dropped", changed(node, test=ast.Constant(value=False)))]
        case ast.IfExp(body=body, orelse=orelse):
            return [("branch dropped", body), ("branch dropped", orelse)]
        case ast.BoolOp(values=[first, *others]):
            rest = others[0] if len(others) == 1 else changed(node, values=others)
            return [("operand dropped", rest), ("operand dropped", first)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [("negation dropped", operand)]
        case ast.Call(args=[first, second, *more]) if not any(isinstance(arg, ast.Starred) for arg in (first, second)):
            return [("arguments swapped", changed(node, args=[second, first, *more]))]
        case ast.Expr(value=ast.Call()):
            return [("call removed", ast.Pass())]
    return []


def changed(node, **fields):
    """Return a copy of a syntax node with other fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def places(tree):
    """Yield each break of a module, always in the same order: its lines, what is done, and a function that does it."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.Expr) and isinstance(parent.value, ast.Constant):  # a docstring
            continue
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns"):
                continue
            siblings = value if isinstance(value, list) else [value]
            for number, node in enumerate(siblings):
                for what, other in breaks_of(node):
                    yield range(node.lineno, node.end_lineno + 1), what, replacing(parent, field, value, number, other)


def replacing(parent, field, value, number, other):
    """Return a function that puts another node into a field of a node, or at a number of a list of nodes there."""

    def replace():
        if isinstance(value, list):
            value[number] = other
        else:
            setattr(parent, field, other)

    return replace


def all_places():
    """Return every break there is, as pairs of a file and the number of the break in it."""
    files = sorted(path.relative_to(ROOT) for folder in BROKEN for path in (ROOT / folder).rglob("*.py"))
    return [(file, number) for file in files for number, _ in enumerate(places(ast.parse((ROOT / file).read_text())))]


# --- trying them


def run(folder, *command, **environ):
    """Run Python in a copy of the project; return its exit status, or None if it took too long."""
    try:
        finished = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env=os.environ | environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return finished.returncode


def note_lines(folder):
    """Run all tests in a copy of the project; return which of them run each line of each file, and their seconds."""
    status = run(
        folder,
        *("-m", "coverage", "run", f"--source={','.join(BROKEN)}", f"--data-file={folder}/lines"),
        *(*PYTEST, *TESTS),
        WRITE_DURATIONS=f"{folder}/durations",
    )
    if status != 0:
        sys.exit(f"The tests of the program as it is ended with {status}.")
    noted = coverage.CoverageData(f"{folder}/lines")
    noted.read()
    lines = {Path(name).relative_to(folder): noted.contexts_by_lineno(name) for name in noted.measured_files()}
    return lines, json.loads((folder / "durations").read_text())


def try_break(folder, file, number, lines, durations):
    """Break a copy of the project; return where, what was done, and whether a test notices it."""
    source = (ROOT / file).read_text()
    tree = ast.parse(source)
    where, what, replace = list(places(tree))[number]
    replace()
    of_place = {test for line in where for test in lines[file].get(line, ())} - {""}
    tests = of_place or set(durations)  # what is run by an import may be noticed by any test
    if len(tests) < FEW:
        tests = {test for of_line in lines[file].values() for test in of_line} - {""}
    in_order = sorted(tests, key=lambda test: (test not in of_place, durations[test]))
    (folder / "only").write_text(json.dumps(in_order))
    (folder / file).write_text(ast.unparse(ast.fix_missing_locations(tree)))
    paths = sorted({test.partition("::")[0] for test in tests})
    status = run(folder, *PYTEST, "-x", *paths, RUN_ONLY=f"{folder}/only")
    (folder / file).write_text(source)
    return f"{file}:{where[0]} {what}", status not in (0, NO_TESTS)


def main():
    parser = argparse.ArgumentParser(prog="tests.mutants")
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    drawn = random.Random(given.seed).sample(all_places(), given.places)
    folders = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="mutants-") as top, ThreadPoolExecutor(os.cpu_count()) as pool:
        copies = [Path(top, str(number)).resolve() for number in range(os.cpu_count())]
        for folder in copies:
            shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "node_modules", "__pycache__", "*.db*"))
            folders.put(folder)
        lines, durations = note_lines(copies[0])

        def attempt(place):
            folder = folders.get()
            try:
                return try_break(folder, *place, lines, durations)
            finally:
                folders.put(folder)

        noticed = 0
        for where, is_noticed in pool.map(attempt, drawn):
            noticed += is_noticed
            print("noticed  " if is_noticed else "UNNOTICED", where, flush=True)
    print(f"{noticed} of {given.places} breaks are noticed.")


if __name__ == "__main__":
    main()
