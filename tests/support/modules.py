"""The Python modules of this project."""

from tests.support.server import REPOSITORY

FOLDERS = {
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
}


def source_files():
    """Return the path of each Python file of the project, by the name of its module."""
    paths = [*REPOSITORY.glob("*.py"), *(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py"))]
    names = {path: path.relative_to(REPOSITORY).with_suffix("").as_posix().replace("/", ".") for path in paths}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def folder_of(module):
    return module.partition(".")[0]


FILES = source_files()
APPLICATION = [name for name in FILES if folder_of(name) != "tests"]
