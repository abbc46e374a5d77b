"""The clients that openapi-generator makes of the description compile, and make every call of the contract."""

import json
import re
import shutil
import subprocess
import sys
from importlib import import_module, resources
from pathlib import Path

import pytest

from tests.support.server import REPOSITORY, Server, environment

SUPPORT = REPOSITORY / "tests" / "support"
TSC = REPOSITORY / "tests" / "node_modules" / ".bin" / "tsc"
GENERATORS = {
    "python": {"generatorName": "python"},
    "typescript": {"generatorName": "typescript-fetch"},
    # The one library of the Java client whose dependencies the generator itself brings.
    "java": {"generatorName": "java", "library": "native", "additionalProperties": {"openApiNullable": False}},
}
# An annotation of the Java client that the generator's jar does not have.
GENERATED = """package javax.annotation;
public @interface Generated { String value(); String date(); String comments(); }
"""

# Without nulls, which the Java client does not print, and without the instants of the writes and the ETags.
SHOWN = {"mentor_id": "ada", "expected_return_date": "2199-05-01T10:00:00Z"}
PAUSED = SHOWN | {"status": "paused", "is_paused": True, "pause_start_date": "2020-03-01T00:00:00Z"}
PAUSE = SHOWN | {"pause_record_id": "pause-rec-0001", "start_date": "2020-03-01T00:00:00Z"}
LEAVE = {"pause_record_id": "pause-rec-0002", "mentor_id": "ada", "start_date": "2199-06-01T00:00:00Z"}
LEAVE |= {"is_active": True, "reason": "leave"}
ANSWERS = [
    {"mentor_id": "ada", "status": "active", "is_paused": False},
    PAUSED,
    PAUSED | {"pause_reason": "illness"},
    {"data": [PAUSED], "pagination": {"page": 1, "limit": 1, "total": 1}},
    LEAVE,
    LEAVE,
    {
        "data": [PAUSE | {"is_active": True, "reason": "illness"}],
        "pagination": {"limit": 1, "next": "pause-rec-0001"},
    },
    PAUSE | {"is_active": False, "end_date": "2020-04-15T00:00:00Z"},
    {"deleted": True, "pause_record_id": "pause-rec-0002"},
    {
        "undone": 1,
        "unchanged": 0,
        "refused": 0,
        "data": [{"history_entry_id": "5", "mentor_id": "ada", "outcome": "undone", "undone_by": "6"}],
    },
    {"deleted": True, "mentor_id": "ada"},
]


