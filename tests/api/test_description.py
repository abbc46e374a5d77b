"""The API description says all there is and nothing else, and the page that shows it needs no other host."""

import ast
import dataclasses
import json
import re
import subprocess

import jsonschema_rs
import openapi_spec_validator
import pytest

from openapi import examples
from openapi.description import describe
from settings import Token
from tests.support.databases import ON_SQLITE
from tests.support.programs import installed
from tests.support.server import REPOSITORY
from tests.support.values import GOOD_TIMESTAMPS, MENTORS, NO_TEXT, NO_TIMESTAMPS, RECORDS
from web.errors import CODES_AND_DETAILS
from web.middleware import BASE

pytestmark = ON_SQLITE
METHODS = ("get", "post", "put", "delete")
CONTRACT = set(examples.ANSWERS)


@pytest.fixture
def description(client):
    return client.get("/openapi.json").json


@pytest.fixture
def operations(description):
    """Return every operation by its id, each with its path and with the parameters of that."""
    return {
        operation["operationId"]: operation
        | {"path": path, "method": method, "parameters": item.get("parameters", []) + operation["parameters"]}
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def conforms(description, name, value):
    """Tell whether a value conforms to one of the description's schemas."""
    document = {"components": description["components"], "$ref": f"#/components/schemas/{name}"}
    return jsonschema_rs.is_valid(document, value, validate_formats=True)


def test_the_description_is_valid_openapi_3_1(description):
    assert description["openapi"] == "3.1.0"
    openapi_spec_validator.validate(description)


def test_the_description_has_every_route_and_no_other(app, description):
    routes = {
        (re.sub("<(?:path:)?(.*?)>", r"{\1}", str(rule)), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == {
        (path, key)
        for path, item in description["paths"].items()
        for key in item
        if key not in ("parameters", "servers")
    }


def test_what_goes_beyond_the_contract_has_a_mark_that_says_so(operations):
    marked = {name for name, operation in operations.items() if operation.get("x-beyond-the-contract")}
    assert marked == operations.keys() - CONTRACT


def test_both_spellings_are_its_servers_and_other_paths_have_the_plain_one(description):
    assert [server["url"] for server in description["servers"]] == ["/", BASE]
    for path, item in description["paths"].items():
        assert item.get("servers") == (None if path.startswith("/api/v1/") else [{"url": "/"}]), path


def test_every_operation_is_named_and_its_parameters_are_explained(operations):
    for name, operation in operations.items():
        assert re.fullmatch("[a-z]+(_[a-z]+)+", name)
        assert operation["summary"].endswith(".")
        assert operation["description"].endswith(".")
        for parameter in operation["parameters"]:
            assert parameter.get("description"), (name, parameter["name"])


def test_every_operation_of_the_contract_has_its_example(operations):
    assert len(CONTRACT) == 10
    for name in CONTRACT:
        success = next(answer for status, answer in operations[name]["responses"].items() if status[0] == "2")
        assert success["content"]["application/json"]["example"] == examples.ANSWERS[name]
        if "requestBody" in operations[name]:
            body = operations[name]["requestBody"]["content"]["application/json"]
            assert body["example"] == examples.BODIES[name]


def test_the_examples_conform_to_the_schemas(description, operations):
    seen = 0
    for operation in operations.values():
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            media = part.get("content", {}).get("application/json", {})
            if "example" in media:
                assert conforms(description, media["schema"]["$ref"].rpartition("/")[2], media["example"])
                seen += 1
    assert seen == len(examples.ANSWERS) + len(examples.BODIES) + 1 == 15  # and the body of an undo


@pytest.mark.parametrize("name", ["create_or_update_mentor_statuses", "create_or_update_pause_records"])
def test_a_table_like_its_example_can_be_uploaded_and_so_can_a_header_alone_but_not_nothing(client, operations, name):
    client.post(MENTORS, json={"mentor_id": "mentor-001"})
    pause = {"pause_start_date": "2026-03-01", "pause_reason": "certification_expiry"}
    client.post(MENTORS, json={"mentor_id": "mentor-042", "status": "paused", **pause})
    path, body = operations[name]["path"], operations[name]["requestBody"]["content"]["text/csv"]
    example = body["example"].replace("pause-rec-0018", "pause-rec-0001")
    header = client.get(path).text.partition("\n")[0]
    for table, status, updated in ((example, 200, 1), (header, 200, 0), ("", 400, None)):
        assert jsonschema_rs.is_valid(body["schema"], table) == (status == 200)
        response = client.post(path, data=table, content_type="text/csv")
        assert (response.status_code, response.json.get("updated")) == (status, updated)


def test_every_operation_answers_with_its_success_a_304_if_it_has_an_etag_and_else_a_problem(operations):
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for name, operation in operations.items():
        success, *others = operation["responses"]
        has_condition = any(each["name"] == "If-None-Match" for each in operation["parameters"])
        assert success in ("200", "201"), name
        assert others == (["304", "default"] if has_condition else ["default"]), name
        assert operation["responses"]["default"]["content"] == problem


def codes_in(path):
    """Yield the codes in a file of the program: each stands behind a status, in a call or in a tuple."""
    for node in ast.walk(ast.parse(path.read_text())):
        match getattr(node, "args", getattr(node, "elts", None)):
            case [ast.Constant(value=status), ast.Constant(value=str(code)), *_] if status in range(400, 600):
                yield code


def test_the_code_of_a_problem_is_one_of_those_that_the_program_has_and_all_of_these_are_described(description):
    files = [
        path
        for folder in ("", "db/", "features/*/", "mentors/", "reads/", "routes/", "web/")
        for path in REPOSITORY.glob(f"{folder}*.py")
    ]
    codes = [code for path in files for code in codes_in(path)]
    assert len(codes) > 15
    of_flask = [code for code, _detail in CODES_AND_DETAILS.values()]
    assert sorted(description["components"]["schemas"]["ProblemCode"]["enum"]) == sorted({*codes, *of_flask})


def test_a_timestamp_is_described_as_it_is_taken_but_for_days_that_do_not_exist(description):
    for pair in GOOD_TIMESTAMPS.split():
        assert conforms(description, "Timestamp", pair.partition("=")[0]), pair
    described = [value for value in NO_TIMESTAMPS if conforms(description, "Timestamp", value)]
    no_days = {"2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-03-00", "2026-04-31"}
    other_years = ("0000", "0001", "1969", "1970", "2199", "2200", "9999")  # with an offset, 1970 and 2199 may be so
    assert [day for day in described if day[:10] not in no_days and not day.startswith(other_years)] == []


def test_a_text_that_is_refused_is_not_described(description):
    for value in [*NO_TEXT, "x" * 201, f" {'x' * 201}"]:
        assert not conforms(description, "Text", value), value


@pytest.mark.parametrize("name", ["MentorStatus", "PauseRecord"])
def test_a_body_of_put_may_have_all_that_get_shows(description, name):
    schemas = description["components"]["schemas"]
    of_body = schemas[f"{name}Update"]["properties"]
    # A validating proxy takes what is readOnly for a property that a body must not have.
    assert {key for key in of_body if not of_body[key].get("readOnly")} >= set(schemas[name]["properties"])


NULLABLE = {
    "MentorStatus": {"pause_start_date", "expected_return_date", "pause_reason"},
    "MentorStatusInList": {"pause_start_date", "expected_return_date"},
    "PauseRecord": {"expected_return_date", "end_date", "reason"},
    "MentorStatusUploaded": {"history_entry_id"},
    "PauseRecordUploaded": {"history_entry_id", "pause_record_id"},
    "UndoneEntry": {"mentor_id", "undone_by", "code", "detail", "later_entry"},
}


@pytest.mark.parametrize("name", NULLABLE)
def test_an_answer_has_all_of_its_keys_and_says_which_may_be_null(description, name):
    properties = description["components"]["schemas"][name]["properties"]
    assert {key for key in properties if conforms(description, f"{name}/properties/{key}", None)} == NULLABLE[name]
    assert set(description["components"]["schemas"][name]["required"]) == set(properties) - {"etag", "mentor_etag"}


def test_the_answer_to_an_unknown_parameter_names_exactly_the_described_ones(client, operations):
    client.post(MENTORS, json={"mentor_id": "mentor-042", "is_paused": True})
    for name, operation in operations.items():
        if not operation["path"].startswith("/api/"):
            continue
        described = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
        path = operation["path"].format(mentor_id="mentor-042", pause_record_id="pause-rec-0001")
        (media,) = operation.get("requestBody", {}).get("content", {"": {}}).values()
        body = media.get("example")
        sent = {"json": body} if isinstance(body, dict) else {"data": body}
        refusal = client.open(path, method=operation["method"], query_string={"unheard_of": "1"}, **sent).json
        known = f", or use one of: {', '.join(described)}" if described else ""
        assert refusal["errors"]["unheard_of"] == [f"It is unknown here; leave it out{known}."], name


@pytest.mark.parametrize(("path", "images"), [("/docs", {"data:"}), ("/board", set())])
def test_a_page_and_its_files_name_no_other_host(client, path, images):
    page = client.get(path)
    assert "://" not in page.text
    for file in re.findall('(?:src|href)="([^#"].*?)"', page.text):
        assert client.get(f"/{file}").status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    sources = {source for sources in policy.values() for source in sources.split()}
    assert sources == {"'none'", "'self'"} | images


def test_without_tokens_no_operation_needs_one(operations):
    assert [name for name, operation in operations.items() if operation["security"]] == []


def test_where_tokens_are_set_the_api_needs_one_and_the_calendar_takes_one_in_its_address(app, monkeypatch):
    tokens = (Token("ada", "0" * 64),)
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    description = describe(app)
    feed = description["components"]["securitySchemes"]["feed"]
    assert feed == {"type": "apiKey", "in": "query", "name": "token"}
    for path, item in description["paths"].items():
        needed = [{"token": []}] if path.startswith("/api/") or path == "/metrics" else []
        needed += [{"feed": []}] if path == f"{RECORDS}.ics" else []
        assert all(item[method]["security"] == needed for method in METHODS if method in item), path


# Licence and contact are the owner's to choose.
LINTERS = {
    "redocly": (["lint", "--config"], "extends: [recommended]\nrules: {info-license: off}\n"),
    "spectral": (["lint", "--ruleset"], "extends: ['spectral:oas']\nrules: {info-contact: off}\n"),
}


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_finds_no_error(description, tmp_path, linter):
    command, rules = LINTERS[linter]
    (tmp_path / "rules.yaml").write_text(rules)
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    run = [installed(linter), *command, tmp_path / "rules.yaml", tmp_path / "openapi.json"]
    ran = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
