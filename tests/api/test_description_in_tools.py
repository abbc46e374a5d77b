"""Other people's programs read the API description: two linters find no error, and a generated client can be used."""

import dataclasses
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from openapi.description import describe
from routes.site import BOARD_FILES, DOCS_FILES
from settings import Token
from tests.support.server import Server

CLIENT = "peer_mentor_status_repository_client"
# Licence and contact are the owner's to choose.
LINTERS = {
    "redocly": (["lint", "--config"], "extends: [recommended]\nrules: {info-license: off}\n"),
    "spectral": (["lint", "--ruleset"], "extends: ['spectral:oas']\nrules: {info-contact: off}\n"),
}


@pytest.fixture
def description(client):
    return client.get("/openapi.json").json


def without_a_name(value, path):
    """Yield the places of the enumerations, and of the alternatives that are not all references."""
    if isinstance(value, dict):
        alternatives = [each for each in value.get("anyOf", []) if each != {"type": "null"}]
        if "enum" in value or "oneOf" in value or not all("$ref" in alternative for alternative in alternatives):
            yield path
        for key, part in value.items():
            yield from without_a_name(part, f"{path}/{key}")
    elif isinstance(value, list):
        for part in value:
            yield from without_a_name(part, path)


def test_every_enumeration_and_every_alternative_of_an_answer_has_a_name(description):
    assert list(without_a_name(description["paths"], "")) == []
    sorts = {"MentorStatusSort", "PauseRecordSort"}
    enumerations = {"Event", "Outcome", "Phase", "ProblemCode", "Separator", "StatisticsUnit", "Status"} | sorts
    assert set(without_a_name(description["components"]["schemas"], "")) == {f"/{name}" for name in enumerations}


@pytest.mark.parametrize(
    ("page", "files", "icon"), [("docs", DOCS_FILES, "image/png"), ("board", BOARD_FILES, "image/svg+xml")]
)
def test_a_file_of_a_page_is_sent_as_one_of_the_described_types(client, description, page, files, icon):
    described = description["paths"][f"/{page}/{{name}}"]["get"]["responses"]["200"]["content"]
    sent = {client.get(f"/{page}/{name}").mimetype for name in files}
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
    program = shutil.which(linter)
    if not program:
        pytest.skip(f"needs {linter} of npm: npm install --global @redocly/cli @stoplight/spectral-cli")
    command, rules = LINTERS[linter]
    (tmp_path / "rules.yaml").write_text(rules)
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    run = [program, *command, tmp_path / "rules.yaml", tmp_path / "openapi.json"]
    ran = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture
def generated(description, tmp_path, monkeypatch):
    """Generate a client from the description, without a warning; return a function that imports its modules."""
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    # What it does after it has written the code is to format it; and it knows no body of a table.
    config = {"post_hooks": [], "content_type_overrides": {"text/csv": "application/octet-stream"}}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    generator = Path(sys.executable).with_name("openapi-python-client")
    run = [generator, "generate", "--path=openapi.json", "--config=config.yaml", "--meta=none", "--fail-on-warning"]
    ran = subprocess.run([*run, f"--output-path={CLIENT}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: import_module(f"{CLIENT}.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == CLIENT]:
        del sys.modules[name]


def test_a_generated_client_pauses_a_mentor_lists_as_of_an_instant_and_reads_a_problem(generated, empty_database):
    models = generated("models")
    create, update, read, show_list = (
        generated(f"api.mentor_statuses.{name}")
        for name in ("create_mentor_status", "update_mentor_status", "get_mentor_status", "list_mentor_statuses")
    )
    until = "2199-03-31T12:00:00+00:00"
    with Server(empty_database) as server, generated("client").Client(base_url=server.base_url) as client:
        created = create.sync(client=client, body=models.MentorStatusCreate(mentor_id="ada"))
        assert created.status is models.Status.ACTIVE
        pause = models.MentorStatusUpdate(
            status=models.Status.PAUSED, expected_return_date=until, pause_reason="certification_expiry"
        )
        paused = update.sync("ada", client=client, body=pause)
        assert (paused.is_paused, paused.expected_return_date) == (True, datetime.fromisoformat(until))

        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        now = show_list.sync(client=client, status=models.Status.PAUSED, as_of=tomorrow)
        assert [mentor.mentor_id for mentor in now.data] == ["ada"]
        assert now.pagination == models.Pagination(page=1, limit=20, total=1)
        before = show_list.sync(client=client, status=models.Status.PAUSED, as_of="2026-03-31", after="")
        assert (before.data, before.pagination) == ([], models.Pagination(limit=20, next_=None))

        unknown = read.sync("grace", client=client)
        assert (unknown.status, unknown.code) == (404, models.ProblemCode.NOT_FOUND)
        again = create.sync(client=client, body=models.MentorStatusCreate(mentor_id="ada"))
        assert (again.status, again.code) == (409, models.ProblemCode.ALREADY_EXISTS)
