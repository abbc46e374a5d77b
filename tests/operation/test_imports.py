"""The structure of the code, read from its imports: layers, their direction, and the size of each file."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent
FOLDERS = (
    "benchmarks",
    "db",
    "mentors",
    "migrations",
    "openapi",
    "reads",
    "routes",
    "tables",
    "tests",
    "transfer",
    "web",
)
HTTP_LIBRARIES = {"flask", "flask_cors", "gunicorn", "werkzeug"}
HTTP_FOLDERS = {"openapi", "routes", "web"}
# The top-level modules that may know HTTP and the command line; all others are the domain.
OUTSIDE_THE_DOMAIN = {"app", "cli"}
# Imports inside a function, each with its reason.
ALLOWED_IN_FUNCTIONS = {
    "reads.icalendar_file": "it loads icalendar, 3.5 MiB a process, which many services are never asked for",
}


def source_files():
    """Return the path of each Python file of the project, by the name of its module."""
    paths = [*FOLDER.glob("*.py"), *(path for folder in FOLDERS for path in (FOLDER / folder).rglob("*.py"))]
    names = {path: path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", ".") for path in paths}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


FILES = source_files()
TOP = {path.stem for path in FOLDER.glob("*.py")} - {"gunicorn.conf"}
DOMAIN = TOP - OUTSIDE_THE_DOMAIN | {name for name in FILES if name.startswith(("mentors.", "reads.", "tables."))}
APPLICATION = [name for name in FILES if name.partition(".")[0] != "tests"]


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


def imports_of(module):
    """Return the names of all modules that a module imports, at its top or inside a function."""
    return {name for node in ast.walk(ast.parse(FILES[module].read_text())) for name in imported_modules(node)}


def imports_in_functions(module):
    """Return the names of the modules that a module imports inside a function or class."""
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(FILES[module].read_text())
    inner = (node for scope in ast.walk(tree) if isinstance(scope, scopes) for node in ast.walk(scope))
    return {name for node in inner for name in imported_modules(node)}


def own(names):
    """Return those of the names that are modules of this project."""
    return names & FILES.keys()


def folder_of(module):
    return module.partition(".")[0]


@pytest.mark.parametrize("module", [name for name in FILES if folder_of(name) == "db"])
def test_the_database_layer_imports_nothing_of_this_project_but_itself(module):
    assert {name for name in own(imports_of(module)) if folder_of(name) != "db"} == set()


@pytest.mark.parametrize("module", [name for name in FILES if folder_of(name) == "mentors"])
def test_the_writes_import_nothing_of_the_reads(module):
    assert {name for name in own(imports_of(module)) if folder_of(name) == "reads"} == set()


@pytest.mark.parametrize("word", ["mentor", "pause"])
def test_the_database_layer_does_not_know_a_word_of_the_domain(word):
    lines = [(path.name, line) for path in (FOLDER / "db").glob("*.py") for line in path.read_text().splitlines()]
    assert [found for found in lines if word in found[1].lower()] == []


@pytest.mark.parametrize("module", sorted(DOMAIN))
def test_the_domain_imports_nothing_of_http(module):
    imported = imports_of(module)
    assert {name for name in imported if folder_of(name) in HTTP_LIBRARIES} == set()
    assert {name for name in own(imported) if folder_of(name) in HTTP_FOLDERS} == set()


def test_no_module_is_imported_inside_a_function_but_those_with_a_reason():
    found = {name for module in APPLICATION for name in imports_in_functions(module)}
    assert found == ALLOWED_IN_FUNCTIONS.keys()


def test_the_imports_run_one_way_without_a_circle():
    assert list(TopologicalSorter({module: own(imports_of(module)) for module in FILES}).static_order())


def test_nothing_but_a_test_imports_the_tests():
    assert [module for module in APPLICATION for name in own(imports_of(module)) if folder_of(name) == "tests"] == []


def test_at_most_eight_modules_stand_at_the_top():
    assert len(TOP) <= 8, sorted(TOP)


def test_no_module_at_the_top_has_the_name_of_one_of_the_standard_library():
    assert TOP & sys.stdlib_module_names == set()
