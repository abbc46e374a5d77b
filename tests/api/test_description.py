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
from routes.site import BOARD_DIGEST, BOARD_FILES, DOCS_FILES
from settings import Token
from tests.support.databases import ON_SQLITE
from tests.support.programs import installed
from tests.support.server import REPOSITORY
from tests.support.values import DOORS, GOOD_TIMESTAMPS, NO_TEXT, NO_TIMESTAMPS
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


def schema_name(content):
    return content["application/json"]["schema"]["$ref"].rpartition("/")[2]


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


def test_an_id_is_filled_in_only_where_nothing_is_written(operations):
    filled = {name for name, of in operations.items() if any("example" in each for each in of["parameters"])}
    assert filled == {"get_mentor_status", "list_history", "get_pause_record"}


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
            for media_type, media in part.get("content", {}).items():
                if "example" in media and media_type != "text/csv":
                    assert conforms(description, schema_name(part["content"]), media["example"])
                    seen += 1
    assert seen == len(examples.ANSWERS | examples.BODIES_BEYOND_CONTRACT) + len(examples.BODIES) == 15


@pytest.mark.parametrize("name", sorted(examples.TABLES))
def test_a_table_like_its_example_can_be_uploaded_and_so_can_a_header_alone_but_not_nothing(client, operations, name):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-001"})
    pause = {"pause_start_date": "2026-03-01", "pause_reason": "certification_expiry"}
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-042", "status": "paused", **pause})
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
        for folder in (".", "db", "mentors", "reads", "routes", "tables", "web")
        for path in (REPOSITORY / folder).glob("*.py")
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


def test_what_get_answers_is_described_as_a_body_of_put_also_where_what_is_only_read_is_left_out(client, description):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada", "is_paused": True, "pause_reason": "illness"})
    shown = {
        "MentorStatusUpdate": client.get("/api/v1/mentor-statuses/ada").json,
        "PauseRecordUpdate": client.get("/api/v1/pause-records/pause-rec-0001").json,
    }
    for name, body in shown.items():
        properties = description["components"]["schemas"][name]["properties"]
        # A validating proxy takes what is readOnly for a property that a body must not have.
        assert {key for key, schema in properties.items() if not schema.get("readOnly")} >= set(body)
        assert conforms(description, name, body)


BODY_SCHEMAS = {
    "POST mentor": "MentorStatusCreate",
    "PUT mentor": "MentorStatusUpdate",
    "POST record": "PauseRecordCreate",
    "PUT record": "PauseRecordUpdate",
}


CREATED = {"created_at": "2026-03-26T08:30:00Z"}
READ_ONLY = {
    "PUT mentor": {"mentor_id": "mentor-042", "last_updated": "2026-03-26T08:30:00Z"},
    "POST mentor": {"last_updated": "2026-03-26T08:30:00Z"},
    "PUT record": {"pause_record_id": "pause-rec-0001", "mentor_id": "mentor-042"} | CREATED,
    "POST record": {"pause_record_id": "pause-rec-0001"} | CREATED,
}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_only_read_may_be_sent_as_it_is_and_as_null_and_changes_nothing(client, description, rows, door):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-042", "is_paused": True, "pause_reason": "x"})
    method, path, least = DOORS[door]
    alone = client.open(path, method=method, json=least)
    before = rows("pause_record"), rows("history_entry")
    for values in (READ_ONLY[door], dict.fromkeys(READ_ONLY[door])):
        assert conforms(description, BODY_SCHEMAS[door], least | values)
        if door == "POST mentor":
            client.delete("/api/v1/mentor-statuses/mentor-099?erase=true")
        again = client.open(path, method=method, json=least | values)
        assert (again.status_code, again.json) == (alone.status_code, alone.json)
        if door != "POST mentor":
            assert (rows("pause_record"), rows("history_entry")) == before


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


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records", "mentor-statuses/ada/history"])
def test_a_page_has_the_described_keys_of_its_kind_and_no_other(client, description, path):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "ada", "is_paused": True})
    counted = client.get(f"/api/v1/{path}?limit=7").json["pagination"]
    keyset = client.get(f"/api/v1/{path}?limit=7&after=").json["pagination"]
    assert (counted, keyset) == ({"page": 1, "limit": 7, "total": 1}, {"limit": 7, "next": None})
    assert description["components"]["schemas"]["Pagination"]["properties"].keys() == counted.keys() | keyset.keys()


def test_the_answer_to_an_unknown_parameter_names_exactly_the_described_ones(client, operations):
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-042", "is_paused": True})
    for name, operation in operations.items():
        if not operation["path"].startswith("/api/") or operation["method"] in ("post", "put"):
            continue
        described = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
        path = operation["path"].format(mentor_id="mentor-042", pause_record_id="pause-rec-0001")
        refusal = client.open(path, method=operation["method"], query_string={"unheard_of": "1"}).json
        known = f", or use one of: {', '.join(described)}" if described else ""
        assert refusal["errors"]["unheard_of"] == [f"It is unknown here; leave it out{known}."], name


def test_the_front_names_the_service_as_the_description_does(client, description):
    front = client.get("/").json
    assert list(front) == ["name", "version", "links", "mentor_url", "time_zone"]
    assert (front["name"], front["version"]) == (description["info"]["title"], description["info"]["version"])
    content = description["paths"]["/"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("/Service")
    assert content["text/html"]["schema"] == {"type": "string"}


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


# Licence and contact are the owner's to choose.
LINTERS = {
    "redocly": (["lint", "--config"], "extends: [recommended]\nrules: {info-license: off}\n"),
    "spectral": (["lint", "--ruleset"], "extends: ['spectral:oas']\nrules: {info-contact: off}\n"),
}


@pytest.mark.parametrize(
    ("path", "files", "icon"),
    [("/docs/{name}", DOCS_FILES, "image/png"), ("/board/{digest}/{name}", BOARD_FILES, "image/svg+xml")],
)
def test_a_file_of_a_page_is_sent_as_one_of_the_described_types(client, description, path, files, icon):
    described = description["paths"][path]["get"]["responses"]["200"]["content"]
    sent = {client.get(path.format(digest=BOARD_DIGEST, name=name)).mimetype for name in files}
    assert sent == set(described) == {"text/javascript", "text/css", icon}


@pytest.mark.parametrize(("tokens", "needed"), [((), []), ((Token("ada", "0" * 64),), [{"token": []}])])
def test_an_operation_of_the_api_needs_a_token_where_tokens_are_set(app, monkeypatch, tokens, needed):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    for path, item in describe(app)["paths"].items():
        for method in set(item) & {"get", "post", "put", "delete"}:
            of_header = [each for each in item[method]["security"] if "feed" not in each]
            assert of_header == (needed if path.startswith("/api/") or path == "/metrics" else []), path


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_finds_no_error(description, tmp_path, linter):
    command, rules = LINTERS[linter]
    (tmp_path / "rules.yaml").write_text(rules)
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    run = [installed(linter), *command, tmp_path / "rules.yaml", tmp_path / "openapi.json"]
    ran = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
