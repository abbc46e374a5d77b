"""The structure of the code, read from its imports: layers, and their direction."""

import ast
import re
import sys
from collections import Counter
from graphlib import TopologicalSorter

import pytest

from tests.support.server import REPOSITORY

FOLDERS = {path.parent.name for path in REPOSITORY.glob("*/*.py")}
# Imports inside a function, each with its reason.
ALLOWED_IN_FUNCTIONS = {
    "features.calendar.icalendar_file": "it loads icalendar, 3.5 MiB, for which many services are never asked",
}


def source_files():
    """Return the path of each Python file of the project, by the name of its module."""
    paths = [*REPOSITORY.glob("*.py"), *(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py"))]
    names = {path: path.relative_to(REPOSITORY).with_suffix("").as_posix().replace("/", ".") for path in paths}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def imported_modules(statement):
    """Return the names of the modules that one import statement loads."""
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        assert statement.level == 0, "imports are absolute"
        submodules = {f"{statement.module}.{alias.name}" for alias in statement.names} & FILES.keys()
        others = {statement.module} if len(submodules) < len(statement.names) else set()
        return submodules | others
    return set()


def names_imported(trees):
    return {name for tree in trees for node in ast.walk(tree) for name in imported_modules(node)}


FILES = source_files()
TREES = {module: ast.parse(path.read_text()) for module, path in FILES.items()}
IMPORTS = {module: names_imported([tree]) for module, tree in TREES.items()}
TOP = {path.stem for path in REPOSITORY.glob("*.py")} - {"gunicorn.conf"}
OURS = "|".join(sorted(FOLDERS | TOP))
DOMAIN = "|".join(sorted(TOP - {"app", "cli"} | {"mentors", "reads"}))
HTTP = "flask|flask_cors|gunicorn|werkzeug|openapi|routes|web"  # libraries, and folders of ours
FEATURE = "|".join(sorted(path.parent.name for path in REPOSITORY.glob("features/*/__init__.py")))


@pytest.mark.parametrize(
    ("importing", "imported"),
    [
        ("db", rf"(?!db\b)({OURS})"),  # the database layer knows nothing of this project but itself
        ("mentors", "reads"),  # the writes know nothing of the reads
        (f"({DOMAIN})", f"({HTTP})"),
        (rf"features\.({FEATURE})\b(?!\.(commands|routes)\b)", f"({HTTP})"),  # the rest of a feature is the domain's
        (r"(?!benchmarks|cli|features|routes|tests|web)\w+", "flask"),
        (r"(?!app|benchmarks|features|tests)\w+", rf"features\.({FEATURE})"),  # the core runs without any feature
        (r"features\.(?P<one>\w+)", rf"features\.(?!(?P=one)\b)({FEATURE})"),  # and so does each other one
        (r"(?!tests)\w+", "tests"),
    ],
)
def test_the_modules_of_a_layer_import_nothing_of_those_above_it(importing, imported):
    lines = [f"{module} imports {name}" for module, names in IMPORTS.items() for name in names]
    assert [line for line in lines if re.match(rf"{importing}\b", line)] != []
    assert [line for line in lines if re.match(rf"{importing}\b\S* imports {imported}\b", line)] == []


def test_the_imports_run_one_way_without_a_circle():
    assert list(TopologicalSorter({module: names & FILES.keys() for module, names in IMPORTS.items()}).static_order())


def test_no_module_is_imported_inside_a_function_but_those_with_a_reason():
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    application = [tree for module, tree in TREES.items() if not module.startswith("tests")]
    inner = [node for tree in application for node in ast.walk(tree) if isinstance(node, scopes)]
    assert names_imported(inner) == ALLOWED_IN_FUNCTIONS.keys()


def test_the_database_layer_does_not_know_a_word_of_the_domain():
    texts = {path.name: path.read_text().lower() for path in (REPOSITORY / "db").glob("*.py")}
    assert [(name, word) for name, text in texts.items() for word in ("mentor", "pause") if word in text] == []


def test_at_most_eight_modules_stand_at_the_top_and_none_has_a_name_of_the_standard_library():
    assert len(TOP) <= 8, sorted(TOP)
    assert TOP & sys.stdlib_module_names == set()


def test_the_name_of_a_fixture_stands_in_one_place():
    functions = [node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    names = [each.name for each in functions if any("fixture" in ast.unparse(one) for one in each.decorator_list)]
    assert len(names) > 100
    assert [name for name, count in Counter(names).items() if count > 1] == []
