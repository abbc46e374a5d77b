"""The pages in docs/ are true: the contract is its owner's, and each function and file that a page names exists."""

import hashlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

from openapi.examples import ANSWERS, BODIES

FOLDER = Path(__file__).parent.parent.parent
DOCS = FOLDER / "docs"
# An operation begins with its method and its path, each on a line.
OPERATION = re.compile(r"^(GET|POST|PUT|DELETE)\n/api/v1/mentor-statuses(/api/\S+)$", re.MULTILINE)
EXAMPLE = re.compile(r"^(Request|Response) Example\n", re.MULTILINE)
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
