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

    def all_tests(self):
        """Return the ids of all tests."""
        return sorted(
            {context.removesuffix("|run") for context in self.data.measured_contexts() if context.endswith("|run")}
        )

    def tests(self, path, line):
        """Return the ids of the tests that reach a line of a file, in SQLite if any of these does.

        What is run before a test begins (at import, or when SQL without arguments is written) is reached by the tests
        of its file. First come the tests that reach it themselves, then those whose fixtures do.
        """
        contexts = self.contexts(path)
        own = set().union(*(contexts.get(each, ()) for each in lines_around(self.folder / path, line)))
        if not own or "" in own:
            own = set().union(*contexts.values())
        tests = [
            context.removesuffix(f"|{by}")
            for by in ("run", "setup")
            for context in sorted(own)
            if context.endswith(f"|{by}")
        ]
        return [test for test in dict.fromkeys(tests) if "postgres" not in test] or list(dict.fromkeys(tests))


def lines_around(path, line):
    """Return the numbers of the lines of the statement in a function that has this line; none outside of functions."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.stmt)]
    around = [node for node in nodes if node.lineno <= line <= node.end_lineno]
    innermost = min(around, key=lambda node: node.end_lineno - node.lineno, default=None)
    is_in_function = any(isinstance(node, ast.FunctionDef) and node is not innermost for node in around)
    return range(innermost.lineno, innermost.end_lineno + 1) if is_in_function else ()
