"""The structure of the code, read from its imports: layers, and their direction."""

import ast
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter

import pytest

from tests.support.server import REPOSITORY

FOLDERS = {path.parent.name for path in REPOSITORY.glob("*/*.py")}
HTTP = {"flask", "flask_cors", "gunicorn", "werkzeug", "openapi", "routes", "web"}  # libraries, and folders of ours
OUTSIDE_THE_DOMAIN = {"app", "cli"}  # the top-level modules that may know HTTP and the command line
# Imports inside a function, each with its reason.
ALLOWED_IN_FUNCTIONS = {
    "features.calendar.icalendar_file": "it loads icalendar, 3.5 MiB, for which many services are never asked",
}


def source_files():
    """Return the path of each Python file of the project, by the name of its module."""
    paths = [*REPOSITORY.glob("*.py"), *(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py"))]
    names = {path: path.relative_to(REPOSITORY).with_suffix("").as_posix().replace("/", ".") for path in paths}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def folder_of(module):
    return module.partition(".")[0]


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


@cache
def tree_of(module):
    return ast.parse(FILES[module].read_text())


@cache
def imports_of(module):
    return names_imported([tree_of(module)])


FILES = source_files()
APPLICATION = [name for name in FILES if folder_of(name) != "tests"]
TOP = {path.stem for path in REPOSITORY.glob("*.py")} - {"gunicorn.conf"}
DOMAIN = TOP - OUTSIDE_THE_DOMAIN | {"mentors", "reads"}
FEATURES = {path.name for path in (REPOSITORY / "features").iterdir() if (path / "__init__.py").exists()}


@pytest.mark.parametrize(
    ("importing", "forbidden"),
    [
        ({"db"}, (FOLDERS | TOP) - {"db"}),  # the database layer knows nothing of this project but itself
        ({"mentors"}, {"reads"}),  # the writes know nothing of the reads
        (DOMAIN, HTTP),
        ((FOLDERS | TOP) - {"tests"}, {"tests"}),
    ],
    ids=["db", "mentors", "domain", "application"],
)
def test_the_modules_of_a_layer_import_nothing_of_those_above_it(importing, forbidden):
    modules = [module for module in FILES if folder_of(module) in importing]
    assert len({folder_of(module) for module in modules}) == len(importing)
    assert [(module, name) for module in modules for name in imports_of(module) if folder_of(name) in forbidden] == []


def features_of(modules):
    """Return the features of which there is a module among these."""
    return {module.split(".")[1] for module in modules if folder_of(module) == "features" and "." in module} & FEATURES


def test_app_names_the_features_and_nothing_else_of_the_core_imports_one():
    core = [module for module in APPLICATION if folder_of(module) not in ("app", "benchmarks", "features")]
    assert {module: found for module in core if (found := features_of(imports_of(module)))} == {}
    assert features_of(imports_of("app")) == FEATURES


def test_a_feature_imports_no_other_one():
    of_features = [module for module in APPLICATION if features_of([module])]
    assert [each for each in of_features if not features_of(imports_of(each)) <= features_of([each])] == []


def test_the_routes_and_the_commands_of_a_feature_alone_know_http():
    of_features = [module for module in APPLICATION if features_of([module])]
    knowing = {module for module in of_features if {folder_of(name) for name in imports_of(module)} & HTTP}
    assert {module.rpartition(".")[2] for module in knowing} == {"commands", "routes"}


def test_flask_is_imported_by_commands_routes_and_web_alone():
    importing = [module for module in APPLICATION if "flask" in map(folder_of, imports_of(module))]
    places = {module.rpartition(".")[2] if features_of([module]) else folder_of(module) for module in importing}
    assert places - {"benchmarks"} == {"cli", "commands", "routes", "web"}


def test_the_imports_run_one_way_without_a_circle():
    own = {module: imports_of(module) & FILES.keys() for module in FILES}
    assert list(TopologicalSorter(own).static_order())


def test_no_module_is_imported_inside_a_function_but_those_with_a_reason():
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inner = [node for module in APPLICATION for node in ast.walk(tree_of(module)) if isinstance(node, scopes)]
    assert names_imported(inner) == ALLOWED_IN_FUNCTIONS.keys()


def test_the_database_layer_does_not_know_a_word_of_the_domain():
    texts = {path.name: path.read_text().lower() for path in (REPOSITORY / "db").glob("*.py")}
    assert [(name, word) for name, text in texts.items() for word in ("mentor", "pause") if word in text] == []


def test_at_most_eight_modules_stand_at_the_top_and_none_has_a_name_of_the_standard_library():
    assert len(TOP) <= 8, sorted(TOP)
    assert TOP & sys.stdlib_module_names == set()


def test_the_name_of_a_fixture_stands_in_one_place():
    functions = [node for module in FILES for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef)]
    names = [each.name for each in functions if any("fixture" in ast.unparse(one) for one in each.decorator_list)]
    assert len(names) > 100
    assert [name for name, count in Counter(names).items() if count > 1] == []
