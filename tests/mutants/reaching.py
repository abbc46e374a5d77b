"""Which tests reach a line: from a run of the tests in which coverage.py noted who ran what."""

import ast

from coverage import CoverageData


class Reach:
    """The tests that reach a file's lines: all of `folder`, by the data that coverage.py has left there."""

    def __init__(self, folder):
        self.folder, self.data = folder, CoverageData(folder / ".coverage")
        self.data.read()
        self.files = {}

    def contexts(self, path):
        """Return who ran each line of a file, as {line: {"tests/api/test_history.py::test_it[sqlite]|run", …}}."""
        if path not in self.files:
            lines = self.data.contexts_by_lineno(str(self.folder / path))
            self.files[path] = {line: set(contexts) for line, contexts in lines.items()}
        return self.files[path]

    def tests(self, path, line):
        """Return the ids of the tests that reach a line of a file, in SQLite if any of these does.

        First comes one variant of each test; before those whose fixtures run the line, those that run it themselves.
        What is run before a test begins (at import, or when SQL without arguments is written) is reached by all: first
        by those that run its file, last by those in Postgres.
        """
        contexts = self.contexts(path)
        own = set().union(*(contexts.get(each, ()) for each in lines_around(self.folder / path, line)))
        if not own or "" in own:
            tests = tests_of(set().union(*contexts.values())) + tests_of(self.data.measured_contexts())
            in_postgres = [test for test in tests if "postgres" in test]
        else:
            tests, in_postgres = tests_of(own), []
        tests = [test for test in tests if "postgres" not in test] or tests
        return list(dict.fromkeys([*one_of_each(tests), *tests, *in_postgres]))


def tests_of(contexts):
    """Return the ids of the tests that ran something, and after them of those whose fixtures did."""
    return [
        context.removesuffix(phase)
        for phase in ("|run", "|setup")
        for context in sorted(contexts)
        if context.endswith(phase)
    ]


def one_of_each(tests):
    """Return the ids of one variant of each test."""
    return list({test.partition("[")[0]: test for test in reversed(tests)}.values())[::-1]


def lines_around(path, line):
    """Return the numbers of the lines of the statement in a function that has this line; none outside of functions."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.stmt)]
    around = [node for node in nodes if node.lineno <= line <= node.end_lineno]
    innermost = min(around, key=lambda node: node.end_lineno - node.lineno, default=None)
    is_in_function = any(isinstance(node, ast.FunctionDef) and node is not innermost for node in around)
    return range(innermost.lineno, innermost.end_lineno + 1) if is_in_function else ()