def run(*command, cwd):
    env = environment(JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1")  # so short a run of Java takes half as long
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Generate all clients at once, from the running service; return their folder."""
    if not shutil.which("javac"):
        pytest.skip("needs Java: apt-get install default-jdk-headless (Debian)")
    folder = tmp_path_factory.mktemp("clients")
    with Server(f"sqlite:///{folder}/empty.db") as server:
        for name, generator in GENERATORS.items():
            to_make = {"inputSpec": f"{server.base_url}/openapi.json", "outputDir": str(folder / name)}
            (folder / f"{name}.json").write_text(json.dumps(to_make | generator))
        generate = Path(sys.executable).with_name("openapi-generator-cli"), "batch", "--fail-fast"
        run(*generate, *(f"{name}.json" for name in GENERATORS), cwd=folder)
    return folder


def read(text):
    """Read what a client has printed as ANSWERS are written: with the names and the timestamps of the API."""

    def rename(pairs):
        names = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in pairs}
        return {
            name: value
            for name, value in names.items()
            if value is not None and name not in ("last_updated", "created_at", "etag", "mentor_etag")
        }

    return json.loads(text.replace(".000Z", "Z"), object_pairs_hook=rename)


def assert_made_every_call(answers):
    *successes, problem = answers
    assert successes == ANSWERS
    assert (problem["status"], problem["code"]) == (404, "not_found")


def use_client(client, url):
    """Yield what the Python client got of each call, as use_client.ts and UseClient.java do with the others."""
    api = client.ApiClient(client.Configuration(host=url))
    mentors, records = client.MentorStatusesApi(api), client.PauseRecordsApi(api)
    yield mentors.create_mentor_status(client.MentorStatusCreate(mentor_id="ada", status="active", is_paused=False))
    pause = client.MentorStatusUpdate(
        mentor_id=None,
        status=client.Status.PAUSED,
        pause_start_date="2020-03-01",
        expected_return_date="2199-05-01T12:00:00+02:00",
        pause_reason="illness",
        metadata={"notes": "by telephone"},
        last_updated=None,
    )
    yield mentors.update_mentor_status("ada", pause)
    yield mentors.get_mentor_status("ada", as_of="2100-01-01T00:00:00+02:00")
    yield mentors.list_mentor_statuses(status=client.Status.PAUSED, limit=1, etags=True)
    leave = client.PauseRecordCreate(mentor_id="ada", start_date="2199-06-01T00:00:00Z", reason="leave")
    yield records.create_pause_record(leave)
    yield records.get_pause_record("pause-rec-0002")
    yield records.list_pause_records(after="", limit=1, etags=True)
    end = client.PauseRecordUpdate(mentor_id=None, end_date="2020-04-15", is_active=False)
    yield records.update_pause_record("pause-rec-0001", end)
    yield records.delete_pause_record("pause-rec-0002")
    yield client.HistoryApi(api).undo_history_entries(client.UndoBody(history_entry_ids=["5"]))
    yield mentors.delete_mentor_status("ada", initiated_by="anna")
    with pytest.raises(client.exceptions.NotFoundException) as error:
        mentors.get_mentor_status("ada")
    yield error.value.data
    api.rest_client.pool_manager.clear()


@pytest.fixture
def python_client(clients, monkeypatch):
    monkeypatch.syspath_prepend(clients / "python")
    yield import_module("openapi_client")
    for name in [name for name in sys.modules if name.partition(".")[0] == "openapi_client"]:
        del sys.modules[name]


@pytest.fixture
def server(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", WEB_CONCURRENCY=1) as server:
        yield server


def test_the_python_client_makes_every_call_of_the_contract(python_client, server):
    answers = [answer.to_json() for answer in use_client(python_client, server.base_url)]
    assert_made_every_call([read(answer) for answer in answers])


@pytest.fixture(scope="module")
def typescript_client(clients):
    """Compile the program that uses the TypeScript client, and the client with it; return the program."""
    if not (shutil.which("node") and TSC.exists()):
        pytest.skip("needs nodejs (Debian), and typescript of npm: npm ci --prefix tests")
    shutil.copy(SUPPORT / "use_client.ts", clients)
    strictly = "--strict", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext", "--outDir", "javascript"
    run(TSC, *strictly, "use_client.ts", cwd=clients)
    return clients / "javascript" / "use_client.js"


def test_the_typescript_client_makes_every_call_of_the_contract(typescript_client, server):
    answers = run("node", typescript_client, server.base_url, cwd=typescript_client.parent)
    assert_made_every_call(read(answers))


@pytest.fixture(scope="module")
def java_client(clients):
    """Compile the program that uses the Java client, and the client with it; return how to run the program."""
    (clients / "Generated.java").write_text(GENERATED)
    jar = resources.files("openapi_generator_cli") / "openapi-generator.jar"
    sources = "Generated.java", SUPPORT / "UseClient.java", *(clients / "java" / "src" / "main").rglob("*.java")
    run("javac", "-proc:none", "-cp", jar, "-d", "classes", *sources, cwd=clients)
    return "java", "-cp", f"{jar}:{clients / 'classes'}", "UseClient"


def test_the_java_client_makes_every_call_of_the_contract(java_client, server, tmp_path):
    answers = run(*java_client, server.base_url, cwd=tmp_path)
    assert_made_every_call(read(answers))
