"""The pages in docs/ are true: the contract is its owner's, and each function and file that a page names exists."""

import hashlib
import json
import pkgutil
import re

import pytest

from openapi.examples import ANSWERS, BODIES
from tests.support.databases import ON_SQLITE
from tests.support.server import REPOSITORY

CONTRACT = REPOSITORY / "docs/contract.txt"
# An operation begins with its method and its path, each on a line.
OPERATION = re.compile(r"^(GET|POST|PUT|DELETE)\n/api/v1/mentor-statuses(/api/\S+)$", re.MULTILINE)
EXAMPLE = re.compile(r"^(Request|Response) Example\n", re.MULTILINE)


def test_the_contract_is_the_text_of_its_owner_byte_for_byte():
    digest = hashlib.sha256(CONTRACT.read_bytes()).hexdigest()
    assert digest == "ceab2189060a22ff7f11b8ace799692346ea2ac3d249b1b85fc528979a52d198"


@ON_SQLITE
def test_the_examples_of_the_description_are_those_of_the_contract_with_their_keys_in_its_order(app):
    operation_ids = {
        (method, re.sub("<.*>", ":id", str(rule))): rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        for method in rule.methods
    }
    examples = {"Request": {}, "Response": {}}
    _heading, *operations = OPERATION.split(CONTRACT.read_text())
    for method, path, text in zip(operations[::3], operations[1::3], operations[2::3], strict=True):
        for heading in EXAMPLE.finditer(text):
            value, _end = json.JSONDecoder().raw_decode(text, heading.end())
            examples[heading[1]][operation_ids[method, re.sub(r":\w+", ":id", path)]] = value
    assert len(examples["Response"]) == 10
    # As text, since dicts are equal whatever the order of their keys.
    assert json.dumps(examples["Request"], indent=1) == json.dumps(BODIES, indent=1)
    assert json.dumps(examples["Response"], indent=1) == json.dumps(ANSWERS, indent=1)


def exists(name):
    """Say whether it is a file or folder of this project, or of the board, or a name that a module has."""
    board = REPOSITORY / "static/board"
    if any((place / name).exists() for place in (REPOSITORY, board, board / "read", board / "write", board / "show")):
        return True
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError, ValueError):  # a ValueError: no module could have this name
        return False


@pytest.mark.parametrize("page", ["architecture.md", "rules.md"])
def test_every_file_and_function_that_a_page_names_exists(page):
    text = (REPOSITORY / "docs" / page).read_text()
    named = {name for name in re.findall(r"`(\w[\w/]*(?:\.[\w.]+)?/?)(?:\(\))?`", text) if "." in name or "/" in name}
    assert len(named) >= 2
    assert [name for name in named if not exists(name)] == []
