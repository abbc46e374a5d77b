"""The pages in docs/ are true: the contract is its owner's, and each function and file that a page names exists."""

import hashlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

from db import db
from db.statements import Parameter
from mentors.loading import mentor_by_id
from mentors.pauses import LAST_INSTANT
from openapi.examples import ANSWERS, BODIES
from reads.lists import PAUSED_VARIANT, page_of_mentors
from settings import VERSION

FOLDER = Path(__file__).parent.parent.parent
DOCS = FOLDER / "docs"
# An operation begins with its method and its path, each on a line.
OPERATION = re.compile(r"^(GET|POST|PUT|DELETE)\n/api/v1/mentor-statuses(/api/\S+)$", re.MULTILINE)
EXAMPLE = re.compile(r"^(Request|Response) Example\n", re.MULTILINE)
# The tables and indexes, without what Peewee and the databases make for themselves.
NAMES_IN_SQLITE = """
SELECT name FROM sqlite_master
WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migration_name'
"""
NAMES_IN_POSTGRES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
UNION SELECT indexrelid::regclass::text FROM pg_index
WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
AND NOT indisprimary AND indrelid <> 'schema_migration'::regclass
"""
# The two statements whose SQL the architecture shows: the read of a write, and a page of a list.
SHOWN_STATEMENTS = {
    "SELECT :now, asked.value": mentor_by_id,
    "SELECT page.mentor_id": lambda: page_of_mentors(PAUSED_VARIANT),
}
NOW = "COALESCE(:at, date_trunc('second', statement_timestamp()))"
OPERATION_IDS = {
    "GET /api/v1/mentor-statuses": "list_mentor_statuses",
    "GET /api/v1/mentor-statuses/:mentorId": "get_mentor_status",
    "POST /api/v1/mentor-statuses": "create_mentor_status",
    "PUT /api/v1/mentor-statuses/:mentorId": "update_mentor_status",
    "DELETE /api/v1/mentor-statuses/:mentorId": "delete_mentor_status",
    "GET /api/v1/pause-records": "list_pause_records",
    "GET /api/v1/pause-records/:id": "get_pause_record",
    "POST /api/v1/pause-records": "create_pause_record",
    "PUT /api/v1/pause-records/:id": "update_pause_record",
    "DELETE /api/v1/pause-records/:id": "delete_pause_record",
}


def contract_examples():
    """Return the contract's examples as {"Request" or "Response": {operation id: value}}."""
    examples = {"Request": {}, "Response": {}}
    _heading, *operations = OPERATION.split((DOCS / "contract.txt").read_text())
    for method, path, text in zip(operations[::3], operations[1::3], operations[2::3], strict=True):
        for heading in EXAMPLE.finditer(text):
            value, _end = json.JSONDecoder().raw_decode(text, heading.end())
            examples[heading[1]][OPERATION_IDS[f"{method} {path}"]] = value
    return examples


def test_the_contract_is_the_text_of_its_owner_byte_for_byte():
    digest = hashlib.sha256((DOCS / "contract.txt").read_bytes()).hexdigest()
    assert digest == "ceab2189060a22ff7f11b8ace799692346ea2ac3d249b1b85fc528979a52d198"


def test_the_examples_of_the_description_are_those_of_the_contract_with_their_keys_in_its_order():
    examples = contract_examples()
    assert len(examples["Response"]) == len(OPERATION_IDS)
    # As text, since dicts are equal whatever the order of their keys.
    assert json.dumps(examples["Request"], indent=1) == json.dumps(BODIES, indent=1)
    assert json.dumps(examples["Response"], indent=1) == json.dumps(ANSWERS, indent=1)


def names_in(page):
    """Return what a page in docs/ has between backticks: files, folders, and names of the code."""
    return sorted(set(re.findall(r"`(\w[\w/]*(?:\.[\w.]+)?/?)(?:\(\))?`", (DOCS / page).read_text())))


def exists(name):
    """Say whether it is a file or folder of this project, or of the board, or a name that a module has."""
    board = FOLDER / "static/board"
    if any((place / name).exists() for place in (FOLDER, board, board / "read", board / "write", board / "show")):
        return True
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError, ValueError):  # a ValueError: no module could have this name
        return False


@pytest.mark.parametrize("page", ["architecture.md", "rules.md"])
def test_every_file_and_function_that_a_page_names_exists(page):
    named = [name for name in names_in(page) if "." in name or "/" in name]
    assert len(named) >= 2
    assert [name for name in named if not exists(name)] == []


def test_every_table_and_index_is_in_the_architecture_and_no_other(app):
    page = (DOCS / "architecture.md").read_text()
    query = NAMES_IN_SQLITE if db.dialect.name == "sqlite" else NAMES_IN_POSTGRES
    with db.connection_context():
        names = {name for (name,) in db.execute_sql(query).fetchall()}
    assert {"mentor_status", "pause_record_once"} <= names
    assert sorted(names - set(re.findall(r"`(\w+)`", page))) == []
    indexes = set(re.findall(r"`((?:mentor_status|pause_record|history_entry)_\w+)`", page))
    assert {name for name in indexes - names if not name.endswith("_descending")} == set()


def sql_of(statement):
    """Return the SQL of a statement as the architecture writes it, without blanks, quotes and parentheses."""
    values = (f":{value}" if isinstance(value, Parameter) else repr(value) for value in statement.parameters)
    sql = re.sub("%s", lambda _mark: next(values), statement.sql.replace('"', ""))
    sql = sql.replace(NOW, ":now").replace(f"'{LAST_INSTANT}'", ":never")
    for table, alias in re.findall(r"(\w+) AS (t\d+)", sql):
        sql = sql.replace(f" AS {alias}", "").replace(f"{alias}.", f"{table}.")
    return re.sub(r"[\s()]", "", sql)


@pytest.mark.parametrize("app", ["postgres"], indirect=True)
@pytest.mark.parametrize("beginning", SHOWN_STATEMENTS)
def test_the_sql_in_the_architecture_is_that_of_the_statement(app, beginning):
    blocks = re.findall(r"^ *```sql\n(.*?)^ *```", (DOCS / "architecture.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(SHOWN_STATEMENTS)
    (shown,) = (block for block in blocks if block.strip().startswith(beginning))
    pattern = ".+?".join(re.escape(part) for part in re.sub(r"[\s()]", "", shown).split("…"))
    assert re.fullmatch(pattern, sql_of(SHOWN_STATEMENTS[beginning]()))


def test_every_rule_that_the_code_cites_is_in_the_rules():
    rules = (DOCS / "rules.md").read_text()
    files = FOLDER.glob("mentors/*.py")
    cited = {number for path in files for number in re.findall(r"\(rule (\d)", path.read_text())}
    assert cited == set(re.findall(r"^### Rule (\d)", rules, re.MULTILINE))


def test_the_changelog_ends_at_the_version_of_the_service_and_keeps_its_form():
    log = (FOLDER / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## \[(\S+)\] - (\d{4}-\d\d-\d\d)$", log, re.MULTILINE)
    assert versions[0][0] == VERSION
    assert sorted(versions, key=lambda version: version[1], reverse=True) == versions
    kinds = set(re.findall(r"^### (.*)$", log, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_version_stands_in_one_place_and_is_shown_wherever_it_is_asked_for(client):
    sources = [path for pattern in ("*.py", "*/*.py") for path in FOLDER.glob(pattern)]
    assert [path.name for path in sources if f'"{VERSION}"' in path.read_text()] == ["settings.py"]
    assert client.get("/").json["version"] == client.get("/openapi.json").json["info"]["version"] == VERSION
